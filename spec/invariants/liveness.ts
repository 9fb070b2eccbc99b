/** L: what is faithful gets through. */
import { endName } from '../events.ts'
import { define, violated } from './invariant.ts'

export const L1 = define<null>({
  id: 'L1',
  says: 'a faithful conversation completes every round asked for',
  powers: 'NIL',
  needs: ['conversed'],
  literal: 'holds',
  witness: { says: 'a faithful round was asked for', floor: 6_000, hit: (e) => e.on === 'conversed' && e.asked > 0 },
  start: null,
  step: (s, e) =>
    e.on === 'conversed' && e.done < e.asked
      ? violated(`${endName(e.run)} completed ${e.done} of ${e.asked} faithful rounds`)
      : s,
})
