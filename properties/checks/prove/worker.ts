/** A process that decides the obligations it is sent: those of one system, by their numbers. */
import { EXPERIMENTS } from '../../../spec/proof/experiments.ts'
import { type Obligation, obligations } from '../../../spec/proof/obligations.ts'
import { type Answer, startProver } from '../../../spec/proof/prover.ts'
import { serve } from '../../harness/pool.ts'

export interface Job {
  /** Name of an experiment; null: `bound` as it is. */
  readonly experiment: string | null
  readonly numbers: readonly number[]
  readonly resources: number
}

const prover = startProver()
const made = new Map<string | null, readonly Obligation[]>()
const of = (experiment: string | null): readonly Obligation[] => {
  const known = made.get(experiment)
  if (known !== undefined) return known
  const os = obligations(experiment === null ? {} : EXPERIMENTS[experiment])
  made.set(experiment, os)
  return os
}

serve<Job, readonly Answer[]>(async ({ experiment, numbers, resources }, beat) => {
  const prove = await prover
  const answers: Answer[] = []
  for (const n of numbers) {
    answers.push(await prove(of(experiment)[n]!, resources))
    await beat()
  }
  return answers
})
