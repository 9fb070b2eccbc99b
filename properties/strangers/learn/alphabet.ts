/** What is sent to a server, as symbols: data, so that it can be narrowed, printed, and typed again. */
import { nearest } from '../../../spec/dialects/fields.ts'
import { UsageError } from '../../harness/terminal/options.ts'

interface Act {
  /** What forbids to take it where it must be refused (spec/invariants), and the clause. */
  readonly invariant: string
  readonly clause: string
  /** What is sent. */
  readonly says: string
  /** What it means where a server takes it that has to refuse it. */
  readonly taken: string
}

/** Of a record: invariant and clause, what is sent; in the next line what it means where it is taken. */
const act = (record: string): Act => {
  const [, invariant, clause, says, taken] = /^(\w+), (PROTOCOL [^:]+): (.+)\n +(.+)$/.exec(record)!
  return { invariant: invariant!, clause: clause!, says: says!, taken: taken! }
}

/** By name. Every frame is sealed under the keys that the connection has come to, with a valid tag, where nothing else is said. */
export const ACTS = {
  hello: act(`S1, PROTOCOL §7: a HELLO, a new one each time
    A session that runs can be begun anew: whoever can send a HELLO takes it away from its client.`),
  'hello-again': act(`S1, PROTOCOL §7: the first HELLO of this connection, byte for byte
    A recorded HELLO resets a session that runs, and with it its keys and its round.`),
  'hello-bad-tag': act(`C1, PROTOCOL §6: a HELLO whose tag is wrong
    Whoever knows no key gets in: the tag of the HELLO is not verified in full.`),
  data: act(`S1, PROTOCOL §2: a DATA of one value, as its client would send it
    Values are taken where no session is: there is no handshake that they belong to.`),
  'data-again': act(`A1, PROTOCOL §9, claim 1: the last DATA of this connection, byte for byte
    A recorded DATA counts twice: a replay within its session is not noticed.`),
  'data-future': act(`S2, PROTOCOL §6: a DATA of the next round
    Rounds can be skipped: frames that arrive out of order are taken.`),
  'data-bad-tag': act(`C1, PROTOCOL §9, claim 7: a DATA whose tag is wrong
    Anybody on the network changes what a client says: the tag is not verified in full.`),
  'data-bad-padding': act(`C3, PROTOCOL §3: a DATA whose padding is wrong, under a valid tag
    Padding is not checked in full, so one plaintext has many ciphertexts.`),
  'data-wrong-direction': act(`S2, PROTOCOL §9, claim 4: a DATA that says it travels from the server to the client
    The direction is not checked: what the server says can be sent back to it.`),
  'data-wrong-id': act(`S2, PROTOCOL §6: a DATA that names another client
    The client id is not bound to the session: one client speaks in the name of another.`),
  'unknown-opcode': act(`S1, PROTOCOL §6: a frame of opcode 99
    A frame that means nothing moves the session.`),
  challenge: act(`S1, PROTOCOL §2: a CHALLENGE, which only servers send
    A frame that only servers send moves the session of a server.`),
  error: act(`S5, PROTOCOL §2: a KEY_DESYNC_ERROR, which only servers send
    A frame that only servers send moves the session of a server.`),
  terminate: act(`S5, PROTOCOL §6: a TERMINATE, as its client would send it
    A session goes on that its client has ended.`),
  'hello-of-other': act(`A2, PROTOCOL §9, claim 9: the first HELLO of the other connection, byte for byte
    A recorded HELLO opens a session where it must not.`),
  'data-of-other': act(`A2, PROTOCOL §9, claim 1: the first DATA of the other connection, byte for byte
    A recorded session replays on a new connection: its values count again, without any key.`),
} satisfies Readonly<Record<string, Act>>
export type ActName = keyof typeof ACTS

/** Those that may begin a session, and those that submit: what was sent can be sent again. */
export const GREETS: readonly ActName[] = ['hello', 'hello-again', 'hello-of-other']
export const SUBMITS: readonly ActName[] = ['data', 'data-of-other']

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
