/** Frames over one socket: handing over, fair reading, and the closing rule. Knows nothing of sessions. */
import { frame } from '../index.ts'
import type { Socket } from './socket.ts'
import { SLICE, Turns } from './turns.ts'

/** PROTOCOL §4: a transport with more unsent refuses the hand-over. */
export const MAX_UNSENT = 64 * 1024

/** PROTOCOL §6: discard input for at most 1 s. A setting (§7). */
export const CLOSING_MS = 1_000

export interface Listener {
  /** Stream bytes, cut anyhow. */
  received(bytes: Uint8Array): void
  /** Once, unless `close` was called before: the peer ended its stream (null), or the connection broke. */
  lost(error: Error | null): void
  /** Once, the last call: the socket is gone. */
  closed(): void
}

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

  /** Hands over one frame, without prefix. True: queued whole on a connection not known to be closed (PROTOCOL §4). */
  send(bytes: Uint8Array): boolean {
    const socket = this.#socket
    if (this.closing || socket.destroyed || !socket.writable) return false
    if (socket.writableLength > MAX_UNSENT) return false
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

  /** Closes without further ado. */
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
