/** SPEC: what the system did after every step is among what the symbolic model may do (spec/checker/lockstep.ts). */

import { Lockstep } from '../../spec/checker/lockstep.ts'
import type { Event } from '../../spec/events.ts'
import type { Probe } from '../../spec/probes/index.ts'
import { KEYRING_IDS } from './rng.ts'

/** Verdicts are what the model is asked about most; a rejection without a reason it cannot judge. */
const verdict = (e: Event): boolean => e.on === 'accepted' || (e.on === 'rejected' && e.reason !== null)

export const SPEC: Probe = {
  id: 'SPEC',
  says: 'after every step, verdicts, frames, plaintexts, phases and rounds are among the model’s outcomes',
  powers: 'NILF',
  needs: ['accepted', 'rejected', 'committed', 'ended'],
  literal: 'holds',
  witness: { says: 'a verdict on a frame was compared with the model', floor: 5_000 },
  check(s, first, _play, length) {
    const lockstep = new Lockstep(s, KEYRING_IDS, length)
    let reached = 0
    for (const e of first) {
      if (verdict(e)) reached++
      const d = lockstep.observe(e)
      if (d !== null)
        return { reached, violated: { step: d.step, why: `saw ${d.saw}; the model allows ${d.allowed.join(' or ')}` } }
    }
    return { reached, violated: null }
  },
}
