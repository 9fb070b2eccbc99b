/** One frame of a server that is not what it should be: changed on its way, or sealed by a server that breaks a rule. */
import { OP } from '../../../../../spec/opcodes.ts'
import { EMPTY } from '../../../../../spec/reference/bytes.ts'
import { CHANGES, PADDING, PADS, withoutLength } from '../../cases/altered.ts'
import { about } from '../../verdicts.ts'
import type { Guest, Host } from '../host.ts'
import {
  answer,
  CHECK_HEADER,
  type ClientCase,
  challenge,
  inPlaceOfAnswer,
  inPlaceOfChallenge,
  type Make,
} from '../strike.ts'

const CHECK_TAG =
  'Somebody on the network decides what the client takes for the word of its server. Compute the tag over header, IV and ciphertext, compare all of it in constant time, and end the run on the first frame that fails.'
const altered = CHANGES.flatMap(([name, says, change]): readonly ClientCase[] => {
  const common = { advice: CHECK_TAG, ...(name.startsWith('longer') && { unsupported: withoutLength }) }
  return [
    {
      ...about(`challenge/${name}`, 'K', 'C1', 'PROTOCOL §6'),
      says: `a genuine CHALLENGE with ${says} must be refused`,
      ...common,
      play: (h) => inPlaceOfChallenge(h, (g) => change(h.challengeFor(g), h)),
    },
    {
      ...about(`answer/${name}`, 'K', 'C1', 'PROTOCOL §6'),
      says: `a genuine answer with ${says} must be refused`,
      ...common,
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
  ...about(id, 'I', invariant, 'PROTOCOL §6'),
  says: `${says} must be refused, its tag notwithstanding`,
  advice,
  ...(skip && { unsupported: skip }),
  play: (h) =>
    id.startsWith('challenge/') ? inPlaceOfChallenge(h, (g) => make(h, g)) : inPlaceOfAnswer(h, (g) => make(h, g)),
})

const toClient = (h: Host) => ({ direction: h.dialect.directions.c2s })
const toOther = (_: Host, g: Guest) => ({ id: g.id ^ 1 })
const later = (rounds: number) => (_: Host, g: Guest) => ({ round: (g.position.round + rounds) >>> 0 })

const hasText =
  (opcode: number): ClientCase['unsupported'] =>
  (d) =>
    d.emptyOpcodes.includes(opcode) ? 'this frame has no ciphertext here' : null
const padded = (id: string, says: string, opcode: number, make: Make): ClientCase =>
  rogue(id, 'C3', says, make, PADDING, hasText(opcode))

const rogues: readonly ClientCase[] = [
  rogue('challenge/answer-instead', 'S1', 'an answer before any CHALLENGE', challenge(OP.RESPONSE)),
  rogue('challenge/opcode-99', 'S1', 'opcode 99 instead of the CHALLENGE', challenge(99)),
  rogue(
    'challenge/sealed-direction',
    'S2',
    'a CHALLENGE in the direction of the client',
    challenge(OP.CHALLENGE, toClient),
  ),
  rogue('challenge/sealed-id', 'S2', 'a CHALLENGE for another id', challenge(OP.CHALLENGE, toOther)),
  rogue('challenge/sealed-round', 'S2', 'a CHALLENGE of a later round', challenge(OP.CHALLENGE, later(5))),
  padded(
    'challenge/padding-zero',
    'a CHALLENGE whose padding is all zeros',
    OP.CHALLENGE,
    challenge(OP.CHALLENGE, undefined, PADS.zero),
  ),
  rogue('answer/challenge-again', 'S1', 'a second CHALLENGE', challenge(OP.CHALLENGE)),
  rogue('answer/opcode-99', 'S1', 'opcode 99 instead of the answer', answer(99)),
  rogue('answer/opcode-30', 'S1', 'a DATA from the server', answer(OP.DATA)),
  rogue('answer/sealed-direction', 'S2', 'an answer in the direction of the client', answer(OP.RESPONSE, toClient)),
  rogue('answer/sealed-id', 'S2', 'an answer for another id', answer(OP.RESPONSE, toOther)),
  rogue('answer/sealed-round-before', 'A3', 'an answer of an earlier round', answer(OP.RESPONSE, later(-1))),
  rogue('answer/sealed-round-after', 'A3', 'an answer of a later round', answer(OP.RESPONSE, later(1))),
  padded(
    'answer/padding-zero',
    'an answer whose padding is all zeros',
    OP.RESPONSE,
    answer(OP.RESPONSE, undefined, PADS.zero),
  ),
  padded(
    'answer/padding-inconsistent',
    'an answer whose padding differs in its first byte',
    OP.RESPONSE,
    answer(OP.RESPONSE, undefined, PADS.inconsistent),
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
