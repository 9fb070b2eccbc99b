/** The input under mutation: one buffer for the whole run, because an allocation a mutation would cost more than it. */

const BEFORE = 64 // the input is a view inside something larger, so reading its `.buffer` from 0 shows
const FILLER = 0xa5

export class Input {
  readonly max: number
  readonly #buffer: Uint8Array
  #length = 0

  /** `max`: inputs never grow beyond this many bytes. */
  constructor(max: number) {
    this.max = max
    this.#buffer = new Uint8Array(BEFORE + max + BEFORE).fill(FILLER)
  }

  get length(): number {
    return this.#length
  }

  /** The bytes, alive until the next change. The byte after them is never one of an earlier, longer input. */
  get bytes(): Uint8Array {
    this.#buffer[BEFORE + this.#length] = FILLER
    return this.#buffer.subarray(BEFORE, BEFORE + this.#length)
  }

  /** These bytes where mutated ones would lie, so that an input replays as it was found. */
  static holding(bytes: Uint8Array): Uint8Array {
    const input = new Input(bytes.length)
    input.set(bytes)
    return input.bytes
  }

  set(bytes: Uint8Array): void {
    this.#length = Math.min(bytes.length, this.max)
    this.#buffer.set(bytes.length > this.max ? bytes.subarray(0, this.max) : bytes, BEFORE)
  }

  at(i: number): number {
    return i < this.#length ? this.#buffer[BEFORE + i]! : 0
  }

  put(i: number, byte: number): void {
    if (i < this.#length) this.#buffer[BEFORE + i] = byte
  }

  /** What does not fit is not written. */
  write(at: number, bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length && at + i < this.#length; i++) this.#buffer[BEFORE + at + i] = bytes[i]!
  }

  copyOf(at: number, length: number): Uint8Array {
    return this.#buffer.slice(BEFORE + at, BEFORE + Math.min(at + length, this.#length))
  }

  /** Grows with zeros, or cuts. */
  resize(length: number): void {
    const to = Math.max(0, Math.min(length, this.max))
    if (to > this.#length) this.#buffer.fill(0, BEFORE + this.#length, BEFORE + to)
    this.#length = to
  }

  /** What the maximum leaves no room for falls off the end. */
  insert(at: number, bytes: Uint8Array): void {
    const from = Math.min(at, this.#length)
    const room = Math.min(bytes.length, this.max - from)
    const kept = Math.min(this.#length - from, this.max - from - room)
    this.#buffer.copyWithin(BEFORE + from + room, BEFORE + from, BEFORE + from + kept)
    this.#buffer.set(bytes.subarray(0, room), BEFORE + from)
    this.#length = from + room + kept
  }

  /** Puts `before` in the place of the first `length` bytes; nothing where there is nothing. */
  follow(before: Uint8Array, length: number): void {
    if (before.length === 0) return
    this.delete(0, length)
    this.insert(0, before)
  }

  delete(at: number, length: number): void {
    const from = Math.min(at, this.#length)
    const to = Math.min(from + length, this.#length)
    this.#buffer.copyWithin(BEFORE + from, BEFORE + to, BEFORE + this.#length)
    this.#length -= to - from
  }
}
