/** Hunts mutants in several processes; the result does not depend on how many. */
import type { Mutant } from '../../harness/mutants/mutant.ts'
import { type Pool, runPool } from '../../harness/process/pool.ts'
import { printable } from '../../harness/terminal/text.ts'
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
  | { readonly kind: 'ended'; readonly how: string } // its process, and on which schedule

const MEMORY_MB = 1_024

const where = (at: unknown): string =>
  typeof at !== 'object' || at === null
    ? ' before its first schedule'
    : ` on ${Object.entries(at)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')}`

/** Calls `done` with each outcome as it arrives, in no particular order. Rejects when the signal stops it. */
export const huntEach = (
  jobs: readonly Job[],
  { seed, ...pool }: Omit<Pool, 'worker' | 'args'> & { readonly seed: number },
  done: (m: Mutant, o: Outcome) => void,
): Promise<void> =>
  runPool<Job, Hunted>(
    jobs,
    { memoryMb: MEMORY_MB, ...pool, worker: new URL('./worker.ts', import.meta.url), args: [String(seed)] },
    {
      done(fate, { mutant }) {
        switch (fate.kind) {
          case 'done':
            return done(mutant, fate.result)
          case 'failed':
            return done(mutant, { kind: 'broken', why: fate.why })
          case 'stuck':
            return done(mutant, { kind: 'stuck' })
          case 'died':
            return done(mutant, { kind: 'ended', how: printable(`process ${fate.how}${where(fate.at)}`) })
        }
      },
    },
  )
