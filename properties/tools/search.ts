/**
 * `npm run search`: random schedules, fuzzing and the model in turns, each with a new seed, for as long as there is time.
 * A turn ends with one whole write of DIR/search/status.json, so a run that is killed goes on at the turn it was in; what
 * a turn found lies in files of its own before that.
 */
import { availableParallelism } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { campaign, problemsOf } from '../../fuzz/engine/campaign.ts'
import { corpusFolder, readFolder, regressionFolder } from '../../fuzz/engine/store.ts'
import { TARGETS } from '../../fuzz/targets/index.ts'
import { MODES } from '../../spec/language.ts'
import { type Context, stopping } from '../checks/check.ts'
import { explore } from '../checks/explore/check.ts'
import { DEFAULT_SEED, plan, scheduleOf } from '../harness/campaign/campaign.ts'
import { conclude, gather } from '../harness/campaign/figures.ts'
import { dropEarly, saveStored } from '../harness/campaign/minimal.ts'
import { settingFor } from '../harness/campaign/setting.ts'
import { BIASES } from '../harness/generate/biases.ts'
import { readText, writeWhole } from '../harness/process/files.ts'
import type { Problem } from '../harness/report/outcome.ts'
import { parseWith } from '../harness/schedules/schedule-file.ts'
import { command, main, type Screen } from '../harness/terminal/command.ts'
import { custom, defaultsOf, integer, text, UsageError } from '../harness/terminal/options.ts'
import { counting } from '../harness/terminal/progress.ts'
import { clock, n, printable, wrap } from '../harness/terminal/text.ts'
import { nthSeed } from '../harness/world/rng.ts'

const point = z.strictObject({
  turn: z.int(),
  kind: z.enum(['prop', 'fuzz', 'explore']),
  /** Of all turns so far. */
  seconds: z.number(),
  schedules: z.int(),
  executions: z.int(),
  states: z.int(),
  things: z.int(),
  inputs: z.int(),
  findings: z.int(),
})

const statusSchema = z.strictObject({
  version: z.literal(1),
  seed: z.int(),
  /** A point for each turn that was done. */
  curve: z.array(point),
  /** What schedules showed so far (harness/campaign/novelty.ts). */
  things: z.array(z.string()),
  findings: z.array(z.strictObject({ turn: z.int(), text: z.string(), replay: z.string().nullable() })),
})
type Status = z.output<typeof statusSchema>

const options = z.strictObject({
  hours: custom({ value: 'H', says: 'how long (default 1)', default: 1 }, (given) =>
    Number(given) > 0 && Number(given) <= 10_000
      ? { value: Number(given) }
      : { expected: 'hours above 0, at most 10000' },
  ),
  turns: integer({ says: 'or until so many turns are done, with those of earlier runs', min: 1, default: null }),
  runs: integer({ says: 'schedules of a turn', min: 1, max: 100_000, default: 1_100 }),
  executions: integer({ says: 'executions of a turn', min: 1, default: 20_000 }),
  states: integer({ says: 'states of a turn, twice as many each time round', min: 1, default: 100_000 }),
  seed: integer({
    says: '0..4294967295; of a search that goes on, its own',
    min: 0,
    max: 0xffffffff,
    default: DEFAULT_SEED,
  }),
  out: text({ value: 'DIR', says: 'what it keeps', default: 'reports' }),
})
type Options = z.output<typeof options>

/** What one turn adds. */
interface Turn {
  readonly schedules?: number
  readonly executions?: number
  readonly states?: number
  readonly things?: readonly string[]
  readonly found: readonly Problem[]
}

