/** A process that hunts the mutants it is sent. Argument: the seed of its schedules. */
import { serve } from '../../harness/pool.ts'
import { VariantError } from '../../harness/variants.ts'
import { huntAll } from './hunt.ts'
import type { Hunted, Job } from './pool.ts'
import { Stream } from './stream.ts'

const stream = new Stream(Number(process.argv[2]))

serve<Job, Hunted>(async ({ mutant, plan }, beat) => {
  try {
    return { kind: 'hunted', hunts: await huntAll(mutant, stream, plan, beat) }
  } catch (e) {
    if (e instanceof VariantError) return { kind: 'inapplicable', why: e.message }
    throw e
  }
})
