/** What a run owes beyond one frame: nothing of another run is taken, streams, ends, time. */
import { setTimeout as pause } from 'node:timers/promises'
import { opcodeIn } from '../../../../../spec/dialects/opcodes.ts'
import { enframe } from '../../../../../spec/dialects/stream.ts'
import { OP } from '../../../../../spec/opcodes.ts'
import { EMPTY, same, toHex } from '../../../../../spec/reference/bytes.ts'
import { HEADER_BYTES, ivOf } from '../../../../../spec/reference/frame.ts'
import { flip, prefixes } from '../../cases/altered.ts'
import { about, type Class, failed, type Judged, ok } from '../../verdicts.ts'
import type { Guest, Host } from '../host.ts'
import {
  answer,
  CHECK_HEADER,
  type ClientCase,
  challenge,
  GOES_ON,
  goesOn,
  inPlaceOfAnswer,
  inPlaceOfChallenge,
  judgeReaction,
  type Make,
  needsRounds,
  strike,
} from '../strike.ts'

/** What no implementation of a dialect without binding can refuse (PROTOCOL §9). */
const unlessBound = (h: Host): Class => (h.dialect.binding === 'none' ? 'P' : 'K')

const REPLAYED = 'Whoever recorded a server once can be that server. '
const FRESH =
  'Bind the keys to the HELLO of this run (PROTOCOL §4, hello step), and take one answer to each DATA, under the keys of its round.'

const replays: readonly ClientCase[] = [
  {
    ...about('replay/challenge', 'K', 'A8', 'PROTOCOL §9'),
    says: 'a CHALLENGE that was made for another HELLO must be refused',
    advice: REPLAYED + FRESH,
    async play(h) {
      const first = await h.welcome()
      const old = h.challengeFor(first)
      await h.exchangeWith(first, old)
      return inPlaceOfChallenge(h, () => old, unlessBound(h))
    },
  },
  {
    ...about('replay/server', 'K', 'A3', 'PROTOCOL §9'),
    says: 'CHALLENGE and answer of an earlier run, sent by somebody without keys, must be refused',
    advice: REPLAYED + FRESH,
    async play(h) {
      needsRounds(h, 2)
      const first = await h.welcome()
      const challenge = h.challengeFor(first)
      await h.exchangeWith(first, challenge)
      const answer = h.answerFor(first)
      await h.exchangeWith(first, answer)
      const g = await h.welcome()
      g.peer.send(challenge)
      const r = await h.reaction(g)
      if (!r.accepted) return ok(r.text)
      g.got.push(r.frame!)
      g.peer.send(answer)
      const then = await h.reaction(g)
      return failed(
        then.accepted ? 'both are accepted' : `the CHALLENGE is accepted, the answer not: ${then.text}`,
        unlessBound(h),
      )
    },
  },
  {
    ...about('replay/answer', 'K', 'A3', 'PROTOCOL §9'),
    says: 'the answer of round 1, sent again in round 2, must be refused',
    advice: `A number of the past is taken for the present one. ${FRESH}`,
    async play(h) {
      needsRounds(h, 3)
      const g = await h.session()
      const old = h.answerFor(g)
      await h.exchangeWith(g, old)
      return strike(h, g, old, h.answerFor(g))
    },
  },
  {
    ...about('replay/answer-of-another-run', 'K', 'A3', 'PROTOCOL §9'),
    says: 'the answer to another run of this client must be refused',
    advice: `What another run was told is taken for an answer to this one. ${FRESH}`,
    async play(h) {
      needsRounds(h, 2)
      const other = await h.session()
      const old = h.answerFor(other)
      return inPlaceOfAnswer(h, () => old, { round: 1, as: unlessBound(h) })
    },
  },
  {
    ...about('reflect/hello', 'K', 'S2', 'PROTOCOL §6'),
    says: 'its own HELLO, sent back, must be refused',
    advice: CHECK_HEADER,
    play: (h) => inPlaceOfChallenge(h, (g) => g.got[0]!),
  },
  {
    ...about('reflect/data', 'K', 'S2', 'PROTOCOL §6'),
    says: 'its own DATA, sent back, must be refused',
    advice: CHECK_HEADER,
    play: (h) => inPlaceOfAnswer(h, (g) => g.got.at(-1)!),
  },
]

const NEVER_ANSWER =
  'A peer that answers errors with errors can be kept busy, and shows what it made of the frame. End the run on a control frame, and send nothing.'