/** Schedules that showed something new are kept. */
const playSome = async (o: Options, turn: number, known: Status, c: Context): Promise<Turn> => {
  const s = await settingFor(null, MODES)
  const chunks = plan(nthSeed(known.seed, turn) >>> 0, o.runs, MODES, Object.keys(BIASES))
  const gathered = await gather(chunks, s, c)
  const before = new Set(known.things)
  const fresh = Object.values(gathered.result.shown).flatMap((shown) =>
    Object.entries(shown).filter(([thing]) => !before.has(thing)),
  )
  for (const [thing, [, chunk, nth]] of fresh) {
    const schedule = scheduleOf(chunks[chunk]!, nth)
    saveStored('shows', { says: `the first to show ${thing}`, violates: [], schedule }, join(o.out, 'search/schedules'))
  }
  const { problems } = await conclude([gathered], s, c)
  dropEarly()
  const things = [...new Set(fresh.map(([thing]) => thing))]
  return { schedules: o.runs, things, found: problems.filter((p) => p.kind !== 'interrupted') }
}

const LIMIT_MS = 20_000 // only what never ends takes so long, however loaded the machine

const corpusOf = (o: Options, target: string): string => join(resolve(o.out), 'corpus', target)

/** One target after the other, each from all that is known of it; the engine keeps each new input at once. */
const fuzzSome = async (o: Options, turn: number, known: Status, c: Context): Promise<Turn> => {
  const target = TARGETS[Math.floor(turn / KINDS.length) % TARGETS.length]!
  const { name } = target
  const found = corpusOf(o, name)
  const executions = Math.ceil(o.executions / (target.cost ?? 1))
  const budget = { kind: 'runs' as const, executions }
  const seed = nthSeed(known.seed, turn) >>> 0
  const from = [regressionFolder(name), corpusFolder(name), found]
  const folders = { from, found, findings: join(c.out, 'findings'), work: join(found, '.work') }
  const status = (s: { readonly executions: number }): void =>
    c.progress(s.executions, executions, `executions of ${name}`)
  const watcher = { status, found() {} }
  const result = await campaign(name, { budget, seed, jobs: 1, limitMs: LIMIT_MS }, folders, watcher, c.signal)
  return { executions: result.executions, found: problemsOf(result) }
}

const SCOPES = ['1x1x2x1', '1x2x2x1', '1x2x2x2', '2x1x2x2', '1x3x3x1', '1x2x3x2', '2x2x2x1', '2x2x3x2', '1x3x3x2']
const VARIANTS = [
  { powers: 'NLF', runs: 'sequential' },
  { powers: 'NF', runs: 'concurrent' },
  { powers: 'NIF', runs: 'sequential' },
] as const

const exploreSome = async (o: Options, turn: number, _: Status, c: Context): Promise<Turn> => {
  const all = MODES.flatMap((mode) =>
    SCOPES.flatMap((scope) =>
      VARIANTS.filter((v) => !v.powers.includes('I') || scope.startsWith('2')).map((v) => ({ mode, scope, ...v })),
    ),
  )
  const nth = Math.floor(turn / KINDS.length)
  const states = o.states * 2 ** Math.floor(nth / all.length)
  const { figures, problems } = await explore.run({ ...defaultsOf(explore), ...all[nth % all.length]!, states }, c)
  const [explored] = figures.scopes
  // What a scope that was not exhausted did not show is no verdict.
  const says = (p: Problem): boolean =>
    p.kind === 'violation' || (p.kind === 'expectation-missing' && explored?.stopped === null)
  return { states: explored?.states ?? 0, found: problems.filter(says) }
}

const KINDS = ['prop', 'fuzz', 'explore'] as const
const PLAY = { prop: playSome, fuzz: fuzzSome, explore: exploreSome }

const LOST = 4

const fileOf = (o: Options): string => join(o.out, 'search/status.json')

/** Of an earlier run, or of none. Throws a UsageError. */
const statusOf = (o: Options): Status => {
  let told: string
  try {
    told = readText(fileOf(o))
  } catch (e) {
    if (e instanceof Error && 'code' in e && e.code === 'ENOENT')
      return { version: 1, seed: o.seed, curve: [], things: [], findings: [] }
    throw new UsageError(`${fileOf(o)}: expected the status of a search, got ${e instanceof Error ? e.message : e}`)
  }
  const parsed = parseWith(statusSchema, fileOf(o), told)
  if (parsed.kind === 'bad') throw new UsageError(parsed.why)
  return parsed.value
}

