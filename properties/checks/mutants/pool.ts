/** Hunts mutants in several processes; the result does not depend on how many. */
import type { Mutant } from '../../harness/mutants/mutant.ts'
import { type Pool, runPool } from '../../harness/pool.ts'
import type { Tested } from './by-tests.ts'
import type { Hunts, Plan } from './hunt.ts'

export interface Job {
  readonly mutant: Mutant
  readonly plan: Plan
}
/** From a worker. */
export type Hunted =
  | { readonly kind: 'hunted'; readonly hunts: Hunts }
  | { readonly kind: 'inapplicable'; readonly why: string } // a text does not occur exactly once
/** What became of a mutant. */
export type Outcome =
  | Hunted
  | Tested
  | { readonly kind: 'broken'; readonly why: string } // does not build, load or construct
  | { readonly kind: 'stuck' } // a schedule did not end: an endless loop

/** Calls `done` with each outcome as it arrives, in no particular order. Rejects when a process dies. */
export const huntEach = (
  jobs: readonly Job[],
  { seed, ...pool }: Omit<Pool, 'worker' | 'args'> & { readonly seed: number },
  done: (m: Mutant, o: Outcome) => void,
): Promise<void> =>
  runPool<Job, Hunted>(
    jobs,
    { ...pool, worker: new URL('./worker.ts', import.meta.url), args: [String(seed)] },
    {
      done(fate, { mutant }) {
        switch (fate.kind) {
          case 'done':
            return done(mutant, fate.result)
          case 'failed':
            return done(mutant, { kind: 'broken', why: fate.why })
          case 'stuck':
            return done(mutant, fate)
          case 'died':
            throw new Error(`the process hunting ${mutant.id} ended with code ${fate.code}`)
        }
      },
    },
  )
