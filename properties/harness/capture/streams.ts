/** TCP connections of a capture put together again as its packets come: in order, without what was sent twice. */
import { EMPTY } from '../../../spec/reference/bytes.ts'
import type { Address, Segment } from './packets.ts'

export interface Chunk {
  readonly conn: number // of the connection, in the order of their first segments
  readonly from: 'client' | 'server'
  readonly bytes: Uint8Array // empty: that side has ended its stream
}

/** What is told of connections. A client is who sent the SYN, or, where the capture began later, who is first seen to send. */
export interface Told {
  /** `whole`: its beginning was captured. */
  opened?(conn: number, client: Address, server: Address, whole: boolean): void
  bytes(conn: number, from: Chunk['from'], bytes: Uint8Array): void
  /** That side will send nothing more. */
  ended(conn: number, from: Chunk['from']): void
  /** Bytes of that side that its peer got are not in the capture; nothing of the side is told any more. */
  missing?(conn: number, from: Chunk['from'], why: string): void
  /** Nothing more will be told of it. */
  closed?(conn: number): void
}

const MOST_EARLY = 1 << 20 // bytes of one side that wait for others before them
const PATIENCE = 8 // packets of a connection in which what its peer has acknowledged may still be captured
const MOST_OPEN = 65_536 // connections that are followed at once
const KEPT_CLOSED = 4_096 // connections that have ended, of which stragglers may come

/** One direction. Sequence numbers are modulo 2^32. */
class Flow {
  next: number
  ended = false
  broken = false
  /** Packets since the peer was seen to have more than was captured. */
  owed = 0
  /** Bytes of a packet that was cut off when it was captured are missing. */
  cutOff = false
  readonly early = new Map<number, Uint8Array>()
  #held = 0
  #fin: number | null = null

  constructor(first: number) {
    this.next = first
  }

  /** Gives out the bytes that are now next in order. */
  take(seq: number, payload: Uint8Array, fin: boolean, give: (bytes: Uint8Array) => void): void {
    if (fin) this.#fin = (seq + payload.length) >>> 0
    if (payload.length > 0) {
      const behind = (this.next - seq) | 0 // how much of it is known already; negative: there is a gap
      if (behind < 0) this.#keep(seq, payload)
      else if (behind < payload.length) {
        give(behind === 0 ? payload : payload.subarray(behind))
        this.next = (seq + payload.length) >>> 0
      }
    }
    if (this.early.size > 0) this.#fill(give)
    if (this.#fin === this.next && !this.ended) this.ended = true
  }

  get full(): boolean {
    return this.#held > MOST_EARLY
  }

  #keep(seq: number, payload: Uint8Array): void {
    if ((this.early.get(seq)?.length ?? 0) >= payload.length) return
    this.#held += payload.length - (this.early.get(seq)?.length ?? 0)
    this.early.set(seq, new Uint8Array(payload)) // the packet's memory is used again
  }

  #fill(give: (bytes: Uint8Array) => void): void {
    for (let found = true; found; ) {
      found = false
      for (const [at, bytes] of this.early) {
        const behind = (this.next - at) | 0
        if (behind < 0) continue
        this.early.delete(at)
        this.#held -= bytes.length
        if (behind >= bytes.length) continue
        give(bytes.subarray(behind))
        this.next = (at + bytes.length) >>> 0
        found = true
      }
    }
  }

  /** The peer has `ack` of it, and the capture has less; a FIN counts as one byte. */
  lacks(ack: number): boolean {
    return !this.ended && ((ack - this.next) | 0) > 1
  }
}

interface Connection {
  readonly conn: number
  readonly client: string
  readonly syn: number | null // sequence number of the SYN; null: not seen
  readonly flows: Map<string, Flow>
  readonly pair: string
}

const name = (a: Address): string => `${a.ip} ${a.port}`

export class Streams {
  readonly #told: Told
  readonly #connections = new Map<string, Connection>()
  readonly #closed = new Set<string>()
  #count = 0

  constructor(told: Told) {
    this.#told = told
  }

  /** Connections so far. */
  get count(): number {
    return this.#count
  }

