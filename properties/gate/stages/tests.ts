/** The unit tests, once, with coverage. */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { z } from 'zod'
import { ROOT, runScript } from '../command.ts'
import {
  BRANCHES,
  type Coverage,
  coverageSchema,
  istanbulSchema,
  judgeCoverage,
  LINES,
  shownPercent,
} from '../coverage.ts'
import { EXCLUSIONS } from '../exclusions.ts'
import { details, n, table } from '../report/markdown.ts'
import { type Problem, type Section, stage } from '../stage.ts'

const schema = z.strictObject({ passed: z.int(), failed: z.int(), files: z.int(), coverage: coverageSchema })

/** The part of vitest's JSON report that is looked at. */
const reportSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
})

const firstLine = (text: string | undefined): string => (text ?? '').split('\n')[0]!

/** Failed tests, and files that could not even be loaded. */
export const failures = (report: z.infer<typeof reportSchema>): readonly Problem[] =>
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

export const tests = stage({
  name: 'tests',
  asks: 'Do the unit tests pass, and do they run all of src',
  schema,
  async run(c) {
    const results = join(c.out, 'tests.json')
    const coverage = join(c.out, 'coverage')
    const args = [
      'run',
      '--coverage.enabled',
      `--coverage.reportsDirectory=${coverage}`,
      '--reporter=json',
      `--outputFile.json=${results}`,
      '--reporter=junit',
      `--outputFile.junit=${join(c.out, 'junit-tests.xml')}`,
      `--reporter=${join(ROOT, 'properties/gate/vitest-progress.ts')}`,
    ]
    const progressOf = z.object({ files: z.int(), of: z.int() })
    const { code, output } = await runScript('vitest/vitest.mjs', args, {
      signal: c.signal,
      message(m) {
        const p = progressOf.safeParse(m)
        if (p.success) c.progress(p.data.files, p.data.of, 'test files')
      },
    })
    const report = reportSchema.parse(readJson(results))
    const data = istanbulSchema.parse(readJson(join(coverage, 'coverage-final.json')))
    const byPath = Object.fromEntries(Object.entries(data).map(([f, d]) => [relative(ROOT, f), d]))
    const judged = judgeCoverage(byPath, (f) => readFileSync(join(ROOT, f), 'utf8'), EXCLUSIONS)
    const failed = failures(report)
    const other: readonly Problem[] =
      code === 0 || failed.length > 0
        ? []
        : [{ kind: 'failed', text: `vitest: expected exit code 0, got ${code}: ${output.trim().split('\n').at(-1)}` }]
    return {
      figures: {
        passed: report.numPassedTests,
        failed: report.numFailedTests,
        files: report.testResults.length,
        coverage: judged.figures,
      },
      problems: [...failed, ...other, ...judged.problems],
    }
  },
  summary: (f) =>
    `${n(f.passed)} passed${f.failed > 0 ? `, ${n(f.failed)} failed` : ''}; ${shownPercent(f.coverage.lines)} of lines, ${shownPercent(f.coverage.branches)} of branches`,
  sections: (f) => coverageSections(f.coverage),
})
