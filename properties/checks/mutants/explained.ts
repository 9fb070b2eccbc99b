/**
 * How often `explain` names the rule that a mutant breaks: `node --import tsx properties/checks/mutants/explained.ts FILE`,
 * where FILE is what `npm run mutants` saved. Right is what the catalogue says of the mutant in `breaks`. Exit code 1: fewer
 * than 85 % first, fewer than 95 % among the first three, or a finding that took more than 2 s of CPU time. 2: no such file.
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { explain } from '../../harness/explain/explain.ts'
import { omissions } from '../../harness/explain/omitted.ts'
import { MUTANTS } from '../../harness/mutants/catalogue.ts'
import type { Mutant } from '../../harness/mutants/mutant.ts'
import { WORLDS, type WorldName } from '../../harness/mutants/systems.ts'
import { runPool, serve } from '../../harness/process/pool.ts'
import { USAGE_ERROR } from '../../harness/terminal/command.ts'
import { median, n, printable, wordsOf } from '../../harness/terminal/text.ts'
import { freshOf, type Hunts, type Kill } from './hunt.ts'

interface Job {
  readonly id: string
  readonly world: WorldName
  readonly kill: Kill
}
interface Rated {
  readonly rules: readonly string[]
  readonly ms: number // of CPU time
}

const FIRST = 0.85
const THIRD = 0.95
const MOST_MS = 2_000

const rated = async ({ id, world, kill }: Job): Promise<Rated> => {
  const mutant = MUTANTS.find((m) => m.id === id)!
  const fresh = freshOf(mutant, world, kill)
  const system = await fresh()
  await omissions() // once a process, and none of a finding's time
  const started = process.cpuUsage()
  const { rules } = await explain(kill.minimal!.schedule, system, kill.invariant, fresh)
  const used = process.cpuUsage(started)
  return {
    rules: rules.map((r) => `${r.rule}${r.explained === null ? '' : ` ${Math.round(100 * r.explained)}%`}`),
    ms: (used.user + used.system) / 1_000,
  }
}

interface Saved {
  readonly mutants: readonly { readonly id: string; readonly hunts?: Hunts }[]
}

/** Of mutants that break a rule. Throws where there is none. */
const jobsOf = (file: string, breaking: readonly Mutant[]): readonly Job[] => {
  const { mutants } = JSON.parse(readFileSync(file, 'utf8')) as Saved
  const jobs = mutants.flatMap(({ id, hunts }): readonly Job[] => {
    const world = WORLDS.find((w) => hunts?.[w]?.kill?.minimal)
    const asked = world !== undefined && breaking.some((m) => m.id === id)
    return asked ? [{ id, world, kill: hunts![world]!.kill! }] : []
  })
  if (jobs.length === 0) throw new Error('no counterexample of a mutant that breaks a rule')
  return jobs
}

const rate = async (asked: readonly Job[], breaking: readonly Mutant[]): Promise<boolean> => {
  const ms: number[] = []
  const places: number[] = []
  const late: string[] = []
  const pool = {
    worker: new URL(import.meta.url),
    args: ['worker'],
    processes: availableParallelism(),
    patienceMs: 120_000,
  }
  await runPool<Job, Rated>(asked, pool, {
    done(fate, { id, kill }) {
      const right = MUTANTS.find((m) => m.id === id)!.breaks!
      const rules = fate.kind === 'done' ? fate.result.rules : []
      if (fate.kind === 'done') ms.push(fate.result.ms)
      const place = rules.findIndex((r) => right.includes(r.split(' ')[0]!))
      places.push(place < 0 ? Number.POSITIVE_INFINITY : place)
      if (fate.kind === 'done' && fate.result.ms > MOST_MS) late.push(`${id}: ${Math.round(fate.result.ms)} ms`)
      if (place === 0) return
      const got = fate.kind === 'done' ? rules.slice(0, 4).join(', ') : fate.kind
      late.push(`${id} (${kill.invariant}): expected ${right.join(' or ')}, got ${got}`)
    },
  })
  const among = (k: number): number => places.filter((p) => p < k).length
  for (const line of late.sort()) console.log(line)
  const share = (k: number): string =>
    `${n(among(k))} of ${n(places.length)} (${((100 * among(k)) / places.length).toFixed(1)} %)`
  console.log(`the rule that is broken comes first: ${share(1)}; among the first three: ${share(3)}`)
  console.log(`CPU time of a finding: median ${Math.round(median(ms))} ms, most ${Math.round(Math.max(...ms))} ms`)
  const missing = breaking.filter((m) => !asked.some((j) => j.id === m.id)).map((m) => m.id)
  if (missing.length > 0) console.log(`no counterexample of ${missing.join(', ')}`)
  return among(1) >= FIRST * places.length && among(3) >= THIRD * places.length && Math.max(...ms) <= MOST_MS
}

const tell = async (file: string): Promise<number> => {
  const breaking = MUTANTS.filter((m) => m.breaks !== undefined)
  let jobs: readonly Job[]
  try {
    jobs = jobsOf(file, breaking)
  } catch (e) {
    console.error(printable(`${file}: expected what npm run mutants saved, got ${wordsOf(e)}`))
    return USAGE_ERROR
  }
  return (await rate(jobs, breaking)) ? 0 : 1
}

if (process.argv[2] === 'worker') serve<Job, Rated>(rated)
else process.exitCode = await tell(process.argv[2] ?? 'FILE')
