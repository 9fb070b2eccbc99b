/** One schedule for every way in which the model can judge a frame, so that each is exercised by design, not by luck. */
import { coverings } from '../../../../spec/checker/lockstep/cells.ts'
import type { Scope } from './scope.ts'

export const CELLS: Scope = {
  says: 'every way in which the model can judge a frame: role, phase, opcode, verdict',
  schedules: (mode) => coverings(mode).map((c) => c.schedule),
  probes: ['SPEC'],
}
