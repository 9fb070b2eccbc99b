/** The one source of chance of fuzz runs and of a soak: sfc32, 128 bits of state, fast and good enough for picking mutations. */
export class Rng {
  #a: number
  #b: number
  #c: number
  #counter = 1

  /** Streams of different `stream` under one seed are unrelated: one a process. */
  constructor(seed: number, stream = 0) {
    this.#a = seed | 0
    this.#b = stream | 0
    this.#c = 0x9e3779b9 | 0
    for (let i = 0; i < 12; i++) this.u32() // the mixing the author of sfc32 prescribes
  }

  /** 0..2^32-1 */
  u32(): number {
    const t = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t
    this.#c |= 0
    return t >>> 0
  }

  /** 0..n-1; 0 for n = 0, so that an empty input needs no care. The bias of at most n/2^32 does not matter here. */
  below(n: number): number {
    return Math.floor((this.u32() / 0x1_0000_0000) * n)
  }

  /** lo..hi, both included */
  between(lo: number, hi: number): number {
    return lo + this.below(hi - lo + 1)
  }

  oneIn(n: number): boolean {
    return this.below(n) === 0
  }

  pick<T>(all: readonly T[]): T {
    return all[this.below(all.length)]!
  }
}
