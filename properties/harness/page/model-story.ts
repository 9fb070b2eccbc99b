/** A counterexample of the model as a story of the page: played on the reference alone, whatever src/ is. */
import { CLAIMS } from '../../../spec/claim-list.ts'
import { referenceSystem } from '../parties/reference.ts'
import { replayOf, storedNames } from '../stored.ts'
import { filmsOf, type Told } from './films.ts'
import type { Story } from './parts.ts'

/** Where an invariant is said, and which claims rest on it. */
export const clauseOf = (id: string): string => {
  const claims = CLAIMS.filter((c) => c.holds.includes(id) || c.breaks[id] !== undefined).map((c) => c.n)
  return claims.length === 0 ? 'ADVERSARY §3' : `ADVERSARY §3; PROTOCOL §9, claim ${claims.join(', ')}`
}

/** A shortest attack of the model, on bytes of the reference. */
export const modelStory = (d: Told & Pick<Story, 'mode' | 'says'>): Story => ({
  kind: 'model',
  id: d.invariant,
  mode: d.mode,
  says: d.says,
  clause: clauseOf(d.invariant),
  outcome: d.why,
  red: false,
  replay: storedNames().includes(`model/${d.invariant}.json`) ? replayOf(`model/${d.invariant}.json`, null) : null,
  ...filmsOf(d, referenceSystem),
})
