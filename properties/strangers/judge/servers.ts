/** The server's end of a connection: its verdict on a frame is its next frame, or its end. */
import type { Follower } from '../../../spec/dialects/follower.ts'
import { OP, opcodeName } from '../../../spec/opcodes.ts'
import { answeredBy } from '../../harness/world/foreign.ts'
import { byHolder, type ClientContext } from './clients.ts'
import { type Farewell, type Frame, type Line, passing } from './ledger.ts'
import { MADE } from './seen.ts'
import type { Counts } from './sums.ts'

const OWN_END_MS = 100_000 // PROTOCOL §7: the shortest time after which a server ends a session by itself is 120 s

export interface ServerContext extends ClientContext {
  readonly sums: Counts
  readonly now: number
  /** Opcodes of the dialect beyond PROTOCOL that say that a frame was refused. */
  readonly refusals: ReadonlySet<number>
  /** Whether there is a key of that client. */
  knows(id: number): boolean
  /** Sessions at the server by the id of their client. */
  readonly sessions: ReadonlyMap<number, Set<Line>>
  /** A session has begun. */
  begun(line: Line, id: number): void
  lose(line: Line, why: string, f: Frame | null): void
}

/** Its server is somebody in the middle: what it sends that was not seen before, it changed. */
export const between = (l: Line): boolean => (l.relayed || l.forwards) && l.server.node === null

export const serverSends = (c: ServerContext, line: Line, f: Frame): void => {
  if (f.index < 0) {
    if (!between(line)) c.lose(line, 'the server sends what is no frame', f)
  } else if (f.copy) {
    line.forwards = true // what is passed on is no verdict of whoever passes it on
    line.to.server.length = 0
  } else if (line.farewell !== null && judgedBy(c, line, f) === null) {
    line.farewell.sent.push(ownFrame(c, line, f))
  } else {
    if (line.farewell !== null) parts(c, line, line.farewell, false) // it goes on all the same
    answers(c, line, f)
    if (between(line)) changed(c, line, f)
  }
}

/** Somebody in the middle sends what did not pass before: with or without a key of the session. */
const changed = (c: ServerContext, { client, to }: Line, f: Frame): void => {
  let place = client.node
  for (const p of to.client) place = (place && passing(place, p, 's2c')) ?? place
  const opened = place?.opens(f.bytes, 's2c')
  if (opened?.tagOk) c.telling.sighted(client, f, opened.body, MADE.holder)
}

const ownFrame = (c: ServerContext, { server }: Line, f: Frame) =>
  c.telling.made(server, f, server.node?.opens(f.bytes, 's2c').body ?? { kind: 'sealed' }, MADE.server)

const answers = (c: ServerContext, line: Line, f: Frame): void => {
  if (line.forwards && line.server.node === null) return
  const given = line.to.server
  switch (f.header?.opcode) {
    case OP.CHALLENGE:
    case OP.RESPONSE: {
      const judged = judgedBy(c, line, f)
      if (judged !== null) answered(c, line, given.splice(0, judged + 1), f)
      else if (!between(line)) c.lose(line, unopened(c, line), f)
      return
    }
    case OP.DESYNC:
    case OP.TERMINATE:
      if (!between(line)) farewell(c, line, f)
      return
    default:
      if (c.refusals.has(f.header?.opcode ?? -1)) refuses(c, line)
      else if (!between(line)) c.lose(line, `the server sends ${opcodeName(f.header?.opcode ?? 0)}`, f)
  }
}

/** A frame by which a dialect says what is wrong with one that it was given; what follows is judged by what follows. */
const refuses = (c: ServerContext, line: Line): void => {
  const [p] = line.to.server
  if (p === undefined || passes(c, line, p) !== null) return
  line.to.server.shift()
  c.telling.begin(line.server.at, [p], p.n)
  c.telling.rejected(line.server, p)
  c.telling.settled()
}

/** Which of what it was given it has accepted that sends this. */
const judgedBy = (c: ServerContext, line: Line, f: Frame): number | null => {
  const given = line.to.server
  const at = given.length > 0 ? passes(c, line, given[0]!) : null // nearly always
  if (at?.opens(f.bytes, 's2c').padOk) return 0
  const before = (id: number): Follower => line.server.node ?? c.start(line, id)
  return answeredBy(
    f.bytes,
    given.map((p) => (p.index < 0 ? null : p.bytes)),
    before,
  )
}

const unopened = (c: ServerContext, { to, server, client }: Line): string => {
  const id = server.id ?? to.server.at(-1)?.header?.id ?? client.id
  if (to.server.length === 0) return 'it answers nothing that was sent and captured'
  return id !== null && !c.knows(id)
    ? `there is no key of client ${id}`
    : 'it opens under no key that follows from what was sent'
}

