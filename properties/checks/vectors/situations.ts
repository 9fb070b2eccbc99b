/** Invalid frames: what a receiver may be waiting for, and the frames that it must reject then. */
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { Followers } from '../../../spec/dialects/follower.ts'
import type { Keys } from '../../../spec/dialects/keys.ts'
import type { Mode, Side } from '../../../spec/language.ts'
import { MAX_ROUND, OP } from '../../../spec/opcodes.ts'
import { CONTROL, dataBytes, helloText, responseBytes } from '../../../spec/reference/payload.ts'
import { masterOf } from './conversations.ts'
import { BAD_AGGREGATES, BAD_CONTROLS, BAD_TEXTS, BAD_VALUES, Forge, type Forged, relabelled } from './forge.ts'
import type { CaseJson, SituationJson } from './format.ts'
import { Recorder } from './recorder.ts'

interface Situation {
  readonly name: string
  readonly says: string
  /** Brings it about; the session of the receiver, of client 1. */
  begin(s: Recorder): number
  /** A frame that the receiver would accept. `back`: frames ago, when the keys of the session were those it knows. */
  readonly genuine: {
    readonly opcode: number
    readonly round: number
    readonly plaintext: Uint8Array
    readonly back?: number
  }
  cases(forge: Forge, s: Recorder, n: number): readonly Forged[]
}

const UNKNOWN = 77 // an id that no keyring here has
const OTHER = 2
const MASTERS = new Map([1, OTHER].map((id) => [id, masterOf(id, 16 * id)]))
const C2S = 1
const S2C = 2

const keysOfOther = (mode: Mode): Record<string, Keys> => ({
  'the keys of client 2': new Followers(PROTOCOL[mode]).start(OTHER, MASTERS.get(OTHER)!).keys,
})

