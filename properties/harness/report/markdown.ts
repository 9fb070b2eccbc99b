/** Markdown as GitHub renders it. Text in, text out. */
import { type Column, columnOf, n } from '../terminal/text.ts'

/** A pipe would end the cell; angle brackets would be taken for HTML. */
export const cell = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\n', ' ')

/** Cells are Markdown already. */
export const table = (heads: readonly Column[], rows: readonly (readonly string[])[]): string => {
  const columns = heads.map(columnOf)
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const rule = columns.map((c) => (c.right ? '---:' : '---'))
  return [line(columns.map((c) => c.head)), line(rule), ...rows.map(line)].join('\n')
}

/** Folded until a reader opens it. */
export const details = (summary: string, body: string): string =>
  `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`

export const fence = (language: string, body: string): string => `\`\`\`${language}\n${body}\n\`\`\``

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const

/** A bar of at most `width` characters, in eighths; anything above zero shows. */
export const bar = (value: number, most: number, width: number): string => {
  if (value <= 0 || most <= 0) return ''
  const eighths = Math.max(1, Math.round((value / most) * width * 8))
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!
}

export interface Bar {
  readonly label: string
  readonly value: number
}

/** A bar chart in fixed width: looks the same wherever it is shown. */
export const chart = (bars: readonly Bar[], width = 40): string => {
  const most = Math.max(0, ...bars.map((b) => b.value))
  const label = Math.max(0, ...bars.map((b) => b.label.length))
  const number = Math.max(0, ...bars.map((b) => n(b.value).length))
  const lines = bars.map((b) =>
    `${b.label.padStart(label)}  ${n(b.value).padStart(number)}  ${bar(b.value, most, width)}`.trimEnd(),
  )
  return fence('text', lines.join('\n'))
}
