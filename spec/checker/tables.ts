/** Typed arrays instead of maps and strings: a million states in a few dozen MiB. */

/** Maps pairs of non-negative integers to integers; open addressing with linear probing. */
export class PairTable {
  #mask: number
  #size = 0
  #cells: Int32Array // a, b, value and nothing, so that one look fetches all

  constructor(bits = 8) {
    this.#mask = (1 << bits) - 1
    this.#cells = new Int32Array(4 << bits).fill(-1)
  }

  /** The value, or `undefined`. */
  get(a: number, b: number): number | undefined {
    const cells = this.#cells
    for (let i = mix(a, b) & this.#mask; cells[4 * i] !== -1; i = (i + 1) & this.#mask)
      if (cells[4 * i] === a && cells[4 * i + 1] === b) return cells[4 * i + 2]
    return undefined
  }

  /** The pair must be new. */
  add(a: number, b: number, value: number): void {
    if (this.#size * 2 > this.#mask) this.#grow()
    this.#put(a, b, value)
    this.#size++
  }

  #put(a: number, b: number, value: number): void {
    let i = mix(a, b) & this.#mask
    while (this.#cells[4 * i] !== -1) i = (i + 1) & this.#mask
    this.#cells[4 * i] = a
    this.#cells[4 * i + 1] = b
    this.#cells[4 * i + 2] = value
  }

  #grow(): void {
    const old = this.#cells
    this.#mask = this.#mask * 2 + 1
    this.#cells = new Int32Array(old.length * 2).fill(-1)
    for (let i = 0; i < old.length; i += 4) if (old[i] !== -1) this.#put(old[i]!, old[i + 1]!, old[i + 2]!)
  }
}

const mix = (a: number, b: number): number => {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  return h ^ (h >>> 13)
}

/** Two independent 32-bit hashes of a row of integers. */
export const fingerprint = (row: Int32Array, out: Int32Array): void => {
  let h = 0x243f6a88
  let g = 0x13198a2e
  for (let i = 0; i < row.length; i++) {
    const x = row[i]!
    h = Math.imul(h ^ x, 0x9e3779b1)
    h ^= h >>> 15
    g = Math.imul(g + x, 0x85ebca6b)
    g ^= g >>> 13
  }
  out[0] = Math.imul(h ^ (h >>> 16), 0x2c1b3c6d)
  out[1] = Math.imul(g ^ (g >>> 16), 0x297a2d39)
}

/** The states seen: a fingerprint and the parent of each, by number in order of discovery. */
export class Seen {
  #slots = new Int32Array(2048).fill(-1)
  #high = new Int32Array(1024)
  #low = new Int32Array(1024)
  #parent = new Int32Array(1024)
  #size = 0

  get size(): number {
    return this.#size
  }

  parentOf(n: number): number {
    return this.#parent[n]!
  }

  has(n: number, high: number, low: number): boolean {
    return this.#high[n] === high && this.#low[n] === low
  }

  /** False if a state with this fingerprint is known. */
  add(high: number, low: number, parent: number): boolean {
    if (this.#size * 2 >= this.#slots.length) this.#grow()
    const mask = this.#slots.length - 1
    let i = low & mask
    for (let n = this.#slots[i]!; n !== -1; n = this.#slots[i]!) {
      if (this.#low[n] === low && this.#high[n] === high) return false
      i = (i + 1) & mask
    }
    this.#slots[i] = this.#size
    this.#high[this.#size] = high
    this.#low[this.#size] = low
    this.#parent[this.#size] = parent
    this.#size++
    return true
  }

  #grow(): void {
    const slots = this.#slots.length * 2
    const longer = (old: Int32Array) => {
      const next = new Int32Array(slots / 2)
      next.set(old)
      return next
    }
    this.#high = longer(this.#high)
    this.#low = longer(this.#low)
    this.#parent = longer(this.#parent)
    this.#slots = new Int32Array(slots).fill(-1)
    for (let n = 0; n < this.#size; n++) {
      let i = this.#low[n]! & (slots - 1)
      while (this.#slots[i] !== -1) i = (i + 1) & (slots - 1)
      this.#slots[i] = n
    }
  }
}

/** Rows of equally many integers, end to end. */
export class Rows {
  readonly #width: number
  #data: Int32Array
  #length = 0

  constructor(width: number) {
    this.#width = width
    this.#data = new Int32Array(width * 64)
  }

  get length(): number {
    return this.#length
  }

  push(row: Int32Array): void {
    const at = this.#length * this.#width
    if (at === this.#data.length) {
      const longer = new Int32Array(at * 2)
      longer.set(this.#data)
      this.#data = longer
    }
    this.#data.set(row, at)
    this.#length++
  }

  row(i: number): Int32Array {
    return this.#data.subarray(i * this.#width, (i + 1) * this.#width)
  }
}
