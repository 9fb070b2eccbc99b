/** What passes a relay, kept with its direction, and as a capture. */
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { EMPTY } from '../../../spec/reference/bytes.ts'
import { Recording } from '../../harness/capture/recording.ts'
import type { Chunk } from '../../harness/capture/streams.ts'
import { type Relaying, relay, type Where } from '../relay.ts'

export interface Tapped extends Chunk {
  readonly t: number // ms since 1970
}

/** A capture of it, as a sniffer leaves it. */
export const captureOf = (chunks: readonly Tapped[]): Uint8Array => {
  const parts: Uint8Array[] = []
  let now = chunks[0]?.t ?? 0
  const recording = new Recording(
    () => now,
    PROTOCOL.bound, // it cuts frames, which nobody asks for here
    (bytes) => void parts.push(bytes),
  )
  const known = new Set<number>()
  for (const { t, conn, from, bytes } of chunks) {
    now = t
    if (!known.has(conn)) recording.opened(conn, null, { ip: '127.0.0.1', port: 9999 })
    known.add(conn)
    if (bytes.length > 0) recording.passed(conn, from, bytes, '')
    else recording.ended(conn, from)
  }
  return Buffer.concat(parts)
}

interface Wiretap extends Relaying {
  readonly chunks: readonly Tapped[]
}

/** Keeps all that passes. `heard` is told after every chunk. Throws a UsageError where it cannot listen. */
export const wiretap = async (where: Where, heard: (trouble: string | null) => void): Promise<Wiretap> => {
  const chunks: Tapped[] = []
  const keep = (conn: number, from: Chunk['from'], bytes: Uint8Array): void => {
    chunks.push({ t: Date.now(), conn, from, bytes: Uint8Array.from(bytes) })
    heard(null)
  }
  const relaying = await relay(where, { bytes: keep, ended: (conn, from) => keep(conn, from, EMPTY), trouble: heard })
  return { ...relaying, chunks }
}
