/** Numbers as people write and read them. */
import { payload } from '../index.ts'
import { quote } from './terminal.ts'

type ParsedNumbers =
  | { readonly kind: 'ok'; readonly values: readonly number[] }
  | { readonly kind: 'bad'; readonly problem: string }

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const bad = (problem: string): ParsedNumbers => ({ kind: 'bad', problem })

/** Comma-separated decimal numbers that may be submitted (PROTOCOL §5). */
export const parseNumbers = (line: string): ParsedNumbers => {
  const entries = line.split(',').map((entry) => entry.trim())
  const values = entries.map(Number)
  const wrong = entries.findIndex((entry) => !NUMBER.test(entry))
  if (wrong >= 0)
    return bad(`expected numbers separated by commas, got ${quote(entries[wrong]!)} ${place(wrong, entries)}`)
  switch (payload.valuesProblem(values)) {
    case null:
      return { kind: 'ok', values }
    case 'no-values':
    case 'too-many-values':
      return bad(`expected 1..${payload.MAX_VALUES} numbers, got ${values.length}`)
    case 'bad-value': {
      const big = values.findIndex((value) => payload.valuesProblem([value]) !== null)
      return bad(`expected numbers from -1e300 to 1e300, got ${quote(entries[big]!)} ${place(big, entries)}`)
    }
  }
}

const place = (index: number, entries: readonly string[]): string => `as number ${index + 1} of ${entries.length}`

/** Sum with at most 12 significant digits, average with two decimals. */
export const formatAggregate = ({ sum, count, average }: payload.Aggregate): string =>
  `sum=${Number(sum.toPrecision(12))}, count=${count}, avg=${average.toFixed(2).replace(/^-(0\.00)$/, '$1')}`

const SHOWN = 6

/** The first few values, and how many there are. */
export const formatValues = (values: readonly number[]): string => {
  const shown = values.slice(0, SHOWN).map((value) => Number(value.toPrecision(12)))
  return values.length > SHOWN ? `${shown.join(', ')}, … (${values.length} values)` : shown.join(', ')
}