const server: readonly Situation[] = [
  {
    name: 'server-without-session',
    says: 'a connection was opened; the server knows clients 1 and 2 and awaits a HELLO',
    begin: (s) => s.start(1),
    genuine: { opcode: OP.HELLO, round: 0, plaintext: helloText(1), back: 1 },
    cases(forge, s, n) {
      const hello = s.newest(n, 'client')
      return [
        ...forge.early(UNKNOWN, OP.HELLO),
        ...forge.badTags(keysOfOther(s.setup.mode)),
        ['bad-tag', 'the HELLO of client 1 with the id of client 2', relabelled(hello, { id: OTHER })],
        ['wrong-client', 'the HELLO of client 1 with an id that nobody has', relabelled(hello, { id: UNKNOWN })],
        ...forge.badPaddings(),
        ...forge.badPayloads(OP.HELLO, BAD_TEXTS),
      ]
    },
  },
  {
    name: 'server-unconfirmed',
    says: 'a session in round 1, not confirmed: the server awaits the first DATA',
    begin(s) {
      const n = s.connect(1)
      s.submit(n, [1, 2])
      return n
    },
    genuine: { opcode: OP.DATA, round: 1, plaintext: dataBytes([1, 2]) },
    cases(forge, s, n) {
      const [hello, challenge] = [s.sent(n, 'client')[0]!, s.newest(n, 'server')]
      const posing = relabelled(challenge, { direction: C2S, round: 1 })
      return [
        ...forge.early(OTHER, OP.DATA, OP.TERMINATE),
        ...forge.badTags({ 'the initial keys': s.codec(n, 3).keys, ...keysOfOther(s.setup.mode) }),
        ['stale-round', 'the HELLO of this session again', hello],
        ['wrong-direction', 'the CHALLENGE, reflected', challenge],
        ['out-of-phase', 'the CHALLENGE, reflected with direction and round of a DATA', posing],
        ['bad-tag', 'the HELLO with opcode and round of a DATA', relabelled(hello, { opcode: OP.DATA, round: 1 })],
        ...forge.badPaddings(),
        ...forge.badPayloads(OP.DATA, BAD_VALUES),
        ...forge.badPayloads(OP.TERMINATE, BAD_CONTROLS),
      ]
    },
  },
  {
    name: 'server-confirmed',
    says: 'a confirmed session of client 1 in round 2, beside one of client 2 and a half-open one of client 1',
    begin(s) {
      const n = s.connect(1)
      s.exchange(n, [1, 2])
      const other = s.connect(OTHER)
      s.exchange(other, [3])
      s.submit(other, [4])
      s.submit(s.connect(1), [5])
      s.submit(n, [6])
      return n
    },
    genuine: { opcode: OP.DATA, round: 2, plaintext: dataBytes([6]) },
    cases(forge, s, n) {
      const [first, second] = [s.sent(n, 'client')[1]!, s.newest(n, 'client')]
      const [others, sibling] = [s.newest(n + 1, 'client'), s.newest(n + 2, 'client')]
      return [
        ...forge.headers(OTHER),
        ...forge.outOfPhase(OP.DATA, OP.TERMINATE),
        ...forge.badTags({
          'the keys of round 1': s.codec(n, 3).keys,
          'the keys of the half-open session': s.codec(n + 2).keys,
        }),
        ['stale-round', 'the DATA of round 1 again', first],
        ['bad-tag', 'the DATA of round 1 as one of round 2', relabelled(first, { round: 2 })],
        ['bad-tag', 'the DATA of round 2 as a TERMINATE', relabelled(second, { opcode: OP.TERMINATE })],
        ['stale-round', 'a new HELLO on a connection that has a session', s.sent(n + 2, 'client')[0]!],
        ['wrong-direction', 'the response to round 1, reflected', s.newest(n, 'server')],
        ['wrong-client', 'the DATA of client 2 of the same round', others],
        ['bad-tag', 'the DATA of client 2 of the same round, with id 1', relabelled(others, { id: 1 })],
        ['bad-tag', 'the DATA of the half-open session, with round 2', relabelled(sibling, { round: 2 })],
        ...forge.badPaddings(),
      ]
    },
  },
  {
    name: 'server-superseded',
    says: 'a half-open session of client 1, while a session with a later HELLO is confirmed; another has ended before',
    begin(s) {
      s.leave(s.connect(OTHER))
      const [old, other] = [s.connect(1), s.connect(OTHER)]
      s.exchange(other, [1])
      s.exchange(s.connect(1), [2])
      s.submit(old, [3])
      return old
    },
    genuine: { opcode: OP.DATA, round: 1, plaintext: dataBytes([3]) },
    cases: (forge, s, n) => [
      ['superseded', 'its first DATA, valid in every other way', s.newest(n, 'client')],
      ['superseded', 'DATA with the values that the confirmed session has submitted', forge.sealed({}, dataBytes([2]))],
      ['superseded', 'DATA with 511 values', forge.sealed({}, dataBytes(new Array<number>(511).fill(1)))],
      ['bad-payload', 'the payload is checked before: count 0', forge.sealed({}, dataBytes([]))],
      ['bad-tag', 'the tag is checked before', forge.changed(-1, 1)],
    ],
  },
]

/** In `literal` this is no invalid frame: PROTOCOL §9, claims 1 and 9. */
const replayed: Situation = {
  name: 'server-replayed',
  says: 'a recorded HELLO was replayed on a new connection: the new session has other keys than the recorded one',
  begin(s) {
    const genuine = s.connect(1)
    s.exchange(genuine, [1])
    const n = s.open()
    s.receive(n, 'server', s.sent(genuine, 'client')[0]!)
    return n
  },
  genuine: { opcode: OP.DATA, round: 1, plaintext: dataBytes([1]) },
  cases: (_, s) => [['bad-tag', 'the recorded DATA of round 1', s.sent(0, 'client')[1]!]],
}

