/** What numbers of clients are on the wire of a dialect. */
import type { Dialect } from '../../../../spec/dialects/dialect.ts'

interface Numbers {
  /** Written as decimal text. */
  readonly text: boolean
  /** NaN and infinity can be said. */
  readonly floats: boolean
  /** A submission may hold several. */
  readonly many: boolean
}

const NAMED: Readonly<Record<Extract<Dialect['data'], string>, Numbers>> = {
  'counted-f64': { text: false, floats: true, many: true },
  'csv-decimals': { text: true, floats: true, many: true },
  'decimal-integer': { text: true, floats: false, many: false },
  i32: { text: false, floats: false, many: false },
}

export const numbersOf = ({ data }: Dialect): Numbers => {
  if (typeof data === 'string') return NAMED[data]
  const values = data.fields.filter((f) => 'role' in f && f.role === 'value')
  return {
    text: values.some((f) => f.kind === 'text'),
    floats: values.some((f) => (f.kind === 'text' ? f.type !== 'int' : f.kind === 'binary' && f.type.startsWith('f'))),
    many: values.some((f) => (f.kind === 'text' ? f.type === 'csv' : f.kind === 'binary' && f.each)),
  }
}
