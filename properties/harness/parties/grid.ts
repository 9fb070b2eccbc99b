/**
 * Correct parties that show less of themselves, or show it otherwise, must be green: the reference without each member, each
 * kind of event and every two of them, or told otherwise, or throwing, on each side, in both modes.
 *
 *     node --import tsx properties/harness/parties/grid.ts             every schedule of a default run of prop, each with the next party
 *     node --import tsx properties/harness/parties/grid.ts whole       every schedule with every party
 *     node --import tsx properties/harness/parties/grid.ts whole 3/64  of that a share: every 64th schedule of each bias and scope
 *
 * Judgement is of one schedule, so the first form asks the whole product, each of its parties on some 47 schedules a mode, of
 * every bias and scope. The second is made of 64 shares, of which each is noted in reports/ when it is done and not played
 * again on the same commit. Exit code 1: one is not green.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { MODES, type Schedule } from '../../../spec/language.ts'
import { NOBLE, withPrimitives } from '../../../spec/reference/primitives.ts'
import { type Chunk, DEFAULT_RUNS, DEFAULT_SEED, due, plan, planScopes, schedulesOf } from '../campaign/campaign.ts'
import { BIASES } from '../generate/biases.ts'
import { BESIDE_DRAWS } from '../generate/scopes/scopes.ts'
import { isExpected } from '../judging/examine.ts'
import { probe } from '../judging/probing.ts'
import { lostBy, runPool, serve } from '../process/pool.ts'
import { commitHere } from '../process/shards.ts'
import { counting, progressLine } from '../terminal/progress.ts'
import { n, plural } from '../terminal/text.ts'
import { play } from '../world/play.ts'
import { remembering } from '../world/remembering.ts'
import { playable, type System } from '../world/system.ts'
import { type Change, changedSystem, LESS, OTHERWISE, type Sides, THROWING } from './less.fixture.ts'
import { changed, type Host, type MakeParty, type Party } from './party.ts'

/** One party of the grid. */
export interface Square {
  /** What is changed, and on which side. */
  readonly names: readonly string[]
  readonly side: Sides
  readonly system: System
  /** It breaks F1 wherever it throws, and what follows of that. */
  readonly throws: boolean
}

/** What parties were asked for and reported since it was made, as `client submit`. */
let met = new Set<string>()

/** Does the same, and it is noted. */
const watched =
  (make: MakeParty): MakeParty =>
  (host, setup) => {
    const note = (what: string): unknown => met.add(`${setup.side} ${what}`)
    const heard = (by: Host): Host => ({
      send: (at, frame) => by.send(at, frame),
      rng: (at) => by.rng(at),
      report(r) {
        note(r.on)
        by.report(r)
      },
    })
    const noting = (party: Party): Party => {
      const { fork } = party
      const own = fork === undefined ? party : changed(party, { fork: (by) => noting(fork.call(party, heard(by))) })
      return new Proxy(own, {
        get(target, name) {
          note(String(name))
          return Reflect.get(target, name)
        },
      })
    }
    return noting(make(heard(host), setup))
  }

const SIDES: readonly Sides[] = ['client', 'server', 'both']

const nameOf = (names: readonly string[], side: Sides): string =>
  names.length === 0 ? 'whole' : `${names.join(' and ')}, ${side}`

const square = (names: readonly string[], changes: readonly Change[], side: Sides, throws = false): Square => {
  const system = changedSystem(nameOf(names, side), changes, side)
  const all = { ...system, client: watched(system.client), server: watched(system.server) }
  return { names, side, system: all, throws }
}

const throwing = (member: string): string => `a throwing ${member}`

const less = Object.entries(LESS)
const WHOLE: Square = square([], [], 'both')
export const GRID: readonly Square[] = [
  ...[...less, ...Object.entries(OTHERWISE)].flatMap(([name, change]) => SIDES.map((s) => square([name], [change], s))),
  ...less.flatMap(([a, one], i) =>
    less.slice(0, i).flatMap(([b, other]) => SIDES.map((s) => square([a, b], [one, other], s))),
  ),
  ...Object.entries(THROWING).flatMap(([name, change]) =>
    (['client', 'server'] as const).map((s) => square([throwing(name)], [change], s, true)),
  ),
]

