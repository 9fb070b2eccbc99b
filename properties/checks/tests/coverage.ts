/** Judges what the tests ran of src: every line, nearly every branch, and a reason for what is left out. */
import { z } from 'zod'
import type { Problem } from '../../harness/report/outcome.ts'

export const LINES = 100 // percent
export const BRANCHES = 98

/** The part of istanbul's coverage-final.json that is looked at. */
const position = z.object({ line: z.int() })
const range = z.object({ start: position })
export const istanbulSchema = z.record(
  z.string(),
  z.object({
    statementMap: z.record(z.string(), range),
    s: z.record(z.string(), z.int()),
    /** A branch that is not written, such as a missing else, has no place of its own. */
    branchMap: z.record(
      z.string(),
      z.object({ loc: range, locations: z.array(z.object({ start: z.object({ line: z.int().optional() }) })) }),
    ),
    b: z.record(z.string(), z.array(z.int())),
  }),
)
type Istanbul = z.infer<typeof istanbulSchema>

const part = z.strictObject({ covered: z.int(), total: z.int() })
export const coverageSchema = z.strictObject({
  lines: part,
  branches: part,
  files: z.array(
    z.strictObject({
      file: z.string(),
      lines: part,
      branches: part,
      missed: z.array(
        z.strictObject({
          line: z.int(),
          what: z.enum(['line', 'branch']),
          text: z.string(),
          reason: z.string().nullable(),
        }),
      ),
    }),
  ),
  excluded: z.array(z.strictObject({ file: z.string(), line: z.string().nullable(), reason: z.string() })),
})
export type Coverage = z.infer<typeof coverageSchema>
type File = Coverage['files'][number]
type Part = z.infer<typeof part>

const covers = (x: Exclusion, file: string): boolean =>
  x.file.endsWith('/') ? file.startsWith(x.file) : file === x.file

const reasonFor = (file: string, text: string, exclusions: readonly Exclusion[]): string | null =>
  exclusions.find((x) => covers(x, file) && x.line === text)?.reason ?? null

/** One file; `source` are its lines. Missed parts with a reason do not count at all. */
const judgeFile = (
  file: string,
  data: Istanbul[string],
  source: readonly string[],
  exclusions: readonly Exclusion[],
): File => {
  const hits = new Map<number, number>() // by line, as istanbul counts: the most of the statements that begin there
  for (const [id, { start }] of Object.entries(data.statementMap))
    hits.set(start.line, Math.max(hits.get(start.line) ?? 0, data.s[id]!))
  const text = (line: number): string => source[line - 1]?.trim() ?? ''
  const missed: File['missed'] = []
  const miss = (line: number, what: 'line' | 'branch'): boolean => {
    const reason = reasonFor(file, text(line), exclusions)
    missed.push({ line, what, text: text(line), reason })
    return reason === null
  }
  const lines = { covered: 0, total: 0 }
  const count = (p: { covered: number; total: number }, covered: boolean, line: number, what: 'line' | 'branch') => {
    if (covered || miss(line, what)) p.total++
    if (covered) p.covered++
  }
  for (const [line, times] of hits) count(lines, times > 0, line, 'line')
  const branches = { covered: 0, total: 0 }
  for (const [id, { loc, locations }] of Object.entries(data.branchMap))
    for (const [i, times] of data.b[id]!.entries())
      count(branches, times > 0, locations[i]?.start.line ?? loc.start.line, 'branch')
  missed.sort((a, b) => a.line - b.line || a.what.localeCompare(b.what))
  return { file, lines, branches, missed }
}

const sum = (parts: readonly Part[]): Part => ({
  covered: parts.reduce((a, p) => a + p.covered, 0),
  total: parts.reduce((a, p) => a + p.total, 0),
})

/** 0..100; nothing to cover is covered. */
export const percent = (p: Part): number => (p.total === 0 ? 100 : (100 * p.covered) / p.total)

export const shownPercent = (p: Part): string => `${(Math.floor(percent(p) * 100) / 100).toFixed(2)} %`

/**
 * `data`: by path from the repository's root. `read`: the text of such a file. Comments in the code cannot exclude
 * anything: they are problems of their own.
 */
export const judgeCoverage = (
  data: Istanbul,
  read: (file: string) => string,
  exclusions: readonly Exclusion[],
): { readonly figures: Coverage; readonly problems: readonly Problem[] } => {
  const problems: Problem[] = []
  const problem = (text: string, at?: string): void => {
    problems.push({ kind: 'coverage', text, replay: 'npx vitest run --coverage', ...(at === undefined ? {} : { at }) })
  }
  const whole = exclusions.filter((x) => x.line === null)
  const names = Object.keys(data)
    .filter((f) => !whole.some((x) => covers(x, f)))
    .sort()
  const files = names.map((f) => judgeFile(f, data[f]!, read(f).split('\n'), exclusions))
  for (const f of files)
    if (/(v8|c8|istanbul) ignore/.test(read(f.file)))
      problem('a comment excludes code from coverage; expected an entry in properties/checks/tests/coverage.ts', f.file)
  if (exclusions.length > BUDGET) problem(`${exclusions.length} exclusions, expected at most ${BUDGET}`)
  for (const x of exclusions)
    if (!Object.keys(data).some((f) => covers(x, f) && (x.line === null || read(f).includes(x.line))))
      problem(`an exclusion is about ${x.file}${x.line === null ? '' : ` "${x.line}"`}, which does not exist`)
  const lines = sum(files.map((f) => f.lines))
  const branches = sum(files.map((f) => f.branches))
  const missed = (what: 'line' | 'branch', why: string): void => {
    for (const f of files)
      for (const m of f.missed)
        if (m.what === what && m.reason === null) problem(`${why}: ${m.text}`, `${f.file}:${m.line}`)
  }
  if (percent(lines) < LINES) missed('line', 'no test runs this line')
  if (percent(branches) < BRANCHES) {
    problem(`branches of src: expected at least ${BRANCHES} %, got ${shownPercent(branches)}`)
    missed('branch', 'no test takes this branch')
  }
  return { figures: { lines, branches, files, excluded: exclusions.map((x) => ({ ...x })) }, problems }
}

/** What is not counted in the coverage of src, and why. Shown in the report. */
export interface Exclusion {
  /** A file of src, or a folder when it ends in a slash. */
  readonly file: string
  /** The trimmed text of the line it is about; null: all of it. A text that no longer occurs is an error. */
  readonly line: string | null
  readonly reason: string
}

export const BUDGET = 5

export const EXCLUSIONS: readonly Exclusion[] = [
  {
    file: 'src/cli/',
    line: null,
    reason:
      'the commands print and exit, so the tests start them as processes of their own, where coverage is not collected; their parts that decide anything are tested in place, and shown in coverage/index.html',
  },
]
