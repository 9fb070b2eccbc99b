/** What is known of a stranger and has a reason: cases that may be other than `ok`, and go stale when they are not. */
import { check, choice, flag, integer, list, nearest, object, text } from '../../../spec/dialects/fields.ts'
import { readText } from '../../harness/process/files.ts'
import { expecting, UsageError } from '../../harness/terminal/options.ts'
import type { Row } from './repeat.ts'
import { VERDICTS } from './verdicts.ts'

const verdicts = Object.fromEntries(VERDICTS.map((v) => [v, v] as const)) as Record<
  (typeof VERDICTS)[number],
  (typeof VERDICTS)[number]
>

const fileSchema = object({
  version: integer(1, 1),
  expect: list(
    object({
      /** A case, or several: `*` stands for anything. */
      case: text,
      verdict: choice(verdicts),
      reason: text,
      /** Exactly what was observed. */
      observed: text.optional(),
      /** Runs, and never decides. */
      flaky: flag.optional(),
    }),
  ),
})

type Expectation = ReturnType<typeof fileSchema.parse>['expect'][number]

const pattern = (text: string): RegExp =>
  new RegExp(`^${text.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`)

export const matches = (e: Pick<Expectation, 'case'>, id: string): boolean => pattern(e.case).test(id)

/** Throws a UsageError on a file that is none, and on a pattern that no case matches. */
export const readExpectations = (file: string, ids: readonly string[]): readonly Expectation[] => {
  const expected = `--expect ${file}: expected a file of expectations`
  const json: unknown = expecting(expected, () => JSON.parse(readText(file)))
  const read = check(fileSchema, json, '')
  if (read.kind === 'bad') throw new UsageError(`--expect ${file}: ${read.problem}`)
  for (const e of read.value.expect)
    if (!ids.some((id) => matches(e, id)))
      throw new UsageError(
        `--expect ${file}: expected a case, got ${e.case}; the nearest: ${nearest(e.case, ids).slice(0, 3).join(', ')}`,
      )
  return read.value.expect
}

/** `stale`: it is listed as something worse, and is not. */
export type Standing = 'expected' | 'unexpected' | 'stale' | 'flaky'

export const standing = (row: Row, all: readonly Expectation[], isBad: (r: Row) => boolean): Standing => {
  const mine = all.find((e) => matches(e, row.id))
  if (mine === undefined) return isBad(row) ? 'unexpected' : 'expected'
  if (mine.flaky === true) return 'flaky'
  const as = row.verdict === mine.verdict && (mine.observed === undefined || mine.observed === row.observed)
  if (as) return 'expected'
  return isBad(row) ? 'unexpected' : 'stale'
}

/** Listed as what may stay undecided, or as what never decides. */
export const isKnown = (row: Row, all: readonly Expectation[]): boolean => {
  const mine = all.find((e) => matches(e, row.id))
  return mine?.flaky === true || mine?.verdict === row.verdict
}

/** A file that expects just what was seen. */
export const expectationsOf = (rows: readonly Row[], isBad: (r: Row) => boolean): string => {
  const expect = rows
    .filter(isBad)
    .map(({ id, verdict, observed }) => ({ case: id, verdict, reason: 'seen, not yet explained', observed }))
  return `${JSON.stringify({ version: 1, expect }, null, 2)}\n`
}
