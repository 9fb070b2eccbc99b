import type { Sums } from './arithmetic.ts'

/** What the baseline has told of the stranger. */
export interface Manners {
  /** Silence means something only after so many milliseconds. */
  readonly patienceMs: number
  readonly sums: Sums
  /** It answers a round only when `clients` have submitted. */
  readonly waits: boolean
  /** Two, where it is not said. */
  readonly clients?: number
  /** Of a server that waits: they have to be of one round, so that nobody who comes later completes it. */
  readonly inStep?: boolean
  /** It answers late, and what is submitted at once is answered at once. */
  readonly atOnce?: boolean
}
