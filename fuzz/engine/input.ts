/**
 * The input under mutation: one buffer for the whole run, because an allocation a mutation would cost more than it. And
 * mutations that know nothing of the format.
 */
import type { Rng } from '../../properties/harness/world/rng.ts'

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

export type Mutator = (input: Input, rng: Rng) => void

const MAX_CHUNK = 64 // bytes inserted, deleted or copied at once, mostly; structure-aware mutators move more
const INTERESTING = [0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 63, 64, 127, 128, 254, 255]
const INTERESTING_U16 = [0x100, 0x1ff, 0x7fff, 0x8000, 0xffff]
const INTERESTING_U32 = [0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]

export const u16 = (n: number): Uint8Array => Uint8Array.of(n >>> 8, n)
export const u32 = (n: number): Uint8Array => Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n)

const readUint = (input: Input, at: number, width: number): number => {
  let n = 0
  for (let i = 0; i < width; i++) n = n * 256 + input.at(at + i)
  return n
}

const writeUint = (input: Input, at: number, width: number, n: number): void =>
  input.write(at, u32(n).subarray(4 - width))

const position = (input: Input, rng: Rng): number => rng.below(input.length)
const chunk = (input: Input, rng: Rng): number => 1 + rng.below(Math.min(input.length, MAX_CHUNK))

const flipBit: Mutator = (input, rng) => {
  const at = position(input, rng)
  input.put(at, input.at(at) ^ (1 << rng.below(8)))
}

const setByte: Mutator = (input, rng) => input.put(position(input, rng), rng.below(256))

const addToNumber: Mutator = (input, rng) => {
  const width = rng.pick([1, 2, 4])
  const at = position(input, rng)
  writeUint(input, at, width, readUint(input, at, width) + rng.between(-35, 35))
}

const setInteresting: Mutator = (input, rng) => {
  const at = position(input, rng)
  switch (rng.below(3)) {
    case 0:
      return input.put(at, rng.pick(INTERESTING))
    case 1:
      return writeUint(input, at, 2, rng.pick(INTERESTING_U16))
    case 2:
      return writeUint(input, at, 4, rng.pick(INTERESTING_U32))
  }
}

const insertRandom: Mutator = (input, rng) => {
  const bytes = new Uint8Array(1 + rng.below(16))
  for (let i = 0; i < bytes.length; i++) bytes[i] = rng.below(256)
  input.insert(rng.below(input.length + 1), bytes)
}

const deleteChunk: Mutator = (input, rng) => input.delete(position(input, rng), chunk(input, rng))

const truncate: Mutator = (input, rng) => input.resize(rng.below(input.length + 1))

const duplicate: Mutator = (input, rng) => {
  const at = position(input, rng)
  input.insert(rng.below(input.length + 1), input.copyOf(at, chunk(input, rng)))
}

const moveChunk: Mutator = (input, rng) => {
  const bytes = input.copyOf(position(input, rng), chunk(input, rng))
  input.write(position(input, rng), bytes)
}

/** Everything a fuzzer without feedback, dictionary or knowledge of the format has; the baseline of the bench. */
export const BLIND: readonly Mutator[] = [
  ...[flipBit, setByte, addToNumber, setInteresting],
  ...[insertRandom, deleteChunk, truncate, duplicate, moveChunk],
]

/** Overwrites or inserts a word that the format gives a meaning; changes nothing where the dictionary is empty. */
export const fromDictionary = (words: readonly Uint8Array[]): Mutator => {
  if (words.length === 0) return () => {}
  return (input, rng) => {
    const word = rng.pick(words)
    if (rng.oneIn(3)) input.insert(rng.below(input.length + 1), word)
    else input.write(position(input, rng), word)
  }
}

/** Head of this input, tail of another. */
export const spliceWith = (other: () => Uint8Array | null): Mutator => {
  return (input, rng) => {
    const donor = other()
    if (donor === null) return
    const at = rng.below(input.length + 1)
    // The same offset in both keeps fields where they belong; another one moves them.
    const from = rng.oneIn(2) ? Math.min(at, donor.length) : rng.below(donor.length + 1)
    input.resize(at)
    input.insert(at, donor.subarray(from))
  }
}

/** A run of equal bytes, wherever: what a table of zeros, a padding or a fill pattern looks like. */
export const fillRun: Mutator = (input, rng) => {
  const at = position(input, rng)
  input.write(at, new Uint8Array(chunk(input, rng)).fill(rng.oneIn(2) ? input.at(at) : rng.below(256)))
}
