/**
 * What executions have shown so far: which facts (a tag and a value, or a branch and how often) and how often; and which
 * cells (spec/checker/lockstep/cells.ts) these stand for. `prop` plays a schedule for every cell, so what a search did not
 * reach is a measure of the search.
 */
import { cellName, coverings } from '../../spec/checker/lockstep/cells.ts'
import type { Target } from './target.ts'

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
  /** Features shown so far. */
  distinct = 0

  /** `counts`: the counters of an edge map, read and cleared after each execution; null for none. */
  constructor(counts: Uint32Array | null) {
    this.#counts = counts ?? new Uint32Array(0)
    this.#hits = new Uint32Array(TAGGED + 8 * this.#counts.length)
    this.#last = new Uint32Array(this.#hits.length)
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
    this.distinct++
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

const CELL_TAGS = 16 // a note of a cell has one of the first tags

/** By name, sorted; null for a target that has no states. */
export const cellsShown = (target: Target, features: Features): readonly string[] | null => {
  const { cell } = target
  if (cell === undefined) return null
  const shown = new Set<string>()
  for (let note = 0; note < 256 * CELL_TAGS; note++) {
    const name = features.hits(note) > 0 ? cell(note >> 8, note & 0xff) : null
    if (name !== null) shown.add(name)
  }
  return [...shown].sort()
}

export interface Reach {
  readonly reached: number
  /** By `prop`: all that the model can reach on the sides that the target feeds. */
  readonly reachable: number
  readonly missed: readonly string[]
}

let all: readonly string[] | null = null

export const reachOf = (shown: readonly string[], target: Target): Reach => {
  all ??= coverings('bound').map((c) => cellName(c.cell)) // the same in both modes
  const due = all.filter((name) => target.feeds === undefined || name.startsWith(target.feeds))
  const missed = due.filter((name) => !shown.includes(name))
  return { reached: due.length - missed.length, reachable: due.length, missed }
}

const LISTED = 6

export const printReach = ({ reached, reachable, missed }: Reach): readonly string[] => {
  const more = missed.length > LISTED ? `, and ${missed.length - LISTED} more` : ''
  const named = missed.length === 0 ? '' : `; not ${missed.slice(0, LISTED).join(', ')}${more}`
  return [`  cells of the model: ${reached} of ${reachable} (prop reaches ${reachable})${named}`]
}
