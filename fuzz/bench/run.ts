/** The `fuzz:bench` command: planted bugs, found by this engine, by the same without guidance, and by other fuzzers. */
import { z } from 'zod'
import { command, main, type Screen } from '../../properties/harness/terminal/command.ts'
import { integer } from '../../properties/harness/terminal/options.ts'
import { counting } from '../../properties/harness/terminal/progress.ts'
import { median, n, right, table } from '../../properties/harness/terminal/text.ts'
import { Engine, type EngineOptions } from '../engine/engine.ts'
import { cpuMs, type Race as Heat, Hunt, raceFor } from '../engine/hunt.ts'
import { type Loaded, loadBare, loadBlind, loadGuided } from '../engine/judge.ts'
import { looksEvery } from '../engine/leak.ts'
import type { Target } from '../engine/target.ts'
import { TARGETS, targetNamed } from '../targets/index.ts'
import { type Other, othersHere } from './others.ts'
import { PLANTED, type Planted } from './planted.ts'

const LIMIT_MS = 10_000
const MAX_OVERHEAD = 2.5
const BLIND_AT_LEAST_MS = 1_000
const MEASURED = 40_000 // executions of an ordinary target, for the rates

interface Line {
  readonly bug: Planted
  readonly guided: readonly Heat[]
  readonly blind: readonly Heat[]
}

/** The blind engine gets three times as long as the guided one took, so that it can show that it is the faster. */
const benchOne = async (bug: Planted, seeds: number): Promise<Line> => {
  const target = targetNamed(bug.target)
  const [seeing, unseeing] = [await loadGuided(target, bug.replacements), await loadBlind(target, bug.replacements)]
  const guided: Heat[] = []
  const blind: Heat[] = []
  /** Found as anything else it is another bug. */
  const race = (loaded: Loaded, options: EngineOptions, limitMs: number): Promise<Heat> =>
    raceFor(
      target,
      loaded,
      { ...options, limitMs },
      (f) => f.fault.kind === bug.kind,
      async () => {},
    )
  for (let seed = 1; seed <= seeds; seed++) {
    const heat = await race(seeing, { seed }, LIMIT_MS)
    guided.push(heat)
    blind.push(await race(unseeing, { seed, blind: true }, Math.max(BLIND_AT_LEAST_MS, 3 * heat.ms)))
  }
  return { bug, guided, blind }
}

/** What is required and not so; empty: all is well. */
const shortcomings = ({ bug, guided, blind }: Line): readonly string[] => {
  const missed = guided.filter((h) => !h.found).length
  const slower = blind.every((h) => h.found) && median(blind.map((h) => h.ms)) < median(guided.map((h) => h.ms))
  return [
    ...(missed > 0 ? [`${bug.name}: not found in ${missed} of ${guided.length} seeds`] : []),
    ...(slower ? [`${bug.name}: slower than blind`] : []),
  ]
}

const heats = (all: readonly Heat[]): readonly string[] => {
  const found = all.filter((h) => h.found)
  const [ms, executions] = [median(all.map((h) => h.ms)), median(all.map((h) => h.executions))]
  const bound = found.length * 2 > all.length ? '' : '> '
  return [`${found.length}/${all.length}`, `${bound}${n(Math.round(ms))}`, `${bound}${n(Math.round(executions))}`]
}

const bugs = async (seeds: number, others: readonly Other[], { say, progress }: Screen): Promise<readonly string[]> => {
  const columns = [
    ...['bug', 'target', 'found', ...right('ms', 'executions')],
    ...['blind', ...right('ms', 'executions', ...others.map((o) => o.name))],
  ]
  const rows: string[][] = []
  const line = progress()
  const show = counting(line)
  const short: string[] = []
  for (const [done, bug] of PLANTED.entries()) {
    show(done, PLANTED.length, 'bugs')
    const raced = await benchOne(bug, seeds)
    short.push(...shortcomings(raced))
    const theirs: string[] = []
    for (const other of others) {
      const seconds = await other.find(bug, LIMIT_MS)
      theirs.push(seconds === null ? `not in ${LIMIT_MS / 1_000} s` : `${seconds.toFixed(1)} s`)
    }
    rows.push([bug.name, bug.target, ...heats(raced.guided), ...heats(raced.blind), ...theirs])
  }
  line.clear()
  say(`Median of ${seeds} seeds, processor time; blind: the same engine without feedback, dictionary or structure`)
  say(table(columns, rows))
  for (const { name } of others) say(`${name}: one run each from the same seeds, wall time`)
  return short
}

