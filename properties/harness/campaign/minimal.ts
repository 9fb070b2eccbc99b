/** From the first schedule that broke an invariant to a minimal one, drawn. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Schedule } from '../../../spec/language.ts'
import { violation } from '../examine.ts'
import { writeWhole } from '../files.ts'
import { actions } from '../generate/arbitraries.ts'
import { EVERYTHING } from '../generate/biases.ts'
import { play } from '../play.ts'
import { printStored, type Stored } from '../schedule-file.ts'
import { shrink } from '../shrink.ts'
import type { System } from '../system.ts'
import { ladder } from '../trace/ladder.ts'
import { mermaid } from '../trace/mermaid.ts'
import { sideBySide } from '../trace/side-by-side.ts'
import { trace } from '../trace/trace.ts'
import { TWIN } from '../twin.ts'

export interface Counterexample {
  readonly invariant: string
  readonly schedule: Schedule
  readonly why: string
  readonly ladder: readonly string[]
}

/** `diagram`: Mermaid. */
export type Minimal = Counterexample & { readonly diagram: string }

/**
 * Shrinks; system, power, mode and invariant stay what they were. `found`: in normal form. `alive`:
 * called at each try. `columns`: what the drawing fits.
 */
export const minimal = (
  invariant: string,
  found: Schedule,
  system: System,
  alive: () => void = () => {},
  columns?: number,
): Minimal => {
  const breaks = (s: Schedule) => {
    alive()
    return violation(invariant, s, system)
  }
  const small = shrink(found, (s) => breaks(s) !== undefined, actions(EVERYTHING))
  const schedule = { ...small, actions: play(small, system).executed }
  const finding = breaks(schedule)
  const why = finding?.why ?? 'not reproducible after normalising'
  const others = invariant === TWIN.id ? sideBySide(schedule, system) : []
  const diagram = mermaid(trace(schedule, system, { invariant, why }))
  return { invariant, schedule, why, diagram, ladder: [...ladder(schedule, system, finding, columns), ...others] }
}

const HASH = 8 // hexadecimal digits

/** Writes it under `folder`, in a file named after what it is and does, and returns the path. May throw. */
export const saveStored = (what: string, stored: Stored, folder: string): string => {
  const hash = createHash('sha256').update(JSON.stringify(stored.schedule)).digest('hex').slice(0, HASH)
  const file = join(folder, `${what}-${stored.schedule.mode}-${hash}.json`)
  writeWhole(file, printStored(stored))
  return file
}

type Told = Omit<Counterexample, 'ladder'>

const storedOf = ({ invariant, schedule, why }: Told): Stored => ({
  says: `${invariant}: ${why}`,
  violates: [invariant],
  schedule,
})

export const save = (c: Told, folder: string): string => saveStored(c.invariant, storedOf(c), folder)

/** What `save` writes. */
export const fileOf = (c: Told): string => printStored(storedOf(c))
