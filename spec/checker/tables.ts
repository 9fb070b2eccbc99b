/** Typed arrays instead of maps and strings: a million states in a dozen MiB. */

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

/** How many states a table has room for: 16 million. */
export const MOST_STATES = 2 ** 24
const FULLEST = 0.9
const NOTED = 1024 // after each so many states it is noted where the links are
const FAR = 255

/**
 * The states seen, numbered in order of discovery. Of each there is a fingerprint, in an open hash table without numbers,
 * and the link to its parent: the how-manieth transition of it found the state, in a byte, and in two bits whose it was,
 * since states are expanded in the order of their numbers: a zero for each expansion, then a one for each state it found.
 */
export class Seen {
  #prints = new Int32Array(2 * 1024) // high, low; both 0: free
  #nth = new Uint8Array(1024)
  readonly #far = new Map<number, number>() // where a byte is too small
  #links = new Int32Array(64)
  #link = 0
  readonly #noted: { link: number; parent: number }[] = []
  #expanded = -1
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Of all states together. */
  get bytes(): number {
    return this.#prints.byteLength + this.#nth.byteLength + this.#links.byteLength
  }

  /** From here on states are found by the transitions of the next state. */
  expand(): void {
    this.#expanded++
    this.#linked()
  }

  parentOf(n: number): number {
    let { link, parent } = this.#noted[Math.floor(n / NOTED)]!
    for (let left = n % NOTED; ; link++)
      if ((this.#links[link >> 5]! & (1 << (link & 31))) === 0) parent++
      else if (left-- === 0) return parent
  }

  /** Which transition of its parent found it, from 0. */
  nthOf(n: number): number {
    return this.#nth[n] === FAR ? this.#far.get(n)! : this.#nth[n]!
  }

  /** False if a state with this fingerprint is known. Throws a RangeError where there are too many. */
  add(high: number, low: number, nth: number): boolean {
    const key = (high | low) === 0 ? 1 : high
    if (!this.#put(key, low)) return false
    const n = this.#size++
    if (n >= MOST_STATES) throw new RangeError(`expected at most ${MOST_STATES} states`)
    if (n % NOTED === 0) this.#noted.push({ link: this.#link, parent: this.#expanded })
    this.#linked()
    this.#links[(this.#link - 1) >> 5]! |= 1 << ((this.#link - 1) & 31)
    if (n === this.#nth.length) this.#nth = longer(this.#nth)
    this.#nth[n] = Math.min(nth, FAR)
    if (nth >= FAR) this.#far.set(n, nth)
    if (2 * n > FULLEST * this.#prints.length) this.#grow()
    return true
  }

  #linked(): void {
    if (this.#link++ >> 5 === this.#links.length) this.#links = longer(this.#links)
  }

  /** Fingerprints stand in the order of `low` as far as they can, so that a longer table is filled from one end. */
  #put(high: number, low: number): boolean {
    const prints = this.#prints
    const { length } = prints
    let i = 2 * Math.floor((low >>> 0) * (length / 2 ** 33))
    for (;;) {
      const at = prints[i]!
      if (at === high && prints[i + 1] === low) return false
      if (at === 0 && prints[i + 1] === 0) break
      i += 2
      if (i === length) i = 0
    }
    prints[i] = high
    prints[i + 1] = low
    return true
  }

  #grow(): void {
    const old = this.#prints
    this.#prints = new Int32Array(old.length + 2 * Math.ceil(old.length / 32))
    for (let i = 0; i < old.length; i += 2) if (old[i] !== 0 || old[i + 1] !== 0) this.#put(old[i]!, old[i + 1]!)
  }
}

/** An eighth more, in whole rows, so that little is unused. */
const longer = <T extends Int32Array | Uint8Array>(old: T): T => {
  const next = new (old.constructor as new (length: number) => T)(old.length + 4 * Math.ceil(old.length / 32))
  next.set(old)
  return next
}

/** Numbers rows of so many integers in order of first appearance. */
export class Numbered {
  readonly #width: number
  #rows: Int32Array
  #slots = new Int32Array(64) // number + 1 of the row; 0: free
  #size = 0

  constructor(width: number) {
    this.#width = width
    this.#rows = new Int32Array(64 * width)
  }

  at(n: number, column: number): number {
    return this.#rows[n * this.#width + column]!
  }

  of(row: Int32Array): number {
    const slots = this.#slots
    const mask = slots.length - 1
    let i = this.#hash(row, 0) & mask
    for (; slots[i] !== 0; i = (i + 1) & mask) if (this.#is(slots[i]! - 1, row)) return slots[i]! - 1
    const n = this.#size++
    if ((n + 1) * this.#width > this.#rows.length) this.#rows = longer(this.#rows)
    this.#rows.set(row, n * this.#width)
    slots[i] = n + 1
    if (2 * n > slots.length) this.#grow()
    return n
  }

  #is(n: number, row: Int32Array): boolean {
    const start = n * this.#width
    for (let i = 0; i < this.#width; i++) if (this.#rows[start + i] !== row[i]) return false
    return true
  }

  #hash(rows: Int32Array, start: number): number {
    let h = 0
    for (let i = start; i < start + this.#width; i++) h = Math.imul(h ^ (h >>> 15) ^ rows[i]!, 0x9e3779b1)
    return h ^ (h >>> 15)
  }

  #grow(): void {
    const mask = this.#slots.length * 2 - 1
    this.#slots = new Int32Array(mask + 1)
    for (let n = 0; n < this.#size; n++) {
      let i = this.#hash(this.#rows, n * this.#width) & mask
      while (this.#slots[i] !== 0) i = (i + 1) & mask
      this.#slots[i] = n + 1
    }
  }
}

const CHUNK = 1024 // rows

/** States as rows of four integers, by number, from which they are forgotten in the same order. */
export class Rows {
  readonly #chunks: Int32Array[] = []
  #length = 0
  #forgotten = 0 // chunks
  #most = 0

  get length(): number {
    return this.#length
  }

  /** That were held at once. */
  get mostBytes(): number {
    return this.#most * CHUNK * 16
  }

  push(a: number, b: number, c: number, d: number): void {
    const n = this.#length++
    if (n % CHUNK === 0) {
      this.#chunks.push(new Int32Array(4 * CHUNK))
      this.#most = Math.max(this.#most, this.#chunks.length - this.#forgotten)
    }
    const chunk = this.#chunks[Math.floor(n / CHUNK)]!
    let at = 4 * (n % CHUNK)
    chunk[at++] = a
    chunk[at++] = b
    chunk[at++] = c
    chunk[at] = d
  }

  at(row: number, column: 0 | 1 | 2 | 3): number {
    return this.#chunks[Math.floor(row / CHUNK)]![4 * (row % CHUNK) + column]!
  }

  /** Rows before this one may not be asked for any more. */
  forget(row: number): void {
    for (; (this.#forgotten + 1) * CHUNK <= row; this.#forgotten++) this.#chunks[this.#forgotten] = NONE
  }
}

const NONE = new Int32Array(0)
