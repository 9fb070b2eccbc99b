/** From tallies to a decision: what each invariant came to in each mode, and whether that is what was expected. */
import type { Mode } from '../../../spec/language.ts'
import { CHECKS, type Check } from '../examine.ts'
import type { Result, Tally } from './tally.ts'

export type Verdict =
  | 'holds'
  | 'violated' // and it should hold
  | 'violated as expected' // literal, PROTOCOL §9
  | 'not violated' // literal: expected to be, and was not found
  | 'unreached' // the witness stayed below its floor
  | 'not observable' // the party cannot report what it needs
  | 'not reached' // no floor is judged, but nothing ever put it to the test
  | 'not run'

export interface Row {
  readonly invariant: Check
  readonly mode: Mode
  readonly tally: Tally
  readonly verdict: Verdict
}

const verdictOf = (i: Check, mode: Mode, t: Tally, floors: boolean): Verdict => {
  if (t.notObservable) return 'not observable'
  if (t.judged === 0) return 'not run'
  const expected = mode === 'literal' && i.literal === 'violated'
  if (t.broken > 0) return expected ? 'violated as expected' : 'violated'
  if (floors && t.witnesses < i.witness.floor) return 'unreached'
  if (expected && floors) return 'not violated'
  return t.witnesses === 0 ? 'not reached' : 'holds'
}

/** Floors, and the expected violations, are judged for the default seed and budget only: `floors`. */
export const rows = (r: Result, modes: readonly Mode[], only: ReadonlySet<string> | null, floors: boolean): Row[] =>
  CHECKS.filter((i) => only === null || only.has(i.id)).flatMap((invariant) =>
    modes.map((mode) => {
      const tally = r.tallies[mode][invariant.id]!
      return { invariant, mode, tally, verdict: verdictOf(invariant, mode, tally, floors) }
    }),
  )

export const isRed = (v: Verdict): boolean => v === 'violated' || v === 'not violated' || v === 'unreached'
