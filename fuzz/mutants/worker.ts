/** A process that hunts the mutants it is sent. */
import type { Mutant } from '../../properties/harness/mutants/mutant.ts'
import { serve } from '../../properties/harness/process/pool.ts'
import { targetNamed } from '../targets/index.ts'
import { type Kill, killOne, type Limits } from './kill.ts'

export interface Job {
  readonly mutant: Mutant
  readonly target: string
  readonly limits: Limits
}

serve<Job, Kill>(({ mutant, target, limits }, beat) => killOne(mutant, targetNamed(target), limits, beat))