/** What is wrong with how one schedule is judged; `nth`: of its chunk, from 0. */
export const complaints = (
  asked: Schedule,
  { system, throws }: Pick<Square, 'system' | 'throws'>,
  chunk: Chunk,
  nth: number,
) => {
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

/** What of a play a change has a part in, on its own side; where nothing of it was met, it changes nothing. */
const PART: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(less.map(([name]) => [name, [name]])),
  timers: ['tick'],
  memory: [], // it is looked at before the play alone
  reasons: ['rejected'],
  ...Object.fromEntries(Object.keys(THROWING).map((member) => [throwing(member), [member]])),
}
/** Where one side cannot, neither is asked. */
const EITHER: ReadonlySet<string> = new Set(['timers', 'setRound'])

const hasPart = (name: string, side: Sides, asked: Schedule, seen: ReadonlySet<string>): boolean => {
  const part = PART[name]
  if (part === undefined || (name === 'setRound' && asked.setup.startRound !== 1)) return true
  const sides = side === 'both' || EITHER.has(name) ? ['client', 'server'] : [side]
  return sides.some((s) => part.some((what) => seen.has(`${s} ${what}`)))
}

/**
 * Every party of the grid on one schedule. Where a party with one change less met nothing that this change has a part in, the
 * play of the two is the same to the last event; and since whoever shows less is judged by fewer invariants, so is what it
 * came to. Those are not played: `like` has whose play is theirs.
 */
export const everyOne = (asked: Schedule, judge: (s: Square) => readonly string[]) => {
  const seen = new Map<string, { readonly as: Square; readonly met: ReadonlySet<string> }>()
  const like = new Map<Square, Square>()
  const said: string[] = []
  for (const s of [WHOLE, ...GRID]) {
    const known = s.names.flatMap((name) => {
      const others = s.names.filter((other) => other !== name)
      const without = seen.get(nameOf(others, s.side))
      return without !== undefined && !hasPart(name, s.side, asked, without.met) ? [without] : []
    })[0]
    if (known !== undefined) like.set(s, known.as)
    else {
      met = new Set()
      said.push(...judge(s).map((why) => `${s.system.name}, ${why}`))
    }
    seen.set(nameOf(s.names, s.side), known ?? { as: s, met })
  }
  return { said, like, plays: 1 + GRID.length - like.size }
}

const SHARES = 64

/** Every party computes the same of one schedule. */
const MEMORY = remembering(NOBLE, 65_536)

interface Job {
  readonly chunk: Chunk
  /** The number of its first schedule. */
  readonly from: number
  /** Of its schedules, from 0; null: all, each with one party. */
  readonly share: number | null
}

interface Judged {
  readonly said: readonly string[]
  readonly schedules: number
  readonly plays: number
}

export const judged = ({ chunk, from, share }: Job): Judged => {
  const all = [...schedulesOf(chunk).entries()].filter(([nth]) => share === null || (from + nth) % SHARES === share)
  const each = all.map(([nth, s]) => {
    const told = (sq: Square): readonly string[] =>
      complaints(s, sq, chunk, nth).map((why) => `${s.mode}, chunk ${chunk.index}, schedule ${nth}: ${why}`)
    if (share !== null) return withPrimitives(MEMORY, () => everyOne(s, told))
    const sq = GRID[(from + nth) % GRID.length]!
    return { said: told(sq).map((why) => `${sq.system.name}, ${why}`), plays: 1 }
  })
  return {
    said: each.flatMap((e) => e.said),
    schedules: all.length,
    plays: each.reduce((sum, e) => sum + e.plays, 0),
  }
}

const jobsOf = (shares: readonly (number | null)[]): readonly Job[] => {
  const random = plan(DEFAULT_SEED, DEFAULT_RUNS, MODES, Object.keys(BIASES))
  const chunks = [...random, ...planScopes(BESIDE_DRAWS, MODES, random.length)]
  let all = 0
  const starts = chunks.map((chunk) => {
    const from = all
    all += chunk.runs
    return { chunk, from }
  })
  return shares.flatMap((share) => starts.map((start): Job => ({ ...start, share })))
}

