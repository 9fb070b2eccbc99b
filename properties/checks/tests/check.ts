/** The unit tests, once, with coverage. */
import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { z } from 'zod'
import { ROOT, runScript } from '../../harness/process/programs.ts'
import { details, table } from '../../harness/report/markdown.ts'
import type { Problem, Section } from '../../harness/report/outcome.ts'
import { n, plural } from '../../harness/terminal/text.ts'
import { type Context, check } from '../check.ts'
import {
  BRANCHES,
  type Coverage,
  coverageSchema,
  EXCLUSIONS,
  istanbulSchema,
  judgeCoverage,
  LINES,
  shownPercent,
} from './coverage.ts'
import { recall, type Skipped, skippedSchema } from './record.ts'

/** `declared`: passed, failed and skipped, so that it does not move with what happens to be installed. */
const schema = z.strictObject({ declared: z.int(), failed: z.int(), files: z.int(), coverage: coverageSchema })

/** The part of vitest's JSON report that is looked at. */
const reportSchema = z.object({
  numTotalTests: z.int(),
  numFailedTests: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({
          title: z.string(),
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
})

type Report = z.infer<typeof reportSchema>

const firstLine = (text: string | undefined): string => (text ?? '').split('\n')[0]!

/** Failed tests, and files that could not even be loaded. */
export const failures = (report: Report): readonly Problem[] =>
  report.testResults.flatMap((file): readonly Problem[] => {
    const at = relative(ROOT, file.name)
    const replay = `npx vitest run ${at}`
    const failed = file.assertionResults.filter((t) => t.status === 'failed')
    if (failed.length === 0 && file.status === 'failed')
      return [{ kind: 'failed', text: `test file ${at}: ${firstLine(file.message)}`, at, replay }]
    return failed.map((t) => ({
      kind: 'failed',
      text: `test "${t.fullName}": ${firstLine(t.failureMessages?.[0])}`,
      at,
      replay,
    }))
  })

/** The one good reason to skip a test, as `needs` says it (properties/harness/process/needs.ts). */
const NEEDS = /^needs (\S+) .*to succeed$/

/** Tests that were not run: by the program that they need and that is not installed, or, for any other reason, a problem. */
export const skips = (
  report: Report,
  skipped: readonly Skipped[],
): { readonly problems: readonly Problem[]; readonly notes: readonly string[] } => {
  const needing = new Map<string, number>()
  const problems: Problem[] = []
  for (const file of report.testResults)
    for (const t of file.assertionResults) {
      if (t.status === 'passed' || t.status === 'failed') continue
      const at = relative(ROOT, file.name)
      const note = skipped.find((s) => s.file === file.name && s.title === t.title)?.note ?? 'no reason'
      const program = NEEDS.exec(note)?.[1]
      if (program !== undefined) needing.set(program, (needing.get(program) ?? 0) + 1)
      else problems.push({ kind: 'failed', text: `test "${t.fullName}": expected to run, was skipped: ${note}`, at })
    }
  const notes = [...needing].map(
    ([program, times]) =>
      `not run here: ${plural(times, 'test')} ${times === 1 ? 'needs' : 'need'} ${program}, which is not installed`,
  )
  return { problems, notes }
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))

const coverageSections = (c: Coverage): readonly Section[] => {
  const rows = c.files.map((f) => [`\`${f.file}\``, shownPercent(f.lines), shownPercent(f.branches)])
  const total = ['**all of it**', `**${shownPercent(c.lines)}**`, `**${shownPercent(c.branches)}**`]
  const columns = [{ head: 'file' }, { head: 'lines', right: true }, { head: 'branches', right: true }]
  const missed = c.files.flatMap((f) =>
    f.missed.map((m) => [`\`${f.file}:${m.line}\``, m.what, `\`${m.text}\``, m.reason ?? 'within the 2 % of branches']),
  )
  const missedTable = table([{ head: 'where' }, { head: 'missed' }, { head: 'text' }, { head: 'why' }], missed)
  const excluded = c.excluded.map((x) => `- \`${x.file}\`${x.line === null ? '' : ` \`${x.line}\``}: ${x.reason}`)
  return [
    {
      title: 'Code coverage',
      body: [
        `${shownPercent(c.lines)} of ${n(c.lines.total)} lines and ${shownPercent(c.branches)} of ${n(c.branches.total)} branches of \`src/\` are run by the unit tests alone (required: ${LINES} % and ${BRANCHES} %).`,
        details('By file', table(columns, [...rows, total])),
        missed.length === 0 ? 'No line and no branch is left out.' : missedTable,
        excluded.length === 0 ? '' : `Not counted:\n\n${excluded.join('\n')}`,
      ]
        .filter((p) => p !== '')
        .join('\n\n'),
    },
  ]
}