/** The last of `judged` was accepted, those before it were passed over in silence. */
const answered = (c: ServerContext, line: Line, judged: readonly Frame[], f: Frame): void => {
  const { telling } = c
  const { server } = line
  const p = judged.at(-1)!
  const before = server.node ?? c.start(line, p.header!.id)
  const passed = passing(before, p, 'c2s')
  const after = passed ?? before
  byHolder(c, server, p, before, 'c2s')
  const honest = judged.length === 1 && passed !== null && passing(after, f, 's2c') !== null
  const plainly = honest && telling.plainlyAccepted(server, p)
  if (!plainly) {
    telling.begin(server.at, [...judged, f], f.n)
    for (const d of judged) telling.delivered(server, d)
    telling.accepted(server, p)
  }
  line.active = c.now
  if (server.hello === null && p.header!.opcode === OP.HELLO) {
    server.hello = p.name
    c.begun(line, p.header!.id)
  }
  server.node = after
  server.lastAccepted = p
  const sent = ownFrame(c, line, f)
  if (!plainly || !telling.plainlySent(sent)) {
    if (plainly) telling.begin(server.at, [p, f], f.n)
    telling.sends(server, sent)
    telling.settled()
  }
  server.node = after.after(f.bytes)
  if (sent.body.kind !== 'aggregate' || p.header!.opcode !== OP.DATA) return
  const { body } = before.opens(p.bytes, 'c2s')
  const { n, conn, packet, at, header } = f
  const values = body.kind === 'data' ? body.values : []
  const answer = { n, conn, packet, at, id: server.id ?? 0, round: header!.round, values, body: sent.body }
  c.sums.answered(server, answer)
}

/** KEY_DESYNC_ERROR or TERMINATE: to a frame that it rejected, or of its own. It is judged when the end has come. */
const farewell = (c: ServerContext, line: Line, f: Frame): void => {
  const [p] = line.to.server
  const refused = p !== undefined && passes(c, line, p) === null
  const obeyed = p?.header?.opcode === OP.TERMINATE && !refused
  const answers = p !== undefined && (f.header!.opcode === OP.DESYNC || ((refused || obeyed) && !endsItself(c, line)))
  line.farewell = { to: answers ? p : null, obeyed, sent: [ownFrame(c, line, f)] }
  line.server.node = line.server.node?.after(f.bytes) ?? null // in some dialects keys evolve all the same
  line.to.server.length = 0
  c.sums.leaving(line.server)
}

/** What a server did that sent a control frame. `ended`: it has closed. */
export const parts = (c: ServerContext, line: Line, { to, obeyed, sent }: Farewell, ended: boolean): void => {
  const { telling } = c
  const { server } = line
  line.farewell = null
  server.ended = ended
  telling.begin(server.at, [...(to === null ? [] : [to]), ...sent.map((s) => s.frame)], sent.at(-1)!.frame.n)
  if (to !== null && obeyed) {
    telling.delivered(server, to)
    telling.accepted(server, to)
  } else if (to !== null) telling.rejected(server, to)
  for (const s of sent) telling.sends(server, s)
  if (ended) telling.ended(server, to === null ? 'close' : 'rejection')
  telling.settled()
}

/** Whether a server has a reason to end this session by itself: PROTOCOL §7, a newer one of its client, or a timer. */
const endsItself = (c: ServerContext, line: Line): boolean => {
  const { id, order } = line.server
  if (id === null) return true
  const newer = [...(c.sessions.get(id) ?? [])].some((l) => l !== line && (l.server.order ?? -1) > (order ?? -1))
  return newer || c.now - line.active >= OWN_END_MS
}

/** The server has ended its stream. */
export const serverLeaves = (c: ServerContext, line: Line): void => {
  const { telling } = c
  const { server } = line
  if (line.farewell !== null) parts(c, line, line.farewell, true)
  const [p] = line.to.server
  line.to.server.length = 0
  if (server.ended) return
  server.ended = true
  // A close shows nothing where the client had left; nor where what was sent had to pass, so that the server ended otherwise.
  // PROTOCOL §6: neither an obeyed nor a refused TERMINATE is answered.
  if (p === undefined || line.ended.has('client')) return
  if (p.header?.opcode === OP.TERMINATE || passes(c, line, p) !== null) return
  telling.begin(server.at, [p], p.n)
  telling.rejected(server, p)
  telling.ended(server, 'rejection')
  telling.settled()
}

/** A frame has waited long enough for its verdict. */
export const ignored = (c: ServerContext, line: Line): void => {
  const p = line.to.server.shift()!
  c.telling.begin(line.server.at, [p], p.n)
  c.telling.delivered(line.server, p)
  c.telling.settled()
}

/** Where the server is after a frame that PROTOCOL lets pass; null: it does not. */
export const passes = (c: ServerContext, line: Line, p: Frame): Follower | null =>
  p.index < 0 ? null : passing(line.server.node ?? c.start(line, p.header?.id ?? 0), p, 'c2s')
