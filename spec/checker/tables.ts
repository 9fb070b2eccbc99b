/** Typed arrays instead of maps and strings: a million states in a few dozen MiB. */

/** Two independent 32-bit hashes of a state, which is four integers. */
export const fingerprint = (a: number, b: number, c: number, d: number, out: Int32Array): void => {
  let h = Math.imul(0x243f6a88 ^ a, 0x9e3779b1)
  let g = Math.imul((0x13198a2e + a) | 0, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15) ^ b, 0x9e3779b1)
  g = Math.imul(((g ^ (g >>> 13)) + b) | 0, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15) ^ c, 0x9e3779b1)
  g = Math.imul(((g ^ (g >>> 13)) + c) | 0, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15) ^ d, 0x9e3779b1)
  g = Math.imul(((g ^ (g >>> 13)) + d) | 0, 0x85ebca6b)
  h ^= h >>> 15
  g ^= g >>> 13
  out[0] = Math.imul(h ^ (h >>> 16), 0x2c1b3c6d)
  out[1] = Math.imul(g ^ (g >>> 16), 0x297a2d39)
}

/** A part of the fingerprint stands beside the number of a state, so that few others are looked at. */
const TAG_BITS = 8
const TAG = 2 ** TAG_BITS - 1
/** How many states a table has numbers for. */
export const MOST_STATES = 2 ** (31 - TAG_BITS)

/** The states seen, at most 8 million: a fingerprint and the parent of each, by number in order of discovery. */
export class Seen {
  #slots = new Int32Array(2048).fill(-1)
  #prints = new Int32Array(2048) // high, low
  #parent = new Int32Array(1024)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Of all states together. */
  get bytes(): number {
    return this.#slots.byteLength + this.#prints.byteLength + this.#parent.byteLength
  }

  parentOf(n: number): number {
    return this.#parent[n]!
  }

  has(n: number, high: number, low: number): boolean {
    return this.#prints[2 * n] === high && this.#prints[2 * n + 1] === low
  }

  /** False if a state with this fingerprint is known. Throws a RangeError where there are too many. */
  add(high: number, low: number, parent: number): boolean {
    const slots = this.#slots
    const mask = slots.length - 1
    const tag = high & TAG
    let i = low & mask
    for (let slot = slots[i]!; slot !== -1; slot = slots[i]!) {
      if ((slot & TAG) === tag) {
        const n = slot >> TAG_BITS
        if (this.#prints[2 * n] === high && this.#prints[2 * n + 1] === low) return false
      }
      i = (i + 1) & mask
    }
    const n = this.#size++
    if (n >= MOST_STATES) throw new RangeError(`expected at most ${MOST_STATES} states`)
    if (n === this.#parent.length) {
      this.#parent = longer(this.#parent)
      this.#prints = longer(this.#prints, 2 * this.#parent.length)
    }
    slots[i] = (n << TAG_BITS) | tag
    this.#prints[2 * n] = high
    this.#prints[2 * n + 1] = low
    this.#parent[n] = parent
    if (3 * n > 2 * slots.length) this.#grow()
    return true
  }

  #grow(): void {
    const mask = this.#slots.length * 2 - 1
    this.#slots = new Int32Array(mask + 1).fill(-1)
    for (let n = 0; n < this.#size; n++) {
      let i = this.#prints[2 * n + 1]! & mask
      while (this.#slots[i] !== -1) i = (i + 1) & mask
      this.#slots[i] = (n << TAG_BITS) | (this.#prints[2 * n]! & TAG)
    }
  }
}

/** A quarter more, in whole rows, so that little is unused. */
const longer = (old: Int32Array, length = old.length + 4 * Math.ceil(old.length / 16)): Int32Array<ArrayBuffer> => {
  const next = new Int32Array(length)
  next.set(old)
  return next
}

/** States as rows of four integers, end to end. */
export class Rows {
  #data = new Int32Array(4 * 64)
  #length = 0

  get length(): number {
    return this.#length
  }

  push(a: number, b: number, c: number, d: number): void {
    let at = 4 * this.#length++
    if (at === this.#data.length) this.#data = longer(this.#data)
    const data = this.#data
    data[at++] = a
    data[at++] = b
    data[at++] = c
    data[at] = d
  }

  at(row: number, column: 0 | 1 | 2 | 3): number {
    return this.#data[4 * row + column]!
  }
}
