/** PROTOCOL §4–§8 for the server: connections, admission, confirmation, supersession, aggregation. */
import type { Body, EndedBy } from '../events.ts'
import { exactSum } from '../exact-sum.ts'
import { isControl, MAX_ROUND, OP } from '../opcodes.ts'
import { judge, type Verdict } from './checks.ts'
import { seal } from './frames.ts'
import { commitExchange, commitHandshake, helloStep, initialKeys } from './keys.ts'
import { type Connection, type Frame, SILENT, type Symbols } from './state.ts'
import { arrival, becomes, committed, end, type Step, sent, still, unsent } from './step.ts'

type Connections = readonly Connection[]
type Change = Step<Connection>
type Accepted = Extract<Verdict, { kind: 'accepted' }>

const CONSTANT_TEXT = 'a constant text!' // a whole block, so that the padding is one more

/** The nth connection, before anything was heard on it. */
export const unheard = (n: number): Connection => {
  return { ...SILENT, at: { side: 'server', n }, id: null, keys: null, order: null }
}

/** A connection is accepted. PROTOCOL §7: at the limit it displaces the oldest without a confirmed session. */
export const open = (symbols: Symbols, conns: Connections): Change => {
  const conn = unheard(conns.length)
  const opened: Change = { after: [...conns, conn], events: [{ on: 'opened', at: conn.at, id: null }] }
  const live = opened.after.filter((e) => e.phase !== 'TERMINATED')
  const oldest = live.find((e) => !e.confirmed)
  const full = live.length > symbols.setup.limits.connections
  return full && oldest !== undefined ? bye(symbols, opened, oldest, 'evicted') : opened
}

/** A complete frame arrives. Several outcomes only for the garbage event. */
export const receive = (symbols: Symbols, conns: Connections, n: number, f: Frame): readonly Change[] => {
  const conn = conns[n]!
  if (conn.phase === 'TERMINATED') return [still(conns)] // PROTOCOL §1: TERMINATED is final
  return judge(symbols, conn, f).map((v) => received(symbols, conns, conn, f, v))
}

/** An end without a word, or (a timer of PROTOCOL §7) with TERMINATE. */
export const drop = (symbols: Symbols, conns: Connections, n: number, by: 'close' | 'timer'): Change =>
  by === 'timer' ? bye(symbols, still(conns), conns[n]!, by) : end(still(conns), conns[n]!, by)

/** The process restarts: every connection is gone without a word, and without a state to show. */
export const restart = (conns: Connections): Change => {
  const live = conns.filter((e) => e.phase !== 'TERMINATED')
  const { after } = live.reduce((so, e) => end(so, e, 'fault'), still(conns))
  return { after, events: live.map((e) => ({ on: 'ended', at: e.at, by: 'fault' })) }
}

const received = (symbols: Symbols, conns: Connections, conn: Connection, f: Frame, v: Verdict): Change => {
  const so: Change = { after: conns, events: arrival(conn, f, v) }
  const unanswered = isControl(f.header.opcode) // PROTOCOL §6: a first byte of 50 or 60 never is
  if (v.kind === 'rejected') {
    if (conn.phase === 'INIT' || unanswered) return end(so, conn, 'rejection') // §6: no session yet: close, no frame
    return answer(symbols, so, conn, OP.DESYNC, 'rejection')
  }
  if (conn.phase === 'INIT') return hello(symbols, so, conn, f)
  return unanswered ? end(so, conn, 'peer') : data(symbols, so, conn, f, v)
}

/** PROTOCOL §7: the new session is ACTIVE but unconfirmed. */
const hello = (symbols: Symbols, so: Change, conn: Connection, f: Frame): Change => {
  if (conn.failing) return end(undone(so, conn), conn, 'fault') // §4: the CHALLENGE cannot be handed over
  const id = f.header.id
  const order = so.after.filter((e) => e.order !== null).length
  const keys = helloStep(symbols, initialKeys(symbols, id), f)
  const heard: Connection = { ...conn, id, hello: f, keys, order }
  const fresh = `Challenge from server ${String(conn.at.n).padStart(32, '0')}`
  const text = symbols.setup.challenge === 'fresh' ? fresh : CONSTANT_TEXT
  const challenge = seal(symbols, heard, OP.CHALLENGE, { kind: 'challenge', text }, f)
  const session = commitHandshake(symbols, heard, challenge, challenge.plain)
  const next: Connection = { ...session, confirmed: false, sent: [challenge] }
  return admit(symbols, becomes(so, next, sent(next, challenge), committed(conn, next)), next)
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
  const others = so.after.filter((e) => e !== conn && e !== superseded)
  const total = aggregate(symbols, others, conn.round, f)
  const response = seal(symbols, conn, OP.RESPONSE, total, f)
  const session = commitExchange(symbols, conn, f, response, response.plain)
  const next: Connection = { ...session, confirmed: true, sent: [...conn.sent, response] }
  const done = becomes(so, next, sent(next, response), committed(conn, next))
  return superseded === undefined ? done : bye(symbols, done, superseded, 'supersede')
}

/** PROTOCOL §8: over all values of that round from sessions that count, as if the commit had happened. */
const aggregate = (symbols: Symbols, others: Connections, round: number, own: Frame): Body => {
  const counting = others.filter((e) => e.confirmed && e.phase === 'ACTIVE')
  const kept = counting.flatMap((e) => submissions(e).slice(-symbols.setup.limits.retainedRounds))
  const ofRound = [...kept, own].filter((d) => d.header.round === round)
  const values = ofRound.flatMap((d) => (d.body.kind === 'data' ? d.body.values : []))
  const sum = exactSum(values)
  const count = values.length
  return { kind: 'aggregate', sum, count, average: sum / count + 0 } // §8: a zero result is +0
}

/** One control frame under the current S2C keys and round, then TERMINATED (PROTOCOL §6). */
const answer = (symbols: Symbols, so: Change, conn: Connection, opcode: number, by: EndedBy): Change => {
  if (conn.failing) return end(becomes(so, conn, unsent(conn)), conn, by)
  const keys = conn.keys! // §4: an error frame is sealed under the keys as they were
  const last = seal(symbols, { ...conn, keys }, opcode, { kind: 'control' }, conn.exchanges.at(-2) ?? conn.hello)
  return end(becomes(so, conn, sent(conn, last)), { ...conn, sent: [...conn.sent, last] }, by)
}

/** TERMINATE where there is a session that can still send, else only the end. */
const bye = (symbols: Symbols, so: Change, conn: Connection, by: EndedBy): Change =>
  conn.phase === 'ACTIVE' ? answer(symbols, so, conn, OP.TERMINATE, by) : end(so, conn, by)

/** PROTOCOL §4: if the hand-over fails, nothing of what the frame did has happened: not even its acceptance. */
const undone = (so: Change, conn: Connection): Change =>
  becomes({ ...so, events: so.events.slice(0, 1) }, conn, unsent(conn))

/** The DATA frames a session accepted, oldest first. */
export const submissions = (e: Connection): readonly Frame[] => e.exchanges.filter((_, i) => i % 2 === 0)
