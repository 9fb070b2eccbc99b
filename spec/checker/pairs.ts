/** What depends on pairs of numbers. */

const mix = (n: number): number => {
  const h = Math.imul(n, 0x9e3779b1)
  return h ^ (h >>> 15)
}

/**
 * Maps pairs of non-negative integers to integers. Each first number has a small table of its own, because what is asked
 * for in a row most often shares it: open addressing with linear probing, all tables end to end.
 */
export class PairTable {
  #tables = new Int32Array(3 * 64) // of each first number: where its cells begin, how many there are, how many are taken
  #cells = new Int32Array(1024) // second number + 1, value
  #end = 0

  /** The value, or `undefined`. */
  get(a: number, b: number): number | undefined {
    if (3 * a >= this.#tables.length) return undefined
    const mask = this.#tables[3 * a + 1]! - 1
    if (mask < 0) return undefined
    const cells = this.#cells
    const start = this.#tables[3 * a]!
    for (let i = mix(b) & mask; ; i = (i + 1) & mask) {
      const key = cells[start + 2 * i]
      if (key === b + 1) return cells[start + 2 * i + 1]
      if (key === 0) return undefined
    }
  }

  /** The pair must be new. */
  add(a: number, b: number, value: number): void {
    if (3 * a >= this.#tables.length) this.#tables = extended(this.#tables, 6 * a)
    const [size, taken] = [this.#tables[3 * a + 1]!, this.#tables[3 * a + 2]!]
    if (4 * taken + 4 > 3 * size) this.#grow(a, size)
    this.#put(a, b, value)
    this.#tables[3 * a + 2] = taken + 1
  }

  #put(a: number, b: number, value: number): void {
    const [start, mask] = [this.#tables[3 * a]!, this.#tables[3 * a + 1]! - 1]
    let i = mix(b) & mask
    while (this.#cells[start + 2 * i] !== 0) i = (i + 1) & mask
    this.#cells[start + 2 * i] = b + 1
    this.#cells[start + 2 * i + 1] = value
  }

  /** Moves the table of a number to the end, twice as long; where it was stays unused. */
  #grow(a: number, size: number): void {
    const [old, longer] = [this.#tables[3 * a]!, size === 0 ? 4 : 2 * size]
    const start = this.#end
    this.#end += 2 * longer
    if (this.#end > this.#cells.length) this.#cells = extended(this.#cells, 2 * this.#end)
    this.#tables[3 * a] = start
    this.#tables[3 * a + 1] = longer
    for (let i = old; i < old + 2 * size; i += 2)
      if (this.#cells[i] !== 0) this.#put(a, this.#cells[i]! - 1, this.#cells[i + 1]!)
  }
}

const extended = (old: Int32Array, length: number): Int32Array<ArrayBuffer> => {
  const next = new Int32Array(length)
  next.set(old)
  return next
}

/** What depends on a pair of numbers, worked out once. */
export class Pairs<T> {
  readonly #at = new PairTable()
  readonly #values: T[] = []

  get(a: number, b: number): T | undefined {
    const at = this.#at.get(a, b)
    return at === undefined ? undefined : this.#values[at]
  }

  /** The pair must be new. */
  put(a: number, b: number, value: T): T {
    this.#at.add(a, b, this.#values.length)
    this.#values.push(value)
    return value
  }
}