const inputsIn = (o: Options): number => TARGETS.reduce((sum, t) => sum + readFolder(corpusOf(o, t.name)).length, 0)

const after = (s: Status, turn: number, t: Turn, seconds: number, inputs: number): Status => {
  const last = s.curve.at(-1)
  const known = new Set(s.findings.map((f) => f.text))
  const fresh = t.found.filter((p) => !known.has(p.text))
  const findings = [...s.findings, ...fresh.map((p) => ({ turn, text: p.text, replay: p.replay ?? null }))]
  const things = [...s.things, ...(t.things ?? [])].sort()
  const more = {
    seconds: Number(((last?.seconds ?? 0) + seconds).toFixed(1)),
    schedules: (last?.schedules ?? 0) + (t.schedules ?? 0),
    executions: (last?.executions ?? 0) + (t.executions ?? 0),
    states: (last?.states ?? 0) + (t.states ?? 0),
  }
  const counts = { things: things.length, inputs, findings: findings.length }
  const curve = [...s.curve, { turn, kind: KINDS[turn % KINDS.length]!, ...more, ...counts }]
  return { ...s, curve, things, findings }
}

const search = async (o: Options, screen: Screen, signal: AbortSignal): Promise<number> => {
  const { say, paint } = screen
  const line = screen.progress()
  const begun = performance.now()
  let status = statusOf(o)
  let lost = 0 // in this run
  if (status.curve.length > 0) say(`goes on after ${status.curve.length} turns, with seed ${status.seed}`)
  const context: Context = {
    ...{ out: resolve(o.out), processes: availableParallelism(), signal, paint, say() {}, columns: screen.columns },
    progress: counting(line),
  }
  const due = (): boolean =>
    o.turns === null ? performance.now() - begun < o.hours * 3_600_000 : status.curve.length < o.turns
  while (due()) {
    const turn = status.curve.length
    const from = performance.now()
    const played = await PLAY[KINDS[turn % KINDS.length]!](o, turn, status, context)
    if (signal.aborted) break // half a turn is played again
    const before = status
    const isLost = (p: Problem): boolean => p.kind === 'error' // it may be the machine's doing, so it is not kept
    lost += played.found.filter(isLost).length
    status = after(
      before,
      turn,
      { ...played, found: played.found.filter((p) => !isLost(p)) },
      (performance.now() - from) / 1000,
      inputsIn(o),
    )
    writeWhole(fileOf(o), `${JSON.stringify(status, null, 1)}\n`)
    line.clear()
    const p = status.curve.at(-1)!
    say(
      wrap(
        `turn ${turn} (${p.kind}), ${clock(p.seconds)}: ${n(p.things)} things of ${n(p.schedules)} schedules, ${n(p.inputs)} inputs of ${n(p.executions)} executions, ${n(p.states)} states`,
        screen.columns,
      ),
    )
    for (const p of played.found.filter(isLost)) say(`${paint('no answer', 'red')}: ${printable(p.text)}`)
    for (const f of status.findings.slice(before.findings.length))
      say(`${paint('found', 'red')}: ${f.text}${f.replay === null ? '' : `\n  ${f.replay}`}`)
  }
  line.clear()
  const found = status.findings.length
  const told = `${found === 0 ? 'nothing found' : `${found} findings`}${lost === 0 ? '' : `, ${lost} times without an answer`}`
  say(paint(`${told}: ${relative('.', fileOf(o))}`, found + lost === 0 ? 'green' : 'red'))
  if (signal.aborted) return 130
  if (found > 0) return 1
  return lost === 0 ? 0 : LOST
}

await main(
  command({
    name: 'search',
    options,
    notes:
      'Goes on where an earlier run in DIR was, however that ended. Exit codes: 0 nothing found, 1 findings, 2 usage, 4 something was lost with its process, 130 stopped (Ctrl-C).',
    run: (o, screen) => stopping((signal) => search(o, screen, signal)),
  }),
)
