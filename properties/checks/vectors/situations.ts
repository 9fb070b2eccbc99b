/** Invalid frames: what a receiver may be waiting for, and the frames that it must reject then. */

import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { Followers } from '../../../spec/dialects/follower.ts'
import type { Mode, Side } from '../../../spec/language.ts'
import { MAX_ROUND, OP } from '../../../spec/opcodes.ts'
import { CONTROL, dataBytes, helloText, responseBytes } from '../../../spec/reference/payload.ts'
import { masterOf } from './conversations.ts'
import {
  BAD_AGGREGATES,
  BAD_CONTROLS,
  BAD_TEXTS,
  BAD_VALUES,
  Forge,
  type Forged,
  recorded,
  relabelled,
} from './forge.ts'
import type { Recorder, Setup } from './recorder.ts'

export interface Situation {
  readonly name: string
  readonly says: string
  readonly at: Side
  /** Brings it about; the session of the receiver. */
  begin(recorder: Recorder): number
  cases(recorder: Recorder, session: number): readonly Forged[]
}

const UNKNOWN = 77 // an id that no keyring here has
const OTHER = 2

export const MASTERS: Setup['masters'] = new Map([1, OTHER].map((id) => [id, masterOf(id, 16 * id)]))

const C2S = 1
const S2C = 2
const OPCODES = Object.values(OP)
const except = (...legal: readonly number[]): number[] => OPCODES.filter((o) => !legal.includes(o))

const initialOf = (mode: Mode, id: number) => new Followers(PROTOCOL[mode]).start(id, MASTERS.get(id)!).keys

const server: readonly Situation[] = [
  {
    name: 'server-without-session',
    says: 'a connection was opened; the server knows clients 1 and 2 and awaits a HELLO',
    at: 'server',
    begin: (s) => s.start(1),
    cases(s, n) {
      const header = { opcode: OP.HELLO, id: 1, round: 0, direction: C2S }
      const forge = new Forge(this.name, { header, plaintext: helloText(1), codec: s.codec(n, 1) })
      const hello = s.newest(n, 'client')
      return [
        ...forge.malformed(),
        ...forge.headers(UNKNOWN),
        ...forge.orders(UNKNOWN),
        ...forge.outOfPhase(except(OP.HELLO)),
        ...forge.badTags({ 'the keys of client 2': initialOf(s.setup.mode, OTHER) }),
        relabelled('bad-tag', 'the HELLO of client 1 with the id of client 2', hello, { id: OTHER }),
        relabelled('wrong-client', 'the HELLO of client 1 with an id that nobody has', hello, { id: UNKNOWN }),
        ...forge.badPaddings(),
        ...forge.badPayloads(OP.HELLO, BAD_TEXTS),
      ]
    },
  },
  {
    name: 'server-unconfirmed',
    says: 'a session in round 1, not confirmed: the server awaits the first DATA',
    at: 'server',
    begin(s) {
      const n = s.connect(1)
      s.submit(n, [1, 2])
      return n
    },
    cases(s, n) {
      const header = { opcode: OP.DATA, id: 1, round: 1, direction: C2S }
      const forge = new Forge(this.name, { header, plaintext: dataBytes([1, 2]), codec: s.codec(n) })
      return [
        ...forge.malformed(),
        ...forge.headers(OTHER),
        ...forge.orders(OTHER),
        ...forge.outOfPhase(except(OP.DATA, OP.TERMINATE)),
        ...forge.badTags({
          'the initial keys': s.codec(n, 3).keys,
          'the keys of client 2': initialOf(s.setup.mode, OTHER),
        }),
        recorded('stale-round', 'the HELLO of this session again', s.sent(n, 'client')[0]!),
        recorded('wrong-direction', 'the CHALLENGE, reflected', s.newest(n, 'server')),
        relabelled(
          'out-of-phase',
          'the CHALLENGE, reflected with direction and round of a DATA',
          s.newest(n, 'server'),
          {
            direction: C2S,
            round: 1,
          },
        ),
        relabelled('bad-tag', 'the HELLO with opcode and round of a DATA', s.sent(n, 'client')[0]!, {
          opcode: OP.DATA,
          round: 1,
        }),
        ...forge.badPaddings(),
        ...forge.badPayloads(OP.DATA, BAD_VALUES),
        ...forge.badPayloads(OP.TERMINATE, BAD_CONTROLS),
      ]
    },
  },
  {
    name: 'server-confirmed',
    says: 'a confirmed session of client 1 in round 2, beside one of client 2 and a half-open one of client 1',
    at: 'server',
    begin(s) {
      const n = s.connect(1)
      s.exchange(n, [1, 2])
      const other = s.connect(OTHER)
      s.exchange(other, [3])
      s.submit(other, [4])
      const sibling = s.connect(1)
      s.submit(sibling, [5])
      s.submit(n, [6])
      return n
    },
    cases(s, n) {
      const header = { opcode: OP.DATA, id: 1, round: 2, direction: C2S }
      const forge = new Forge(this.name, { header, plaintext: dataBytes([6]), codec: s.codec(n) })
      const [first, second] = [s.sent(n, 'client')[1]!, s.newest(n, 'client')]
      const [others, sibling] = [s.newest(n + 1, 'client'), s.newest(n + 2, 'client')]
      return [
        ...forge.headers(OTHER),
        ...forge.outOfPhase(except(OP.DATA, OP.TERMINATE)),
        ...forge.badTags({
          'the keys of round 1': s.codec(n, 3).keys,
          'the keys of the half-open session': s.codec(n + 2).keys,
        }),
        recorded('stale-round', 'the DATA of round 1 again', first),
        relabelled('bad-tag', 'the DATA of round 1 as one of round 2', first, { round: 2 }),
        relabelled('bad-tag', 'the DATA of round 2 as a TERMINATE', second, { opcode: OP.TERMINATE }),
        recorded('stale-round', 'a new HELLO on a connection that has a session', s.sent(n + 2, 'client')[0]!),
        recorded('wrong-direction', 'the response to round 1, reflected', s.newest(n, 'server')),
        recorded('wrong-client', 'the DATA of client 2 of the same round', others),
        relabelled('bad-tag', 'the DATA of client 2 of the same round, with id 1', others, { id: 1 }),
        relabelled('bad-tag', 'the DATA of the half-open session, with round 2', sibling, { round: 2 }),
        ...forge.badPaddings(),
      ]
    },
  },
  {
    name: 'server-superseded',
    says: 'a half-open session of client 1, while a session with a later HELLO is confirmed; another has ended before',
    at: 'server',
    begin(s) {
      s.leave(s.connect(OTHER))
      const [old, other] = [s.connect(1), s.connect(OTHER)]
      s.exchange(other, [1])
      const young = s.connect(1)
      s.exchange(young, [2])
      s.submit(old, [3])
      return old
    },
    cases(s, n) {
      const header = { opcode: OP.DATA, id: 1, round: 1, direction: C2S }
      const forge = new Forge(this.name, { header, plaintext: dataBytes([3]), codec: s.codec(n) })
      return [
        recorded('superseded', 'its first DATA, lawful in every other way', s.newest(n, 'client')),
        recorded(
          'superseded',
          'DATA with the values that the confirmed session has submitted',
          forge.sealed({}, dataBytes([2])),
        ),
        recorded('superseded', 'DATA with 511 values', forge.sealed({}, dataBytes(new Array<number>(511).fill(1)))),
        recorded('bad-payload', 'the payload is checked before: count 0', forge.sealed({}, dataBytes([]))),
        recorded('bad-tag', 'the tag is checked before', forge.changed(-1, 1)),
      ]
    },
  },
]

