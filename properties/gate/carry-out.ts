/** One run of the gate, whatever it is about: runs the stages, decides, leaves the report. */
import { setMaxListeners } from 'node:events'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { writeWhole } from '../harness/files.ts'
import type { Problem } from '../harness/outcome.ts'
import type { Screen } from '../harness/terminal/command.ts'
import { UsageError } from '../harness/terminal/options.ts'
import { printable, wordsOf } from '../harness/terminal/text.ts'
import { decide } from './decide.ts'
import { annotation, type Circumstances, junit, reportJson, reportJsonSchema } from './machine.ts'
import { liveOverview, plainOverview } from './overview.ts'
import type { Profile } from './profiles.ts'
import { problemsOf, type ReportInput, report } from './report.ts'
import { runStages } from './runner.ts'
import type { Subject } from './subject.ts'

export interface Job {
  readonly subject: Subject
  readonly profile: Profile
  readonly seed: number
  /** The stages that run, by name; null: those of the profile. */
  readonly only: readonly string[] | null
  readonly explain: boolean
  readonly out: string
  /** What a whole report is further judged by. */
  settle?(text: string): readonly Problem[]
}

/** The folder, which is made. Throws a UsageError where it cannot be written. */
const folder = (out: string): string => {
  try {
    mkdirSync(out, { recursive: true })
    accessSync(out, constants.W_OK)
    return resolve(out)
  } catch (e) {
    throw new UsageError(`--out: expected a folder that can be written, got ${wordsOf(e)}`)
  }
}

/** Leaves everything in `out`; the partial report of a stopped run has a name of its own. */
const leave = (out: string, input: ReportInput, text: string, c: Circumstances): void => {
  const { run, subject } = input
  writeWhole(join(out, run.partial ? 'REPORT.partial.md' : 'REPORT.md'), text)
  writeWhole(join(out, 'report.json'), `${JSON.stringify(reportJson(input, c), null, 1)}\n`)
  writeWhole(join(out, 'report.schema.json'), `${JSON.stringify(reportJsonSchema(subject.stages), null, 1)}\n`)
  writeWhole(join(out, 'junit.xml'), junit(run.ran))
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

/** Resolves with the exit code. Throws a UsageError. */
export const carryOut = async (
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
  const stop = new AbortController()
  setMaxListeners(0, stop.signal) // every process of every stage listens
  const interrupt = (): void => stop.abort()
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  const started = new Date()
  const live = process.stdout.isTTY && !process.env.CI
  const watch = live ? liveOverview(stages, process.stdout, paint) : plainOverview(say, paint)
  const plan = { profile, seed, out, explain, processes: availableParallelism(), signal: stop.signal }
  const run = await runStages(stages, plan, watch)
  watch.stop()
  const input: ReportInput = { subject, profile, seed, run }
  const text = report(input)
  const more = run.partial ? [] : (job.settle?.(text) ?? [])
  leave(out, input, text, { started, seconds: (Date.now() - started.getTime()) / 1000 })
  const problems = [...problemsOf(input), ...more]
  tell(problems, screen)
  for (const note of run.ran.flatMap((r) => r.answer?.notes ?? [])) say(note)
  const written = relative('.', join(out, run.partial ? 'REPORT.partial.md' : 'REPORT.md'))
  const d = decide(problems, subject.again, written, subject.says)
  say(`report: ${written}`)
  say(`${paint(d.exit === 0 ? 'pass' : `exit ${d.exit}`, d.exit === 0 ? 'green' : 'red')}: ${d.says}; next: ${d.next}`)
  return d.exit
}