/** What the engine costs beside the oracle, on the same inputs. */
interface Overhead {
  /** Executions a second of processor time. */
  readonly engine: number
  readonly bare: number
}

const SAMPLE_EVERY = 16
const ROUNDS = 6

const QUIET = { kept: () => {}, threw: () => {} }

/** Inputs of a search: of one with the same seed, hence the same ones as are timed. */
const sampled = async (target: Target, executions: number): Promise<readonly Uint8Array[]> => {
  const sample: Uint8Array[] = []
  const before = (data: Uint8Array, n: number): void => {
    if (n > executions && n % SAMPLE_EVERY === 0) sample.push(data.slice())
  }
  const engine = new Engine(target, await loadGuided(target), { ...QUIET, before }, { seed: 1 })
  engine.load(target.seeds())
  engine.burst(2 * executions)
  return sample
}

/** Executions a second of processor time. */
const rate = (executions: number, round: () => void): number => {
  const started = cpuMs()
  round()
  return (executions * 1_000) / (cpuMs() - started)
}

/**
 * Each in the fastest of several rounds, taken in turns: what else the machine does can only slow a round down. The
 * first `executions` are not timed: code gets compiled, the corpus grows.
 */
const overheadOf = async (target: Target, executions: number): Promise<Overhead> => {
  const sample = await sampled(target, executions)
  const oracle = target.oracle((await loadBare()).src)
  const hunt = new Hunt(target, await loadGuided(target), {}, { seed: 1 })
  hunt.engine.load(target.seeds())
  hunt.run(executions)
  const round = looksEvery() / (target.cost ?? 1) // one look at the memory included, where an execution is cheap
  let [engine, bare] = [0, 0]
  for (let i = 0; i < ROUNDS; i++) {
    engine = Math.max(
      engine,
      rate(round, () => hunt.run(round)),
    )
    bare = Math.max(
      bare,
      rate(sample.length, () => {
        for (const data of sample) oracle(data, () => {})
      }),
    )
  }
  return { engine, bare }
}

const rates = async ({ say }: Screen): Promise<readonly string[]> => {
  const rows: string[][] = []
  const short: string[] = []
  for (const target of TARGETS) {
    const { engine, bare } = await overheadOf(target, Math.ceil(MEASURED / (target.cost ?? 1)))
    const factor = bare / engine
    rows.push([target.name, n(Math.round(engine)), n(Math.round(bare)), factor.toFixed(2)])
    // The padding oracle costs a microsecond, so the factor says little there; the limit is for parsers.
    if (target.name === 'frame' && factor > MAX_OVERHEAD)
      short.push(`frame: expected at most ${MAX_OVERHEAD} times the cost of the oracle, got ${factor.toFixed(2)}`)
  }
  say('Executions a second of processor time, on the same inputs, in the fastest of several rounds')
  say(table(['target', ...right('exec/s', 'bare oracle', 'factor')], rows))
  return short
}

await main(
  command({
    name: 'fuzz:bench',
    options: z.strictObject({
      seeds: integer({ says: 'each planted bug once with every one', min: 1, max: 999, default: 10 }),
    }),
    notes: 'Exit codes: 0 as required, 1 not so, 2 usage.',
    async run({ seeds }, screen) {
      const { say } = screen
      const others = await othersHere()
      const short = [...(await rates(screen)), ...(await bugs(seeds, others.run, screen))]
      for (const line of others.why) say(line)
      for (const line of short) say(line)
      say(short.length === 0 ? 'as required' : 'NOT as required')
      return short.length === 0 ? 0 : 1
    },
  }),
)
