/**
 * The `fuzz:mutants` command: how much of the catalogue a target finds by itself, each mutant within a time of its own,
 * and which it does not.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { FAMILIES, MUTANTS } from '../../properties/harness/mutants/catalogue.ts'
import type { Mutant } from '../../properties/harness/mutants/mutant.ts'
import { TARGET_NAMES } from '../targets/index.ts'
import { hunt, type Outcome } from './pool.ts'
import type { Job } from './worker.ts'

const DEFAULT_SECONDS = 60
const SHARE = 0.7 // of the catalogue, required
const FIRST_FIVE = ['tag-unchecked', 'direction-unchecked', 'no-binding', 'keys-before-padding', 'lookup-by-header-id']

const USAGE = `npm run fuzz:mutants -- [options]
  --target T      of ${TARGET_NAMES.join(', ')} (default sequence)
  --only A,B      these mutants or families; \`five\`: ${FIRST_FIVE.join(', ')} (default: all)
  --seconds N     processor time for each mutant (default ${DEFAULT_SECONDS})
  --seeds A,B     each mutant once with every seed (default 1)
  --processes N   (default: one a core)
  --json          one JSON object a line
Exit codes: 0 as required (${100 * SHARE} % of all that was asked for, or everything with --only), 1 not so, 2 usage.`

const say = (text: string): void => void process.stdout.write(`${text}\n`)

class Bad extends Error {}

const integer = (name: string, text: string, min: number, max: number): number => {
  if (!/^\d+$/.test(text) || Number(text) < min || Number(text) > max)
    throw new Bad(`--${name}: expected an integer ${min}..${max}, got ${text}`)
  return Number(text)
}

const chosen = (only: string | undefined): readonly Mutant[] => {
  const real = MUTANTS.filter((m) => m.equivalent === undefined)
  if (only === undefined) return real
  const names = only === 'five' ? FIRST_FIVE : only.split(',')
  return names.flatMap((name) => {
    const found = FAMILIES[name]?.filter((m) => real.includes(m)) ?? real.filter((m) => m.id === name)
    if (found.length === 0) throw new Bad(`--only: expected mutants or families of the catalogue, got ${name}`)
    return found
  })
}

const parse = (argv: readonly string[]) => {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const options = { target: text, only: text, seconds: text, seeds: text, processes: text, json: flag, help: flag }
  const { values: v } = parseArgs({ args: [...argv], options })
  if (v.help) return null
  const target = v.target ?? 'sequence'
  if (!TARGET_NAMES.includes(target))
    throw new Bad(`--target: expected one of ${TARGET_NAMES.join(', ')}, got ${target}`)
  const limitMs = 1_000 * integer('seconds', v.seconds ?? String(DEFAULT_SECONDS), 1, 100_000)
  const seeds = (v.seeds ?? '1').split(',').map((s) => integer('seeds', s, 0, 0xffff_ffff))
  const jobs = chosen(v.only).flatMap(({ id: mutant }) =>
    seeds.map((seed): Job => ({ mutant, target, race: { seed, limitMs } })),
  )
  const processes = v.processes === undefined ? availableParallelism() : integer('processes', v.processes, 1, 64)
  return { jobs, processes, json: v.json ?? false, needed: v.only === undefined ? SHARE : 1, limitMs }
}

interface Line {
  readonly job: Job
  readonly outcome: Outcome
}
const isFound = ({ outcome }: Line): boolean => 'reason' in outcome && outcome.reason !== null

const family = (id: string): string => Object.keys(FAMILIES).find((f) => FAMILIES[f]!.some((m) => m.id === id)) ?? ''
const seconds = (ms: number): string => (ms / 1_000).toFixed(1)

const report = (lines: readonly Line[], limitMs: number): void => {
  const table = new Table({ head: ['family', 'found', 'of', 'median s', 'slowest s'], style: { head: [], border: [] } })
  for (const name of Object.keys(FAMILIES)) {
    const mine = lines.filter((l) => family(l.job.mutant) === name)
    if (mine.length === 0) continue
    const times = mine.flatMap((l) => ('ms' in l.outcome && isFound(l) ? [l.outcome.ms] : [])).sort((a, b) => a - b)
    const [middle, slowest] = [times[times.length >> 1], times.at(-1)]
    table.push([name, times.length, mine.length, ...[middle, slowest].map((t) => (t === undefined ? '' : seconds(t)))])
  }
  say(table.toString())
  const bugs = new Map(MUTANTS.map((m) => [m.id, m.bug]))
  for (const { job, outcome } of lines) {
    if ('broken' in outcome) say(`${job.mutant}: ${outcome.broken}`)
    else if (outcome.reason === null)
      say(
        `not found in ${limitMs / 1_000} s (seed ${job.race.seed}, ${outcome.executions} executions): ${job.mutant}: ${bugs.get(job.mutant)}`,
      )
    else if (outcome.replays === null && outcome.reason !== 'does not end')
      say(`found, but not shown by its schedule alone (seed ${job.race.seed}): ${job.mutant}: ${outcome.reason}`)
  }
}

const main = async (): Promise<number> => {
  let asked: ReturnType<typeof parse>
  try {
    asked = parse(process.argv.slice(2))
  } catch (e) {
    if (!(e instanceof Bad) && !(e instanceof TypeError && 'code' in e)) throw e
    process.stderr.write(`${e.message.split('\n')[0]}\n${USAGE}\n`)
    return 2
  }
  if (asked === null) {
    say(USAGE)
    return 0
  }
  const { jobs, processes, json, needed, limitMs } = asked
  const lines: Line[] = []
  await hunt(jobs, processes, (outcome, job) => {
    lines.push({ job, outcome })
    if (json) say(JSON.stringify({ ...outcome, seed: job.race.seed, family: family(job.mutant) }))
    else if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${lines.length} of ${jobs.length}: ${job.mutant}`)
  })
  if (process.stderr.isTTY && !json) process.stderr.write('\r\x1b[K')
  const found = lines.filter(isFound).length
  if (!json) {
    report(lines, limitMs)
    say(`${found} of ${jobs.length} found, ${((100 * found) / jobs.length).toFixed(1)} %`)
  }
  return found >= needed * jobs.length ? 0 : 1
}

process.exitCode = await main()
