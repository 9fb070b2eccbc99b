/** Numbers of a dialect: what those of clients can be, what answers tell, and whether it is what was submitted. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { type Grammar, isUnread, sizeOf, writeGrammar } from '../../../spec/dialects/grammar.ts'
import { twoDecimals } from '../../../spec/dialects/payload.ts'
import type { Body } from '../../../spec/events.ts'
import { exactSum } from '../../../spec/exact-sum.ts'
import { dataBytes } from '../../../spec/reference/payload.ts'

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

/** What the baseline has told of the stranger. */
export interface Manners {
  /** Silence means something only after so many milliseconds. */
  readonly patienceMs: number
  readonly sums: Sums
  /** It answers a round only when `clients` have submitted. */
  readonly waits: boolean
  /** Two, where it is not said. */
  readonly clients?: number
  /** Of a server that waits: they have to be of one round, so that nobody who comes later completes it. */
  readonly inStep?: boolean
  /** It answers late, and what is submitted at once is answered at once. */
  readonly atOnce?: boolean
}

/** What the numbers of clients are on the wire of a dialect. */
interface Submitted {
  /** Written as decimal text. */
  readonly text: boolean
  /** NaN and infinity can be said. */
  readonly floats: boolean
  /** Numbers with a fraction can be said. */
  readonly fractions: boolean
  /** A submission may hold several. */
  readonly many: boolean
  /** What the smallest and the largest number are, as far as every one between can be told from its neighbours. */
  readonly least: number
  readonly most: number
}

const HUGE = { least: -1e300, most: 1e300 } // PROTOCOL §5, and of decimals no less
const NAMED: Readonly<Record<Extract<Dialect['data'], string>, Submitted>> = {
  'counted-f64': { text: false, floats: true, fractions: true, many: true, ...HUGE },
  'csv-decimals': { text: true, floats: true, fractions: true, many: true, ...HUGE },
  'decimal-integer': { text: true, floats: false, fractions: false, many: false, ...HUGE },
  i32: { text: false, floats: false, fractions: false, many: false, least: -(2 ** 31), most: 2 ** 31 - 1 },
}
const BINARY = {
  u16: { least: 0, most: 2 ** 16 - 1 },
  u32: { least: 0, most: 2 ** 32 - 1 },
  i32: NAMED.i32,
  u64: { least: 0, most: Number.MAX_SAFE_INTEGER },
  i64: { least: Number.MIN_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER },
  f32: { least: -(2 ** 24), most: 2 ** 24 - 4 },
  f64: HUGE,
}

/** Bytes of the number that says how many values follow, and of a value; null: nothing says how many. */
export const countField = ({ data }: Dialect): { readonly count: number; readonly value: number } | null => {
  if (data === 'counted-f64') return { count: 2, value: 8 }
  const binary = typeof data === 'string' ? [] : data.fields.filter((f) => f.kind === 'binary')
  const count = binary.find((f) => f.role === 'count' && !f.each)
  const value = binary.find((f) => f.role === 'value' && f.each)
  return count && value ? { count: sizeOf(count.type), value: sizeOf(value.type) } : null
}

/** A DATA of one value that says it has so many. */
export const saysCount = ({ data }: Dialect, count: number): Uint8Array =>
  typeof data === 'string'
    ? Uint8Array.of(count >>> 8, count & 0xff, ...dataBytes([9]).subarray(2))
    : writeGrammar(data, { value: [9], count: [count] })

/** Why nobody can say what a bad payload of a client is; null: one can. */
export const unreadData = ({ data }: Dialect): string | null =>
  isUnread(data) ? 'payloads of clients are not read in this dialect' : null

export const numbersOf = ({ data }: Dialect): Submitted => {
  if (typeof data === 'string') return NAMED[data]
  const value = data.fields.find((f) => 'role' in f && f.role === 'value')
  if (value?.kind === 'binary' && value.type !== 'u8') {
    const { least, most } = BINARY[value.type]
    const floats = value.type.startsWith('f')
    return { text: false, floats, fractions: floats, many: value.each, least, most }
  }
  const { type, decimals } = value?.kind === 'text' ? value : { type: 'int', decimals: null }
  return {
    text: true,
    floats: type !== 'int',
    fractions: type !== 'int' && decimals !== 0,
    many: type === 'csv',
    ...HUGE,
  }
}
