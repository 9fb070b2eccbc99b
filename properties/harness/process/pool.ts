/**
 * The one pool of processes: a queue, as many processes as asked for, a watchdog over time and memory, and replacements
 * for dead ones. A system under test runs only in such a process, and only an answer with the key of the process counts:
 * whatever else ends, hangs, exhausts or says there is the fate of the job, never an answer.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as pause, setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { atEnd } from '../terminal/ending.ts'
import { thrown } from '../terminal/text.ts'
import { endGroup, loader } from './programs.ts'
import { altered } from './realm.ts'

export interface Pool {
  /** The program of a worker, which calls `serve`. */
  readonly worker: URL
  readonly args?: readonly string[]
  /** At most so many at once. */
  readonly processes: number
  /** A process that is silent for so many milliseconds is taken to hang: killed and replaced. Default: never. */
  readonly patienceMs?: number
  /** Of JavaScript objects, and as much again of everything else. Default: 4,096. */
  readonly memoryMb?: number
  /** Ends all processes; the pool then rejects. */
  readonly signal?: AbortSignal
}

/** What became of a job. `at`: what it last marked, where anything. */
export type Fate<R> =
  | { readonly kind: 'done'; readonly result: R }
  | { readonly kind: 'failed'; readonly why: string; readonly at?: unknown } // the worker threw, or something threw later
  | { readonly kind: 'stuck'; readonly at?: unknown } // silent for longer than the patience
  | { readonly kind: 'died'; readonly how: string; readonly at?: unknown } // the process ended over it

/** Why there is no answer, in one line. */
export const lostBy = (fate: Exclude<Fate<unknown>, { kind: 'done' }>): string => {
  switch (fate.kind) {
    case 'failed':
      return fate.why.split(/\n\s*/, 2).join(' ') // and the innermost place, where there is a stack
    case 'stuck':
      return 'it does not end'
    case 'died':
      return `its process ${fate.how}`
  }
}

/** What becomes of each, in their order, at most so many at once. Rejects as the first that does, once none goes on. */
export const atMost = async <T, R>(
  most: number,
  all: readonly T[],
  play: (one: T) => Promise<R>,
): Promise<readonly R[]> => {
  const queue = [...all.entries()]
  const results: R[] = []
  const worker = async (): Promise<void> => {
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next[0]] = await play(next[1])
    } finally {
      queue.length = 0
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: Math.min(most, all.length) }, worker))
  for (const e of ended) if (e.status === 'rejected') throw e.reason
  return results
}

/** From a worker. `alive` is a sign of life, with whatever the job has to say while it goes on; `at`: where it is now. */
type Message<R> =
  | Exclude<Fate<R>, { kind: 'stuck' | 'died' }>
  | { readonly kind: 'failed'; readonly why: string; readonly spent: true } // no more jobs for this process
  | { readonly kind: 'alive'; readonly note?: unknown }
  | { readonly kind: 'at'; readonly at: unknown }

interface Hear<J, R> {
  /** The fate of each job as it arrives, in no particular order. Whatever it throws ends the pool. */
  done(fate: Fate<R>, job: J): void
  note?(note: unknown, job: J): void
  /** What a worker writes to its standard output, in pieces as they come; nothing of it is shown otherwise. */
  printed?(text: string): void
}

const MEMORY_MB = 4_096
const WATCH_MS = 250
const START_MS = 60_000 // more than the patience, for a process to start
const FAREWELL_MS = 500 // for what a process that ended has still in its pipes, and for one to end by itself

