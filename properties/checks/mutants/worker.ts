/** A process that hunts the mutants it is sent. Argument: the seed of its schedules. */
import { serve } from '../../harness/process/pool.ts'
import { sealRealm } from '../../harness/process/realm.ts'
import { VariantError } from '../../harness/process/variants.ts'
import { huntAll } from './hunt.ts'
import type { Hunted, Job } from './pool.ts'
import { Stream } from './stream.ts'

const stream = new Stream(Number(process.argv[2]))

serve<Job, Hunted>(async ({ mutant, plan }, beat, mark) => {
  try {
    const hunts = await huntAll(mutant, stream, plan, (at) => {
      mark(at)
      return beat()
    })
    return { kind: 'hunted', hunts }
  } catch (e) {
    if (e instanceof VariantError) return { kind: 'inapplicable', why: e.message }
    throw e
  }
})
sealRealm() // before any mutant is loaded
