/** One session of the server as a value: a change is a new session, assigned in one place (PROTOCOL §4, §7, §8). */

import { exactSum } from '../exact-sum.ts'
import type { Position } from './position.ts'

export interface Session {
  readonly position: Position // keys and round
  readonly order: number // §7: HELLOs are ordered by a counter, not a clock
  readonly confirmed: boolean // §7: by its first accepted DATA
  readonly since: number // when its HELLO, later its last DATA, was accepted
  /** §8: at most one submission a round; oldest first. */
  readonly submissions: readonly Submission[]
}

export interface Submission {
  readonly round: number
  readonly values: readonly number[]
}

/** What the session is once this DATA has been accepted; the position moves with the answer. */
export const withSubmission = (s: Session, submission: Submission, now: number, retained: number): Session => ({
  ...s,
  confirmed: true, // §7: its first accepted DATA confirms it
  since: now,
  submissions: [...s.submissions, submission].slice(-retained), // §8: kept for the newest 64 rounds of each session
})

export interface Aggregate {
  readonly sum: number
  readonly count: number
  readonly average: number
}

/** §8: sum, count, average over all values submitted for that round by the sessions given. */
export function aggregate(sessions: readonly Session[], round: number): Aggregate {
  const values = sessions.flatMap((s) => s.submissions.filter((x) => x.round === round).flatMap((x) => x.values))
  const sum = exactSum(values) // §8: the exact sum rounded once, so it does not depend on arrival order
  return { sum, count: values.length, average: sum / values.length + 0 } // §8: binary64; a zero result is +0
}
