/** From the first schedule that broke an invariant to a minimal one in a file, with its ladder and replay command. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Schedule } from '../../../spec/language.ts'
import { violation } from '../examine.ts'
import { actions } from '../generate/arbitraries.ts'
import { EVERYTHING } from '../generate/biases.ts'
import { play } from '../play.ts'
import { printStored } from '../schedule-file.ts'
import { shrink } from '../shrink.ts'
import type { System } from '../system.ts'
import { ladder } from '../trace/ladder.ts'
import { sideBySide } from '../trace/side-by-side.ts'
import { TWIN } from '../twin.ts'

export interface Counterexample {
  readonly invariant: string
  readonly schedule: Schedule
  readonly why: string
  readonly ladder: readonly string[]
}

/** Shrinks; system, power, mode and invariant stay what they were. `found`: in normal form. */
export const minimal = (invariant: string, found: Schedule, system: System): Counterexample => {
  const breaks = (s: Schedule) => violation(invariant, s, system)
  const small = shrink(found, (s) => breaks(s) !== undefined, actions(EVERYTHING))
  const schedule = { ...small, actions: play(small, system).executed }
  const finding = breaks(schedule)
  const why = finding?.why ?? 'not reproducible after normalising'
  const others = invariant === TWIN.id ? sideBySide(schedule, system) : []
  return { invariant, schedule, why, ladder: [...ladder(schedule, system, finding), ...others] }
}

/** Writes it under `folder` and returns the path. */
export const save = (c: Counterexample, folder: string): string => {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${c.invariant}-${c.schedule.mode}.json`)
  writeFileSync(file, printStored({ says: `${c.invariant}: ${c.why}`, violates: [c.invariant], schedule: c.schedule }))
  return file
}
