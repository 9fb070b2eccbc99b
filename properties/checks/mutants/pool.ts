/** Hunts mutants in as many processes as there are cores; the result does not depend on how many. */
import { type ChildProcess, fork } from 'node:child_process'
import type { Mutant } from '../../harness/mutants/mutant.ts'
import type { Hunts, Plan } from './hunt.ts'

export interface Job {
  readonly mutant: Mutant
  readonly plan: Plan
}
/** What became of a mutant. */
export type Outcome =
  | { readonly kind: 'hunted'; readonly hunts: Hunts }
  | { readonly kind: 'inapplicable'; readonly why: string } // a text does not occur exactly once
  | { readonly kind: 'broken'; readonly why: string } // does not build, load or construct
  | { readonly kind: 'stuck' } // a schedule did not come to an end: an endless loop
export type Reply = Exclude<Outcome, { kind: 'stuck' }> | { readonly kind: 'alive' }

export interface Pool {
  readonly processes: number
  readonly seed: number
  /** A process that is silent for so long is taken to hang, and replaced. */
  readonly patienceMs: number
}

/** Calls `done` with each outcome as it arrives, in no particular order. Rejects when a process dies. */
export const huntEach = (
  jobs: readonly Job[],
  { processes, seed, patienceMs }: Pool,
  done: (m: Mutant, o: Outcome) => void,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const queue = [...jobs]
    const live = new Set<ChildProcess>()
    const fail = (error: Error): void => {
      for (const w of live) w.kill()
      reject(error)
    }
    const start = (): void => {
      const w = fork(new URL('./worker.ts', import.meta.url), [String(seed)], {
        execArgv: ['--import', 'tsx'],
        serialization: 'advanced',
      })
      live.add(w)
      let current: Job | undefined
      let watchdog: NodeJS.Timeout | undefined
      const watch = (): void => {
        clearTimeout(watchdog)
        watchdog = setTimeout(() => {
          done(current!.mutant, { kind: 'stuck' })
          current = undefined
          w.kill('SIGKILL')
          if (queue.length > 0) start()
        }, patienceMs)
      }
      const next = (): void => {
        clearTimeout(watchdog)
        current = queue.shift()
        if (current === undefined) {
          w.disconnect()
          return
        }
        watch()
        w.send(current)
      }
      w.on('message', (reply: Reply) => {
        if (reply.kind === 'alive') return watch()
        done(current!.mutant, reply)
        next()
      })
      w.on('error', fail)
      w.on('exit', (code) => {
        clearTimeout(watchdog)
        live.delete(w)
        if (current !== undefined) fail(new Error(`the process hunting ${current.mutant.id} ended with code ${code}`))
        else if (live.size === 0 && queue.length === 0) resolve()
      })
      next()
    }
    if (jobs.length === 0) resolve()
    for (let i = 0; i < Math.min(processes, jobs.length); i++) start()
  })
