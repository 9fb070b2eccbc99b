/** A process that hunts the mutants it is sent. */
import type { Mutant } from '../../properties/harness/mutants/mutant.ts'
import { serve } from '../../properties/harness/pool.ts'
import { targetNamed } from '../targets/index.ts'
import { type Kill, killOne, type Race } from './kill.ts'

export interface Job {
  readonly mutant: Mutant
  readonly target: string
  readonly race: Race
}

serve<Job, Kill>(({ mutant, target, race }, beat) => killOne(mutant, targetNamed(target), race, beat))
