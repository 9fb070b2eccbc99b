/** For the tests beside: a socket without a network, whose every step a test takes by hand. */
import { EventEmitter } from 'node:events'
import { frame } from '../index.ts'
import type { Socket } from './channel.ts'

export class SimulatedSocket extends EventEmitter implements Socket {
  destroyed = false
  writable = true
  paused = false
  writableCorked = 0
  /** Taken over from the program, not yet by the peer. */
  unsent: Uint8Array[] = []
  /** The stream as the peer has it. */
  arrived: number[] = []
  shutDown = false // the peer has seen our end of stream
  #held: Uint8Array[] = [] // what arrived while paused

  get writableLength(): number {
    return this.unsent.reduce((sum, bytes) => sum + bytes.length, 0)
  }

  write(bytes: Uint8Array): boolean {
    this.unsent.push(bytes)
    return this.writableLength < 16_384
  }

  cork(): void {
    this.writableCorked++
  }

  uncork(): void {
    this.writableCorked = Math.max(0, this.writableCorked - 1)
  }

  end(): void {
    this.writableCorked = 0
    this.writable = false
    this.#shut()
  }

  destroy(): void {
    if (this.destroyed) return
    this.destroyed = true
    this.writable = false
    this.unsent = []
    queueMicrotask(() => this.emit('close'))
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
    while (!this.paused && this.#held.length > 0) this.emit('data', this.#held.shift()!)
  }

  /** The peer sends; what comes while paused waits. */
  deliver(bytes: Uint8Array): void {
    if (this.paused) this.#held.push(bytes)
    else this.emit('data', bytes)
  }

  /** The turn ends, and the peer reads at most so many bytes: a partial write ends anywhere. */
  drain(most = Number.POSITIVE_INFINITY): void {
    for (let left = most; left > 0 && this.unsent.length > 0; ) {
      const first = this.unsent.shift()!
      this.arrived.push(...first.subarray(0, left))
      if (first.length > left) this.unsent.unshift(first.subarray(left))
      left -= first.length
    }
    this.#shut()
  }

  /** The connection breaks, as node:net reports it: destroyed, then `error`, then `close`. */
  break(error: Error): void {
    this.destroyed = true
    this.writable = false
    this.unsent = []
    this.emit('error', error)
    this.emit('close')
  }

  /** The whole frames that arrived at the peer. */
  get frames(): Uint8Array[] {
    const frames: Uint8Array[] = []
    new frame.Reassembler().push(Uint8Array.from(this.arrived), (f) => frames.push(f!) > 0)
    return frames
  }

  #shut(): void {
    if (!this.writable && this.unsent.length === 0) this.shutDown = true
  }
}

/** The first bytes of frames: what they are. */
export const opcodes = (frames: readonly Uint8Array[]): (number | undefined)[] => frames.map((f) => f[0])
