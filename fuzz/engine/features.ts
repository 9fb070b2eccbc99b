/** What executions have shown so far: which facts (a tag and a value, or a branch and how often) and how often. */

/** Facts of the oracle come first, 256 tags of 256 values; then eight classes of counts for each branch. */
const TAGGED = 0x1_0000

/** 1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128 and more: the classes AFL uses. */
const COUNT_CLASS = Uint8Array.from({ length: 256 }, (_, n) =>
  n < 4 ? n - 1 : n < 8 ? 3 : n < 16 ? 4 : n < 32 ? 5 : n < 128 ? 6 : 7,
)

export class Features {
  /** Executions that showed each feature. */
  readonly #hits: Uint32Array
  /** The execution that last showed it: once an execution is enough. */
  readonly #last: Uint32Array
  readonly #counts: Uint32Array
  #shown: number[] = []
  #execution = 0
  #fresh = 0 // of this execution, never shown before
  #distinct = 0

  /** `counts`: the counters of an edge map, read and cleared after each execution; null for none. */
  constructor(counts: Uint32Array | null) {
    this.#counts = counts ?? new Uint32Array(0)
    this.#hits = new Uint32Array(TAGGED + 8 * this.#counts.length)
    this.#last = new Uint32Array(this.#hits.length)
  }

  get distinct(): number {
    return this.#distinct
  }

  begin(): void {
    this.#execution++
    this.#fresh = 0
    this.#shown.length = 0
    this.#counts.fill(0)
  }

  readonly note = (tag: number, value: number): void => this.#show(tag * 256 + value)

  /** How many features this execution was the first to show. */
  end(): number {
    const counts = this.#counts
    for (let i = 1; i < counts.length; i++) {
      const n = counts[i]!
      if (n !== 0) this.#show(TAGGED + 8 * i + (n < 256 ? COUNT_CLASS[n]! : 7))
    }
    return this.#fresh
  }

  #show(feature: number): void {
    if (this.#last[feature] === this.#execution) return
    this.#last[feature] = this.#execution
    this.#shown.push(feature)
    if (this.#hits[feature]!++ > 0) return
    this.#fresh++
    this.#distinct++
  }

  /** The features of the execution that ended last, a copy. */
  shown(): Uint32Array {
    return Uint32Array.from(this.#shown)
  }

  /** In how many executions a feature was shown. */
  hits(feature: number): number {
    return this.#hits[feature]!
  }

  /** The branches taken so far: an index into the edge map each. */
  takenEdges(): readonly number[] {
    const taken: number[] = []
    for (let i = 1; i < this.#counts.length; i++) {
      for (let c = 0; c < 8; c++) {
        if (this.#hits[TAGGED + 8 * i + c] === 0) continue
        taken.push(i - 1)
        break
      }
    }
    return taken
  }
}
