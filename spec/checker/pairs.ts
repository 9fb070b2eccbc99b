/** What depends on pairs of numbers. */

const mix = (a: number, b: number): number => {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  return h ^ (h >>> 13)
}

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
    if (this.#size * 3 > this.#mask * 2) this.#grow()
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

/** What depends on a pair of small numbers, worked out once. */
export class Pairs<T> {
  readonly #rows: (T | undefined)[][] = []

  get(a: number, b: number): T | undefined {
    return this.#rows[a]?.[b]
  }

  put(a: number, b: number, value: T): T {
    this.#rows[a] ??= []
    this.#rows[a][b] = value
    return value
  }
}
