/** What commands and people write to each other: lines, colours, text from others made harmless, and numbers. */
import { stripVTControlCharacters, styleText } from 'node:util'
import { payload } from '../index.ts'

type Style = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold'
export type Paint = (how: Style, text: string) => string

export interface Terminal {
  /** Results and logs, a line each. */
  out(line: string): void
  /** Everything a script that reads the results does not want. */
  err(line: string): void
  readonly paintOut: Paint
  readonly paintErr: Paint
}

/** Colours where a terminal shows them, unless NO_COLOR is set (https://no-color.org); everywhere where FORCE_COLOR is. */
export const painter = (stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Paint => {
  const forced = env.FORCE_COLOR ?? ''
  const coloured = forced === '' ? stream.isTTY && !env.NO_COLOR : forced !== '0'
  return coloured ? (how, text) => styleText(how, text, { validateStream: false }) : (_, text) => text
}

const INDENT = 4 // of what follows where a line is broken

/** Broken between words where the terminal would break within one; an object of a log never is. */
export const fitted = (line: string, columns = Number.POSITIVE_INFINITY): string => {
  if (line.startsWith('{')) return line
  let at = -1
  const broken = line.split(' ').map((word, i) => {
    const width = stripVTControlCharacters(word).length
    const fits = i === 0 || at + 1 + width <= columns
    at = fits ? at + 1 + width : INDENT + width
    return fits ? word : `\n${' '.repeat(INDENT)}${word}`
  })
  return broken.join(' ').replaceAll(' \n', '\n')
}

/** The streams of this process. A reader that goes away (`| head`) is no reason to stop serving. */
export const processTerminal = (): Terminal => {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  return {
    out: (line) => process.stdout.write(`${fitted(line, process.stdout.columns)}\n`),
    err: (line) => process.stderr.write(`${fitted(line, process.stderr.columns)}\n`),
    paintOut: painter(process.stdout),
    paintErr: painter(process.stderr),
  }
}

export const warn = (terminal: Terminal, text: string): void =>
  terminal.err(terminal.paintErr('yellow', `WARNING: ${text}`))

const LONGEST = 60 // characters of a quotation

const escaped = (text: string, unsafe: RegExp): string =>
  text.replace(unsafe, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`)

/** Text from elsewhere with everything escaped that could command a terminal. */
export const harmless = (text: string): string => escaped(text, /[\p{C}\p{Zl}\p{Zp}]/gu)

/** The same in quotes, shortened. */
export const quote = (text: string): string => {
  const safe = escaped(text.slice(0, LONGEST), /[\p{C}\p{Zl}\p{Zp}"\\]/gu)
  return `"${safe}${text.length > LONGEST ? '…' : ''}"`
}

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