  take(s: Segment): void {
    const [from, to] = [name(s.from), name(s.to)]
    const pair = from < to ? `${from} ${to}` : `${to} ${from}`
    const { syn, fin, rst, ack } = s.flags
    const began = syn === true && ack !== true ? s.seq : null
    let c = this.#connections.get(pair)
    // another SYN between the same two ports is another connection, unless it is the same one sent again
    if (c === undefined || (began !== null && began !== c.syn)) {
      if (c !== undefined) this.#close(c)
      if (syn !== true && (s.payload.length === 0 || this.#closed.has(pair))) return // an end without a beginning
      c = this.#open(s, pair, began)
    }
    const side = from === c.client ? 'client' : 'server'
    const first = syn ? (s.seq + 1) >>> 0 : s.seq
    const flow = c.flows.get(from) ?? new Flow(first)
    c.flows.set(from, flow)
    if (s.missing !== undefined) flow.cutOff = true
    this.#feed(c, side, flow, first, s, fin === true)
    const back = c.flows.get(to)
    if (ack && back !== undefined && !back.broken)
      this.#acknowledged(c, side === 'client' ? 'server' : 'client', back, s.ack)
    if (rst) for (const [end, f] of c.flows) this.#end(c, end === c.client ? 'client' : 'server', f)
    if (rst || (c.flows.size === 2 && [...c.flows.values()].every((f) => f.ended || f.broken))) this.#close(c)
  }

  /** The capture has ended. */
  end(): void {
    for (const c of [...this.#connections.values()]) this.#close(c)
  }

  #open(s: Segment, pair: string, began: number | null): Connection {
    const server = s.flags.syn === true && began === null // it is seen to answer the SYN
    const [client, peer] = server ? [s.to, s.from] : [s.from, s.to]
    const c = { conn: this.#count++, client: name(client), syn: began, flows: new Map(), pair }
    if (this.#connections.size >= MOST_OPEN) this.#giveUp(this.#connections.values().next().value!)
    this.#connections.set(pair, c)
    this.#closed.delete(pair)
    this.#told.opened?.(c.conn, client, peer, s.flags.syn === true)
    return c
  }

  #feed(c: Connection, from: Chunk['from'], flow: Flow, first: number, s: Segment, fin: boolean): void {
    if (flow.ended || flow.broken) return
    const { conn } = c
    flow.take(first, s.payload, fin && s.missing === undefined, (bytes) => this.#told.bytes(conn, from, bytes))
    if (flow.full) this.#break(c, from, flow)
    if (flow.ended) this.#told.ended(conn, from)
  }

  #acknowledged(c: Connection, from: Chunk['from'], flow: Flow, ack: number): void {
    if (!flow.lacks(ack)) flow.owed = 0
    else if (++flow.owed > PATIENCE) this.#break(c, from, flow)
  }

  #break(c: Connection, from: Chunk['from'], flow: Flow): void {
    if (flow.broken || flow.ended) return
    flow.broken = true
    flow.early.clear()
    const why = flow.cutOff ? 'a packet was cut off when it was captured' : 'packets are missing in the capture'
    this.#told.missing?.(c.conn, from, why)
  }

  #end(c: Connection, from: Chunk['from'], flow: Flow): void {
    if (flow.early.size > 0 || flow.owed > 0) this.#break(c, from, flow)
    if (flow.ended || flow.broken) return
    flow.ended = true
    this.#told.ended(c.conn, from)
  }

  /** What follows on the oldest connection is not read any more: that is no end of it. */
  #giveUp(c: Connection): void {
    this.#told.missing?.(c.conn, 'client', `no more was read, beside ${MOST_OPEN} other connections`)
    this.#close(c)
  }

  #close(c: Connection): void {
    for (const [end, flow] of c.flows)
      if (!flow.ended && (flow.early.size > 0 || flow.owed > 0))
        this.#break(c, end === c.client ? 'client' : 'server', flow)
    this.#connections.delete(c.pair)
    this.#closed.add(c.pair)
    if (this.#closed.size > KEPT_CLOSED) this.#closed.delete(this.#closed.values().next().value!)
    this.#told.closed?.(c.conn)
  }
}

/** The streams of all connections in the order of the file. */
export const chunksOf = (segments: Iterable<Segment>): Chunk[] => {
  const chunks: Chunk[] = []
  const streams = new Streams({
    bytes: (conn, from, bytes) => chunks.push({ conn, from, bytes }),
    ended: (conn, from) => chunks.push({ conn, from, bytes: EMPTY }),
  })
  for (const s of segments) streams.take(s)
  return chunks
}
