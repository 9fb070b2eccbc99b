/**
 * The `fuzz:mutants` command: how much of the catalogue a target finds by itself, each mutant within a time of its own,
 * and which it does not.
 */
import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { FAMILIES, MUTANTS } from '../../properties/harness/mutants/catalogue.ts'
import type { Mutant } from '../../properties/harness/mutants/mutant.ts'
import { type Fate, runPool } from '../../properties/harness/pool.ts'
import { command, main } from '../../properties/harness/terminal/command.ts'
import { flag, integer, integers, oneOf, text, UsageError } from '../../properties/harness/terminal/options.ts'
import { median, table } from '../../properties/harness/terminal/text.ts'
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
  seconds: integer({ says: 'processor time for each mutant', min: 1, max: 100_000, default: 60 }),
  seeds: integers({ says: 'each mutant once with every seed', min: 0, max: 0xffff_ffff, default: [1] }),
  processes: integer({ says: '(default: one a core)', min: 1, max: 64, default: null }),
  json: flag('one JSON object a line'),
})

type Outcome = Kill | { readonly mutant: string; readonly broken: string }

const outcomeOf = (fate: Fate<Kill>, { mutant }: Job): Outcome => {
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

const chosen = (only: string | null): readonly Mutant[] => {
  const real = MUTANTS.filter((m) => m.equivalent === undefined)
  if (only === null) return real
  const names = only === 'five' ? FIRST_FIVE : only.split(',')
  return names.flatMap((name) => {
    const found = FAMILIES[name]?.filter((m) => real.includes(m)) ?? real.filter((m) => m.id === name)
    if (found.length === 0) throw new UsageError(`--only: expected mutants or families of the catalogue, got ${name}`)
    return found
  })
}

interface Line {
  readonly job: Job
  readonly outcome: Outcome
}
const isFound = ({ outcome }: Line): boolean => 'reason' in outcome && outcome.reason !== null

const family = (id: string): string => Object.keys(FAMILIES).find((f) => FAMILIES[f]!.some((m) => m.id === id)) ?? ''
const seconds = (ms: number): string => (ms / 1_000).toFixed(1)

/** By family, then what was not found, or not shown by its schedule alone. */
const report = (lines: readonly Line[], limitMs: number): string => {
  const rows = Object.keys(FAMILIES).flatMap((name) => {
    const mine = lines.filter((l) => family(l.job.mutant) === name)
    if (mine.length === 0) return []
    const times = mine.flatMap((l) => ('ms' in l.outcome && isFound(l) ? [l.outcome.ms] : []))
    const figures = times.length === 0 ? ['', ''] : [seconds(median(times)), seconds(Math.max(...times))]
    return [[name, String(times.length), String(mine.length), ...figures]]
  })
  const numbers = ['found', 'of', 'median s', 'slowest s']
  const bugs = new Map(MUTANTS.map((m) => [m.id, m.bug]))
  const remarks = lines.flatMap(({ job, outcome }) => {
    const { mutant } = job
    const { seed } = job.race
    if ('broken' in outcome) return [`${mutant}: ${outcome.broken}`]
    if (outcome.reason === null)
      return [
        `not found in ${limitMs / 1_000} s (seed ${seed}, ${outcome.executions} executions): ${mutant}: ${bugs.get(mutant)}`,
      ]
    if (outcome.replays !== null || outcome.reason === 'does not end') return []
    return [`found, but not shown by its schedule alone (seed ${seed}): ${mutant}: ${outcome.reason}`]
  })
  return [table([{ head: 'family' }, ...numbers.map((head) => ({ head, right: true }))], rows), ...remarks].join('\n')
}

await main(
  command({
    name: 'fuzz:mutants',
    options: OPTIONS,
    notes: `Exit codes: 0 as required (${100 * SHARE} % of all that was asked for, or everything with --only), 1 not so, 2 usage.`,
    async run({ target, only, seconds: limit, seeds, processes, json }, { say, progress }) {
      const limitMs = 1_000 * limit
      const jobs = chosen(only).flatMap(({ id: mutant }) =>
        seeds.map((seed): Job => ({ mutant, target, race: { seed, limitMs } })),
      )
      const lines: Line[] = []
      const line = progress()
      const pool = {
        worker: new URL('./worker.ts', import.meta.url),
        processes: processes ?? availableParallelism(),
        patienceMs: PATIENCE_MS,
      }
      await runPool<Job, Kill>(jobs, pool, {
        done(fate, job) {
          const outcome = outcomeOf(fate, job)
          lines.push({ job, outcome })
          if (json) say(JSON.stringify({ ...outcome, seed: job.race.seed, family: family(job.mutant) }))
          else line.show(() => `${lines.length} of ${jobs.length}: ${job.mutant}`)
        },
      })
      line.clear()
      const found = lines.filter(isFound).length
      if (!json) say(report(lines, limitMs))
      if (!json) say(`${found} of ${jobs.length} found, ${((100 * found) / jobs.length).toFixed(1)} %`)
      return found >= (only === null ? SHARE : 1) * jobs.length ? 0 : 1
    },
  }),
)
