/** What numbers of clients are on the wire of a dialect. */
import type { Dialect } from '../../../../spec/dialects/dialect.ts'
import { isUnread, writeGrammar } from '../../../../spec/dialects/grammar.ts'
import { dataBytes } from '../../../../spec/reference/payload.ts'

interface Numbers {
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
const NAMED: Readonly<Record<Extract<Dialect['data'], string>, Numbers>> = {
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

const WIDTH = { u8: 1, u16: 2, u32: 4, i32: 4, f32: 4, u64: 8, i64: 8, f64: 8 } as const // bytes

/** Bytes of the number that says how many values follow, and of a value; null: nothing says how many. */
export const countedBy = ({ data }: Dialect): { readonly count: number; readonly value: number } | null => {
  if (data === 'counted-f64') return { count: 2, value: 8 }
  const binary = typeof data === 'string' ? [] : data.fields.filter((f) => f.kind === 'binary')
  const count = binary.find((f) => f.role === 'count' && !f.each)
  const value = binary.find((f) => f.role === 'value' && f.each)
  return count && value ? { count: WIDTH[count.type], value: WIDTH[value.type] } : null
}

/** A DATA of one value that says it has so many. */
export const saysCount = ({ data }: Dialect, count: number): Uint8Array =>
  typeof data === 'string'
    ? Uint8Array.of(count >>> 8, count & 0xff, ...dataBytes([9]).subarray(2))
    : writeGrammar(data, { value: [9], count: [count] })

/** Why nobody can say what a bad payload of a client is; null: one can. */
export const unreadData = ({ data }: Dialect): string | null =>
  isUnread(data) ? 'payloads of clients are not read in this dialect' : null

export const numbersOf = ({ data }: Dialect): Numbers => {
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
