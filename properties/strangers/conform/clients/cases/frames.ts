/** One frame of a server that is not what it should be: changed on its way, or sealed by a server that breaks a rule. */
import { OP } from '../../../../../spec/opcodes.ts'
import { EMPTY } from '../../../../../spec/reference/bytes.ts'
import { CHANGES, withoutLength } from '../../cases/altered.ts'
import type { Guest, Host } from '../host.ts'
import { CHECK_HEADER, type ClientCase, inPlaceOfAnswer, inPlaceOfChallenge, type Make } from '../strike.ts'

const CHECK_TAG =
  'Somebody on the network decides what the client takes for the word of its server. Compute the tag over header, IV and ciphertext, compare all of it in constant time, and end the run on the first frame that fails.'
const altered = CHANGES.flatMap(([name, says, change]): readonly ClientCase[] => {
  const skip: Pick<ClientCase, 'unsupported'> = name.startsWith('longer') ? { unsupported: withoutLength } : {}
  const common = { class: 'K', invariant: 'C1', clause: 'PROTOCOL §6', advice: CHECK_TAG, ...skip } as const
  return [
    {
      ...common,
      id: `challenge/${name}`,
      says: `a genuine CHALLENGE with ${says} must be refused`,
      play: (h) => inPlaceOfChallenge(h, (g) => change(h.challengeFor(g), h)),
    },
    {
      ...common,
      id: `answer/${name}`,
      says: `a genuine answer with ${says} must be refused`,
      play: (h) => inPlaceOfAnswer(h, (g) => change(h.answerFor(g), h)),
    },
  ]
})

/** Frames under the right keys that a right server never sends. */
const rogue = (
  id: string,
  invariant: string,
  says: string,
  make: Make,
  advice = CHECK_HEADER,
  skip?: ClientCase['unsupported'],
): ClientCase => ({
  id,
  class: 'I',
  invariant,
  clause: 'PROTOCOL §6',
  says: `${says} must be refused, its tag notwithstanding`,
  advice,
  ...(skip && { unsupported: skip }),
  play: (h) =>
    id.startsWith('challenge/') ? inPlaceOfChallenge(h, (g) => make(h, g)) : inPlaceOfAnswer(h, (g) => make(h, g)),
})

const answer =
  (change: Parameters<Host['seal']>[3]): Make =>
  (h, g) =>
    h.seal(g, OP.RESPONSE, h.answerText(g), change)
const challenge =
  (change: Parameters<Host['seal']>[3]): Make =>
  (h, g) =>
    h.seal(g, OP.CHALLENGE, h.challengeText(), change)
const c2s = (h: Host): number => h.dialect.directions.c2s

const PADDING =
  'Padding that is not checked whole lets two frames mean the same and opens a padding oracle. Check that the last byte p is 1..16 and that all of the last p bytes are p.'
const paddedWithZeros = (h: Host, g: Guest, opcode: number, text: Uint8Array): Uint8Array =>
  h.seal(g, opcode, text, {}, new Uint8Array(16 - (text.length % 16)))

const hasText =
  (opcode: number): ClientCase['unsupported'] =>
  (d) =>
    d.emptyOpcodes.includes(opcode) ? 'this frame has no ciphertext here' : null