const NOT_ITS_WORD =
  'Anybody on the network ends a run in the name of the server, and the client reports it as its decision. Check the tag of every control frame; without a good one it is a bad frame like any other.'

/** What the client makes of a frame instead of the answer: how it reacts, and how it ends in the words of the program. */
const ending = async (h: Host, make: Make): Promise<{ readonly judged: Judged; readonly told: string }> => {
  const g = await h.session()
  g.peer.send(make(h, g))
  const r = await h.reaction(g)
  if (r.frame !== null && !r.accepted) return { judged: failed(`it is answered: ${r.text}`), told: '' }
  const shown = await judgeReaction(h, g, r, h.answerFor(g))
  const judged = shown.observed.endsWith(GOES_ON) ? failed(shown.observed) : shown // the last frame there is
  return { judged, told: judged.verdict === 'ok' ? await h.told(g) : '' }
}

const genuine =
  (opcode: number): Make =>
  (h, g) =>
    h.seal(g, opcode, Uint8Array.of(0))
const forged =
  (opcode: number): Make =>
  (h, g) => {
    const frame = h.bytes(87)
    frame.set(h.seal(g, opcode, EMPTY).subarray(0, HEADER_BYTES))
    return frame
  }

const NO_OPCODE = 99

const NAMES = [
  [OP.DESYNC, 'desync', 'KEY_DESYNC_ERROR'],
  [OP.TERMINATE, 'terminate', 'TERMINATE'],
] as const

const controls: readonly ClientCase[] = NAMES.flatMap(([opcode, name, title]): readonly ClientCase[] => {
  return [
    {
      ...about(`control/${name}`, 'A', 'S5', 'PROTOCOL §6'),
      says: `a genuine ${title} ends the run and is not answered`,
      advice: NEVER_ANSWER,
      play: async (h) => (await ending(h, genuine(opcode))).judged,
    },
    {
      ...about(`control/forged-${name}`, 'K', 'S5', 'PROTOCOL §6'),
      says: `a ${title} without a good tag is not answered, and not reported as what the server decided`,
      advice: NOT_ITS_WORD,
      async play(h) {
        const { judged, told } = await ending(h, forged(opcode))
        if (judged.verdict !== 'ok') return judged
        const [word, bad] = [await ending(h, genuine(opcode)), await ending(h, forged(OP.RESPONSE))]
        // Who knows no such frame reports both as it does an opcode that nobody knows.
        const unknown: Make = (h, g) => h.withOpcode(forged(OP.RESPONSE)(h, g), () => NO_OPCODE)
        if (told === word.told && told !== bad.told && told !== (await ending(h, unknown)).told)
          return failed(
            `${judged.observed}; it reports it as it does a genuine one, and other frames without a good tag not`,
          )
        return judged
      },
    },
  ]
})

const ENDS =
  'Whoever alters frames may try as often as they like, and each try tells them something. End the run on the first frame that fails, whatever fails in it.'

/** Frames instead of the first answer, a run each, after which none may go on. */
const errors = (whom: string, as: Class, causes: readonly (readonly [cause: string, make: Make])[]): ClientCase => ({
  ...about(`errors/end-${whom}`, as, 'S4', 'PROTOCOL §6'),
  says: `each of ${causes.map(([cause]) => cause).join(', ')} ends the run`,
  advice: ENDS,
  async play(h) {
    needsRounds(h, 2)
    const on: string[] = []
    for (const [cause, make] of causes) {
      const g = await h.session()
      g.peer.send(make(h, g))
      const r = await h.reaction(g)
      if (!r.accepted && r.open && (await goesOn(h, g, h.answerFor(g)))) on.push(cause)
    }
    return on.length === 0 ? ok('it ends') : failed(`it goes on after ${on.join(', ')}`)
  },
})
const changed =
  (at: number, mask: number): Make =>
  (h, g) =>
    flip(at, mask)(h.answerFor(g))

const ends: readonly ClientCase[] = [
  errors('without-key', 'K', [
    ['a bad tag', changed(-1, 1)],
    ['another round', changed(5, 3)],
    ['its own DATA', (_, g) => g.got.at(-1)!],
    ['an answer cut short', (h, g) => h.answerFor(g).slice(0, -1)],
  ]),
  errors('for-rogue-servers', 'I', [
    ['opcode 99', answer(NO_OPCODE)],
    ['a second CHALLENGE', challenge(OP.CHALLENGE)],
    ['bad padding', answer(OP.RESPONSE, undefined, () => new Uint8Array(16))],
  ]),
]

