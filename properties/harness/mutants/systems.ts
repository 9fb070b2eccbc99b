/** The worlds a mutant is played in, and the judgement that may kill it there. */
import { referenceParty } from '../parties/reference.ts'
import { partyOf, srcParty } from '../parties/src.ts'
import { loadVariant } from '../process/variants.ts'
import { type System, systemOf } from '../world/system.ts'
import { type Mutant, sidesOf } from './mutant.ts'

/** `both`: client and server mutated. `one`: one of them, against the reference on the other side, in turns. */
export type WorldName = 'both' | 'one'
export const WORLDS: readonly WorldName[] = ['both', 'one']

/**
 * The systems of each world; schedule n is played on system n modulo how many there are. Throws VariantError when a
 * replacement no longer matches: such a mutant would pass for nothing.
 */
export const mutantSystems = async (m: Mutant): Promise<Readonly<Record<WorldName, readonly System[]>>> => {
  const party = partyOf(await loadVariant(m.replacements))
  // A mutant of one side leaves the other as it is in src.
  const sides = sidesOf(m)
  const client = sides.includes('client') ? party : srcParty
  const server = sides.includes('server') ? party : srcParty
  const one = {
    client: systemOf(`${m.id} against the reference server`, party, referenceParty),
    server: systemOf(`reference client against ${m.id}`, referenceParty, party),
  }
  return { both: [systemOf(m.id, client, server)], one: sides.map((side) => one[side]) }
}