const rogues: readonly ClientCase[] = [
  rogue('challenge/answer-instead', 'S1', 'an answer before any CHALLENGE', (h, g) =>
    h.seal(g, OP.RESPONSE, h.challengeText()),
  ),
  rogue('challenge/opcode-99', 'S1', 'opcode 99 instead of the CHALLENGE', (h, g) => h.seal(g, 99, h.challengeText())),
  rogue('challenge/sealed-direction', 'S2', 'a CHALLENGE in the direction of the client', (h, g) =>
    challenge({ direction: c2s(h) })(h, g),
  ),
  rogue('challenge/sealed-id', 'S2', 'a CHALLENGE for another id', (h, g) => challenge({ id: g.id ^ 1 })(h, g)),
  rogue('challenge/sealed-round', 'S2', 'a CHALLENGE of a later round', (h, g) =>
    challenge({ round: (g.position.round + 5) >>> 0 })(h, g),
  ),
  rogue(
    'challenge/padding-zero',
    'C3',
    'a CHALLENGE whose padding is all zeros',
    (h, g) => paddedWithZeros(h, g, OP.CHALLENGE, h.challengeText()),
    PADDING,
    hasText(OP.CHALLENGE),
  ),
  rogue('answer/challenge-again', 'S1', 'a second CHALLENGE', (h, g) => h.seal(g, OP.CHALLENGE, h.challengeText())),
  rogue('answer/opcode-99', 'S1', 'opcode 99 instead of the answer', (h, g) => h.seal(g, 99, h.answerText(g))),
  rogue('answer/opcode-30', 'S1', 'a DATA from the server', (h, g) => h.seal(g, OP.DATA, h.answerText(g))),
  rogue('answer/sealed-direction', 'S2', 'an answer in the direction of the client', (h, g) =>
    answer({ direction: c2s(h) })(h, g),
  ),
  rogue('answer/sealed-id', 'S2', 'an answer for another id', (h, g) => answer({ id: g.id ^ 1 })(h, g)),
  rogue('answer/sealed-round-before', 'A3', 'an answer of an earlier round', (h, g) =>
    answer({ round: (g.position.round - 1) >>> 0 })(h, g),
  ),
  rogue('answer/sealed-round-after', 'A3', 'an answer of a later round', (h, g) =>
    answer({ round: (g.position.round + 1) >>> 0 })(h, g),
  ),
  rogue(
    'answer/padding-zero',
    'C3',
    'an answer whose padding is all zeros',
    (h, g) => paddedWithZeros(h, g, OP.RESPONSE, h.answerText(g)),
    PADDING,
    hasText(OP.RESPONSE),
  ),
  rogue(
    'answer/padding-inconsistent',
    'C3',
    'an answer whose padding differs in its first byte',
    (h, g) => {
      const text = h.answerText(g)
      const free = 16 - (text.length % 16)
      const pad = new Uint8Array(free < 2 ? free + 16 : free)
      pad.fill(pad.length)
      pad[0]! ^= 1
      return h.seal(g, OP.RESPONSE, text, {}, pad)
    },
    PADDING,
    hasText(OP.RESPONSE),
  ),
]

const SANE =
  'Whoever believes the client believes a number that no server means. Check length, status, count and that the numbers are finite before anything is shown or moved.'
const onlyOurs: ClientCase['unsupported'] = (d) =>
  d.response === 'status-sum-count-average' ? null : 'answers of this dialect have no such field'
const bytesAt =
  (at: number, bytes: readonly number[]): Make =>
  (h, g) => {
    const text = h.answerText(g).slice()
    text.set(bytes, at)
    return h.seal(g, OP.RESPONSE, text)
  }
const NAN = [0x7f, 0xf8, 0, 0, 0, 0, 0, 0]
const INFINITE = [0x7f, 0xf0, 0, 0, 0, 0, 0, 0]

/** PROTOCOL §5: status u8, sum f64, count u32, average f64. */
const payloads: readonly ClientCase[] = [
  rogue('payload/empty', 'G5', 'an answer that says nothing', (h, g) => h.seal(g, OP.RESPONSE, EMPTY), SANE),
  rogue(
    'payload/trailing',
    'G5',
    'an answer with one more byte',
    (h, g) => h.seal(g, OP.RESPONSE, Uint8Array.of(...h.answerText(g), 0xff)),
    SANE,
  ),
  rogue('payload/status', 'G5', 'an answer with status 1', bytesAt(0, [1]), SANE, onlyOurs),
  rogue('payload/sum-nan', 'G5', 'an answer whose sum is not a number', bytesAt(1, NAN), SANE, onlyOurs),
  rogue('payload/sum-infinite', 'G5', 'an answer whose sum is infinite', bytesAt(1, INFINITE), SANE, onlyOurs),
  rogue('payload/count-zero', 'G5', 'an answer about no value', bytesAt(9, [0, 0, 0, 0]), SANE, onlyOurs),
  rogue('payload/average-nan', 'G5', 'an answer whose average is not a number', bytesAt(13, NAN), SANE, onlyOurs),
]

export const FRAMES: readonly ClientCase[] = [...altered, ...rogues, ...payloads]
