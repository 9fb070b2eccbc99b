/** What is sent to a server, as symbols: data, so that it can be narrowed, printed, and typed again. */
import { nearest } from '../../../spec/dialects/fields.ts'
import { UsageError } from '../../harness/terminal/options.ts'

interface Act {
  /** What is sent. */
  readonly says: string
  /** What forbids to take it where it must be refused (spec/invariants), and the clause. */
  readonly invariant: string
  readonly clause: string
  /** What it means where a server takes it that has to refuse it. */
  readonly taken: string
}

const REFUSE = 'PROTOCOL §6'

/** By name. Every frame is sealed under the keys that the connection has come to, with a valid tag, where nothing else is said. */
export const ACTS = {
  hello: {
    says: 'a HELLO, a new one each time',
    invariant: 'S1',
    clause: 'PROTOCOL §7',
    taken: 'A session that runs can be begun anew: whoever can send a HELLO takes it away from its client.',
  },
  'hello-again': {
    says: 'the first HELLO of this connection, byte for byte',
    invariant: 'S1',
    clause: 'PROTOCOL §7',
    taken: 'A recorded HELLO resets a session that runs, and with it its keys and its round.',
  },
  'hello-bad-tag': {
    says: 'a HELLO whose tag is wrong',
    invariant: 'C1',
    clause: REFUSE,
    taken: 'Whoever knows no key gets in: the tag of the HELLO is not verified in full.',
  },
  data: {
    says: 'a DATA of one value, as its client would send it',
    invariant: 'S1',
    clause: 'PROTOCOL §2',
    taken: 'Values are taken where no session is: there is no handshake that they belong to.',
  },
  'data-again': {
    says: 'the last DATA of this connection, byte for byte',
    invariant: 'A1',
    clause: 'PROTOCOL §9, claim 1',
    taken: 'A recorded DATA counts twice: a replay within its session is not noticed.',
  },
  'data-future': {
    says: 'a DATA of the next round',
    invariant: 'S2',
    clause: REFUSE,
    taken: 'Rounds can be skipped: frames that arrive out of order are taken.',
  },
  'data-bad-tag': {
    says: 'a DATA whose tag is wrong',
    invariant: 'C1',
    clause: 'PROTOCOL §9, claim 7',
    taken: 'Anybody on the network changes what a client says: the tag is not verified in full.',
  },
  'data-bad-padding': {
    says: 'a DATA whose padding is wrong, under a valid tag',
    invariant: 'C3',
    clause: 'PROTOCOL §3',
    taken: 'Padding is not checked in full, so one plaintext has many ciphertexts.',
  },
  'data-wrong-direction': {
    says: 'a DATA that says it travels from the server to the client',
    invariant: 'S2',
    clause: 'PROTOCOL §9, claim 4',
    taken: 'The direction is not checked: what the server says can be sent back to it.',
  },
  'data-wrong-id': {
    says: 'a DATA that names another client',
    invariant: 'S2',
    clause: REFUSE,
    taken: 'The client id is not bound to the session: one client speaks in the name of another.',
  },
  'unknown-opcode': {
    says: 'a frame of opcode 99',
    invariant: 'S1',
    clause: REFUSE,
    taken: 'A frame that means nothing moves the session.',
  },
  challenge: {
    says: 'a CHALLENGE, which only servers send',
    invariant: 'S1',
    clause: 'PROTOCOL §2',
    taken: 'A frame that only servers send moves the session of a server.',
  },
  error: {
    says: 'a KEY_DESYNC_ERROR, which only servers send',
    invariant: 'S5',
    clause: 'PROTOCOL §2',
    taken: 'A frame that only servers send moves the session of a server.',
  },
  terminate: {
    says: 'a TERMINATE, as its client would send it',
    invariant: 'S5',
    clause: REFUSE,
    taken: 'A session goes on that its client has ended.',
  },
  'hello-of-other': {
    says: 'the first HELLO of the other connection, byte for byte',
    invariant: 'A2',
    clause: 'PROTOCOL §9, claim 9',
    taken: 'A recorded HELLO opens a session where it must not.',
  },
  'data-of-other': {
    says: 'the first DATA of the other connection, byte for byte',
    invariant: 'A2',
    clause: 'PROTOCOL §9, claim 1',
    taken: 'A recorded session replays on a new connection: its values count again, without any key.',
  },
} as const satisfies Readonly<Record<string, Act>>
export type ActName = keyof typeof ACTS

const ONE = (Object.keys(ACTS) as ActName[]).filter((a) => !a.endsWith('-of-other'))
const EACH: readonly ActName[] = ['hello', 'data', 'data-again', 'terminate', 'hello-of-other', 'data-of-other']
const NAMES = ['a', 'b'] as const

/** With one connection `data`, with two of one client id `a.data` and `b.data`. */
export const alphabetOf = (connections: 1 | 2): readonly string[] =>
  connections === 1 ? ONE : NAMES.flatMap((c) => EACH.map((act) => `${c}.${act}`))

export interface Parsed {
  readonly on: 0 | 1
  readonly act: ActName
}

/** Throws a RangeError where it is none. */
export const parse = (symbol: string): Parsed => {
  const [, name, act] = /^(?:([ab])\.)?([\w-]+)$/.exec(symbol) ?? []
  if (act === undefined || !Object.hasOwn(ACTS, act)) throw new RangeError(`expected a symbol, got ${symbol}`)
  return { on: name === 'b' ? 1 : 0, act: act as ActName }
}

/** Some symbols of an alphabet. Throws a UsageError. `from`: the option that names them. */
export const narrowed = (all: readonly string[], given: string | null, from: string): readonly string[] => {
  if (given === null) return all
  const named = given.split(',')
  for (const n of named)
    if (!all.includes(n))
      throw new UsageError(
        `${from}: expected symbols, got ${n}; the nearest: ${nearest(n, all).slice(0, 3).join(', ')}`,
      )
  return all.filter((s) => named.includes(s))
}

/** The whole conversations that honest clients have. */
export const honestWords = (connections: 1 | 2): readonly (readonly string[])[] => {
  const one = ['hello', 'data', 'data', 'terminate']
  if (connections === 1) return [one]
  const on = (c: string): readonly string[] => one.map((act) => `${c}.${act}`)
  const [a, b] = [on('a'), on('b')]
  return [a, [...a.slice(0, 2), ...b], [...a.slice(0, 1), ...b], a.slice(0, 3).flatMap((s, i) => [s, b[i]!])]
}
