/**
 * How often `explain` names the rule that a mutant breaks: `node --import tsx properties/checks/mutants/explained.ts FILE`,
 * where FILE is what `npm run mutants` saved. Right is what the catalogue says of the mutant in `breaks`. Exit code 1: fewer
 * than 85 % first, fewer than 95 % among the first three, or a finding that took more than 2 s of CPU time.
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { explain } from '../../harness/explain/explain.ts'
import { omissions } from '../../harness/explain/omitted.ts'
import { MUTANTS } from '../../harness/mutants/catalogue.ts'
import { mutantSystems, WORLDS } from '../../harness/mutants/systems.ts'
import { runPool, serve } from '../../harness/pool.ts'
import { median, n } from '../../harness/terminal/text.ts'
import type { Hunts, Kill } from './hunt.ts'

interface Job {
  readonly id: string
  readonly world: 'both' | 'one'
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
  const systems = (await mutantSystems(mutant))[world]
  const [schedule, nth] = [kill.minimal!.schedule, (kill.schedules - 1) % systems.length]
  const fresh = async () => (await mutantSystems(mutant))[world][nth]!
  await omissions() // once a process, and none of a finding's time
  const started = process.cpuUsage()
  const { rules } = await explain(schedule, systems[nth]!, kill.invariant, fresh)
  const { user, system } = process.cpuUsage(started)
  return {
    rules: rules.map((r) => `${r.rule}${r.explained === null ? '' : ` ${Math.round(100 * r.explained)}%`}`),
    ms: (user + system) / 1_000,
  }
}

const jobsOf = (file: string): readonly Job[] => {
  const { mutants } = JSON.parse(readFileSync(file, 'utf8')) as { mutants: readonly { id: string; hunts?: Hunts }[] }
  return mutants.flatMap(({ id, hunts }) => {
    const world = WORLDS.find((w) => hunts?.[w]?.kill?.minimal)
    return world === undefined ? [] : [{ id, world, kill: hunts![world]!.kill! }]
  })
}

const rate = async (file: string): Promise<number> => {
  const jobs = jobsOf(file)
  const breaking = MUTANTS.filter((m) => m.breaks !== undefined)
  const asked = jobs.filter((j) => breaking.some((m) => m.id === j.id))
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
  if (missing.length > 0) console.log(`no counterexample in ${file}: ${missing.join(', ')}`)
  const bad = among(1) < FIRST * places.length || among(3) < THIRD * places.length || Math.max(...ms) > MOST_MS
  return bad || places.length === 0 ? 1 : 0
}

if (process.argv[2] === 'worker') serve<Job, Rated>(rated)
else process.exitCode = await rate(process.argv[2]!)
