/** One run of the gate, whatever it is about: runs the stages, decides, leaves the report. */
import { setMaxListeners } from 'node:events'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { stopping } from '../checks/check.ts'
import { dropEarly } from '../harness/campaign/minimal.ts'
import { pageLine } from '../harness/page/html.ts'
import { writeWhole } from '../harness/process/files.ts'
import {
  commitHere,
  nodeHere,
  type Origin,
  readPieces,
  type Shard,
  shardText,
  writePiece,
} from '../harness/process/shards.ts'
import type { Problem } from '../harness/report/outcome.ts'
import type { Screen } from '../harness/terminal/command.ts'
import { expecting, UsageError } from '../harness/terminal/options.ts'
import { printable } from '../harness/terminal/text.ts'
import { decide } from './decide.ts'
import { annotation, type Circumstances, junit, reportJson, reportJsonSchema, timesJson } from './machine.ts'
import { liveOverview, plainOverview } from './overview.ts'
import type { Profile } from './profiles.ts'
import { pageOf, problemsOf, type ReportInput, report, type Subject } from './report.ts'
import { concluding, gatherStages, type Plan, runStages, type Stage, type Watcher } from './runner.ts'
import { changesSince, type Earlier } from './since.ts'

export interface Job {
  readonly subject: Subject
  readonly profile: Profile
  readonly seed: number
  /** The stages that run, by name; null: those of the profile. */
  readonly only: readonly string[] | null
  readonly explain: boolean
  readonly out: string
  /** This share alone, into a piece; null: all of it. */
  readonly shard?: Shard | null
  /** The folder with the pieces of all shares, which are put together instead; null: run. */
  readonly merge?: string | null
  /** An earlier report, with which the page compares this one; null: none. */
  readonly since?: Earlier | null
  /** What a whole report is further judged by. */
  settle?(text: string): readonly Problem[]
}

/** The folder, which is made. Throws a UsageError where it cannot be written. */
const folder = (out: string): string =>
  expecting('--out: expected a folder that can be written', () => {
    mkdirSync(out, { recursive: true })
    accessSync(out, constants.W_OK)
    return resolve(out)
  })

/** Leaves everything in `out`, and says where the page is; the partial report of a stopped run has a name of its own. */
const leave = async (
  out: string,
  input: ReportInput,
  text: string,
  c: Circumstances,
  since: Earlier | null,
): Promise<string> => {
  const { run, subject } = input
  const json = reportJson(input)
  writeWhole(join(out, run.partial ? 'REPORT.partial.md' : 'REPORT.md'), text)
  writeWhole(join(out, 'report.json'), `${JSON.stringify(json, null, 1)}\n`)
  writeWhole(join(out, 'times.json'), `${JSON.stringify(timesJson(run.ran, c), null, 1)}\n`)
  writeWhole(join(out, 'report.schema.json'), `${JSON.stringify(reportJsonSchema(subject.stages), null, 1)}\n`)
  writeWhole(join(out, 'junit.xml'), junit(run.ran))
  return await pageLine(out, pageOf(input, since === null ? null : changesSince(since, json)))
}

const SHOWN = 20

const tell = (problems: readonly Problem[], { say, paint }: Screen): void => {
  for (const p of problems.slice(0, SHOWN)) {
    say(`${paint(p.kind, 'red')}: ${printable(p.text)}${p.at === undefined ? '' : ` (${printable(p.at)})`}`)
    if (p.replay !== undefined) say(paint(`  ${printable(p.replay)}`, 'dim'))
  }
  if (problems.length > SHOWN) say(`… and ${problems.length - SHOWN} more, in report.json`)
  if (process.env.GITHUB_ACTIONS === 'true') for (const p of problems) say(annotation(p))
}

const originOf = (stages: readonly Stage[], { profile, seed, explain }: Plan): Origin => ({
  commit: commitHere(),
  profile: profile.name,
  seed,
  stages: stages.map((s) => s.name),
  node: nodeHere,
  explain: explain !== false,
})

/** Leaves a piece, of which nothing is judged yet. Resolves with the exit code. */
const gatherPiece = async (
  stages: readonly Stage[],
  shard: Shard,
  plan: Plan,
  watch: Watcher & { stop(): void },
  { say, paint }: Screen,
): Promise<number> => {
  const origin = originOf(stages, plan)
  const gathered = await gatherStages(stages, shard, plan, watch)
  watch.stop()
  if (plan.signal.aborted) {
    say(paint('exit 3: stopped before every stage was done, so there is no piece', 'red'))
    return 3
  }
  const failed = gathered.flatMap((g) => g.problems)
  for (const p of failed) say(`${paint(p.kind, 'red')}: ${printable(p.text)}`)
  const file = relative('.', writePiece(plan.out, { ...origin, shard, gathered }))
  dropEarly() // the piece has it
  say(`piece ${shardText(shard)}: ${file}; nothing is judged before npm run gate -- --merge has all ${shard.of}`)
  return failed.length === 0 ? 0 : 4
}

/** Resolves with the exit code. Throws a UsageError. */
export const carryOut = (job: Job, screen: Screen): Promise<number> =>
  stopping((signal) => carryOutUntil(signal, job, screen))

const carryOutUntil = async (
  signal: AbortSignal,
  { subject, profile, seed, only, explain, ...job }: Job,
  screen: Screen,
): Promise<number> => {
  const { say, paint } = screen
  const out = folder(job.out)
  const chosen = (name: string): boolean => !profile.leavesOut.includes(name) && (only?.includes(name) ?? true)
  const stages = subject.stages.filter((s) => chosen(s.name))
  if (stages.length === 0)
    throw new UsageError(
      `--only: expected a stage of this run, ${subject.stages.map((s) => s.name).join(', ')}, got ${only}`,
    )
  setMaxListeners(0, signal) // every process of every stage listens
  const started = new Date()
  const live = process.stdout.isTTY && !process.env.CI
  const watch = live ? liveOverview(stages, process.stdout, paint) : plainOverview(say, paint)
  const plan = { profile, seed, out, explain, processes: availableParallelism(), signal }
  if (job.shard != null) return await gatherPiece(stages, job.shard, plan, watch, screen)
  const pieces = job.merge == null ? null : readPieces(job.merge, originOf(stages, plan))
  const gathered = pieces?.map((p) => p.gathered)
  const run = await runStages(stages, plan, watch, gathered && concluding(gathered, plan))
  watch.stop()
  const input: ReportInput = { subject, profile, seed, run }
  const text = report(input)
  const more = run.partial ? [] : (job.settle?.(text) ?? [])
  const spent = { started, seconds: (Date.now() - started.getTime()) / 1000 }
  const page = await leave(out, input, text, spent, job.since ?? null)
  const problems = [...problemsOf(input), ...more]
  tell(problems, screen)
  for (const note of run.ran.flatMap((r) => r.answer?.notes ?? [])) say(note)
  const written = relative('.', join(out, run.partial ? 'REPORT.partial.md' : 'REPORT.md'))
  const d = decide(problems, subject.again, written, subject.says)
  say(`report: ${written}`)
  say(page)
  say(`${paint(d.exit === 0 ? 'pass' : `exit ${d.exit}`, d.exit === 0 ? 'green' : 'red')}: ${d.says}; next: ${d.next}`)
  return d.exit
}