const STREAM =
  'TCP has no messages: a server behind a slow link is lost for nothing. Collect bytes until a frame is whole, and keep what follows it.'
const PREFIX =
  'A few bytes hold the client for ever or have it reserve memory. Refuse a length outside of what a frame can have as soon as its four bytes are there.'

const WRONG_LENGTHS = prefixes<Host>(PREFIX, async (h, bytes) => {
  const g = await h.welcome()
  g.peer.raw(bytes)
  const r = await h.reaction(g)
  return r.open ? failed(`it waits for a frame of that length (${r.text})`) : ok(r.text)
})

const streams: readonly ClientCase[] = [
  {
    ...about('stream/in-pieces', 'A', 'L1', 'PROTOCOL §2'),
    says: 'a CHALLENGE that arrives in two pieces is taken',
    advice: STREAM,
    async play(h) {
      const g = await h.welcome()
      const bytes = enframe(h.dialect.framing, h.challengeFor(g))
      g.peer.raw(bytes.subarray(0, 30))
      await pause(120)
      g.peer.raw(bytes.subarray(30))
      const r = await h.reaction(g)
      return r.accepted ? ok('a DATA follows') : failed(`a CHALLENGE in two pieces, 120 ms apart: ${r.text}`)
    },
  },
  ...WRONG_LENGTHS,
]

const GENERATOR =
  'All freshness rests on IVs that never repeat: equal ones show equal beginnings, and make keys that are meant to differ the same. Draw 16 bytes from the generator of the system for every frame.'

const ivs: ClientCase = {
  ...about('iv/fresh', 'K', 'C4', 'PROTOCOL §2'),
  says: 'no IV occurs twice in two runs',
  advice: GENERATOR,
  async play(h) {
    const rounds = Math.min(3, h.habits.rounds)
    const runs = [await h.session(rounds), await h.session(rounds)]
    const all = runs.flatMap((g) =>
      g.got.filter((f) => !h.dialect.emptyOpcodes.includes(opcodeIn(h.dialect, f))).map((f) => toHex(ivOf(f))),
    )
    const [a, b] = runs as [Guest, Guest]
    if (all.length > 0 && same(a.got[0]!, b.got[0]!) && !h.dialect.emptyOpcodes.includes(OP.HELLO))
      return failed('two runs begin with the same HELLO, byte for byte')
    const repeated = all.length - new Set(all).size
    return repeated === 0
      ? ok(`${all.length} IVs, all different`)
      : failed(`${repeated} of ${all.length} IVs were there before`)
  },
}

const OVERDUE =
  'A server or a network that swallows one frame holds the client for ever. Give up after some seconds without an answer and close (PROTOCOL: 5 s for the CHALLENGE, 10 s for an answer).'

const overdue = (id: string, says: string, begin: (h: Host) => Promise<Guest>): ClientCase => ({
  ...about(id, 'A', 'B5', 'PROTOCOL §6'),
  slow: true,
  says,
  advice: OVERDUE,
  async play(h) {
    const g = await begin(h)
    const r = await h.reaction(g, h.givesUpMs)
    if (r.accepted) return failed(`without an answer it ${r.text}`)
    return r.open ? failed(`${r.text}; it still waits after ${h.givesUpMs / 1_000} s`) : ok(r.text)
  },
})

export const TIMERS: readonly ClientCase[] = [
  overdue('silence/no-challenge', 'it gives up when no CHALLENGE comes', (h) => h.welcome()),
  overdue('silence/no-answer', 'it gives up when an answer is lost', (h) => h.session()),
]

const ENDS_MS = 5_000
const LEFT =
  'A program that does not notice that its server is gone waits for ever, and whoever started it as well. End, or connect again, when the connection ends.'

const left = (how: 'fin' | 'rst'): ClientCase => ({
  ...about(`left/${how}`, 'A', 'L1', 'PROTOCOL §6'),
  says: `it ends, or connects again, when the server ${how === 'fin' ? 'closes' : 'resets'} while an answer is due`,
  advice: LEFT,
  async play(h) {
    const g = await h.session()
    if (how === 'fin') g.peer.leave()
    else g.peer.reset()
    const seen = await Promise.race([g.process.ended, h.comesAgain(ENDS_MS)])
    if (seen === null) return failed(`it still runs ${ENDS_MS / 1_000} s later`)
    return ok(seen)
  },
})

export const RUNS: readonly ClientCase[] = [...streams, ivs, ...replays, ...ends, ...controls, left('fin'), left('rst')]
