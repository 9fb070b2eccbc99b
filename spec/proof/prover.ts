/** The prover: z3 as WebAssembly. It starts threads of its own that outlive it, so it belongs into a process that is ended. */
import { init } from 'z3-solver'
import type { Obligation } from './obligations.ts'
import { PREAMBLE } from './vocabulary.ts'

/** `refuted`: there is a counterexample to induction. `undecided`: neither within the given resources. */
export type Answer = 'proved' | 'refuted' | 'undecided'

/** Decides obligations; `resources`: in z3's own unit, which, unlike seconds, is the same on every machine. */
export type Prover = (o: Obligation, resources: number) => Promise<Answer>

export const startProver = async (): Promise<Prover> => {
  const { Context } = await init()
  const { Solver } = Context('proof')
  return async (o, resources) => {
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
