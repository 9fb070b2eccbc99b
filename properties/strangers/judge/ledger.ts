/** A capture as it is kept: its connections, what waits for a verdict, and the history as monitors may ask about it. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import type { Follower } from '../../../spec/dialects/follower.ts'
import { Reassembler } from '../../../spec/dialects/stream.ts'
import type { Body, Facts, FrameId, Header, Ledger, Sent as Sender, Submission, View } from '../../../spec/events.ts'
import { type End, LIMITS } from '../../../spec/language.ts'
import { isControl, OP, opcodeName } from '../../../spec/opcodes.ts'
import type { Address } from '../../harness/capture/packets.ts'
import type { Chunk } from '../../harness/capture/streams.ts'
import { HOLDS, MADE, Seen } from './seen.ts'

/** A frame of the capture. One that passed before has the name that it got then. */
export interface Frame {
  readonly n: number // in the capture, from 0
  readonly conn: number
  readonly packet: number
  readonly at: number // ms since 1970
  readonly name: FrameId
  readonly index: number // among the frames seen; -1: a length that no frame has
  readonly bytes: Uint8Array
  readonly header: Header | null
  readonly copy: boolean
}

export const frameName = (n: number): FrameId => `f${n}` as FrameId
/** A frame for people. */
export const whatOf = (h: Header | null): string =>
  h === null ? 'no frame' : `${opcodeName(h.opcode)} of round ${h.round}, client ${h.id}`
const nameOrNone = (n: number): FrameId | null => (n < 0 ? null : frameName(n))

/** One end of a connection. */
export class Endpoint implements Facts {
  readonly at: End
  /** Where its server is. */
  readonly server: string
  id: number | null = null
  hello: FrameId | null = null
  challenge: FrameId | null = null
  readonly view = null
  order: number | null = null
  readonly transcript = ''
  ended = false
  node: Follower | null = null
  lastAccepted: Frame | null = null
  /** Number of the DATA that a client sent last; -1: none. */
  asked = -1

  constructor(at: End, server: string) {
    this.at = at
    this.server = server
  }

  get expected(): View | null {
    const { node } = this
    if (node === null) return null
    const { id, phase, round } = node
    return { id, phase, round, confirmed: false, outstanding: node.outstanding !== null, keys: null }
  }
}

/** What a frame held, as far as a memory of numbers tells. */
const bodyOf = (holds: number, opcode: number): Body => {
  if (holds === HOLDS.opaque) return { kind: 'opaque', hex: '' }
  if (holds === HOLDS.sealed) return { kind: 'sealed' }
  if (isControl(opcode)) return { kind: 'control' }
  if (opcode === OP.DATA) return { kind: 'data', values: [] }
  if (opcode === OP.RESPONSE) return { kind: 'aggregate', sum: 0, count: 0, average: 0 }
  return { kind: opcode === OP.HELLO ? 'hello' : 'challenge', text: '' }
}

export interface Known {
  endpoint(at: End): Endpoint | undefined
  /** Live sessions of a client that have submitted. */
  confirmed(id: number): readonly End[]
  /** Where a connection without a session is judged from. */
  start(at: End, id: number): Follower
}

export class WireLedger implements Ledger {
  readonly mode
  readonly powers = 'N'
  readonly limits = LIMITS
  readonly insiders: ReadonlySet<number> = new Set()
  readonly rngRepeats = false
  readonly seen: Seen
  step = 0
  /** What the event that is judged is about, by name. */
  readonly inPlay = new Map<FrameId, Frame>()
  readonly #senders = new Map<FrameId, readonly Sender[]>()
  readonly #known: Known

  constructor(dialect: Dialect, known: Known, remembered?: number) {
    this.seen = new Seen(remembered)
    this.mode = dialect.binding === 'bound' ? ('bound' as const) : ('literal' as const)
    this.#known = known
  }