/** In `literal` this is no invalid frame: PROTOCOL §9, claims 1 and 9. */
const replayed: Situation = {
  name: 'server-replayed',
  says: 'a recorded HELLO was replayed on a new connection: the new session has other keys than the recorded one',
  at: 'server',
  begin(s) {
    const genuine = s.connect(1)
    s.exchange(genuine, [1])
    const n = s.open(1)
    s.receive(n, 'server', s.sent(genuine, 'client')[0]!)
    return n
  },
  cases: (s) => [recorded('bad-tag', 'the recorded DATA of round 1', s.sent(0, 'client')[1]!)],
}

const client: readonly Situation[] = [
  {
    name: 'client-awaits-challenge',
    says: 'a client that has sent its HELLO; the server has answered it',
    at: 'client',
    begin(s) {
      const n = s.start(1)
      s.pass(n, 'server')
      s.connect(1)
      return n
    },
    cases(s, n) {
      const header = { opcode: OP.CHALLENGE, id: 1, round: 0, direction: S2C }
      const forge = new Forge(this.name, { header, plaintext: helloText(1), codec: s.codec(n, 1) })
      const foreign = s.newest(n + 1, 'server')
      return [
        ...forge.malformed(),
        ...forge.headers(OTHER),
        ...forge.orders(OTHER),
        ...forge.outOfPhase(except(OP.CHALLENGE)),
        ...forge.badTags(
          s.setup.mode === 'bound'
            ? { 'the initial keys': s.codec(n, 2).keys, 'the keys of round 1': s.codec(n).keys }
            : { 'the keys of round 1': s.codec(n).keys },
        ),
        // In `literal` it is accepted (PROTOCOL §9, claim 1).
        ...(s.setup.mode === 'bound'
          ? [recorded('bad-tag', 'the CHALLENGE that answered another HELLO of client 1', foreign)]
          : []),
        recorded('wrong-direction', 'its own HELLO, reflected', s.newest(n, 'client')),
        relabelled('out-of-phase', 'its own HELLO, reflected with the other direction', s.newest(n, 'client'), {
          direction: S2C,
        }),
        relabelled('bad-tag', 'its own HELLO, reflected as a CHALLENGE', s.newest(n, 'client'), {
          opcode: OP.CHALLENGE,
          direction: S2C,
        }),
        ...forge.badPaddings(),
        ...forge.badPayloads(OP.CHALLENGE, BAD_TEXTS),
      ]
    },
  },
  {
    name: 'client-idle',
    says: 'an ACTIVE client in round 2 that has no request outstanding',
    at: 'client',
    begin(s) {
      const n = s.connect(1)
      s.exchange(n, [1])
      return n
    },
    cases(s, n) {
      const header = { opcode: OP.TERMINATE, id: 1, round: 2, direction: S2C }
      const forge = new Forge(this.name, { header, plaintext: CONTROL, codec: s.codec(n) })
      return [
        ...forge.malformed(),
        ...forge.headers(OTHER),
        ...forge.orders(OTHER),
        ...forge.outOfPhase(except(OP.DESYNC, OP.TERMINATE)),
        {
          reason: 'out-of-phase',
          why: 'a response that nobody asked for',
          frame: forge.sealed({ opcode: OP.RESPONSE }, responseBytes(1, 1, 1)),
        },
        ...forge.badTags({ 'the keys of round 1': s.codec(n, 2).keys }),
        recorded('stale-round', 'the response of round 1 again', s.newest(n, 'server')),
        recorded('stale-round', 'the CHALLENGE again', s.sent(n, 'server')[0]!),
        relabelled('bad-tag', 'the response of round 1 as a TERMINATE of round 2', s.newest(n, 'server'), {
          opcode: OP.TERMINATE,
          round: 2,
        }),
        ...forge.badPaddings(),
        ...forge.badPayloads(OP.TERMINATE, BAD_CONTROLS),
        ...forge.badPayloads(OP.DESYNC, BAD_CONTROLS),
      ]
    },
  },
  {
    name: 'client-awaits-response',
    says: 'a client in round 2 with a DATA outstanding; the server has answered it, and two other sessions in round 2',
    at: 'client',
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
    cases(s, n) {
      const header = { opcode: OP.RESPONSE, id: 1, round: 2, direction: S2C }
      const forge = new Forge(this.name, { header, plaintext: responseBytes(5, 2, 2.5), codec: s.codec(n, 1) })
      const [others, sibling] = [s.newest(n + 1, 'server'), s.newest(n + 2, 'server')]
      const first = s.sent(n, 'server')[1]!
      return [
        ...forge.malformed(),
        ...forge.headers(OTHER),
        ...forge.orders(OTHER),
        ...forge.outOfPhase(except(OP.RESPONSE, OP.DESYNC, OP.TERMINATE)),
        ...forge.badTags({ 'the keys of round 1': s.codec(n, 3).keys, 'the keys of round 3': s.codec(n).keys }),
        recorded('stale-round', 'the response of round 1 again', first),
        relabelled('bad-tag', 'the response of round 1 as one of round 2', first, { round: 2 }),
        recorded('wrong-direction', 'its own DATA, reflected', s.newest(n, 'client')),
        relabelled('bad-tag', 'its own DATA, reflected as a response', s.newest(n, 'client'), {
          opcode: OP.RESPONSE,
          direction: S2C,
        }),
        recorded('wrong-client', 'the response to client 2 of the same round', others),
        relabelled('bad-tag', 'the response to client 2 of the same round, with id 1', others, { id: 1 }),
        // PROTOCOL §9, claim 6: in `literal` all sessions of a client have the same S2C-MAC.
        recorded(
          s.setup.mode === 'bound' ? 'bad-tag' : 'bad-padding',
          'the response of the same round in another session of client 1',
          sibling,
        ),
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
    at: 'client',
    begin(s) {
      const n = s.connect(1)
      s.continueIn(n, MAX_ROUND)
      s.submit(n, [1])
      return n
    },
    cases(s, n) {
      const header = { opcode: OP.RESPONSE, id: 1, round: MAX_ROUND, direction: S2C }
      const forge = new Forge(this.name, { header, plaintext: responseBytes(1, 1, 1), codec: s.codec(n) })
      return [
        recorded('out-of-phase', 'a response, well sealed', forge.sealed({})),
        recorded('stale-round', 'a response for round 0', forge.sealed({ round: 0 })),
        recorded('stale-round', 'a response for the round before', forge.sealed({ round: MAX_ROUND - 1 })),
      ]
    },
  },
]

export const situations = (side: Side, mode: Mode): readonly Situation[] =>
  side === 'client' ? client : mode === 'bound' ? [...server, replayed] : server
