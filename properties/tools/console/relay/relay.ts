/**
 * Sockets between clients and a server. Connection n has two ends: c<n> towards the client, s<n> towards the server.
 * What happens on them is handled one thing at a time, in the order in which it came; a socket is not read from while
 * something that it brought waits.
 */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Dialect } from '../../../../spec/dialects/dialect.ts'
import { endName } from '../../../../spec/events.ts'
import type { End, Side } from '../../../../spec/language.ts'
import { OTHER } from '../../../harness/attack/frames.ts'
import type { Address } from '../../../harness/capture/packets.ts'
import { type Cut, Cutter } from '../../../harness/capture/reader.ts'

interface RelayEvents {
  /** `client` null: the relay opened it itself. */
  opened(n: number, client: Address | null, server: Address): void
  /** Something has come from `from`. Nothing else is handled before this resolves. */
  arrived(from: End, cut: Cut): Promise<void> | void
  /** `from` will send nothing more. False: the other end must not learn it yet (`retry`). */
  ended(from: End): boolean
  /** Both ends are gone. */
  closed(n: number): void
  trouble(text: string): void
}

interface Line {
  readonly n: number
  readonly sockets: Partial<Record<Side, Socket>>
  readonly unseen: Set<Side> // sides whose end of stream the other end has not seen
  readonly gone: Set<Side>
}

export interface RelayOptions {
  readonly listen: { readonly host: string; readonly port: number } // port 0: any free one
  readonly upstream: { readonly host: string; readonly port: number }
  readonly dialect: Dialect
  /** Connections at a time; one more is closed at once. */
  readonly most: number
}

export class Relay {
  readonly #options: RelayOptions
  readonly #events: RelayEvents
  readonly #listener: Server
  readonly #lines: Line[] = []
  readonly #open = new Set<Line>()
  readonly #gone = new Set<() => void>() // who waits until no connection is left
  #last: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: RelayOptions, events: RelayEvents) {
    this.#options = options
    this.#events = events
    this.#listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket))
  }

  /** Resolves with the port; rejects with the system's error where it cannot listen. */
  async start(): Promise<number> {
    this.#listener.listen(this.#options.listen.port, this.#options.listen.host)
    await once(this.#listener, 'listening')
    this.#listener.on('error', (e) => this.#events.trouble(`a connection could not be accepted: ${e.message}`))
    const address = this.#listener.address()
    return typeof address === 'object' ? address!.port : this.#options.listen.port
  }

  /** Breaks every connection; resolves when all are gone. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#listener.close()
    for (const line of this.#open) this.close(line.n)
    if (this.#open.size > 0) await new Promise<void>((resolve) => this.#gone.add(resolve))
  }

  /** How many connections there were, the open ones included. */
  get connections(): number {
    return this.#lines.length
  }

  isOpen({ side, n }: End): boolean {
    return this.#lines[n]?.sockets[side]?.writable === true
  }

  /** A connection to the server without a client behind it. */
  connect(): void {
    this.#line(null, this.#options.listen)
  }

  /** Stream bytes for an end; one that is gone gets none. */
  deliver(to: End, bytes: Uint8Array): void {
    if (this.isOpen(to)) this.#lines[to.n]!.sockets[to.side]!.write(bytes)
  }

  /** Breaks a connection at both ends. */
  close(n: number): void {
    for (const s of Object.values(this.#lines[n]?.sockets ?? {})) s.destroy()
  }

  /** Runs after everything that has been handed in so far. */
  later(job: () => Promise<void> | void): void {
    this.#last = this.#last.then(job)
  }

  /** Passes on ends of stream that were held back, where that may be now. */
  retry(): void {
    for (const line of this.#open) for (const side of line.unseen) this.#passEnd(line, side)
  }

  #accept(socket: Socket): void {
    if (this.#open.size >= this.#options.most) {
      socket.destroy()
      return
    }
    const { localAddress, localPort } = socket
    this.#line(socket, { host: localAddress ?? '', port: localPort ?? 0 })
  }

  #line(client: Socket | null, at: RelayOptions['listen']): void {
    const server = connect({ ...this.#options.upstream, allowHalfOpen: true, noDelay: true })
    const sockets = client === null ? { server } : { client, server }
    const line: Line = { n: this.#lines.length, sockets, unseen: new Set(), gone: new Set() }
    this.#lines.push(line)
    this.#open.add(line)
    const peer = client === null ? null : { ip: plain(client.remoteAddress), port: client.remotePort ?? 0 }
    this.#events.opened(line.n, peer, { ip: plain(at.host), port: at.port })
    for (const side of Object.keys(sockets) as Side[]) this.#watch(line, side, sockets[side as 'server'])
    if (this.#stopped) this.close(line.n)
  }

  #watch(line: Line, side: Side, socket: Socket): void {
    const end: End = { side, n: line.n }
    const cutter = new Cutter(this.#options.dialect, side)
    const handle = (cuts: readonly Cut[], then: () => void): void =>
      this.later(async () => {
        for (const cut of cuts) await this.#events.arrived(end, cut)
        then()
      })
    let over = false
    const finish = (): void => {
      if (over) return
      over = true
      handle(cutter.rest(), () => {
        line.unseen.add(side)
        this.#passEnd(line, side)
      })
    }
    socket.on('data', (chunk: Uint8Array) => {
      socket.pause()
      handle(cutter.push(chunk), () => readOn(socket, line.sockets[OTHER[side]]))
    })
    let connected = side === 'client'
    socket.on('connect', () => {
      connected = true
    })
    socket.on('end', finish)
    socket.on('error', (e: NodeJS.ErrnoException) => {
      if (connected) return // broken: `close` follows
      const { host, port } = this.#options.upstream
      this.#events.trouble(`${endName(end)}: no server at ${host}:${port} (${e.code ?? e.message})`)
    })
    socket.on('close', () => {
      finish()
      this.later(() => {
        line.gone.add(side)
        if (line.gone.size < Object.keys(line.sockets).length) return
        this.#open.delete(line)
        this.#events.closed(line.n)
        if (this.#open.size === 0) for (const resolve of this.#gone) resolve()
      })
    })
  }

  #passEnd(line: Line, side: Side): void {
    if (!this.#events.ended({ side, n: line.n })) return
    line.unseen.delete(side)
    const other = line.sockets[OTHER[side]]
    // A broken connection is passed on as an end of stream; what was handed over before still goes out.
    if (other !== undefined && !other.destroyed) other.end()
    const mine = line.sockets[side]
    if (mine?.destroyed === false && other === undefined) mine.end()
  }
}

/** An end that reads nothing must not make the relay hold more and more for it, nor keep others waiting. */
const readOn = (socket: Socket, other: Socket | undefined): void => {
  const resume = (): void => void socket.resume()
  if (other?.writableNeedDrain && !other.destroyed) other.once('drain', resume).once('close', resume)
  else resume()
}

/** IPv4 as such where it comes dressed as IPv6. */
const plain = (ip: string | undefined): string => (ip ?? '0.0.0.0').replace(/^::ffff:/, '')
