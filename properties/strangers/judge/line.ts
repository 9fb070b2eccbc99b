/** One connection of a capture: its two ends as the bytes show them, and what waits for a verdict. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import type { Follower } from '../../../spec/dialects/follower.ts'
import { Reassembler } from '../../../spec/dialects/stream.ts'
import type { Body } from '../../../spec/events.ts'
import { isControl, OP } from '../../../spec/opcodes.ts'
import type { Address } from '../../harness/capture/packets.ts'
import type { Chunk } from '../../harness/capture/streams.ts'
import { Endpoint, type Frame } from './ledger.ts'

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
