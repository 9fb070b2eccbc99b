/** What the answers of a dialect tell, and whether it is what was submitted. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { type Grammar, isUnread } from '../../../spec/dialects/grammar.ts'
import { twoDecimals } from '../../../spec/dialects/payload.ts'
import type { Body } from '../../../spec/events.ts'
import { exactSum } from '../../../spec/exact-sum.ts'

type Numbers = Extract<Body, { kind: 'aggregate' }>
type Told = 'sum' | 'count' | 'average'

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
  return (['sum', 'count', 'average'] as const).flatMap((name) => {
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
      : shown(body[name], decimals) === shown(right[name], decimals),
  )
}

/** Why no number can be judged; null: they can. */
export const unread = (d: Dialect): string | null =>
  isUnread(d.data) || isUnread(d.response) ? 'numbers are not read in this dialect' : null

/** What answers are about: all clients of a round, the own values only, nobody knows, or nobody reads them. */
export type Sums = 'shared' | 'own' | 'unknown' | 'unread'

/** As the answers to 5 of one client and 7 of another, in that order, show it. `together`: both answers came after both. */
export const sumsOf = (d: Dialect, [first, second]: readonly [Body | null, Body | null], together: boolean): Sums => {
  if (unread(d) !== null) return 'unread'
  const is = (body: Body | null, ...all: readonly (readonly number[])[]): boolean =>
    body?.kind === 'aggregate' && isAbout(d, body, all)
  if ((together ? is(first, [5], [7]) : is(first, [5])) && is(second, [5], [7])) return 'shared'
  return is(first, [5]) && is(second, [7]) ? 'own' : 'unknown'
}

export const numbersText = (d: Dialect, body: Body): string =>
  body.kind === 'aggregate' && unread(d) === null
    ? toldBy(d)
        .map(([name]) => `${name} ${body[name]}`)
        .join(', ')
    : body.kind
