/**
 * A process that decides the obligations it is sent: those of one system, by their numbers. The prover, z3 as WebAssembly,
 * starts threads of its own that outlive it, so it belongs into a process that is ended.
 */
import { init } from 'z3-solver'
import { EXPERIMENTS } from '../../../spec/proof/experiments.ts'
import { type Obligation, obligations } from '../../../spec/proof/obligations.ts'
import { PREAMBLE } from '../../../spec/proof/vocabulary.ts'
import { serve } from '../../harness/process/pool.ts'

export interface Job {
  /** Name of an experiment; null: `bound` as it is. */
  readonly experiment: string | null
  readonly numbers: readonly number[]
  /** In z3's own unit, which, unlike seconds, is the same on every machine. */
  readonly resources: number
}

/** `refuted`: there is a counterexample to induction. `undecided`: neither within the given resources. */
export type Answer = 'proved' | 'refuted' | 'undecided'

const startProver = async () => {
  const { Context } = await init()
  const { Solver } = Context('proof')
  return async (o: Obligation, resources: number): Promise<Answer> => {
    const solver = new Solver()
    try {
      solver.set('rlimit', resources)
      solver.set('random_seed', 1)
      solver.fromString(`${PREAMBLE}\n${o.text}`)
      const answer = await solver.check()
      return answer === 'unsat' ? 'proved' : answer === 'sat' ? 'refuted' : 'undecided'
    } finally {
      // Left to the garbage collector, it is freed at any time, also while a thread checks another one in the same
      // context, which z3 does not allow: texts were seen to come out garbled.
      solver.release()
    }
  }
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
