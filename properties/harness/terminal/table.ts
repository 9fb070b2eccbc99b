/** The one table of the terminal: without lines, columns two spaces apart. The table of Markdown is another. */
import Table from 'cli-table3'

export interface Column {
  readonly head: string
  /** Aligned to the right, as numbers are. */
  readonly right?: boolean
  /** Columns of the screen; longer text is wrapped. Default: as wide as the longest cell. */
  readonly width?: number
}

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

/** Cells may be painted. */
export const table = (columns: readonly Column[], rows: readonly (readonly string[])[]): string => {
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
