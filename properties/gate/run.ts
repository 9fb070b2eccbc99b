/** The `gate` command: runs every stage, decides, leaves the report. */
import { setMaxListeners } from 'node:events'
import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { DEFAULT_SEED } from '../harness/campaign/campaign.ts'
import { writeWhole } from '../harness/files.ts'
import type { Problem } from '../harness/outcome.ts'
import { ROOT } from '../harness/programs.ts'
import { answering, endQuietlyWithoutReader, perform, processScreen, type Screen } from '../harness/terminal/command.ts'
import { UsageError } from '../harness/terminal/options.ts'
import { printable, wordsOf } from '../harness/terminal/text.ts'
import { decide } from './decide.ts'
import { annotation, type Circumstances, junit, reportJson, reportJsonSchema } from './machine.ts'
import { type Options, USAGE } from './options.ts'
import { liveOverview, plainOverview } from './overview.ts'
import { PROFILES } from './profiles.ts'
import { type ReportInput, report } from './report.ts'
import { runStages, type Stage } from './runner.ts'
import { STAGES } from './stages.ts'

const COMMITTED = join(ROOT, 'REPORT.md')

const chosen = (o: Options): readonly Stage[] =>
  STAGES.filter((s) => !PROFILES[o.profile].leavesOut.includes(s.name) && (o.only === null || o.only.includes(s.name)))

/** Whether this run makes the bytes that REPORT.md must have; elsewhere other figures are no news. */
const isTheReport = (o: Options): boolean =>
  o.profile === 'pr' && o.only === null && o.seed === DEFAULT_SEED && process.version.startsWith('v20.')

/** REPORT.md against the text that this run made of it. */
const staleness = (text: string): readonly Problem[] => {
  const committed = existsSync(COMMITTED) ? readFileSync(COMMITTED, 'utf8') : null
  if (committed === text) return []
  const got =
    committed === null ? 'none' : 'another; `git diff --no-index REPORT.md reports/REPORT.md` shows what moved'
  return [
    {
      kind: 'stale-report',
      text: `REPORT.md: expected what this commit produces, got ${got}`,
      at: 'REPORT.md',
      replay: 'npm run gate -- --update',
    },
  ]
}

/** Leaves everything in `out`; the partial report of a stopped run has a name of its own. */
const leave = (out: string, input: ReportInput, text: string, c: Circumstances): void => {
  writeWhole(join(out, input.run.partial ? 'REPORT.partial.md' : 'REPORT.md'), text)
  writeWhole(join(out, 'report.json'), `${JSON.stringify(reportJson(input, c), null, 1)}\n`)
  writeWhole(join(out, 'report.schema.json'), `${JSON.stringify(reportJsonSchema(), null, 1)}\n`)
  writeWhole(join(out, 'junit.xml'), junit(input.run.ran))
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

const gate = async (o: Options, screen: Screen): Promise<number> => {
  const { say, paint } = screen
  const profile = PROFILES[o.profile]
  const out = resolve(o.out)
  try {
    mkdirSync(out, { recursive: true })
    accessSync(out, constants.W_OK)
  } catch (e) {
    throw new UsageError(`--out: expected a folder that can be written, got ${wordsOf(e)}`)
  }
  const stages = chosen(o)
  const stop = new AbortController()
  setMaxListeners(0, stop.signal) // every process of every stage listens
  const interrupt = (): void => stop.abort()
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  const started = new Date()
  const live = process.stdout.isTTY && !process.env.CI
  const watch = live ? liveOverview(stages, process.stdout, paint) : plainOverview(say, paint)
  const plan = { profile, seed: o.seed, out, processes: availableParallelism(), signal: stop.signal }
  const run = await runStages(stages, plan, watch)
  watch.stop()
  const input: ReportInput = { profile, seed: o.seed, run }
  const text = report(input)
  const compare = isTheReport(o) && !run.partial
  if (compare && o.update) writeWhole(COMMITTED, text)
  const stale = compare ? staleness(text) : []
  leave(out, input, text, { started, seconds: (Date.now() - started.getTime()) / 1000 })
  const problems = [...run.ran.flatMap((r) => r.problems), ...stale]
  tell(problems, screen)
  for (const note of run.ran.flatMap((r) => r.answer?.notes ?? [])) say(note)
  const written = relative('.', join(out, run.partial ? 'REPORT.partial.md' : 'REPORT.md'))
  const d = decide(problems, o.profile, compare ? 'REPORT.md' : written)
  say(`report: ${written}`)
  say(`${paint(d.exit === 0 ? 'pass' : `exit ${d.exit}`, d.exit === 0 ? 'green' : 'red')}: ${d.says}; next: ${d.next}`)
  return d.exit
}

endQuietlyWithoutReader()
// Forked processes of a stage that was left behind do not keep a stopped run alive.
process.exit(await answering(perform({ ...USAGE, run: gate }, process.argv.slice(2), processScreen())))
