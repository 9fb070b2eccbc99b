/** The server core on sockets: one channel per connection, ticks, and a bound on all sockets, closing ones included. */
import { createServer } from 'node:net'
import {
  type Connection,
  DEFAULT_LIMITS,
  nodeRng,
  type Outcome,
  type Port,
  Server,
  type ServerOptions,
} from '../index.ts'
import { Channel, closingTime, type Socket } from './channel.ts'
import { now, ticking } from './clock.ts'
import { Turns } from './turns.ts'

/** What happens on connection `connection`, counted from 1; `peer` is its address. */
export type ServerEvent =
  | { readonly kind: 'connected'; readonly connection: number; readonly peer: string }
  /** `state` holds after the outcome; frames in it may be views of what was received. */
  | {
      readonly kind: 'outcome'
      readonly connection: number
      readonly outcome: Outcome
      readonly state: Connection['state'] | null // null: turned away at the limit
    }
  /** The socket is gone. */
  | { readonly kind: 'closed'; readonly connection: number }
  /** A connection could not be accepted; the server goes on. */
  | { readonly kind: 'accept-failed'; readonly error: Error }

export interface HostOptions extends ServerOptions {
  readonly closingMs?: number // default CLOSING_MS
}

/** A server on the sockets that it is given. Ticks by itself from the start until `stop`. */
export class Host {
  readonly #core: Server
  readonly #closingMs: number
  readonly #mostSockets: number
  readonly #turns = new Turns()
  readonly #report: (event: ServerEvent) => void
  readonly #channels = new Set<Channel>() // until the socket is gone
  readonly #closing = new Set<Channel>() // those that are closing, in the order in which they began
  readonly #stopTicking: () => void
  #connections = 0
  readonly #drained = new Set<() => void>()

  /** Throws a RangeError on settings PROTOCOL does not allow. */
  constructor(options: HostOptions, report: (event: ServerEvent) => void) {
    this.#core = new Server(options)
    this.#closingMs = closingTime(options.closingMs)
    this.#mostSockets = options.limits?.connections ?? DEFAULT_LIMITS.connections
    this.#report = report
    this.#stopTicking = ticking((at) => this.#core.tick(at))
  }

  /** Takes over a connected socket; `peer` is its address, for reports only. */
  accept(socket: Socket, peer: string): void {
    const connection = ++this.#connections
    const channel = new Channel(
      socket,
      {
        received: (bytes) => this.#core.receive(line, bytes, now()),
        lost: () => this.#core.close(line),
        closed: () => this.#forget(channel, connection),
      },
      this.#closingMs,
      this.#turns,
    )
    this.#channels.add(channel)
    this.#report({ kind: 'connected', connection, peer })
    let opened: Connection | null = null
    const port: Port = {
      send: (frame) => channel.send(frame),
      report: (outcome) => {
        this.#report({ kind: 'outcome', connection, outcome, state: opened?.state ?? null })
        if (outcome.kind === 'ended') {
          this.#closing.add(channel)
          channel.close()
        }
      },
    }
    const line = this.#core.open(port, nodeRng, now())
    opened = line
    this.#makeRoom()
  }

  /** TERMINATE to every session; resolves when the last socket is gone, after the closing time at the latest. */
  stop(): Promise<void> {
    this.#core.shutdown()
    this.#stopTicking()
    return new Promise((resolve) => {
      this.#drained.add(resolve)
      this.#checkDrained()
    })
  }

  /**
   * PROTOCOL §7: at most 1,024 connections. The core counts those that are open; those that are closing would pile up
   * beside them under a flood, so the oldest of them closes at once.
   */
  #makeRoom(): void {
    for (const channel of this.#closing) {
      if (this.#core.connections.size + this.#closing.size <= this.#mostSockets) return
      this.#closing.delete(channel)
      channel.destroy()
    }
  }

  #forget(channel: Channel, connection: number): void {
    this.#channels.delete(channel)
    this.#closing.delete(channel)
    this.#report({ kind: 'closed', connection })
    this.#checkDrained()
  }

  #checkDrained(): void {
    if (this.#channels.size === 0) for (const resolve of this.#drained) resolve()
  }
}

export interface ListenOptions extends HostOptions {
  readonly host: string
  readonly port: number // 0: any free one
}

/** `port` is the one that was opened; `stop` resolves when the last socket is gone. */
export type Listening =
  | { readonly kind: 'listening'; readonly port: number; stop(): Promise<void> }
  | { readonly kind: 'failed'; readonly error: NodeJS.ErrnoException }

/**
 * ```ts
 * const listening = await listen({ host: '127.0.0.1', port: 0, mode: 'bound', keyring, crypto: nodeCrypto }, log)
 * if (listening.kind === 'listening') await listening.stop()
 * ```
 * A server on TCP. Throws a RangeError on settings PROTOCOL does not allow; an address or port that cannot be had is no
 * exception, but `failed` with the error of Node.
 */
export const listen = (options: ListenOptions, report: (event: ServerEvent) => void): Promise<Listening> => {
  const { port } = options
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new RangeError(`port: expected 0..65535, got ${port}`)
  const host = new Host(options, report)
  // An end of stream is not a rejection (PROTOCOL §6): what is queued for that peer is still sent, so half-open.
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    host.accept(socket, `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`),
  )
  const stop = (): Promise<void> => {
    listener.close()
    return host.stop()
  }
  return new Promise((resolve) => {
    listener.once('error', (error) => {
      void host.stop()
      resolve({ kind: 'failed', error })
    })
    listener.listen(port, options.host, () => {
      listener.removeAllListeners('error').on('error', (error) => report({ kind: 'accept-failed', error }))
      const address = listener.address()
      resolve({ kind: 'listening', port: typeof address === 'object' ? address!.port : port, stop })
    })
  })
}
