/** One TCP connection to a stranger, as what arrives on it, in order. Nothing that arrives throws. */
import { connect, type Socket } from 'node:net'
import { type Dialect, type Direction, other } from '../../../spec/dialects/dialect.ts'
import { enframe, Reassembler } from '../../../spec/dialects/stream.ts'

export type Heard =
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  | { readonly kind: 'nonsense' } // a length that no frame has
  | { readonly kind: 'closed'; readonly how: 'clean' | 'reset' }
  | { readonly kind: 'silence' }

export interface Address {
  readonly host: string
  readonly port: number
}

/** What crosses: a frame, or something else in words. */
export interface Crossing {
  readonly inbound: boolean
  readonly what: Uint8Array | string
}
export type Log = (c: Crossing) => void

/** No connection could be made, or not any more. */
export class Unreachable extends Error {}

/**
 * For how many milliseconds silence is waited for before it counts: ten times the slowest honest answer. `isLate`: a stranger
 * that answers late on purpose, which is not asked to do so ten times over.
 */
export const patienceFor = (slowestMs: number, leastMs: number, isLate = false): number =>
  Math.max(leastMs, Math.ceil(isLate ? 1.25 * slowestMs + leastMs : 10 * slowestMs))

const CONNECT_MS = 3_000
const SLICE_MS = 20

export class Peer {
  readonly #socket: Socket
  readonly #dialect: Dialect
  readonly #heard: Heard[] = []
  #closed: Heard | null = null
  /** Resolves when nothing is left of the connection. */
  readonly gone: Promise<void>
  #wake: (() => void) | null = null
  readonly #log: Log
  /** The first bytes that came, whatever they were; at most 64. */
  first: Uint8Array = new Uint8Array(0)

  /** `comes`: the direction of what is heard. */
  private constructor(socket: Socket, dialect: Dialect, log: Log, comes: Direction) {
    this.#socket = socket
    this.#dialect = dialect
    this.#log = log
    const { framing, banners } = dialect
    const stream = new Reassembler(framing, banners[comes])
    this.#write(banners[other(comes)])
    socket.on('data', (chunk: Buffer) => {
      if (this.first.length < 64) this.first = Buffer.concat([this.first, chunk]).subarray(0, 64)
      for (const piece of stream.push(chunk))
        this.#heard.push(piece.kind === 'frame' ? { kind: 'frame', bytes: piece.frame } : { kind: 'nonsense' })
      this.#stir()
    })
    socket.on('end', () => this.#close('clean'))
    socket.on('error', () => this.#close('reset'))
    this.gone = new Promise((resolve) => {
      socket.on('close', () => {
        this.#close('clean')
        resolve()
      })
    })
  }

  /** Over a connection that somebody made to us, who play the server. */
  static over(socket: Socket, dialect: Dialect, log: Log): Peer {
    return new Peer(socket, dialect, log, 'c2s')
  }

  /** Throws Unreachable. What the dialect has before the first frame is sent at once, and passed over in what comes. */
  static open(a: Address, dialect: Dialect, log: Log = () => {}): Promise<Peer> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: a.host, port: a.port, noDelay: true, allowHalfOpen: true })
      const failing = (e: Error): void => {
        socket.destroy()
        reject(new Unreachable(e.message))
      }
      socket.setTimeout(CONNECT_MS, () => failing(new Error('no connection within 3 s')))
      socket.once('error', failing)
      socket.once('connect', () => {
        socket.setTimeout(0)
        socket.off('error', failing)
        resolve(new Peer(socket, dialect, log, 's2c'))
      })
    })
  }

  #close(how: 'clean' | 'reset'): void {
    this.#closed ??= { kind: 'closed', how }
    this.#stir()
  }

  #stir(): void {
    this.#wake?.()
    this.#wake = null
  }

  /** Whether the other side has ended it, as far as was heard. */
  get closed(): boolean {
    return this.#closed !== null
  }

  /** Whether something has come that nobody has heard yet. */
  get hasCome(): boolean {
    return this.#heard.length > 0
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#log({ inbound: false, what: `${bytes.length} bytes` })
    this.#write(bytes)
  }

  #write(bytes: Uint8Array): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes)
  }

  /** One frame in the framing of the dialect. */
  send(frame: Uint8Array): void {
    this.#log({ inbound: false, what: frame })
    this.#write(enframe(this.#dialect.framing, frame))
  }

  /**
   * What comes next, within `patienceMs`; a connection that has ended says so for ever. Patience is spent in slices, each
   * counted as what it was meant to be: a machine that is busy elsewhere makes no silence.
   */
  async hear(patienceMs: number): Promise<Heard> {
    for (let left = patienceMs; ; left -= SLICE_MS) {
      const next = this.#heard.shift() ?? this.#closed
      if (next) return this.#tell(next)
      if (left <= 0) return this.#tell({ kind: 'silence' })
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(SLICE_MS, left))
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  #tell(h: Heard): Heard {
    const closed = h.kind === 'closed' ? (h.how === 'clean' ? 'FIN' : 'RST') : h.kind
    this.#log({ inbound: true, what: h.kind === 'frame' ? h.bytes : closed })
    return h
  }

  /** A FIN, and no reading on. */
  leave(): void {
    if (this.#socket.destroyed) return
    this.#log({ inbound: false, what: 'FIN' })
    this.#socket.end()
    setTimeout(() => this.#socket.destroy(), 50).unref()
  }

  /** An RST. */
  reset(): void {
    this.#log({ inbound: false, what: 'RST' })
    this.#socket.resetAndDestroy()
  }
}
