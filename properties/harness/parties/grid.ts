/**
 * Correct parties that show less of themselves, or show it otherwise, must be green: the reference without each member, each
 * kind of event and every two of them, or told otherwise, or throwing, on each side, in both modes.
 *
 *     node --import tsx properties/harness/parties/grid.ts          every schedule of a default run of prop, each with the next one
 *     node --import tsx properties/harness/parties/grid.ts alone    a whole default run with each one; two together are left out
 *
 * Judgement is of one schedule, so the first form asks the whole product, each of its parties on some 55 schedules a mode,
 * of every bias and scope. `alone NAME` takes one. Exit code 1: one is not green.
 */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { MODES, type Schedule } from '../../../spec/language.ts'
import { type Chunk, DEFAULT_RUNS, DEFAULT_SEED, due, plan, planScopes, schedulesOf } from '../campaign/campaign.ts'
import { isExpected } from '../examine.ts'
import { BIASES } from '../generate/biases.ts'
import { CELLS_SCOPE, SCALE_SCOPE } from '../generate/scopes/scopes.ts'
import { play } from '../play.ts'
import { lostBy, runPool, serve } from '../pool.ts'
import { probe } from '../probing.ts'
import { playable, type System } from '../system.ts'
import { type Change, changedSystem, LESS, OTHERWISE, type Sides, THROWING } from './less.fixture.ts'

/** One party of the grid. */
export interface Square {
  readonly system: System
  /** It breaks F1 wherever it throws, and what follows of that. */
  readonly throws: boolean
}

const SIDES: readonly Sides[] = ['client', 'server', 'both']

const squares = (name: string, changes: readonly Change[], sides = SIDES, throws = false): readonly Square[] =>
  sides.map((side) => ({ system: changedSystem(`${name}, ${side}`, changes, side), throws }))

const less = Object.entries(LESS)
export const ALONE: readonly Square[] = [...less, ...Object.entries(OTHERWISE)].flatMap(([name, change]) =>
  squares(name, [change]),
)
export const GRID: readonly Square[] = [
  ...ALONE,
  ...less.flatMap(([a, one], i) => less.slice(0, i).flatMap(([b, other]) => squares(`${a} and ${b}`, [one, other]))),
  ...Object.entries(THROWING).flatMap(([name, change]) =>
    squares(`a throwing ${name}`, [change], ['client', 'server'], true),
  ),
]

/** What is wrong with how one schedule is judged; `nth`: of its chunk, from 0. */
export const complaints = (asked: Schedule, { system, throws }: Square, chunk: Chunk, nth: number) => {
  const schedule = playable(asked, system)
  let faulty = false
  const { findings } = play(schedule, system, (e) => {
    faulty ||= e.on === 'fault'
  })
  if (throws) return faulty && !findings.some((f) => f.invariant === 'F1') ? ['an exception broke nothing'] : []
  const probed = due(chunk, nth, schedule, system).flatMap((p) => {
    const { violated } = probe(p, schedule, system)
    return violated === null ? [] : [{ invariant: p.id, ...violated }]
  })
  return [...findings, ...probed]
    .filter((f) => !isExpected(f.invariant, schedule.mode))
    .map((f) => `${f.invariant} at ${f.step}: ${f.why}`)
}

interface Job {
  readonly chunk: Chunk
  /** The number of its first schedule. */
  readonly from: number
  /** A name of ALONE; null: the grid in turn. */
  readonly alone: string | null
}

export const judged = ({ chunk, from, alone }: Job, grid: readonly Square[] = GRID): readonly string[] =>
  schedulesOf(chunk).flatMap((s, nth) => {
    const square =
      alone === null ? grid[(from + nth) % grid.length]! : ALONE.find(({ system }) => system.name === alone)!
    return complaints(s, square, chunk, nth).map(
      (why) => `${square.system.name}, ${s.mode}, chunk ${chunk.index}, schedule ${nth}: ${why}`,
    )
  })

const tellAll = async (names: readonly (string | null)[]): Promise<boolean> => {
  const random = plan(DEFAULT_SEED, DEFAULT_RUNS, MODES, Object.keys(BIASES))
  const chunks = [...random, ...planScopes([CELLS_SCOPE, SCALE_SCOPE], MODES, random.length)]
  let all = 0
  const starts = chunks.map((chunk) => {
    const from = all
    all += chunk.runs
    return { chunk, from }
  })
  const jobs = names.flatMap((alone) => starts.map((start): Job => ({ ...start, alone })))
  const pool = {
    worker: new URL(import.meta.url),
    args: ['worker'],
    processes: availableParallelism(),
    patienceMs: 600_000,
  }
  let [wrong, done] = [0, 0]
  await runPool<Job, readonly string[]>(jobs, pool, {
    done(fate, { chunk, alone }) {
      const said =
        fate.kind === 'done' ? fate.result : [`${alone ?? 'the grid'}, chunk ${chunk.index}: lost, ${lostBy(fate)}`]
      wrong += said.length
      for (const line of said) console.log(line)
      if (++done % 25 === 0) console.error(`${done} of ${jobs.length} chunks`)
    },
  })
  const parties = names[0] === null ? GRID.length : names.length
  console.log(`${parties} parties, ${names.length * all} schedules in ${MODES.join(' and ')}: ${wrong} complaints`)
  return wrong === 0
}

const [form, name] = process.argv.slice(2)
if (form === 'worker') serve<Job, readonly string[]>((job) => judged(job))
else if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const asked = ALONE.map(({ system }) => system.name).filter((n) => name === undefined || n.split(', ')[0] === name)
  const names = form === undefined ? [null] : form === 'alone' ? asked : []
  if (names.length > 0) process.exitCode = (await tellAll(names)) ? 0 : 1
  else {
    const known = [...Object.keys(LESS), ...Object.keys(OTHERWISE)].join(', ')
    console.error(`expected nothing, alone, or alone and one of ${known}, got ${process.argv.slice(2).join(' ')}`)
    process.exitCode = 2
  }
}
