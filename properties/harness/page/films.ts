/** A schedule as films of the page: in its own mode, and in `bound`. */
import type { Schedule } from '../../../spec/language.ts'
import type { System } from '../system.ts'
import { filmOf } from './film.ts'
import type { Story } from './parts.ts'

/** A schedule and what it breaks; `invariant` '': nothing that is not seen by a monitor. */
export interface Told {
  readonly schedule: Schedule
  readonly invariant: string
  readonly why: string
}

export type Films = Pick<Story, 'film' | 'bound'>

/** Throws what the party throws. */
export const filmsOf = ({ schedule, ...found }: Told, system: System): Films => ({
  film: filmOf(schedule, system, found.invariant === '' ? undefined : found),
  bound: schedule.mode === 'bound' ? null : filmOf({ ...schedule, mode: 'bound' }, system),
})
