/**
 * Conversations as somebody on the network sees them, told to the invariants as events. A verdict is seen later than what
 * it is about, and is told as if it had followed at once; so what happened side by side becomes one history.
 */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { type Follower, Followers } from '../../../spec/dialects/follower.ts'
import { OP } from '../../../spec/opcodes.ts'
import { EMPTY } from '../../../spec/reference/bytes.ts'
import type { Piece } from '../../../spec/reference/frame.ts'
import type { Address } from '../../harness/capture/packets.ts'
import type { Chunk } from '../../harness/capture/streams.ts'
import { ownHeader } from '../../harness/world/foreign.ts'
import { clientAccepts, clientLeaves, clientSends } from './clients.ts'
import { ByServer } from './facts.ts'
import { addressText, type Frame, frameName, Line } from './ledger.ts'
import { between, ignored, parts, passes, type ServerContext, serverLeaves, serverSends } from './servers.ts'
import type { Bench, Tally } from './source.ts'
import { type Counts, namedAnswer } from './sums.ts'
import { type Named, Telling, type TellingOptions } from './telling.ts'

type From = Chunk['from']

const PATIENCE_MS = 15_000 // for an end that has to follow; PROTOCOL §6 gives a client 10 s
const LOOK = 1_024 // frames between two looks at what is overdue
const MOST_WAITING = 65_536 // frames that a server was given and has not answered
const MOST_GIVEN = 64 // frames that a client was given and has shown nothing of
const REPEATED = 'all of it had passed before: it was captured twice, or its server repeats itself'
const NO_KEY = new Uint8Array(16)

/** Something that could not be followed or judged, from this place on. */
export interface Trouble {
  readonly conn: number
  readonly ends: string // addresses, client first; '' where they are not known any more
  readonly packet: number
  readonly why: string
  readonly frame: Named | null
}

interface JudgeOptions extends TellingOptions {
  readonly keyring: ReadonlyMap<number, Uint8Array>
  readonly trouble: (t: Trouble) => void
  /** Who judges the numbers; default: this judge. */
  readonly sums?: Counts
}

export class Judge implements Bench, ServerContext {
  /** Of the packet that is being read, from 1 as Wireshark counts; and its time, ms since 1970. */
  packet = 0
  now = 0
  frames = 0
  /** Sessions that were followed from their HELLO on, and frames that had passed before. */
  followed = 0
  copies = 0
  readonly telling: Telling
  readonly sums: Counts
  readonly sessions = new Map<number, Set<Line>>()
  readonly refusals: ReadonlySet<number>
  readonly #o: JudgeOptions
  readonly #followers: Followers
  readonly #lines = new Map<number, Line>()
  readonly #told = new WeakSet<Line>()
  #hellos = 0

