/** The search of one target: its processes, its budget, what they found together. */
import { join } from 'node:path'
import { coverage, type ModuleCoverage } from './edges.ts'
import { FINDINGS } from './finding.ts'
import type { Found, Status } from './messages.ts'
import { corpusFolder, foundFolder, regressionFolder } from './store.ts'
import { Job, type JobStart, type Listener } from './supervisor.ts'

/** How long a target is searched. */
export type Budget =
  | { readonly kind: 'time'; readonly seconds: number }
  | { readonly kind: 'runs'; readonly executions: number }

export interface Options {
  readonly do: 'search' | 'minimize' | 'regress' | { readonly replay: string } | { readonly import: string }
  readonly targets: readonly string[]
  readonly budget: Budget
  readonly seed: number
  readonly jobs: number
  readonly limitMs: number
  readonly json: boolean
}

export interface Result {
  readonly target: string
  readonly executions: number
  readonly corpus: number
  readonly features: number
  readonly findings: readonly Found[]
  readonly coverage: readonly ModuleCoverage[]
  /** Of the first process: how many features it knew after how many executions. */
  readonly curve: readonly (readonly [executions: number, features: number])[]
  /** Ways in which the model can judge a frame that were seen, by name; null where the target has none. */
  readonly cells: readonly string[] | null
  /** Of the inputs kept, in one process; tells whether two runs did the same. */
  readonly digest: string
  /** Processes that ended because an execution did not. */
  readonly kills: number
  /** What went wrong with the search itself. */
  readonly troubles: readonly string[]
}

export interface Folders {
  readonly from: readonly string[]
  readonly found: string
  readonly findings: string
  readonly work: string
}

/** With a count of executions what earlier runs found is left out: it would make every run another one. */
export const foldersOf = (target: string, { budget }: Options): Folders => ({
  from: [regressionFolder(target), corpusFolder(target), ...(budget.kind === 'time' ? [foundFolder(target)] : [])],
  found: foundFolder(target),
  findings: FINDINGS,
  work: join(foundFolder(target), '.work'),
})

export class Campaign {
  readonly #target: string
  readonly #options: Options
  readonly #jobs: readonly Job[]
  readonly #statuses: Status[] = []
  readonly #found = new Map<string, Found>()
  readonly #watcher: Listener

  /** `watcher`: told the status summed over the processes, and each finding once. */
  constructor(target: string, options: Options, folders: Folders, watcher: Listener, more: Partial<JobStart> = {}) {
    this.#target = target
    this.#options = options
    this.#watcher = watcher
    this.#jobs = Array.from({ length: options.jobs }, (_, i) => {
      const start: JobStart = {
        target,
        seed: options.seed,
        stream: i,
        runs: this.#share(i),
        from: folders.from,
        found: folders.found,
        exchange: options.jobs > 1,
        findings: folders.findings,
        limitMs: options.limitMs,
        hangFile: join(folders.work, `hang-${process.pid}-${i}.json`),
        replacements: [],
        ...more,
      }
      return new Job(start, {
        status: (status) => {
          this.#statuses[i] = status
          watcher.status(this.#sum())
        },
        found: (found) => this.#newFinding(found),
      })
    })
  }

  /** Ends the search in order: everything found is on disk already. */
  stop(): void {
    for (const job of this.#jobs) job.stop()
  }

  /** `signal` ends it early, in order. */
  async run(signal?: AbortSignal): Promise<Result> {
    const { budget } = this.#options
    const stop = (): void => this.stop()
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop, { once: true })
    const timer = budget.kind === 'time' ? setTimeout(() => this.stop(), budget.seconds * 1_000) : undefined
    const outcomes = await Promise.all(this.#jobs.map((job) => job.run()))
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
    for (const [i, o] of outcomes.entries()) this.#statuses[i] = o.status
    const reached = outcomes.flatMap((o) => o.reached ?? [])
    const { executions, corpus, features } = this.#sum()
    return {
      target: this.#target,
      executions,
      corpus,
      features,
      findings: [...this.#found.values()],
      coverage: coverage(
        reached[0]?.edges ?? [],
        reached.flatMap((r) => r.taken),
      ),
      curve: reached[0]?.curve ?? [],
      cells: union(reached.map((r) => r.cells)),
      digest: reached[0]?.corpus ?? '',
      kills: outcomes.reduce((n, o) => n + o.kills, 0),
      troubles: outcomes.flatMap((o) => o.trouble ?? []),
    }
  }

  #share(i: number): number | null {
    const { budget, jobs } = this.#options
    if (budget.kind === 'time') return null
    return Math.floor(budget.executions / jobs) + (i < budget.executions % jobs ? 1 : 0)
  }

  #newFinding(found: Found): void {
    const known = this.#found.get(found.signature)
    if (known !== undefined && (known.alone || !found.alone)) return
    this.#found.set(found.signature, found)
    this.#watcher.found(found)
  }

  /** Executions add up; corpus and features of the processes are mostly the same ones. */
  #sum(): Status {
    const all = this.#statuses.filter((s) => s !== undefined)
    const most = (of: (s: Status) => number): number => all.reduce((n, s) => Math.max(n, of(s)), 0)
    return {
      executions: all.reduce((n, s) => n + s.executions, 0),
      corpus: most((s) => s.corpus),
      features: most((s) => s.features),
      sinceNew: all.reduce((n, s) => Math.min(n, s.sinceNew), Number.POSITIVE_INFINITY),
    }
  }
}

const union = (all: readonly (readonly string[] | null)[]): readonly string[] | null => {
  const seen = all.filter((cells) => cells !== null)
  return seen.length === 0 ? null : [...new Set(seen.flat())].sort()
}
