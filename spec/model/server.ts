/** PROTOCOL §4–§8 for the server: connections, admission, confirmation, supersession, aggregation. */
import type { Body, EndedBy, Event } from '../events.ts'
import { exactSum } from '../exact-sum.ts'
import { isControl, MAX_ROUND, OP } from '../opcodes.ts'
import { judge, type Verdict } from './checks.ts'
import { commitExchange, commitHandshake } from './commit.ts'
import { seal } from './frames.ts'
import { helloStep, initialKeys } from './keys.ts'
import { type Connection, type Frame, put, type Symbols } from './state.ts'
import { arrival, committed, type Step, sent, terminated, unsent } from './step.ts'

type Connections = readonly Connection[]
type Change = Step<Connection>
type Accepted = Extract<Verdict, { kind: 'accepted' }>

const CONSTANT_TEXT = 'a constant text!' // a whole block, so that the padding is one more

/** The nth connection, before anything was heard on it. */
export const unheard = (n: number): Connection => ({
  at: { side: 'server', n },
  id: null,
  phase: 'INIT',
  round: 0,
  keys: null,
  hello: null,
  challenge: null,
  order: null,
  confirmed: false,
  exchanges: [],
  sent: [],
  failing: false,
})

/** A connection is accepted. PROTOCOL §7: at the limit it displaces the oldest without a confirmed session. */
export const open = (symbols: Symbols, conns: Connections): Change => {
  const conn = unheard(conns.length)
  const opened: Change = { after: [...conns, conn], events: [{ on: 'opened', at: conn.at, id: null }] }
  const live = opened.after.filter((e) => e.phase !== 'TERMINATED')
  const oldest = live.find((e) => !e.confirmed)
  const full = live.length > symbols.setup.limits.connections
  return full && oldest !== undefined ? bye(symbols, opened, oldest, 'evicted') : opened
}

/** PROTOCOL §6 for this connection. The first frame is judged by the initial keys of the client it names. */
export const verdicts = (symbols: Symbols, conn: Connection, f: Frame): readonly Verdict[] => {
  const { phase, id, round } = conn
  if (phase === 'TERMINATED') return []
  const known = symbols.setup.keyring.includes(f.header.id)
  const keys = id !== null ? conn.keys : known ? initialKeys(symbols, f.header.id) : null
  return judge(symbols, { side: 'server', phase, id, round, keys, outstanding: false }, f)
}

/** A complete frame arrives. Several outcomes only for the garbage event. */
export const receive = (symbols: Symbols, conns: Connections, n: number, f: Frame): readonly Change[] => {
  const conn = conns[n]!
  if (conn.phase === 'TERMINATED') return [{ after: conns, events: [] }] // PROTOCOL §1: TERMINATED is final
  return verdicts(symbols, conn, f).map((v) => received(symbols, conns, conn, f, v))
}

/** An end without a word, or (a timer of PROTOCOL §7) with TERMINATE. */
export const drop = (symbols: Symbols, conns: Connections, n: number, by: 'close' | 'timer'): Change => {
  const [conn, before] = [conns[n]!, { after: conns, events: [] }]
  if (conn.phase === 'TERMINATED') return before
  return by === 'timer' ? bye(symbols, before, conn, 'timer') : end(before, conn, by)
}

/** The process restarts: every connection is gone without a word, and without a state to show. */
export const restart = (conns: Connections): Change => {
  const live = conns.filter((e) => e.phase !== 'TERMINATED')
  const gone = live.reduce((so, e) => end(so, e, 'fault'), { after: conns, events: [] } as Change)
  return { after: gone.after, events: live.map((e) => ({ on: 'ended', at: e.at, by: 'fault' })) }
}

/** The transport will refuse what it sends next. */
export const failNext = (conns: Connections, n: number): Change =>
  conns[n]!.phase === 'TERMINATED'
    ? { after: conns, events: [] }
    : { after: put(conns, { ...conns[n]!, failing: true }), events: [] }

const received = (symbols: Symbols, conns: Connections, conn: Connection, f: Frame, v: Verdict): Change => {
  const so: Change = { after: conns, events: arrival(conn, f, v) }
  if (v.kind === 'rejected') return rejected(symbols, so, conn, f)
  if (conn.phase === 'INIT') return hello(symbols, so, conn, f)
  if (isControl(f.header.opcode)) return end(so, conn, 'peer') // PROTOCOL §6: never answered
  return data(symbols, so, conn, f, v)
}

/** PROTOCOL §6: no session yet: close, no frame; a first byte of 50 or 60 is never answered. */
const rejected = (symbols: Symbols, so: Change, conn: Connection, f: Frame): Change => {
  const unanswered = isControl(f.header.opcode)
  if (conn.phase === 'INIT' || unanswered) return end(so, conn, 'rejection')
  return answer(symbols, so, conn, OP.DESYNC, 'rejection')
}