  constructor(o: JudgeOptions) {
    this.#o = o
    this.#followers = new Followers(o.dialect)
    this.telling = new Telling(o, {
      endpoint: (at) => this.#lines.get(at.n)?.[at.side],
      confirmed: (id) => [...(this.sessions.get(id) ?? [])].filter(isConfirmed).map((l) => l.server.at),
      start: (at, id) => this.start(this.#lines.get(at.n)!, id),
    })
    this.refusals = refusalsOf(o.dialect)
    const judged = this.telling.judged.has('G1')
    this.sums =
      o.sums ??
      new ByServer({
        broke: (id, why, answer) => this.telling.broke(id, why, [namedAnswer(answer)]),
        open: (answer, why) =>
          judged && this.#trouble(this.#lines.get(answer.conn), `an answer is not judged: ${why}`, namedAnswer(answer)),
      })
  }

  // what the streams tell

  opened(conn: number, client: Address, server: Address, whole: boolean): void {
    const line = new Line(conn, { client, server }, this.#o.dialect)
    this.#lines.set(conn, line)
    if (!whole) line.lost = 'the capture begins in the middle of it'
    this.telling.connected(line.server.at)
  }

  bytes(conn: number, from: From, bytes: Uint8Array): void {
    const line = this.#lines.get(conn)
    if (line === undefined) return
    for (const piece of line.cut[from].push(bytes)) {
      const f = this.#frame(line, piece)
      line.last[from] = f
      line.count[from].all++
      if (f.copy) line.count[from].again++
      if (line.lost !== null) this.#unfollowed(line, f)
      else if (from === 'client') this.#fromClient(line, f)
      else this.#fromServer(line, f)
      if (this.frames % LOOK === 0) this.look()
    }
    if (this.sums.waiting) this.sums.look(this.now)
  }

  ended(conn: number, from: From): void {
    const line = this.#lines.get(conn)
    if (line === undefined || line.ended.has(from)) return
    if (line.lost === null) {
      if (from === 'client') clientLeaves(this, line)
      else serverLeaves(this, line)
      this.sums.leaving(line.server)
    }
    line.ended.add(from)
  }

  missing(conn: number, from: From, why: string): void {
    const line = this.#lines.get(conn)
    if (line === undefined) return
    const last = line.last[from]
    this.lose(line, `${why}, of the ${from} after ${last === undefined ? 'its beginning' : `frame ${last.n}`}`, null)
  }

  closed(conn: number): void {
    const line = this.#lines.get(conn)
    if (line === undefined) return
    if (line.lost === null && onlyAgain(line)) line.lost = REPEATED
    if (line.lost !== null) this.#unfollowed(line, null)
    else if (line.farewell !== null) serverLeaves(this, line)
    else if (!line.ended.has('client')) clientAccepts(this, line, line.to.client.length)
    if (line.ended.size > 0 || line.lost !== null) this.sums.left(line.server, this.now) // else the capture ends before it does
    if (line.server.id !== null) this.sessions.get(line.server.id)?.delete(line)
    this.#lines.delete(conn)
  }

  /** What had to follow by now, and did not. */
  look(): void {
    for (const line of this.#lines.values()) {
      if (line.lost !== null) continue
      const { farewell } = line
      const [first] = line.to.server
      if (farewell !== null) {
        if (this.#late(farewell.sent[0]!.frame)) parts(this, line, farewell, line.ended.has('client'))
      } else if (
        first !== undefined &&
        this.#late(first) &&
        !line.ended.has('client') &&
        !between(line) &&
        passes(this, line, first) === null
      )
        ignored(this, line)
    }
  }

  #late(f: Frame): boolean {
    return this.now - f.at > PATIENCE_MS
  }

  /** Nothing more comes. */
  end(): void {
    this.look()
    for (const conn of [...this.#lines.keys()]) this.closed(conn)
    this.sums.end()
  }

  tally(): Tally {
    const { frames, followed, copies } = this
    const { judged, monitors } = this.telling
    const sums = Object.entries(this.sums.hits).filter(([id]) => judged.has(id))
    const hits = [...monitors.invariants.map((i, n) => [i.id, monitors.hits[n]!] as const), ...sums]
    return { frames, followed, copies, forgotten: this.telling.ledger.seen.forgotten, hits }
  }

  // frames

  #frame({ conn }: Line, piece: Piece): Frame {
    const { packet, now: at } = this
    const n = this.frames++
    if (piece.kind !== 'frame')
      return { n, conn, packet, at, name: frameName(n), index: -1, bytes: EMPTY, header: null, copy: false }
    const bytes = piece.frame
    const header = ownHeader(this.#o.dialect, bytes)
    const { seen } = this.telling.ledger
    const known = seen.find(bytes)
    const copy = known >= 0
    if (copy) this.copies++
    const index = copy ? known : seen.add(n, packet, conn, header)
    return { n, conn, packet, at, name: frameName(copy ? seen.get(known, 'n') : n), index, bytes, header, copy }
  }

  #fromClient(line: Line, f: Frame): void {
    if (f.copy) this.#passedOn(this.#lines.get(this.telling.ledger.seen.get(f.index, 'conn')), line)
    clientSends(this, line, f)
    const given = line.to.server
    given.push(f)
    if (given.length > MOST_WAITING) this.lose(line, `${MOST_WAITING} frames without an answer`, f)
    const { node } = line.server
    if (node !== null && f.header?.opcode === OP.DATA && given.length === 1 && passes(this, line, f) !== null)
      this.sums.asked(line.server, node.id, f.header.round)
  }

  /** What a client sent on `line` goes on to a server elsewhere, before anybody has answered it here. */
  #passedOn(line: Line | undefined, to: Line): void {
    if (line !== undefined && line !== to && line.server.node === null) line.relayed = true
  }

  #fromServer(line: Line, f: Frame): void {
    serverSends(this, line, f)
    if (line.lost !== null || f.index < 0) return
    line.to.client.push(f)
    if (line.to.client.length <= MOST_GIVEN) return
    line.client.node = null // it does not wait for answers: a client of its own making, whose end is not judged
    line.to.client.length = 0
  }

  // for the two ends

  knows(id: number): boolean {
    return this.#o.keyring.has(id)
  }

  start(line: Line, id: number): Follower {
    if (line.start?.id !== id) line.start = this.#followers.start(id, this.#o.keyring.get(id) ?? NO_KEY)
    return line.start!
  }

  begun(line: Line, id: number): void {
    line.server.id = id
    line.server.order = this.#hellos++
    line.start = null // and with it all that is known to follow from there
    this.followed++
    this.sessions.set(id, (this.sessions.get(id) ?? new Set()).add(line))
  }

  // what cannot be followed

  lose(line: Line, why: string, f: Frame | null): void {
    if (line.lost !== null) return
    line.lost = why
    this.sums.leaving(line.server)
    this.#unfollowed(line, f)
  }

  /** Told once of a connection, with its first frame that is not followed. */
  #unfollowed(line: Line, f: Frame | null): void {
    if (this.#told.has(line)) return
    this.#told.add(line)
    if (line.lost !== REPEATED) this.sums.unfollowed(line.server)
    this.#trouble(line, line.lost!, f && this.telling.named([f]).at(-1)!)
  }

  #trouble(line: Line | undefined, why: string, frame: Named | null): void {
    const ends = line === undefined ? '' : `${addressText(line.where.client)} to ${addressText(line.where.server)}`
    this.#o.trouble({ conn: line?.conn ?? frame?.conn ?? -1, ends, packet: frame?.packet ?? this.packet, why, frame })
  }
}

/** DIALECTS, reactions. */
const refusalsOf = ({ reaction }: Dialect): ReadonlySet<number> => {
  if (reaction === 'telling') return new Set([51, 52, 53, 54, 55, 57])
  return typeof reaction === 'string'
    ? new Set()
    : new Set(Object.values(reaction).flatMap((t) => t.answer?.opcode ?? []))
}

const onlyAgain = ({ count: { client, server } }: Line): boolean =>
  server.all > 0 && client.all > 0 && server.all === server.again && client.all === client.again

/** Its client has submitted. */
const isConfirmed = (l: Line): boolean => l.server.node !== null && l.server.node.round > 1
