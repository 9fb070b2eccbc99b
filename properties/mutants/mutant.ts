/** A mutant: a small bug planted in src at load time, and the invariant that must notice it first. */
import { partyOf } from '../parties/src.ts'
import { type System, systemOf } from '../system.ts'
import { loadVariant, type Replacement } from '../variants.ts'

export interface Mutant {
  readonly id: string
  /** The bug in one line. */
  readonly bug: string
  readonly replacements: readonly Replacement[]
  /** The invariant that must be among the first to fire. */
  readonly expect: string
}

/** Both sides mutated. Throws VariantError when a replacement no longer matches: such a mutant would pass for nothing. */
export const mutantSystem = async (m: Mutant): Promise<System> => {
  const party = partyOf(await loadVariant(m.replacements))
  return systemOf(m.id, party, party)
}
