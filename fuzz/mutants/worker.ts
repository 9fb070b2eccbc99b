/** A process that hunts the mutants it is sent. */
import { MUTANTS } from '../../properties/harness/mutants/catalogue.ts'
import { serve } from '../../properties/harness/pool.ts'
import { targetNamed } from '../targets/index.ts'
import { type Kill, killOne, type Race } from './kill.ts'

export interface Job {
  readonly mutant: string
  readonly target: string
  readonly race: Race
}

serve<Job, Kill>(({ mutant, target, race }, beat) =>
  killOne(MUTANTS.find((m) => m.id === mutant)!, targetNamed(target), race, beat),
)