const REPORTS = join(ROOT, 'reports')
const COVERAGE = 'coverage/coverage-final.json'
const TAKEN_OVER = 'tests: taken over from `npm test`, which ran on exactly these files'

/** One run of vitest with its results in `c.out`: what went wrong beyond tests that failed, and what was skipped. */
const runTests = async (
  c: Context,
): Promise<{ readonly problems: readonly Problem[]; readonly skipped: readonly Skipped[] }> => {
  const args = [
    'run',
    '--coverage.enabled',
    `--coverage.reportsDirectory=${join(c.out, 'coverage')}`,
    '--reporter=json',
    `--outputFile.json=${join(c.out, 'tests.json')}`,
    '--reporter=junit',
    `--outputFile.junit=${join(c.out, 'junit-tests.xml')}`,
    `--reporter=${join(ROOT, 'properties/checks/tests/vitest-reporter.ts')}`,
  ]
  const progressOf = z.object({ files: z.int(), of: z.int() })
  let skipped: readonly Skipped[] = []
  const { code, output } = await runScript('vitest/vitest.mjs', args, {
    signal: c.signal,
    message(m) {
      const p = progressOf.safeParse(m)
      if (p.success) c.progress(p.data.files, p.data.of, 'test files')
      const s = skippedSchema.safeParse(m)
      if (s.success) skipped = s.data.skipped
    },
  })
  const text = `vitest: expected exit code 0, got ${code}: ${output.trim().split('\n').at(-1)}`
  return { problems: code === 0 ? [] : [{ kind: 'failed', text }], skipped }
}

export const tests = check({
  name: 'tests',
  asks: 'Do the unit tests pass, and do they run all of src',
  options: z.strictObject({}),
  notes: 'Exit codes: 0 all pass, 1 not so, 2 usage.',
  schema,
  async run(_, c) {
    const before = existsSync(join(REPORTS, COVERAGE)) ? recall(REPORTS) : null
    const folder = before === null ? c.out : REPORTS
    const { problems: crashes, skipped } =
      before === null ? await runTests(c) : { problems: [], skipped: before.skipped }
    const report = reportSchema.parse(readJson(join(folder, 'tests.json')))
    const data = istanbulSchema.parse(readJson(join(folder, COVERAGE)))
    const byPath = Object.fromEntries(Object.entries(data).map(([f, d]) => [relative(ROOT, f), d]))
    const judged = judgeCoverage(byPath, (f) => readFileSync(join(ROOT, f), 'utf8'), EXCLUSIONS)
    const failed = failures(report)
    const { problems, notes } = skips(report, skipped)
    return {
      figures: {
        declared: report.numTotalTests,
        failed: report.numFailedTests,
        files: report.testResults.length,
        coverage: judged.figures,
      },
      problems: [...failed, ...(failed.length > 0 ? [] : crashes), ...problems, ...judged.problems],
      notes: before === null ? notes : [...notes, TAKEN_OVER],
    }
  },
  summary: (f) =>
    `${n(f.declared)} declared, ${f.failed > 0 ? n(f.failed) : 'none'} failed; ${shownPercent(f.coverage.lines)} of lines, ${shownPercent(f.coverage.branches)} of branches`,
  page: (f) => ({
    coverage: f.coverage.files.map(({ file, lines, branches, missed }) => ({
      file,
      lines: [lines.covered, lines.total],
      branches: [branches.covered, branches.total],
      missed,
    })),
  }),
  sections: (f) => coverageSections(f.coverage),
})