const client: readonly Situation[] = [
  {
    name: 'client-awaits-challenge',
    says: 'a client that has sent its HELLO; the server has answered it',
    begin(s) {
      const n = s.start(1)
      s.pass(n, 'server')
      s.connect(1)
      return n
    },
    genuine: { opcode: OP.CHALLENGE, round: 0, plaintext: helloText(1), back: 1 },
    cases(forge, s, n) {
      const bound = s.setup.mode === 'bound'
      const hello = s.newest(n, 'client')
      const posing = relabelled(hello, { opcode: OP.CHALLENGE, direction: S2C })
      const foreign = s.newest(n + 1, 'server') // in `literal` it is accepted (PROTOCOL §9, claim 1)
      return [
        ...forge.early(OTHER, OP.CHALLENGE),
        ...forge.badTags({
          ...(bound ? { 'the initial keys': s.codec(n, 2).keys } : {}),
          'the keys of round 1': s.codec(n).keys,
        }),
        ...(bound ? [['bad-tag', 'the CHALLENGE that answered another HELLO of client 1', foreign] as const] : []),
        ['wrong-direction', 'its own HELLO, reflected', hello],
        ['out-of-phase', 'its own HELLO, reflected with the other direction', relabelled(hello, { direction: S2C })],
        ['bad-tag', 'its own HELLO, reflected as a CHALLENGE', posing],
        ...forge.badPaddings(),
        ...forge.badPayloads(OP.CHALLENGE, BAD_TEXTS),
      ]
    },
  },
  {
    name: 'client-idle',
    says: 'an ACTIVE client in round 2 that has no request outstanding',
    begin(s) {
      const n = s.connect(1)
      s.exchange(n, [1])
      return n
    },
    genuine: { opcode: OP.TERMINATE, round: 2, plaintext: CONTROL },
    cases(forge, s, n) {
      const response = s.newest(n, 'server')
      const posing = relabelled(response, { opcode: OP.TERMINATE, round: 2 })
      return [
        ...forge.early(OTHER, OP.DESYNC, OP.TERMINATE),
        [
          'out-of-phase',
          'a response that nobody asked for',
          forge.sealed({ opcode: OP.RESPONSE }, responseBytes(1, 1, 1)),
        ],
        ...forge.badTags({ 'the keys of round 1': s.codec(n, 2).keys }),
        ['stale-round', 'the response of round 1 again', response],
        ['stale-round', 'the CHALLENGE again', s.sent(n, 'server')[0]!],
        ['bad-tag', 'the response of round 1 as a TERMINATE of round 2', posing],
        ...forge.badPaddings(),
        ...forge.badPayloads(OP.TERMINATE, BAD_CONTROLS),
        ...forge.badPayloads(OP.DESYNC, BAD_CONTROLS),
      ]
    },
  },
  {
    name: 'client-awaits-response',
    says: 'a client in round 2 with a DATA outstanding; the server has answered it, and two other sessions in round 2',
    begin(s) {
      const n = s.connect(1)
      s.exchange(n, [1])
      s.submit(n, [2, 3])
      s.pass(n, 'server')
      const other = s.connect(OTHER)
      s.exchange(other, [4])
      s.exchange(other, [5])
      const sibling = s.connect(1)
      s.exchange(sibling, [1])
      s.exchange(sibling, [2, 3])
      return n
    },
    genuine: { opcode: OP.RESPONSE, round: 2, plaintext: responseBytes(5, 2, 2.5), back: 1 },
    cases(forge, s, n) {
      const [others, sibling] = [s.newest(n + 1, 'server'), s.newest(n + 2, 'server')]
      const [first, own] = [s.sent(n, 'server')[1]!, s.newest(n, 'client')]
      const posing = relabelled(own, { opcode: OP.RESPONSE, direction: S2C })
      // PROTOCOL §9, claim 6: in `literal` all sessions of a client have the same S2C-MAC.
      const confused = s.setup.mode === 'bound' ? 'bad-tag' : 'bad-padding'
      return [
        ...forge.early(OTHER, OP.RESPONSE, OP.DESYNC, OP.TERMINATE),
        ...forge.badTags({ 'the keys of round 1': s.codec(n, 3).keys, 'the keys of round 3': s.codec(n).keys }),
        ['stale-round', 'the response of round 1 again', first],
        ['bad-tag', 'the response of round 1 as one of round 2', relabelled(first, { round: 2 })],
        ['wrong-direction', 'its own DATA, reflected', own],
        ['bad-tag', 'its own DATA, reflected as a response', posing],
        ['wrong-client', 'the response to client 2 of the same round', others],
        ['bad-tag', 'the response to client 2 of the same round, with id 1', relabelled(others, { id: 1 })],
        [confused, 'the response of the same round in another session of client 1', sibling],
        ...forge.badPaddings(),
        ...forge.badPayloads(OP.RESPONSE, BAD_AGGREGATES),
        ...forge.badPayloads(OP.DESYNC, BAD_CONTROLS),
        ...forge.badPayloads(OP.TERMINATE, BAD_CONTROLS),
      ]
    },
  },
  {
    name: 'client-in-the-last-round',
    says: 'a client with a DATA outstanding in round 0xFFFFFFFF, which cannot be left (PROTOCOL §4)',
    begin(s) {
      const n = s.connect(1)
      s.continueIn(n, MAX_ROUND)
      s.submit(n, [1])
      return n
    },
    genuine: { opcode: OP.RESPONSE, round: MAX_ROUND, plaintext: responseBytes(1, 1, 1) },
    cases: (forge) => [
      ['out-of-phase', 'a response, well sealed', forge.sealed({})],
      ['stale-round', 'a response for round 0', forge.sealed({ round: 0 })],
      ['stale-round', 'a response for the round before', forge.sealed({ round: MAX_ROUND - 1 })],
    ],
  },
]

