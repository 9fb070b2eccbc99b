/** A mutant: a small bug put into src at load time, and the invariant that must notice it first. */
import type { Side } from '../../../spec/language.ts'
import type { Replacement } from '../process/variants.ts'

export interface Mutant {
  readonly id: string
  /** The bug in one line. */
  readonly bug: string
  readonly replacements: readonly Replacement[]
  /**
   * The invariant that must be among the first to fire, or the test file of src that must fail, or `SOAK`; null: no
   * opinion (catalogues from elsewhere only).
   */
  readonly expect: string | null
  /** The bugs of `WANTED` (catalogue.test.ts) that it is an instance of. */
  readonly covers?: readonly string[]
  /**
   * The rules of PROTOCOL (explain/rules.ts) that its text breaks: read from the replacement alone, never from what
   * `explain` says of it. Of several, any is a right answer; none: PROTOCOL does not speak of it.
   */
  readonly breaks?: readonly string[]
  /** Why no run can tell it from the original. One that is killed all the same is an error. */
  readonly equivalent?: string
  /** Why others may fire before the expected invariant does. */
  readonly instead?: string
}

/** What must notice a mutant that every test of src overlooks: load. */
export const SOAK = 'soak'

/** The files of src that mutants change, and the side whose behaviour is in it; null: both sides. */
const SIDES: Readonly<Record<string, Side | null>> = {
  aggregate: 'server',
  checks: null,
  'client-session': 'client',
  'client-state': 'client',
  connection: 'server',
  crypto: null,
  frame: null,
  keys: null,
  payload: null,
  primitives: null,
  server: 'server',
  'server-session': 'server',
}
/** The sides whose behaviour a mutant can change. */
export const sidesOf = (m: Mutant): readonly Side[] => {
  const touched = new Set(m.replacements.map((r) => SIDES[r.file.replace(/^src\/|\.ts$/g, '')] ?? null))
  const [only] = touched
  return touched.size === 1 && only != null ? [only] : ['client', 'server']
}
