/** Two systems compared over many schedules: which of them differ, the first one made small, and stored ones again. */
import type { Mode, Schedule } from '../../../spec/language.ts'
import { actions } from '../generate/arbitraries.ts'
import { EVERYTHING } from '../generate/biases.ts'
import { type Compared, compare, type Pair } from '../judging/pair.ts'
import { shrink } from '../schedules/shrink.ts'
import { printable } from '../terminal/text.ts'
import { ladder } from '../trace/ladder.ts'
import { twoColumns } from '../trace/side-by-side.ts'
import { type Chunk, schedulesOf } from './campaign.ts'

/** What can be known of two systems without playing them. */
export type PairFacts = Pick<Pair, 'names' | 'sides' | 'notComparable'>

export interface Differed {
  readonly mode: Mode
  readonly schedules: number
  readonly verdicts: number // on frames, of the left system
  readonly undecided: number // schedules in which chance alone made the two differ at some action
  readonly differing: number // schedules
  /** The first schedule on which they differ, in normal form. */
  readonly first: Schedule | null
}

/** Compares on every schedule of a chunk; `mark` is told before each. */
export const differ = (chunk: Chunk, pair: Pair, mark: (nth: number) => void = () => {}): Differed => {
  const sum = { verdicts: 0, undecided: 0, differing: 0 }
  let first: Schedule | null = null
  const all = schedulesOf(chunk)
  for (const [i, s] of all.entries()) {
    mark(i)
    const { schedule, verdicts, difference, undecided } = compare(s, pair)
    sum.verdicts += verdicts
    if (undecided !== null) sum.undecided++
    if (difference === null) continue
    sum.differing++
    first ??= schedule
  }
  return { mode: chunk.mode, schedules: all.length, ...sum, first }
}

export interface Smallest {
  readonly schedule: Schedule
  readonly why: string
  readonly drawing: readonly string[]
}

/** One world as a ladder; where they differ, both next to each other. */
export const drawnBoth = (c: Compared, p: Pair, columns?: number): readonly string[] => [
  ...ladder(c.schedule, p.systems[0], undefined, columns),
  ...(c.difference === null ? [] : twoColumns(p.names, c.worlds, c.difference.at)),
]

/** The smallest schedule found on which they still differ; `alive` is called at each try. */
export const smallest = (found: Schedule, pair: Pair, alive: () => void = () => {}, columns?: number): Smallest => {
  const small = shrink(
    found,
    (s) => {
      alive()
      return compare(s, pair).difference !== null
    },
    actions(EVERYTHING),
  )
  const again = compare(small, pair)
  const { schedule, difference } = compare(again.schedule, pair)
  return {
    schedule,
    why: difference?.why ?? 'not reproducible after normalising',
    drawing: drawnBoth(again, pair, columns),
  }
}

export const notComparable = (p: Pick<Pair, 'notComparable'>): string =>
  `not comparable: ${p.notComparable.length === 0 ? 'nothing' : p.notComparable.map(printable).join(', ')}`
