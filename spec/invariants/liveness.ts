/** L: what is faithful gets through. */
import { endName, type Ledger } from '../events.ts'
import { define, violated } from './invariant.ts'

/**
 * PROTOCOL §7: confirmed sessions are never displaced, so a server full of them takes nobody. Which are confirmed can be
 * told from what was accepted, so that no party needs to show it.
 */
const full = (l: Ledger): boolean =>
  new Set(l.submissions().flatMap((x) => (x.live ? [x.at.n] : []))).size >= l.limits.connections

export const L1 = define<null>({
  id: 'L1',
  says: 'a faithful conversation completes every round asked for, where the server has room',
  needs: ['conversed', 'accepted', 'ended'],
  witness: { says: 'a faithful round was asked for', floor: 6_000, hit: (e) => e.on === 'conversed' && e.asked > 0 },
  step: (s, e, l) =>
    e.on === 'conversed' && e.done < e.asked && !full(l)
      ? violated(`${endName(e.run)} completed ${e.done} of ${e.asked} faithful rounds`)
      : s,
})
