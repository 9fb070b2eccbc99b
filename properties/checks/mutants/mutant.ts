/** A mutant: a small bug planted in src at load time, and the invariant that must notice it first. */
import type { Side } from '../../../spec/language.ts'
import type { Replacement } from '../../harness/variants.ts'

export interface Mutant {
  readonly id: string
  /** The bug in one line. */
  readonly bug: string
  readonly replacements: readonly Replacement[]
  /** The invariant that must be among the first to fire; null: no opinion (catalogues from elsewhere only). */
  readonly expect: string | null
  /** The bugs of `WANTED` that it is an instance of. */
  readonly covers?: readonly string[]
  /** Why no run can tell it from the original. One that is killed all the same is an error. */
  readonly equivalent?: string
  /** Why others may fire before the expected invariant does. */
  readonly instead?: string
}

/** One replacement: `find` occurs exactly once in src/`file`.ts. */
export const swap = (file: string, find: string, replace: string): Replacement => ({
  file: `src/${file}.ts`,
  find,
  replace,
})

const OF_ONE_SIDE: Readonly<Record<string, Side>> = {
  'src/client-session.ts': 'client',
  'src/client-state.ts': 'client',
  'src/server.ts': 'server',
  'src/server-session.ts': 'server',
  'src/connection.ts': 'server',
  'src/aggregate.ts': 'server',
}

/** The sides whose behaviour a mutant can change. */
export const sidesOf = (m: Mutant): readonly Side[] => {
  const touched = new Set(m.replacements.map((r) => OF_ONE_SIDE[r.file] ?? null))
  const [only] = touched
  return touched.size === 1 && only != null ? [only] : ['client', 'server']
}
