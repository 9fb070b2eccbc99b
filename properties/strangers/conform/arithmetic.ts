/** What the answers of a dialect tell, and whether it is what was submitted. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { type Grammar, isUnread } from '../../../spec/dialects/grammar.ts'
import { twoDecimals } from '../../../spec/dialects/payload.ts'
import type { Body } from '../../../spec/events.ts'
import { exactSum } from '../../../spec/exact-sum.ts'

type Numbers = Extract<Body, { kind: 'aggregate' }>
type Told = 'sum' | 'count' | 'average' | 'product'

const TOLD: Readonly<Record<Exclude<Dialect['response'], Grammar>, readonly Told[]>> = {
  'status-sum-count-average': ['sum', 'count', 'average'],
  'mean-text': ['average'],
  'decimal-sum': ['sum'],
  'count-sum-status': ['sum', 'count'],
}

/** What an answer of the dialect tells, and to how many decimals; null: to all. */
const toldBy = (d: Dialect): readonly (readonly [Told, number | null])[] => {
  if (typeof d.response === 'string')
    return TOLD[d.response].map((name) => [name, d.response === 'mean-text' ? 2 : null])
  return (['sum', 'count', 'average', 'product'] as const).flatMap((name) => {
    const field =
      typeof d.response === 'string' ? undefined : d.response.fields.find((f) => 'role' in f && f.role === name)
    return field === undefined ? [] : [[name, field.kind === 'text' ? field.decimals : null] as const]
  })
}

/** Whether an answer tells what these submissions come to, to the digits that it has. */
export const isAbout = (d: Dialect, body: Numbers, submissions: readonly (readonly number[])[]): boolean => {
  const values = submissions.flat()
  const sum = exactSum(values)
  const right: Readonly<Record<Told, number>> = {
    sum,
    count: values.length,
    average: sum / values.length,
    product: values.reduce((a, b) => a * b, 1),
  }
  const shown = (x: number, decimals: number | null): number | string =>
    decimals === null ? x : decimals === 2 ? twoDecimals(x) : x.toFixed(decimals)
  // A grammar does not say whether it counts values or submissions.
  const counts = {
    submissions: [submissions.length],
    values: [values.length],
    either: [submissions.length, values.length],
  }
  const counted =
    typeof d.response !== 'string' ? 'either' : d.response === 'count-sum-status' ? 'submissions' : 'values'
  return toldBy(d).every(([name, decimals]) =>
    name === 'count'
      ? counts[counted].includes(body.count)
      : shown(body[name] ?? Number.NaN, decimals) === shown(right[name], decimals),
  )
}

/** Why no number can be judged; null: they can. */
export const unread = (d: Dialect): string | null =>
  isUnread(d.data) || isUnread(d.response) ? 'numbers are not read in this dialect' : null

/** Whose values an answer is about, and which: of its round, the latest of each client, all so far, or what came at once. */
const COUNTED = {
  shared: { own: false, of: 'round' },
  own: { own: true, of: 'round' },
  'shared-latest': { own: false, of: 'latest' },
  'shared-all': { own: false, of: 'all' },
  'own-all': { own: true, of: 'all' },
  gathered: { own: false, of: 'batch' },
} as const
type Counted = keyof typeof COUNTED
const isCounted = (s: Sums): s is Counted => Object.hasOwn(COUNTED, s)

/** What answers are about; nobody knows, or nobody reads them. */
export const SUMS = [
  'shared',
  'own',
  'shared-latest',
  'shared-all',
  'own-all',
  'gathered',
  'unknown',
  'unread',
] as const
export type Sums = (typeof SUMS)[number]

/** Answers hold values of earlier rounds. */
export const mixesRounds = (s: Sums): boolean => isCounted(s) && ['latest', 'all'].includes(COUNTED[s].of)

/** What a client has submitted, by round, in order. */
interface Submitter {
  readonly values: ReadonlyMap<number, readonly number[]>
  /** The same for those who submitted at once, of their last. */
  readonly batch: number
}

/** The submissions that an answer to `s` in this round is about; null: that is not known. */
export const countedBy = <S extends Submitter>(
  sums: Sums,
  s: S,
  all: readonly S[],
  round: number,
): readonly (readonly number[])[] | null => {
  if (!isCounted(sums)) return null
  const { own, of } = COUNTED[sums]
  return (own ? [s] : all).flatMap(({ values, batch }) => {
    if (of === 'all') return [...values.values()]
    if (of === 'batch' && batch !== s.batch) return []
    const one = of === 'round' ? values.get(round) : [...values.values()].at(-1)
    return one === undefined ? [] : [one]
  })
}

/** What answers can be about, the usual first, as answer after answer leaves it. */
export const narrowing = (d: Dialect) => {
  let left = SUMS.filter(isCounted)
  return {
    /** `fits`: whether an answer is about that. */
    by: (fits: (sums: Sums) => boolean): void => {
      left = left.filter(fits)
    },
    get sums(): Sums {
      return unread(d) === null ? (left[0] ?? 'unknown') : 'unread'
    },
  }
}

export const numbersText = (d: Dialect, body: Body): string =>
  body.kind === 'aggregate' && unread(d) === null
    ? toldBy(d)
        .map(([name]) => `${name} ${body[name]}`)
        .join(', ')
    : body.kind
