/** A relay that knows no framing: what comes from one side goes to the other as it is, and is kept with its direction. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { Recording } from '../../harness/capture/recording.ts'
import type { Chunk } from '../../harness/capture/streams.ts'
import { UsageError } from '../../harness/terminal/options.ts'

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

export interface Wiretap {
  readonly port: number
  readonly chunks: readonly Tapped[]
  /** Breaks every connection. */
  stop(): void
}

export interface Where {
  readonly port: number // 0: any free one
  readonly upstream: { readonly host: string; readonly port: number }
}

/** `heard` is told after every chunk. Throws a UsageError where it cannot listen. */
export const wiretap = async ({ port, upstream }: Where, heard: (trouble: string | null) => void): Promise<Wiretap> => {
  const chunks: Tapped[] = []
  const sockets = new Set<Socket>()
  let conns = 0
  const pass = (conn: number, from: Chunk['from'], source: Socket, target: Socket): void => {
    sockets.add(source)
    const keep = (bytes: Uint8Array): void => {
      chunks.push({ t: Date.now(), conn, from, bytes })
      heard(null)
    }
    source.on('data', (bytes: Buffer) => {
      keep(Uint8Array.from(bytes))
      if (!target.write(bytes)) {
        source.pause()
        target.once('drain', () => source.resume())
      }
    })
    source.on('end', () => {
      keep(new Uint8Array(0))
      target.end()
    })
    source.on('error', () => target.destroy())
    source.on('close', () => {
      sockets.delete(source)
      if (!target.destroyed) target.end()
    })
  }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const conn = conns++
    const there = connect({ ...upstream, allowHalfOpen: true, noDelay: true })
    there.once('error', (e: NodeJS.ErrnoException) => {
      if (there.connecting || there.bytesRead === 0) heard(`no server at ${upstream.host}:${upstream.port} (${e.code})`)
    })
    pass(conn, 'client', client, there)
    pass(conn, 'server', there, client)
  })
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException
    throw new UsageError(`--relay: expected a free port, got ${port} (${code})`)
  }
  return {
    port: (server.address() as { port: number }).port,
    chunks,
    stop() {
      server.close()
      for (const s of sockets) s.destroy()
    },
  }
}
