/** TCP connections of a capture put together again: in order, without what was sent twice. */
import { EMPTY } from '../../../spec/reference/bytes.ts'
import type { Address, Segment } from './packets.ts'

export interface Chunk {
  readonly conn: number // of the connection, in the order of their first segments
  readonly from: 'client' | 'server'
  readonly bytes: Uint8Array // empty: that side has ended its stream
}

const name = (a: Address): string => `${a.ip} ${a.port}`

/** One direction. Sequence numbers are kept relative to the first one, modulo 2^32. */
class Flow {
  #next: number
  #ended = false
  readonly #early = new Map<number, Uint8Array>()
  #fin: number | null = null

  constructor(first: number) {
    this.#next = first
  }

  /** The bytes that are now next in order; a last empty one where the stream has ended. */
  take(seq: number, payload: Uint8Array, fin: boolean): Uint8Array[] {
    if (fin) this.#fin = (seq + payload.length) >>> 0
    if (payload.length > 0) this.#early.set(seq, payload)
    const out: Uint8Array[] = []
    for (let found = true; found; ) {
      found = false
      for (const [at, bytes] of this.#early) {
        const behind = (this.#next - at) | 0 // how much of it is known already; negative: there is a gap
        if (behind < 0) continue
        this.#early.delete(at)
        if (behind >= bytes.length) continue
        out.push(bytes.subarray(behind))
        this.#next = (at + bytes.length) >>> 0
        found = true
      }
    }
    if (this.#fin === this.#next && !this.#ended) {
      this.#ended = true
      out.push(EMPTY)
    }
    return out
  }
}

interface Connection {
  readonly conn: number
  readonly client: string
  readonly syn: number | null // sequence number of the SYN; null: not seen
  readonly flows: Map<string, Flow>
}

/**
 * The streams of all connections in the order of the file. The side that sent the SYN is the client; where the capture
 * began later, the side that is first seen to send.
 */
export const chunksOf = (segments: Iterable<Segment>): Chunk[] => {
  const chunks: Chunk[] = []
  const connections = new Map<string, Connection>()
  let count = 0
  for (const s of segments) {
    const [from, to] = [name(s.from), name(s.to)]
    const pair = [from, to].sort().join(' ')
    const syn = s.flags.syn === true && s.flags.ack !== true ? s.seq : null
    let c = connections.get(pair)
    // another SYN between the same two ports is another connection, unless it is the same one sent again
    if (c === undefined || (syn !== null && syn !== c.syn)) {
      if (c === undefined && s.flags.syn !== true && s.payload.length === 0) continue // an end without a beginning
      c = { conn: count++, client: s.flags.syn && syn === null ? to : from, syn, flows: new Map() }
      connections.set(pair, c)
    }
    const first = s.flags.syn ? (s.seq + 1) >>> 0 : s.seq
    const flow = c.flows.get(from) ?? new Flow(first)
    c.flows.set(from, flow)
    for (const bytes of flow.take(first, s.payload, s.flags.fin === true || s.flags.rst === true))
      chunks.push({ conn: c.conn, from: from === c.client ? 'client' : 'server', bytes })
  }
  return chunks
}
