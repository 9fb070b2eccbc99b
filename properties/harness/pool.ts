/** The one pool of processes: a queue, as many processes as asked for, a watchdog, and replacements for dead ones. */
import { type ChildProcess, fork } from 'node:child_process'
import { setImmediate } from 'node:timers/promises'

export interface Pool {
  /** The program of a worker, which calls `serve`. */
  readonly worker: URL
  readonly args?: readonly string[]
  /** At most so many at once. */
  readonly processes: number
  /** A process that is silent for so many milliseconds is taken to hang: killed and replaced. Default: never. */
  readonly patienceMs?: number
  /** Ends all processes; the pool then rejects. */
  readonly signal?: AbortSignal
}

/** What became of a job. */
export type Fate<R> =
  | { readonly kind: 'done'; readonly result: R }
  | { readonly kind: 'failed'; readonly why: string } // the worker threw
  | { readonly kind: 'stuck' } // silent for longer than the patience
  | { readonly kind: 'died'; readonly code: number | null } // the process ended over it

/** From a worker. `alive` is a sign of life, with whatever the job has to say while it goes on. */
type Message<R> = Exclude<Fate<R>, { kind: 'stuck' | 'died' }> | { readonly kind: 'alive'; readonly note?: unknown }

interface Hear<J, R> {
  /** The fate of each job as it arrives, in no particular order. Whatever it throws ends the pool. */
  done(fate: Fate<R>, job: J): void
  note?(note: unknown, job: J): void
}

/** Resolves when every job has met its fate. Rejects with what `done` threw, or when a process cannot be started. */
export const runPool = <J, R>(jobs: readonly J[], pool: Pool, hear: Hear<J, R>): Promise<void> =>
  new Promise((resolve, reject) => {
    const queue = [...jobs]
    const live = new Set<ChildProcess>()
    let stopped = false
    const stop = (error: unknown): void => {
      stopped = true
      queue.length = 0
      for (const w of live) w.kill('SIGKILL')
      reject(error)
    }
    const start = (): void => {
      const w = fork(pool.worker, [...(pool.args ?? [])], {
        execArgv: ['--single-threaded-gc', '--import', 'tsx'], // one core for each; helpers would only take others'
        serialization: 'advanced',
      })
      live.add(w)
      let job: J | undefined
      let watchdog: NodeJS.Timeout | undefined
      const end = (fate: Fate<R>): void => {
        clearTimeout(watchdog)
        if (job === undefined || stopped) return
        const ended = job
        job = undefined
        try {
          hear.done(fate, ended)
        } catch (e) {
          stop(e)
        }
      }
      const watch = (): void => {
        clearTimeout(watchdog)
        if (pool.patienceMs === undefined) return
        watchdog = setTimeout(() => {
          end({ kind: 'stuck' })
          w.kill('SIGKILL')
        }, pool.patienceMs)
      }
      const next = (): void => {
        job = queue.shift()
        if (job !== undefined) {
          watch()
          w.send(job as object)
        } else if (w.connected) w.disconnect()
      }
      w.on('message', (m: Message<R>) => {
        if (m.kind !== 'alive') {
          end(m)
          return next()
        }
        watch()
        if (m.note !== undefined && job !== undefined) hear.note?.(m.note, job)
      })
      w.on('error', stop)
      w.on('exit', (code) => {
        live.delete(w)
        end({ kind: 'died', code })
        if (queue.length > 0) start()
        else if (live.size === 0) resolve()
      })
      next()
    }
    pool.signal?.addEventListener('abort', () => stop(new Error('stopped')), { once: true })
    if (jobs.length === 0) resolve()
    for (let i = Math.min(pool.processes, jobs.length); i > 0; i--) start()
  })

/** A sign of life, at most one a second unless it has something to say; may wait, so that the message leaves. */
export type Beat = (note?: unknown) => Promise<void>

const BEAT_MS = 1_000

/** The other side of `runPool`: works on one job after another until the pool has no more. */
export const serve = <J, R>(work: (job: J, beat: Beat) => R | Promise<R>): void => {
  // To nobody, where the pool's process has ended; then there is nothing left to do.
  const tell = (m: Message<R>): unknown => process.send?.(m, () => {})
  process.on('disconnect', () => process.exit())
  let last = performance.now()
  const beat: Beat = async (note) => {
    if (note === undefined && performance.now() - last < BEAT_MS) return
    last = performance.now()
    tell({ kind: 'alive', note })
    await setImmediate()
  }
  process.on('message', async (job: J) => {
    try {
      tell({ kind: 'done', result: await work(job, beat) })
    } catch (e) {
      const cause = e instanceof Error && e.cause instanceof Error ? `: ${e.cause.stack}` : ''
      tell({ kind: 'failed', why: `${e instanceof Error ? e.message : String(e)}${cause}` })
    }
  })
}
