/** Frames over one socket: handing over, fair reading, and the closing rule. Knows nothing of sessions. */
import { frame } from '../index.ts'
import { SLICE, Turns } from './turns.ts'

/** PROTOCOL §4: a transport with more bytes unsent refuses the hand-over. */
export const MAX_UNSENT = 64 * 1024

/** PROTOCOL §6: how long input is discarded before the socket is closed, at most; ms. A setting (§7). */
export const CLOSING_MS = 1_000
const MOST_MS = 2 ** 31 - 1 // a timer that is to wait longer does not wait at all

/** The closing time that was set, or its default. Throws a RangeError on one that no timer waits. */
export const closingTime = (ms = CLOSING_MS): number => {
  if (!(ms > 0 && ms <= MOST_MS)) throw new RangeError(`closing time: expected 1..${MOST_MS} ms, got ${ms}`)
  return ms
}

/** What this folder needs of a `net.Socket`, and no more: tests simulate it. */
export interface Socket {
  readonly destroyed: boolean
  readonly writable: boolean // false once sending was shut down or the socket is gone
  readonly writableLength: number // bytes taken over and not yet given to the system
  write(bytes: Uint8Array): boolean
  readonly writableCorked: number // calls of `cork` without their `uncork`: while there are any, the system gets nothing
  cork(): unknown
  uncork(): unknown
  /** Shuts down sending after what is queued, corked or not. */
  end(): unknown
  destroy(): unknown
  pause(): unknown
  resume(): unknown
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'end' | 'close', listener: () => void): unknown
}

export interface Listener {
  /** Bytes of the stream; chunk boundaries carry no meaning. */
  received(bytes: Uint8Array): void
  /** Once, unless `close` was called before: the peer ended its stream (null), or the connection broke. */
  lost(error: Error | null): void
  /** Once, the last call: the socket is gone. */
  closed(): void
}

/** One socket as a transport of frames. `closingMs` is the time that closing may take; `turns` may be shared. */
export class Channel {
  readonly #socket: Socket
  readonly #listener: Listener
  readonly #closingMs: number
  readonly #turns: Turns
  #closing: NodeJS.Timeout | null = null
  #waiting = false // received bytes wait for a turn
  #ended = false // and nothing comes after them

  constructor(socket: Socket, listener: Listener, closingMs = CLOSING_MS, turns = new Turns()) {
    this.#socket = socket
    this.#listener = listener
    this.#closingMs = closingMs
    this.#turns = turns
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('end', () => this.#end())
    socket.on('error', (error) => this.#lose(error))
    socket.on('close', () => {
      this.#lose(null)
      if (this.#closing !== null) clearTimeout(this.#closing)
      listener.closed()
    })
  }

  get closing(): boolean {
    return this.#closing !== null
  }

  /**
   * Hands over one frame, without prefix; it is sent at the end of the turn. True: queued whole on a connection not known
   * to be closed (PROTOCOL §4).
   */
  send(bytes: Uint8Array): boolean {
    const socket = this.#socket
    if (this.closing || socket.destroyed || !socket.writable || socket.writableLength > MAX_UNSENT) return false
    if (socket.writableCorked === 0) {
      socket.cork()
      this.#turns.atEnd(() => socket.uncork())
    }
    socket.write(frame.withPrefix(bytes))
    return !socket.destroyed
  }

  /**
   * PROTOCOL §6: sends what is queued, shuts down sending, discards input, closes; all of it within the closing time,
   * since a peer that reads nothing must not keep a queue alive.
   */
  close(): void {
    if (this.closing) return
    this.#closing = setTimeout(() => this.destroy(), this.#closingMs)
    this.#socket.end()
    this.#socket.resume()
  }

  /** Closes at once; what is unsent is lost. */
  destroy(): void {
    this.#socket.destroy()
  }

  #take(chunk: Uint8Array): void {
    if (this.#turns.admit(Math.min(chunk.length, SLICE))) this.#work(chunk)
    else this.#defer(chunk)
  }

  /** One slice now, the rest in later turns of the event loop. */
  #work(chunk: Uint8Array): void {
    this.#waiting = false
    if (this.closing || this.#socket.destroyed) return
    this.#listener.received(chunk.subarray(0, SLICE))
    if (this.closing) return
    if (chunk.length > SLICE) this.#defer(chunk.subarray(SLICE))
    else if (this.#ended) this.#lose(null)
    else this.#socket.resume()
  }

  /** Meanwhile TCP holds the peer back. */
  #defer(chunk: Uint8Array): void {
    if (this.closing) return
    this.#waiting = true
    this.#socket.pause()
    this.#turns.defer(Math.min(chunk.length, SLICE), () => this.#work(chunk))
  }

  /** Node tells the end of a paused stream at once when it has handed over all bytes; they come first. */
  #end(): void {
    if (this.#waiting) this.#ended = true
    else this.#lose(null)
  }

  #lose(error: Error | null): void {
    if (this.closing) return
    this.#listener.lost(error)
    this.close()
  }
}
