/**
 * The `fuzz:mutants` command: how much of the catalogue a target finds by itself, each mutant within a time of its own,
 * and which it does not.
 */
import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { FAMILIES, MUTANTS } from '../../properties/harness/mutants/catalogue.ts'
import { readCatalogue } from '../../properties/harness/mutants/catalogue-file.ts'
import type { Mutant } from '../../properties/harness/mutants/mutant.ts'
import { type Fate, runPool } from '../../properties/harness/process/pool.ts'
import { command, main } from '../../properties/harness/terminal/command.ts'
import { flag, integer, integers, oneOf, text, UsageError } from '../../properties/harness/terminal/options.ts'
import { counting } from '../../properties/harness/terminal/progress.ts'
import { median, printable, right, table } from '../../properties/harness/terminal/text.ts'
import { TARGET_NAMES } from '../targets/index.ts'
import type { Kill } from './kill.ts'
import type { Job } from './worker.ts'

const SHARE = 0.7 // of the catalogue, required
const PATIENCE_MS = 600_000 // between two signs of life, on however busy a machine
const FIRST_FIVE = ['tag-unchecked', 'direction-unchecked', 'no-binding', 'keys-before-padding', 'lookup-by-header-id']

const OPTIONS = z.strictObject({
  target: oneOf(TARGET_NAMES, { value: 'T', says: `of ${TARGET_NAMES.join(', ')}`, default: 'sequence' }),
  only: text({
    value: 'A,B',
    says: `these mutants or families; \`five\`: ${FIRST_FIVE.join(', ')} (default: all)`,
    default: null,
  }),
  catalogue: text({ value: 'FILE', says: 'mutants from a JSON file instead of our own', default: null }),
  seconds: integer({ says: 'processor time for each mutant', min: 1, max: 100_000, default: 60 }),
  seeds: integers({ says: 'each mutant once with every seed', min: 0, max: 0xffff_ffff, default: [1] }),
  processes: integer({ says: '(default: one a core)', min: 1, max: 64, default: null }),
  json: flag('one JSON object a line'),
})

type Outcome = Kill | { readonly mutant: string; readonly broken: string }

const outcomeOf = (fate: Fate<Kill>, { mutant: { id: mutant } }: Job): Outcome => {
  switch (fate.kind) {
    case 'done':
      return fate.result
    case 'failed':
      return { mutant, broken: fate.why }
    case 'stuck':
      return { mutant, reason: 'does not end', replays: null, ms: PATIENCE_MS, executions: 0 }
    case 'died':
      return { mutant, broken: 'the process died' }
  }
}

const all = (file: string | null): readonly Mutant[] => {
  if (file === null) return MUTANTS.filter((m) => m.equivalent === undefined)
  const read = readCatalogue(file)
  if (read.kind === 'bad') throw new UsageError(read.why)
  return read.value
}

const chosen = (file: string | null, only: string | null): readonly Mutant[] => {
  const mutants = all(file)
  if (only === null) return mutants
  const names = only === 'five' ? FIRST_FIVE : only.split(',')
  return names.flatMap((name) => {
    const family = file === null ? FAMILIES[name]?.filter((m) => mutants.includes(m)) : undefined
    const found = family ?? mutants.filter((m) => m.id === name)
    if (found.length === 0) throw new UsageError(`--only: expected mutants or families of the catalogue, got ${name}`)
    return found
  })
}

interface Line {
  readonly job: Job
  readonly outcome: Outcome
}
const isFound = ({ outcome }: Line): boolean => 'reason' in outcome && outcome.reason !== null

/** Where mutants of somebody's own come in the table. */
const OWN = 'catalogue'
const family = ({ id }: Mutant, file: string | null): string =>
  (file === null ? Object.keys(FAMILIES).find((f) => FAMILIES[f]!.some((m) => m.id === id)) : undefined) ?? OWN
const seconds = (ms: number): string => (ms / 1_000).toFixed(1)

/** By family, then what was not found, or not shown by its schedule alone. */
const report = (lines: readonly Line[], limitMs: number, file: string | null): string => {
  const rows = [...Object.keys(FAMILIES), OWN].flatMap((name) => {
    const mine = lines.filter((l) => family(l.job.mutant, file) === name)
    if (mine.length === 0) return []
    const times = mine.flatMap((l) => ('ms' in l.outcome && isFound(l) ? [l.outcome.ms] : []))
    const figures = times.length === 0 ? ['', ''] : [seconds(median(times)), seconds(Math.max(...times))]
    return [[name, String(times.length), String(mine.length), ...figures]]
  })
  const numbers = ['found', 'of', 'median s', 'slowest s']
  const remarks = lines.flatMap(({ job, outcome }) => {
    const [mutant, bug] = [printable(job.mutant.id), printable(job.mutant.bug)]
    const { seed } = job.limits
    if ('broken' in outcome) return [`${mutant}: ${outcome.broken}`]
    if (outcome.reason === null)
      return [`not found in ${limitMs / 1_000} s (seed ${seed}, ${outcome.executions} executions): ${mutant}: ${bug}`]
    if (outcome.replays !== null || outcome.reason === 'does not end') return []
    return [`found, but not shown by its schedule alone (seed ${seed}): ${mutant}: ${outcome.reason}`]
  })
  return [table(['family', ...right(...numbers)], rows), ...remarks].join('\n')
}

await main(
  command({
    name: 'fuzz:mutants',
    options: OPTIONS,
    notes: `Exit codes: 0 as required (${100 * SHARE} % of all that was asked for, or everything with --only or --catalogue), 1 not so, 2 usage.`,
    async run({ target, only, catalogue, seconds: limit, seeds, processes, json }, { say, progress }) {
      const limitMs = 1_000 * limit
      const jobs = chosen(catalogue, only).flatMap((mutant) =>
        seeds.map((seed): Job => ({ mutant, target, limits: { seed, limitMs } })),
      )
      const lines: Line[] = []
      const line = progress()
      const show = counting(line)
      const interrupt = new AbortController()
      process.once('SIGINT', () => interrupt.abort())
      const pool = {
        worker: new URL('./worker.ts', import.meta.url),
        processes: processes ?? availableParallelism(),
        patienceMs: PATIENCE_MS,
        signal: interrupt.signal,
      }
      const done = (fate: Fate<Kill>, job: Job): void => {
        if (interrupt.signal.aborted) return
        const outcome = outcomeOf(fate, job)
        lines.push({ job, outcome })
        const { mutant, limits } = job
        if (json) say(JSON.stringify({ ...outcome, seed: limits.seed, family: family(mutant, catalogue) }))
        else show(lines.length, jobs.length, 'mutants')
      }
      await runPool(jobs, pool, { done }).catch((e: unknown) => {
        if (!interrupt.signal.aborted) throw e
      })
      line.clear()
      const found = lines.filter(isFound).length
      if (!json) {
        if (lines.length > 0) say(report(lines, limitMs, catalogue))
        const cut = lines.length < jobs.length ? `interrupted at ${lines.length} of ${jobs.length}: ` : ''
        say(`${cut}${found} of ${lines.length} found, ${((100 * found) / Math.max(1, lines.length)).toFixed(1)} %`)
      }
      return found >= (only === null && catalogue === null ? SHARE : 1) * jobs.length ? 0 : 1
    },
  }),
)