const begun = (mode: Mode, { name, says, begin }: Situation): readonly [Recorder, number] => {
  const recorder = new Recorder({ name, says, mode, masters: MASTERS, challenge: null })
  return [recorder, begin(recorder)]
}

/** Plays one invalid frame, and makes sure that it does what it is here for. */
const caseOf = (mode: Mode, at: Side, situation: Situation, [reason, why, frame, prefix]: Forged): CaseJson => {
  const [recorder, session] = begun(mode, situation)
  const { outcome, ends, after, sends, ...step } = recorder.receive(session, at, frame, prefix)
  const name = `${mode}, ${situation.name}: ${why}`
  if (outcome !== reason) throw new Error(`${name}: expected ${reason}, got ${outcome}`)
  if (ends.join() !== `${session}` || after[at]?.keys)
    throw new Error(`${name}: the session did not end, or another did`)
  const frame_hex = step.do === 'receive' ? step.frame_hex : ''
  return { reason, why, ...(prefix === undefined ? {} : { prefix }), frame_hex, sends }
}

const played = (mode: Mode, at: Side, situation: Situation): SituationJson => {
  const [s, session] = begun(mode, situation)
  const { opcode, round, plaintext, back } = situation.genuine
  const header = { opcode, id: 1, round, direction: at === 'server' ? C2S : S2C }
  const forge = new Forge(situation.name, { header, plaintext, codec: s.codec(session, back) })
  return {
    ...s.conversation(),
    receiver: { session, at, state: s.state(session, at) },
    cases: situation.cases(forge, s, session).map((forged) => caseOf(mode, at, situation, forged)),
  }
}

/** Of the receiver on one side; each case is played on a recording of its own. */
export const situations = (side: Side, mode: Mode): readonly SituationJson[] => {
  const all = side === 'client' ? client : mode === 'bound' ? [...server, replayed] : server
  return all.map((s) => played(mode, side, s))
}
