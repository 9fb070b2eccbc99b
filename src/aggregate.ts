/** Aggregation per round (PROTOCOL §8): exact sums, rounded once, so that the order of arrival does not matter. */
import type { Aggregate } from './payload.ts'

/**
 * An exact sum as an expansion (Shewchuk 1997): finite doubles of increasing magnitude that do not overlap. Exact as
 * long as nothing overflows, which §8 excludes.
 */
export type ExactSum = readonly number[]

/** What one session submitted for one round, condensed: memory does not grow with the number of values. */
export interface Submission {
  readonly round: number
  readonly count: number
  readonly sum: ExactSum
}

/** Adds all `terms` to an exact sum, in place. */
export const addExactly = (partials: number[], terms: readonly number[]): number[] => {
  for (const term of terms) {
    let x = term
    let kept = 0
    for (let i = 0; i < partials.length; i++) {
      const y = partials[i]!
      const high = x + y
      const low = Math.abs(x) < Math.abs(y) ? x - (high - y) : y - (high - x) // exact: the smaller, less what was added
      if (low !== 0) partials[kept++] = low
      x = high
    }
    if (x !== 0) partials[kept++] = x
    while (partials.length > kept) partials.pop() // to set the length costs more than all the rest
  }
  return partials
}

/** The double nearest to an exact sum, ties to even; a zero is +0. */
export const roundOnce = (sum: ExactSum): number => {
  let high = 0
  let low = 0
  let i = sum.length
  while (i > 0 && low === 0) {
    const x = high
    const y = sum[--i]!
    high = x + y
    low = y - (high - x)
  }
  // `high` is right unless `low` is exactly half a unit of it and what lies below pushes the same way.
  if (i > 0 && Math.sign(low) === Math.sign(sum[i - 1]!)) {
    const twice = low * 2
    const other = high + twice
    if (other - high === twice) return other
  }
  return high
}

/** The one expansion in which each part is the rest rounded: at most 41 parts, the same for every order of adding. */
const condense = (sum: number[]): ExactSum => {
  const parts: number[] = []
  let rest = sum
  while (rest.length > 0) {
    const part = roundOnce(rest)
    parts.unshift(part)
    rest = addExactly(rest, [-part])
  }
  return parts
}

export const submissionOf = (round: number, values: readonly number[]): Submission => ({
  round,
  count: values.length,
  sum: condense(addExactly([], values)),
})

/** The submissions of a session with one more; §8: only those of its newest `retained` rounds are kept. */
export const withSubmission = (
  old: readonly Submission[],
  newest: Submission,
  retained: number,
): readonly Submission[] => {
  const kept = old.filter((s) => s.round > newest.round - retained)
  kept.push(newest)
  return kept
}

/** The submission for a round among those of a session; null: it has none. */
export const submittedIn = (round: number, submissions: readonly Submission[]): Submission | null =>
  submissions.find((s) => s.round === round) ?? null

/** Two submissions for one round, or what is left of the first where `negated` is added. */
const plus = (a: Submission, b: Submission): Submission => ({
  round: b.round,
  count: a.count + b.count,
  sum: addExactly([...a.sum], b.sum),
})

/** What takes a submission back: sums are exact, so nothing of it is left. */
export const negated = ({ round, count, sum }: Submission): Submission => ({
  round,
  count: -count,
  sum: sum.map((part) => -part),
})

const nothing = (round: number): Submission => ({ round, count: 0, sum: [] })

/** The aggregate over submissions of one round; at least one. */
export const aggregateOf = (submissions: readonly Submission[]): Aggregate => {
  const { sum, count } = submissions.reduce(plus, nothing(0))
  const rounded = roundOnce(sum)
  return { sum: rounded, count, average: rounded / count + 0 } // §8: a zero result is +0, an underflow included
}

/** What all sessions submitted, by round, so that an answer costs the same however many sessions there are. */
export class Totals {
  readonly #rounds = new Map<number, Submission>() // those that somebody submitted something for

  /** All submissions for a round together. */
  of(round: number): Submission {
    return this.#rounds.get(round) ?? nothing(round)
  }

  /** A session that had submitted `old` has submitted `next`; both in ascending rounds. */
  replace(old: readonly Submission[], next: readonly Submission[]): void {
    for (let i = 0, j = 0; i < old.length || j < next.length; ) {
      if (old[i] === next[j]) {
        i++
        j++
      } else if (j === next.length || (i < old.length && old[i]!.round <= next[j]!.round)) this.#add(negated(old[i++]!))
      else this.#add(next[j++]!)
    }
  }

  #add(submission: Submission): void {
    const total = plus(this.of(submission.round), submission)
    if (total.count === 0) this.#rounds.delete(total.round)
    else this.#rounds.set(total.round, total)
  }
}
