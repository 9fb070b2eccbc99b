/** Pieces that several views use. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'

/** Text that is meant for a terminal, and a button that copies it. */
export const Command = ({ text }: { text: string }) => {
  const [said, say] = useState('')
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      say('copied')
    } catch {
      say('select it and copy it by hand')
    }
  }
  return (
    <p class="command">
      <code>{text}</code>
      <button type="button" onClick={copy} aria-label={`copy ${text}`}>
        copy
      </button>
      <span role="status">{said}</span>
    </p>
  )
}

/** What may be wider or higher than its place: it scrolls by itself, from the keyboard too. */
export const Scroll = (p: { label: string; class: string; children: ComponentChildren }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard has to reach it
  <section class={p.class} aria-label={p.label} tabIndex={0}>
    {p.children}
  </section>
)

export interface Column<T> {
  readonly head: string
  /** What it is sorted by. */
  value(row: T): string | number
  cell?(row: T): ComponentChildren
  readonly right?: boolean
}

interface TableProps<T> {
  readonly name: string
  readonly rows: readonly T[]
  readonly columns: readonly Column<T>[]
  keyOf(row: T): string
}

const compare = (a: string | number, b: string | number): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', { numeric: true })

/** The rows whose text has every word that is typed, and the place to type them. */
export const useFilter = <T,>(
  name: string,
  rows: readonly T[],
  textOf: (row: T) => string,
): readonly [kept: T[], field: ComponentChildren] => {
  const [wanted, want] = useState('')
  const words = wanted.toLowerCase().split(/\s+/)
  const kept = rows.filter((r) => {
    const text = textOf(r).toLowerCase()
    return words.every((w) => text.includes(w))
  })
  const field = (
    <p class="filter">
      <label>
        filter{' '}
        <input
          type="search"
          value={wanted}
          aria-label={`filter ${name}`}
          onInput={(e) => want(e.currentTarget.value)}
        />
      </label>{' '}
      <span role="status">
        {kept.length} of {rows.length}
      </span>
    </p>
  )
  return [kept, field]
}

/** Sorts by the column whose head is pressed, and filters by what is typed. */
export function Table<T>({ name, rows, columns, keyOf }: TableProps<T>) {
  const [by, sortBy] = useState<{ readonly column: number; readonly down: boolean } | null>(null)
  const [kept, field] = useFilter(name, rows, (r) => columns.map((c) => c.value(r)).join(' '))
  if (by !== null) {
    const { value } = columns[by.column]!
    kept.sort((a, b) => compare(value(a), value(b)) * (by.down ? -1 : 1))
  }
  const press = (column: number): void =>
    sortBy({ column, down: by?.column === column ? !by.down : columns[column]!.right === true })
  return (
    <>
      {field}
      <Scroll class="wide tall" label={name}>
        <table class="data">
          <thead>
            <tr>
              {columns.map((c, i) => (
                <th
                  key={c.head}
                  scope="col"
                  class={c.right ? 'right' : ''}
                  aria-sort={by?.column === i ? (by.down ? 'descending' : 'ascending') : 'none'}
                >
                  <button type="button" onClick={() => press(i)}>
                    {c.head}
                    <span aria-hidden="true">{by?.column === i ? (by.down ? ' ▼' : ' ▲') : ''}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {kept.map((r) => (
              <tr key={keyOf(r)}>
                {columns.map((c) => (
                  <td key={c.head} class={c.right ? 'right' : ''}>
                    {c.cell?.(r) ?? c.value(r)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  )
}

const GOOD = /^(pass|holds|ok|killed|BLOCKED|equal|equivalent|violated as expected)/
const WARN = /^(not |unsupported|informational|inconclusive|non-strict|UNTRIED|SUCCEEDED|false|partial)/

/** A verdict in its colour; the word says it too. */
export const Verdict = ({ text }: { text: string }) => (
  <span class={`verdict ${GOOD.test(text) ? 'good' : WARN.test(text) ? 'warn' : 'bad'}`}>{text}</span>
)

export const number = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',')