/** Resident memory in MB; 0 where the system does not tell. */
const memoryOf = (pid: number | undefined): number => {
  try {
    return Number(/^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** The line of its last words that says why, where there is one. */
const lastWords = (said: string): string => {
  const line = /^.*?(FATAL ERROR: .*|\w*Error\b.*)$/m.exec(said)?.[1]
  return line === undefined ? '' : `: ${line.slice(0, 200)}`
}

const running = new Set<ChildProcess>()
const kill = (w: ChildProcess): boolean => endGroup(w.pid) || w.kill('SIGKILL')
atEnd(() => {
  for (const w of running) kill(w)
})

/** Resolves when every job has met its fate. Rejects with what `done` threw, or when a process cannot be started. */
export const runPool = <J, R>(jobs: readonly J[], pool: Pool, hear: Hear<J, R>): Promise<void> =>
  new Promise((resolve, reject) => {
    const { memoryMb = MEMORY_MB } = pool
    const queue = [...jobs]
    const live = new Set<ChildProcess>()
    let stopped = false
    const stop = (error: unknown): void => {
      stopped = true
      queue.length = 0
      clearInterval(memory)
      for (const w of live) kill(w)
      reject(error)
    }
    const guard = (act: () => void): void => {
      try {
        if (!stopped) act()
      } catch (e) {
        stop(e)
      }
    }
    const tooLarge = new Set<ChildProcess>()
    const memory = setInterval(() => {
      for (const w of live) if (memoryOf(w.pid) > 2 * memoryMb && tooLarge.add(w)) kill(w)
    }, WATCH_MS)
    memory.unref()

    const start = (): void => {
      const key = randomUUID()
      const w = fork(pool.worker, [...(pool.args ?? [])], {
        // one core for each; helpers would only take others'
        execArgv: ['--single-threaded-gc', `--max-old-space-size=${memoryMb}`, ...loader(pool.args ?? [])],
        serialization: 'advanced',
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        detached: true, // a group of its own: whatever it starts ends with it, and a signal to its group is its own
      })
      live.add(w)
      running.add(w)
      let job: J | undefined
      let last: J | undefined // the job before, which may still have left something behind
      let at: unknown
      let said = ''
      let watchdog: NodeJS.Timeout | undefined
      let dismissed = false
      w.stdout!.on('data', (text: Buffer) => guard(() => hear.printed?.(text.toString())))
      w.stderr!.on('data', (text: Buffer) => {
        said = (said + text.toString()).slice(-8_192)
      })
      const end = (fate: Fate<R>): void => {
        clearTimeout(watchdog)
        if (job === undefined) return
        last = job
        job = undefined
        guard(() => hear.done(at === undefined || fate.kind === 'done' ? fate : { at, ...fate }, last!))
        at = undefined
      }
      const watch = (more = 0): void => {
        clearTimeout(watchdog)
        if (pool.patienceMs === undefined) return
        watchdog = setTimeout(() => {
          end({ kind: 'stuck' })
          dismissed = true
          kill(w)
        }, pool.patienceMs + more)
      }
      const next = (more = 0): void => {
        job = queue.shift()
        if (job !== undefined) {
          watch(more)
          w.send({ key, job }, () => {}) // one that has ended meanwhile is heard of below
        } else {
          dismissed = true
          if (w.connected) w.disconnect()
          setTimeout(() => kill(w), FAREWELL_MS).unref()
        }
      }
      w.on('message', (m: Message<R> & { readonly key?: unknown }) => {
        if (m?.key !== key) {
          end({ kind: 'failed', why: 'the code under test sent messages in the name of its process' })
          dismissed = true
          kill(w)
        } else if (m.kind === 'at') {
          at = m.at
          watch()
        } else if (m.kind === 'alive') {
          watch()
          if (m.note !== undefined && job !== undefined) hear.note?.(m.note, job)
        } else {
          const { key: _, ...fate } = m
          end(fate)
          if ('spent' in fate) {
            dismissed = true
            kill(w)
          } else next()
        }
      })
      w.on('disconnect', () => dismissed || kill(w))
      w.on('error', (e) => (w.pid === undefined ? stop(e) : kill(w)))
      const ended = (code: number | null, signal: NodeJS.Signals | null): void => {
        if (!live.delete(w)) return
        running.delete(w)
        endGroup(w.pid) // what it started and left behind
        // It may have ended of what an earlier job left behind.
        if (job === undefined && (!dismissed || (code !== null && code !== 0))) job = last
        if (tooLarge.has(w)) end({ kind: 'died', how: `took more than ${2 * memoryMb} MB of memory` })
        else if (signal !== null) end({ kind: 'died', how: `was ended by ${signal}${lastWords(said)}` })
        else end({ kind: 'died', how: `ended with code ${code}${lastWords(said)}` })
        w.stdout!.destroy()
        w.stderr!.destroy()
        if (queue.length > 0) start()
        else if (live.size === 0) {
          clearInterval(memory)
          resolve()
        }
      }
      w.on('close', ended)
      w.on('exit', (code, signal) => setTimeout(ended, FAREWELL_MS, code, signal)) // somebody else holds its pipes
      w.send({ key }, () => {})
      next(START_MS)
    }
    pool.signal?.addEventListener('abort', () => stop(new Error('stopped')), { once: true })
    if (pool.signal?.aborted) stop(new Error('stopped'))
    else if (jobs.length === 0) resolve()
    else for (let i = Math.min(pool.processes, jobs.length); i > 0; i--) start()
  })

/** A sign of life, at most one a second unless it has something to say; may wait, so that the message leaves. */
export type Beat = (note?: unknown) => Promise<void>

/** Tells where in its job the worker is, a sign of life too: what the fate names where the process ends or hangs. */
export type Mark = (at: unknown) => void

const BEAT_MS = 1_000
const LATE = 70

const wordsOf = (e: unknown): string => {
  try {
    if (e instanceof Error && e.cause instanceof Error) return `${thrown(e, false)}: ${e.cause.stack}`
  } catch {} // what cannot even be asked whether it is an Error
  return thrown(e, false)
}

const ORPHANED = `
const parent = process.ppid
setInterval(() => process.ppid !== parent && process.kill(-process.pid, 'SIGKILL'), 1000)
`

/**
 * The code under test sees no parent that it could end, and where the parent has ended nothing goes on, not even what
 * does not end by itself.
 */
const apart = (): void => {
  new Worker(ORPHANED, { eval: true, execArgv: [] }).unref()
  const [parent, signal] = [process.ppid, process.kill.bind(process)]
  process.kill = (pid, name) => {
    if (Math.abs(pid) === parent || pid === -1) throw new Error(`kill ${pid}: that is not of the system under test`)
    return signal(pid, name)
  }
  Reflect.deleteProperty(process, 'ppid') // Node's own cannot be redefined
  Object.defineProperty(process, 'ppid', { get: () => process.pid })
}

/**
 * The other side of `runPool`: works on one job after another until the pool has no more. To be called before any code
 * under test is loaded: it takes the channel for itself.
 */
export const serve = <J, R>(work: (job: J, beat: Beat, mark: Mark) => R | Promise<R>): void => {
  const send = process.send!.bind(process)
  const exit = process.exit.bind(process)
  delete process.send
  apart()
  let key: string | undefined
  // To nobody, where the pool's process has ended; then there is nothing left to do.
  const tell = (m: Message<R>): unknown => send({ key, ...m }, () => {})
  let last = performance.now()
  const beat: Beat = async (note) => {
    if (note === undefined && performance.now() - last < BEAT_MS) return
    last = performance.now()
    tell({ kind: 'alive', note })
    await setImmediate()
  }
  const mark: Mark = (at) => tell({ kind: 'at', at })
  let busy = false
  let trouble: string | null = null
  /** Thrown where nobody waits for it: by a timer, or in a promise. */
  const escaped = (e: unknown): void => {
    if (!busy) exit(LATE)
    trouble ??= `thrown outside of any call: ${wordsOf(e)}`
  }
  process.on('uncaughtException', escaped)
  process.on('unhandledRejection', escaped)
  process.on('disconnect', () => exit(0))
  process.on('message', async (m: { readonly key: string; readonly job?: J }) => {
    if (key === undefined) {
      key = m.key
      tell({ kind: 'alive' })
      return
    }
    if (m?.key !== key || m.job === undefined) return // the code under test talks to itself
    const { job } = m
    busy = true
    let answer: Message<R>
    try {
      const result = await work(job, beat, mark)
      await setImmediate()
      await pause(1) // what the job left to promises and to timers of 0 or 1 ms is its own: they fire in order
      answer = { kind: 'done', result }
    } catch (e) {
      answer = { kind: 'failed', why: wordsOf(e) }
    }
    const changed = altered()
    if (changed !== null) tell({ kind: 'failed', why: trouble ?? changed, spent: true })
    else tell(trouble === null ? answer : { kind: 'failed', why: trouble })
    trouble = null
    busy = false
  })
}