/** PROTOCOL §7: the new session is ACTIVE but unconfirmed. */
const hello = (symbols: Symbols, so: Change, conn: Connection, f: Frame): Change => {
  if (conn.failing) return end(undone(so, conn), conn, 'fault') // §4: the CHALLENGE cannot be handed over
  const id = f.header.id
  const order = so.after.filter((e) => e.order !== null).length
  const k0 = helloStep(symbols, initialKeys(symbols, id), f)
  const heard: Connection = { ...conn, id, hello: f, keys: k0, order }
  const fresh = `Challenge from server ${String(conn.at.n).padStart(32, '0')}`
  const text = symbols.setup.challenge === 'fresh' ? fresh : CONSTANT_TEXT
  const challenge = seal(symbols, heard, OP.CHALLENGE, k0, { kind: 'challenge', text }, f)
  const session = commitHandshake(symbols, heard, f, challenge, challenge.plain)
  const next: Connection = { ...session, confirmed: false, sent: [challenge] }
  const events = [...so.events, sent(next, challenge), committed(conn, next)]
  return admit(symbols, { after: put(so.after, next), events }, next)
}

/** PROTOCOL §7: at most so many unconfirmed sessions per id; the oldest gives way. A confirmed one is not touched. */
const admit = (symbols: Symbols, so: Change, newcomer: Connection): Change => {
  const others = so.after.filter((e) => e.phase === 'ACTIVE' && e.id === newcomer.id && e !== newcomer)
  const halfOpen = others.filter((e) => !e.confirmed).sort((x, y) => x.order! - y.order!)
  const full = halfOpen.length >= symbols.setup.limits.unconfirmedPerId
  return full ? bye(symbols, so, halfOpen[0]!, 'evicted') : so
}

const data = (symbols: Symbols, so: Change, conn: Connection, f: Frame, v: Accepted): Change => {
  // PROTOCOL §4: round 0xFFFFFFFF cannot be left: the DATA is neither counted nor answered
  if (conn.round === MAX_ROUND) return bye(symbols, { ...so, events: so.events.slice(0, 1) }, conn, 'rejection')
  const rival = so.after.find((e) => e !== conn && e.phase === 'ACTIVE' && e.confirmed && e.id === conn.id)
  // PROTOCOL §7: a newcomer whose HELLO is the older one is rejected; nothing of it is kept
  if (rival !== undefined && rival.order! > conn.order!) {
    const events = arrival(conn, f, { kind: 'rejected', reason: 'superseded', decrypted: v.decrypted })
    return answer(symbols, { ...so, events }, conn, OP.TERMINATE, 'rejection')
  }
  if (conn.failing) return end(undone(so, conn), conn, 'fault') // §4: the response cannot be handed over
  const superseded = rival // PROTOCOL §7: on confirmation the older session of the id ends
  const total = aggregate(symbols, so.after, conn, superseded, f)
  const response = seal(symbols, conn, OP.RESPONSE, conn.keys!, total, f)
  const session = commitExchange(symbols, conn, f, response, response.plain)
  const next: Connection = { ...session, confirmed: true, sent: [...conn.sent, response] }
  const events = [...so.events, sent(next, response), committed(conn, next)]
  const done: Change = { after: put(so.after, next), events }
  return superseded === undefined ? done : bye(symbols, done, superseded, 'supersede')
}

/** PROTOCOL §8: over all values of that round from sessions that count, as if the commit had happened. */
const aggregate = (
  symbols: Symbols,
  conns: Connections,
  conn: Connection,
  superseded: Connection | undefined,
  own: Frame,
): Body => {
  const counts = (e: Connection): boolean => e !== conn && e !== superseded && e.confirmed && e.phase === 'ACTIVE'
  const kept = conns.filter(counts).flatMap((e) => submissions(e).slice(-symbols.setup.limits.retainedRounds))
  const values = [...kept, own]
    .filter((d) => d.header.round === conn.round)
    .flatMap((d) => (d.body.kind === 'data' ? d.body.values : []))
  const sum = exactSum(values)
  const count = values.length
  return { kind: 'aggregate', sum, count, average: sum / count + 0 } // §8: a zero result is +0
}

/** One control frame under the current S2C keys and round, then TERMINATED (PROTOCOL §6). */
const answer = (symbols: Symbols, so: Change, conn: Connection, opcode: number, by: EndedBy): Change => {
  if (conn.failing) return end({ ...so, events: [...so.events, unsent(conn)] }, conn, by)
  const keys = conn.keys! // §4: an error frame is sealed under the keys as they were
  const last = seal(symbols, conn, opcode, keys, { kind: 'control' }, conn.exchanges.at(-2) ?? conn.hello)
  return end({ ...so, events: [...so.events, sent(conn, last)] }, { ...conn, sent: [...conn.sent, last] }, by)
}

/** TERMINATE where there is a session that can still send, else only the end. */
const bye = (symbols: Symbols, so: Change, conn: Connection, by: EndedBy): Change =>
  conn.phase === 'ACTIVE' ? answer(symbols, so, conn, OP.TERMINATE, by) : end(so, conn, by)

/** PROTOCOL §4: if the hand-over fails, nothing of what the frame did has happened: not even its acceptance. */
const undone = (so: Change, conn: Connection): Change => {
  const delivered: Event = so.events[0]!
  return { after: so.after, events: [delivered, unsent(conn)] }
}

/** PROTOCOL §1 and §7: TERMINATED, the keys overwritten; what is not confirmed does not count, so its values are withdrawn. */
const end = (so: Change, conn: Connection, by: EndedBy): Change => {
  const next: Connection = { ...conn, phase: 'TERMINATED', keys: null, confirmed: false, failing: false }
  return { after: put(so.after, next), events: [...so.events, ...terminated(conn, next, by)] }
}

/** The DATA frames a session accepted, oldest first. */
export const submissions = (e: Connection): readonly Frame[] => e.exchanges.filter((_, i) => i % 2 === 0)
