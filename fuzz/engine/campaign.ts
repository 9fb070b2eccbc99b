/** The search of one target: its processes, its budget, what they found together. */
import { join } from 'node:path'
import type { Problem } from '../../properties/harness/report/outcome.ts'
import { coverage, type ModuleCoverage } from './edges.ts'
import { FINDINGS, type Found, replayCommand } from './finding.ts'
import { corpusFolder, foundFolder, regressionFolder } from './store.ts'
import { Job, type JobStart, type Listener, type Status } from './supervisor.ts'

/** How long a target is searched. */
export type Budget =
  | { readonly kind: 'time'; readonly seconds: number }
  | { readonly kind: 'runs'; readonly executions: number }

interface Search {
  readonly budget: Budget
  readonly seed: number
  readonly jobs: number
  readonly limitMs: number
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
export const foldersOf = (target: string, { kind }: Budget): Folders => ({
  from: [regressionFolder(target), corpusFolder(target), ...(kind === 'time' ? [foundFolder(target)] : [])],
  found: foundFolder(target),
  findings: FINDINGS,
  work: join(foundFolder(target), '.work'),
})

/** What was found, and what went wrong with the search. */
export const problemsOf = ({ target: about, findings, troubles }: Result): readonly Problem[] => [
  ...findings.map(({ lines, path }): Problem => {
    return { kind: 'open-finding', text: `fuzz: ${lines[0]}`, replay: replayCommand(path), about }
  }),
  ...troubles.map((why): Problem => ({ kind: 'error', text: `fuzz ${about}: ${why}`, about })),
]

/** Executions add up; corpus and features of the processes are mostly the same ones. */
const together = (all: readonly Status[]): Status => {
  const most = (of: 'corpus' | 'features'): number => all.reduce((n, s) => Math.max(n, s[of]), 0)
  return {
    executions: all.reduce((n, s) => n + s.executions, 0),
    corpus: most('corpus'),
    features: most('features'),
    sinceNew: all.reduce((n, s) => Math.min(n, s.sinceNew), Number.POSITIVE_INFINITY),
  }
}

const union = (all: readonly (readonly string[] | null)[]): readonly string[] | null => {
  const seen = all.filter((cells) => cells !== null)
  return seen.length === 0 ? null : [...new Set(seen.flat())].sort()
}

/**
 * Searches a target. `watcher`: told the status summed over the processes, and each finding once. `signal` ends it early
 * and in order: everything found is on disk already.
 */
export const campaign = async (
  target: string,
  { budget, seed, jobs, limitMs }: Search,
  { work, ...folders }: Folders,
  watcher: Listener,
  signal: AbortSignal,
  more: Partial<JobStart> = {},
): Promise<Result> => {
  const statuses: Status[] = []
  const findings = new Map<string, Found>()
  const found = (f: Found): void => {
    const known = findings.get(f.signature)
    if (known !== undefined && (known.alone || !f.alone)) return
    findings.set(f.signature, f)
    watcher.found(f)
  }
  const share = (i: number): number | null =>
    budget.kind === 'time' ? null : Math.floor(budget.executions / jobs) + (i < budget.executions % jobs ? 1 : 0)
  const all = Array.from({ length: jobs }, (_, i) => {
    const hangFile = join(work, `hang-${process.pid}-${i}.json`)
    const start = { target, seed, stream: i, runs: share(i), ...folders, exchange: jobs > 1, limitMs, hangFile }
    const status = (s: Status): void => {
      statuses[i] = s
      watcher.status(together(statuses.filter((s) => s !== undefined)))
    }
    return new Job({ ...start, replacements: [], ...more }, { status, found })
  })
  const stop = (): void => {
    for (const job of all) job.stop()
  }
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  const timer = budget.kind === 'time' ? setTimeout(stop, budget.seconds * 1_000) : undefined
  const outcomes = await Promise.all(all.map((job) => job.run()))
  clearTimeout(timer)
  signal.removeEventListener('abort', stop)
  const reached = outcomes.flatMap((o) => o.reached ?? [])
  const { executions, corpus, features } = together(outcomes.map((o) => o.status))
  const taken = reached.flatMap((r) => r.taken)
  return {
    target,
    executions,
    corpus,
    features,
    findings: [...findings.values()],
    coverage: coverage(reached[0]?.edges ?? [], taken),
    curve: reached[0]?.curve ?? [],
    cells: union(reached.map((r) => r.cells)),
    digest: reached[0]?.corpus ?? '',
    kills: outcomes.reduce((n, o) => n + o.kills, 0),
    troubles: outcomes.flatMap((o) => o.trouble ?? []),
  }
}