  #indexOf(frame: FrameId): number {
    return this.inPlay.get(frame)?.index ?? this.seen.byNumber(Number(frame.slice(1)))
  }

  senders(frame: FrameId): readonly Sender[] {
    const known = this.#senders.get(frame)
    if (known !== undefined) return known
    const sent = this.#sent(frame)
    this.#senders.set(frame, sent)
    return sent
  }

  /** A step begins: what it is about. */
  play(frames: readonly Frame[]): void {
    this.#senders.clear()
    this.inPlay.clear()
    for (const f of frames) if (f.index >= 0) this.inPlay.set(f.name, f)
  }

  #sent(frame: FrameId): readonly Sender[] {
    const { seen } = this
    const index = this.#indexOf(frame)
    const made = index < 0 ? MADE.nobody : seen.get(index, 'made')
    if (made === MADE.nobody) return []
    const [id, opcode, round] = [seen.get(index, 'id'), seen.get(index, 'opcode'), seen.get(index, 'round') >>> 0]
    const side = made === MADE.server ? 'server' : 'client'
    return [
      {
        by: made === MADE.holder ? null : { side, n: seen.get(index, 'conn') },
        id,
        frame,
        header: this.inPlay.get(frame)?.header ?? { opcode, id, round, direction: side === 'client' ? 1 : 2 },
        body: bodyOf(seen.get(index, 'holds'), opcode),
        hello: nameOrNone(seen.get(index, 'hello')),
        challenge: nameOrNone(seen.get(index, 'challenge')),
        answers: nameOrNone(seen.get(index, 'answers')),
        step: seen.get(index, 'n'),
      },
    ]
  }

  accepted(frame: FrameId): number {
    const index = this.#indexOf(frame)
    return index < 0 ? 0 : this.seen.get(index, 'accepted')
  }

  facts(at: End): Facts | undefined {
    return this.#known.endpoint(at)
  }

  connections(): readonly Facts[] {
    return []
  }

  submissions(): readonly Submission[] {
    const ids = new Set([...this.inPlay.values()].map((f) => f.header?.id ?? 0))
    const of = (id: number): Submission[] =>
      this.#known.confirmed(id).map((at) => ({ at, id, round: 0, values: [], live: true }))
    return [...ids].flatMap(of)
  }

  verifies(frame: FrameId, at: End): boolean {
    const f = this.inPlay.get(frame)
    const e = this.#known.endpoint(at)
    if (f === undefined || e === undefined || f.header === null) return false
    const node = e.node ?? this.#known.start(at, f.header.id)
    return node.verifies(f.bytes, at.side === 'server' ? 'c2s' : 's2c')
  }
}

type From = Chunk['from']

/** A control frame of a server, with what it answers, where it answers, and what the server sent on. */
export interface Farewell {
  readonly to: Frame | null
  readonly obeyed: boolean // what it answers is an ending frame that PROTOCOL lets pass
  readonly sent: Sent[]
}

/** A frame that a server sent, as it was when it was sent. */
export interface Sent {
  readonly frame: Frame
  readonly body: Body
  readonly ivSeen: boolean
  readonly exposes: boolean // a value that was submitted stands in it in clear
}

export const addressText = ({ ip, port }: Address): string => `${ip}:${port}`

/** For the bytes of both sides of a connection. */
export const cutOf = ({ framing, banners }: Dialect): Line['cut'] => ({
  client: new Reassembler(framing, banners.c2s),
  server: new Reassembler(framing, banners.s2c),
})

export class Line {
  readonly conn: number
  readonly where: Readonly<Record<From, Address>>
  readonly client: Endpoint
  readonly server: Endpoint
  readonly cut: Readonly<Record<From, Reassembler>>
  /** Frames that have passed to that side and have no verdict yet. */
  readonly to: Readonly<Record<From, Frame[]>> = { client: [], server: [] }
  /** Sides that have ended their streams. */
  readonly ended = new Set<From>()
  /** Where its sessions begin, until one has begun. */
  start: Follower | null = null
  /** Why it cannot be followed any more. */
  lost: string | null = null
  /** What its client sent went on elsewhere before it was answered here. */
  relayed = false
  /** Its server has sent what was sent before: it stands in the middle, and has no keys. */
  forwards = false
  /** How many frames passed of each side, and how many of them had passed before. */
  readonly count: Readonly<Record<From, { all: number; again: number }>> = {
    client: { all: 0, again: 0 },
    server: { all: 0, again: 0 },
  }
  /** The server has sent its last frame, and has not closed yet. */
  farewell: Farewell | null = null
  /** The last frame of each side. */
  readonly last: Partial<Record<From, Frame>> = {}
  /** ms since 1970, of what was accepted last. */
  active = 0

  constructor(conn: number, where: Line['where'], d: Dialect) {
    this.conn = conn
    this.where = where
    const server = addressText(where.server)
    this.client = new Endpoint({ side: 'client', n: conn }, server)
    this.server = new Endpoint({ side: 'server', n: conn }, server)
    this.cut = cutOf(d)
  }
}

/** Whether PROTOCOL lets an ending frame of that direction pass at a position, which it does not move (§6). */
const endsAt = (at: Follower, { header, bytes }: Frame, direction: 'c2s' | 's2c'): boolean =>
  header !== null &&
  isControl(header.opcode) &&
  (direction === 's2c' || header.opcode === OP.TERMINATE) &&
  at.phase === 'ACTIVE' &&
  header.id === at.id &&
  header.round === at.round &&
  header.direction === (direction === 'c2s' ? 1 : 2) &&
  at.opens(bytes, direction).body.kind === 'control'

/** Where its receiver is after a frame that PROTOCOL lets pass there; null: it does not. */
export const passing = (at: Follower, f: Frame, direction: 'c2s' | 's2c'): Follower | null => {
  if (f.header === null || f.header.direction !== (direction === 'c2s' ? 1 : 2)) return null
  if (isControl(f.header.opcode)) return endsAt(at, f, direction) ? at.after(f.bytes) : null
  const after = at.after(f.bytes)
  return after === at ? null : after
}
