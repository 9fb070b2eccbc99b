/** Small pieces of what a person reads: colours, numbers, medians, times. */
import { styleText } from 'node:util'
import Table from 'cli-table3'
import { COMMAND } from './invocation.ts'

export type Paint = (text: string, how: 'red' | 'green' | 'yellow' | 'dim' | 'bold') => string

/** Colours where a terminal shows them, unless NO_COLOR is set (https://no-color.org); everywhere where FORCE_COLOR is. */
export const painter = (out: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Paint => {
  const forced = env.FORCE_COLOR ?? ''
  const coloured = forced === '' ? out.isTTY && !env.NO_COLOR : forced !== '0'
  return coloured ? (text, how) => styleText(how, text, { validateStream: false }) : unpainted
}

export const unpainted: Paint = (text) => text

/** What no terminal may get to see of foreign text: controls, what formats or turns text around, broken pairs. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * Foreign text (of a file, a frame, an argument) as one line for a terminal: whatever would move the cursor, break the
 * line, be invisible or turn the direction of text around is a visible escape, such as `\u001b` or `\u202e`.
 */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, (c) => {
    const hex = c.codePointAt(0)!.toString(16)
    return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`
  })

const BREAK_OR_COLOUR = new RegExp(`(\n|${String.fromCharCode(27)}\\[\\d+m)`)

/** Text of several lines, whatever it cites: its line breaks stay, and colours where it is `painted`. */
export const printableLines = (text: string, painted: boolean): string =>
  text
    .split(painted ? BREAK_OR_COLOUR : /(\n)/)
    .map((part, i) => (i % 2 === 1 ? part : printable(part)))
    .join('')

const MOST_SAID = 500 // characters of what was thrown

/** What code under test has thrown, whatever that is: to read it may throw in turn, and it may be megabytes long. */
export const thrown = (e: unknown, named = true): string => {
  try {
    return cut(e instanceof Error ? `${named ? `${e.name}: ` : ''}${e.message}` : String(e), MOST_SAID)
  } catch {
    return 'something that cannot be read was thrown'
  }
}

/** What an error says, in one line. */
export const wordsOf = (e: unknown): string => printable(thrown(e, false).split('\n')[0]!)

/** Cut to the columns of a terminal, with an ellipsis where something is left off. */
export const cut = (line: string, columns = Number.POSITIVE_INFINITY): string =>
  line.length <= columns ? line : `${line.slice(0, columns - 1)}…`

/** The column in which a line's text begins: behind a wide indent, behind the first gap of a list, else indented by 2. */
const textColumn = (line: string): number =>
  /^(?: {3,}| *\S+(?: \S+)* {2,})(?=\S)/.exec(line)?.[0].length ?? line.search(/\S/) + 2

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const COLOUR = /\x1b\[\d+m/g

/** Without colours: what takes columns. */
export const plain = (text: string): string => text.replace(COLOUR, '')

/** Where in a line its visible character `at` stands, behind the colours before it. */
const offset = (line: string, at: number): number => {
  let shift = 0
  for (const { 0: colour, index } of line.matchAll(COLOUR)) if (index - shift <= at) shift += colour.length
  return at + shift
}

const broken = (line: string, columns: number, column: number): string => {
  const shown = plain(line)
  if (shown.length <= columns) return line
  const last = shown.lastIndexOf(' ', columns)
  const at = last > column ? last : shown.indexOf(' ', column) // a word that is too long stands alone
  if (at < 0) return line
  const rest = shown.slice(at).trim()
  if (!rest.includes(' ') && column + rest.length > columns) return line // nor does it fit alone
  const end = offset(line, at)
  return `${line.slice(0, end).trimEnd()}\n${broken(' '.repeat(column) + line.slice(end).trimStart(), columns, column)}`
}

const KEPT = '\0' // a space of a command: these are pasted, and never broken

/**
 * Broken between words to the columns of a terminal; what follows begins in `column`, under the text of the line. The line
 * may be painted. A command, up to the end of the line or of its quotation, is one word.
 */
export const wrap = (line: string, columns = Number.POSITIVE_INFINITY, column = textColumn(plain(line))): string =>
  broken(
    line.replace(COMMAND, (c) => c.replaceAll(' ', KEPT)),
    columns,
    column,
  ).replaceAll(KEPT, ' ')

/** Every line of a text wrapped; what a program reads, JSON and annotations of GitHub, as it is. */
export const fitted = (text: string, columns = Number.POSITIVE_INFINITY): string => {
  if (plain(text).length <= columns || text.startsWith('::') || isJson(text)) return text
  return text
    .split('\n')
    .map((line) => wrap(line, columns))
    .join('\n')
}

const isJson = (text: string): boolean => {
  if (!/^[[{]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Thousands separated by commas, whatever the machine's locale. */
export const n = (x: number): string => x.toLocaleString('en-US')

/** `1 attack`, `2 attacks`. */
export const plural = (count: number, thing: string): string => `${n(count)} ${thing}${count === 1 ? '' : 's'}`

/** Minutes and seconds; minutes go on beyond an hour. */
export const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds) % 60).padStart(2, '0')}`

/** The upper one of the two in the middle where their number is even; 0 of nothing. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Of values that are counted instead of listed: value -> how often. The lower one of the two in the middle. */
export const medianOf = (counts: Readonly<Record<string, number>>): number => {
  const all = Object.entries(counts).sort(([a], [b]) => Number(a) - Number(b))
  const total = all.reduce((sum, [, times]) => sum + times, 0)
  let seen = 0
  for (const [value, times] of all) {
    seen += times
    if (seen * 2 >= total) return Number(value)
  }
  return 0
}

/** A head; of what is aligned to the right, as numbers are, or as wide as that many columns of the screen, with that. */
export type Column = string | { readonly head: string; readonly right?: boolean; readonly width?: number }

/** Columns that are aligned to the right. */
export const right = (...heads: readonly string[]): readonly Column[] => heads.map((head) => ({ head, right: true }))

export const columnOf = (c: Column): Exclude<Column, string> => (typeof c === 'string' ? { head: c } : c)

const EDGES = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
] as const
const INNER = ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'] as const
const CHARS = { ...Object.fromEntries([...EDGES, ...INNER].map((name) => [name, ''])), middle: '  ' }

/**
 * The one table of the terminal: without lines, columns two spaces apart. Cells may be painted; a column without a width is as
 * wide as its longest cell, else longer text is wrapped. The table of Markdown is another.
 */
export const table = (heads: readonly Column[], rows: readonly (readonly string[])[]): string => {
  const columns = heads.map(columnOf)
  const t = new Table({
    chars: CHARS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    head: columns.map((c) => c.head),
    colWidths: columns.map((c) => c.width ?? null),
    wordWrap: true,
  })
  for (const row of rows)
    t.push(row.map((content, i) => ({ content, hAlign: columns[i]?.right ? ('right' as const) : ('left' as const) })))
  return t.toString()
}
