/** The `fuzz:bench` command: planted bugs, found by this engine, by the same without guidance, and by other fuzzers. */
import { z } from 'zod'
import { command, main, type Screen } from '../../properties/harness/terminal/command.ts'
import { integer } from '../../properties/harness/terminal/options.ts'
import { counting } from '../../properties/harness/terminal/progress.ts'
import { median, n, table } from '../../properties/harness/terminal/text.ts'
import type { EngineOptions } from '../engine/engine.ts'
import { type Race as Heat, raceFor } from '../engine/hunt.ts'
import { type Loaded, loadBlind, loadGuided } from '../engine/judge.ts'
import { TARGETS, targetNamed } from '../targets/index.ts'
import { type Other, othersHere } from './others.ts'
import { overheadOf } from './overhead.ts'
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
    ...['bug', 'target', 'found'].map((head) => ({ head })),
    ...['ms', 'executions'].map((head) => ({ head, right: true })),
    { head: 'blind' },
    ...['ms', 'executions', ...others.map((o) => o.name)].map((head) => ({ head, right: true })),
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
  say(table([{ head: 'target' }, ...['exec/s', 'bare oracle', 'factor'].map((head) => ({ head, right: true }))], rows))
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
