/** A relay that knows no framing: what comes from one side goes to the other as it is, and then it is told. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Address } from '../harness/capture/packets.ts'
import type { Chunk } from '../harness/capture/streams.ts'
import { addressOption } from '../harness/target/target.ts'
import { integer, UsageError } from '../harness/terminal/options.ts'

export interface Where {
  readonly port: number // 0: any free one
  readonly upstream: { readonly host: string; readonly port: number }
}

/** The options of a command that relays. */
export const relayShape = (does: string) => ({
  relay: integer({
    says: `${does}: the port to which clients connect, 0: any`,
    min: 0,
    max: 65_535,
    default: null,
    value: 'PORT',
  }),
  upstream: addressOption({ value: 'HOST:PORT', says: 'with --relay: the server', default: null, host: '127.0.0.1' }),
})

export interface Passing {
  opened?(conn: number, client: Address, server: Address): void
  /** They have been handed on; their memory is theirs. */
  bytes(conn: number, from: Chunk['from'], bytes: Uint8Array): void
  ended(conn: number, from: Chunk['from']): void
  closed?(conn: number): void
  trouble(text: string): void
}

export interface Relaying {
  readonly port: number
  /** Breaks every connection. */
  stop(): void
}

/** Throws a UsageError where it cannot listen. */
export const relay = async ({ port, upstream }: Where, passing: Passing): Promise<Relaying> => {
  const sockets = new Set<Socket>()
  let conns = 0
  const pass = (conn: number, from: Chunk['from'], source: Socket, target: Socket): void => {
    sockets.add(source)
    source.on('data', (bytes: Buffer) => {
      if (!target.write(bytes)) {
        source.pause()
        target.once('drain', () => source.resume())
      }
      passing.bytes(conn, from, bytes)
    })
    let hasEnded = false
    const end = (): void => {
      if (hasEnded) return
      hasEnded = true
      passing.ended(conn, from)
    }
    source.on('end', () => {
      target.end()
      end()
    })
    source.on('error', () => target.destroy())
    source.on('close', () => {
      sockets.delete(source)
      end()
      if (!target.destroyed) target.end()
      if (target.closed) passing.closed?.(conn)
    })
  }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const conn = conns++
    const there = connect({ ...upstream, allowHalfOpen: true, noDelay: true })
    there.once('error', (e: NodeJS.ErrnoException) => {
      if (there.connecting || there.bytesRead === 0)
        passing.trouble(`no server at ${upstream.host}:${upstream.port} (${e.code})`)
    })
    const peer = { ip: client.remoteAddress ?? '', port: client.remotePort ?? 0 }
    passing.opened?.(conn, peer, { ip: upstream.host, port: upstream.port })
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
    stop() {
      server.close()
      for (const s of sockets) s.destroy()
    },
  }
}