/** Plays them, and says what is wrong. */
const playAll = async (jobs: readonly Job[], done: (of: Job, r: Judged) => void): Promise<void> => {
  const pool = {
    worker: new URL(import.meta.url),
    args: ['worker'],
    processes: availableParallelism(),
    patienceMs: 600_000,
  }
  const count = counting(progressLine())
  let over = 0
  await runPool<Job, Judged>(jobs, pool, {
    done(fate, job) {
      const lost = fate.kind === 'done' ? [] : [`chunk ${job.chunk.index}: lost, ${lostBy(fate)}`]
      const r = fate.kind === 'done' ? fate.result : { said: lost, schedules: 0, plays: 0 }
      for (const line of r.said) console.log(line)
      done(job, r)
      count(++over, jobs.length, 'pieces of work')
    },
  })
}

interface Told {
  readonly share: number
  readonly schedules: number
  readonly plays: number
  readonly wrong: number
}

/** The shares that are done, of this commit. */
const noted = (file: string): Map<number, Told> => {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  return new Map(lines.map((line) => JSON.parse(line) as Told).map((told) => [told.share, told]))
}

const inTurn = async (): Promise<number> => {
  const jobs = jobsOf([null])
  let [wrong, schedules] = [0, 0]
  await playAll(jobs, (_, r) => {
    wrong += r.said.length
    schedules += r.schedules
  })
  console.log(
    `${GRID.length} parties, ${n(schedules)} schedules in ${MODES.join(' and ')}, each with one: ${plural(wrong, 'complaint')}`,
  )
  return wrong
}

const wholly = async (shares: readonly number[]): Promise<number> => {
  mkdirSync('reports', { recursive: true })
  const file = `reports/grid-${commitHere().replace(/\W+/g, '-')}.jsonl`
  const known = noted(file)
  const open = new Map<number, { left: number; told: Told }>()
  const jobs = jobsOf(shares.filter((share) => !known.has(share)))
  for (const { share } of jobs) {
    const left = (open.get(share!)?.left ?? 0) + 1
    open.set(share!, { left, told: { share: share!, schedules: 0, plays: 0, wrong: 0 } })
  }
  await playAll(jobs, ({ share }, r) => {
    const of = open.get(share!)!
    const { schedules, plays, wrong } = of.told
    of.told = {
      share: share!,
      schedules: schedules + r.schedules,
      plays: plays + r.plays,
      wrong: wrong + r.said.length,
    }
    if (--of.left > 0) return
    known.set(share!, of.told)
    appendFileSync(file, `${JSON.stringify(of.told)}\n`)
  })
  const sum = (what: 'schedules' | 'plays' | 'wrong'): number =>
    shares.reduce((total, share) => total + known.get(share)![what], 0)
  console.log(
    `${GRID.length} parties, ${shares.length} of ${SHARES} shares of a default run in ${MODES.join(' and ')}: ` +
      `${n(sum('schedules'))} schedules, ${n(sum('schedules') * GRID.length)} of parties on schedules by ` +
      `${n(sum('plays'))} plays: ${plural(sum('wrong'), 'complaint')}`,
  )
  return sum('wrong')
}

const ALL: readonly number[] = Array.from({ length: SHARES }, (_, i) => i)

const [form, given] = process.argv.slice(2)
const [, index, of] = (/^(\d+)\/(\d+)$/.exec(given ?? `1/1`) ?? []).map(Number)
const legal = index !== undefined && of !== undefined && index >= 1 && index <= of && of <= SHARES
if (form === 'worker') serve<Job, Judged>((job) => judged(job))
else if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (form === undefined || (form === 'whole' && legal))
    process.exitCode =
      (await (form === undefined ? inTurn() : wholly(ALL.filter((s) => s % of! === index! - 1)))) === 0 ? 0 : 1
  else {
    console.error(
      `expected nothing, whole, or whole and a share 1/${SHARES}..${SHARES}/${SHARES}, got ${process.argv.slice(2).join(' ')}`,
    )
    process.exitCode = 2
  }
}
