/** Hunts mutants in several processes; one that falls silent is replaced, and its mutant counts as found: it hangs. */
import { fork } from 'node:child_process'
import type { Kill } from './kill.ts'
import type { Job, Reply } from './worker.ts'

const PATIENCE_MS = 600_000 // between two signs of life, on however busy a machine

export type Outcome = Kill | { readonly mutant: string; readonly broken: string }

/** Calls `done` with each outcome as it arrives, in no particular order. */
export const hunt = (jobs: readonly Job[], processes: number, done: (o: Outcome, j: Job) => void): Promise<void> =>
  new Promise((resolve) => {
    const queue = [...jobs]
    let working = 0
    const start = (): void => {
      working++
      const child = fork(new URL('./worker.ts', import.meta.url), { execArgv: ['--import', 'tsx'] })
      let job: Job | undefined
      let watchdog: NodeJS.Timeout | undefined
      const end = (o: Outcome): void => {
        if (job !== undefined) done(o, job)
        job = undefined
      }
      const watch = (): void => {
        clearTimeout(watchdog)
        watchdog = setTimeout(() => {
          const mutant = job!.mutant
          end({ mutant, reason: 'does not end', replays: null, ms: PATIENCE_MS, executions: 0 })
          child.kill('SIGKILL')
        }, PATIENCE_MS)
      }
      const next = (): void => {
        clearTimeout(watchdog)
        job = queue.shift()
        if (job === undefined) child.disconnect()
        else {
          watch()
          child.send(job)
        }
      }
      child.on('message', (r: Reply) => {
        switch (r.kind) {
          case 'alive':
            return watch()
          case 'done':
            end(r.kill)
            return next()
          case 'broken':
            end({ mutant: job!.mutant, broken: r.why })
            return next()
        }
      })
      child.on('exit', () => {
        clearTimeout(watchdog)
        if (job !== undefined) end({ mutant: job.mutant, broken: 'the process died' })
        working--
        if (queue.length > 0) start()
        else if (working === 0) resolve()
      })
      next()
    }
    if (jobs.length === 0) resolve()
    for (let i = 0; i < Math.min(processes, jobs.length); i++) start()
  })
