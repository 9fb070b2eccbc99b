/** What numbers of clients are on the wire of a dialect. */
import type { Dialect } from '../../../../spec/dialects/dialect.ts'
import { isUnread } from '../../../../spec/dialects/grammar.ts'

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
