/** Plays chunks in as many processes as there are cores; the result does not depend on how many. */
import { fork } from 'node:child_process'
import type { Chunk } from './campaign.ts'
import type { Result } from './tally.ts'

export interface Job {
  readonly chunk: Chunk
}
export type Reply =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly why: string }

/**
 * Calls `done` with each result as it arrives, in no particular order. Rejects when a process fails. `party`: the file
 * of the implementation to play, null for src.
 */
export const playAll = (
  chunks: readonly Chunk[],
  processes: number,
  party: string | null,
  done: (r: Result, c: Chunk) => void,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const queue = [...chunks]
    const workers = Array.from({ length: Math.min(processes, chunks.length) }, () =>
      fork(new URL('./worker.ts', import.meta.url), party === null ? [] : [party], {
        execArgv: ['--single-threaded-gc', '--import', 'tsx'], // one core for each; helpers would only take others'
        serialization: 'advanced',
      }),
    )
    let left = workers.length
    if (left === 0) resolve()
    const stop = (error: Error): void => {
      for (const w of workers) w.kill()
      reject(error)
    }
    for (const w of workers) {
      let current: Chunk | undefined
      const next = (): void => {
        current = queue.shift()
        if (current === undefined) w.disconnect()
        else w.send({ chunk: current } satisfies Job)
      }
      w.on('message', (reply: Reply) => {
        if (reply.kind === 'failed') return stop(new Error(reply.why))
        done(reply.result, current!)
        next()
      })
      w.on('error', stop)
      w.on('exit', (code) => {
        if (current !== undefined) stop(new Error(`a process playing schedules ended with code ${code}`))
        else if (--left === 0) resolve()
      })
      next()
    }
  })
