/** How far the schedules of a run went, cell by cell: what `prop` demands of it, and how it is shown. */
import { z } from 'zod'
import type { Mode } from '../../../spec/language.ts'
import { REACHABLE } from '../../harness/campaign/reach.ts'
import type { Result } from '../../harness/campaign/tally.ts'
import { details, table } from '../../harness/report/markdown.ts'
import type { Problem, Section } from '../../harness/report/outcome.ts'
import { invocation } from '../../harness/terminal/invocation.ts'
import { n, right } from '../../harness/terminal/text.ts'

/** Cell -> times in each mode that was played. */
export const reachSchema = z.record(z.string(), z.record(z.string(), z.int()))
export type Reached = z.infer<typeof reachSchema>

export const reachedOf = (r: Result, modes: readonly Mode[]): Reached =>
  Object.fromEntries(
    REACHABLE.map((cell) => [cell, Object.fromEntries(modes.map((mode) => [mode, r.reached[mode][cell] ?? 0]))]),
  )

export const reachProblems = (reached: Reached): readonly Problem[] =>
  Object.entries(reached).flatMap(([cell, times]) =>
    Object.entries(times)
      .filter(([, count]) => count === 0)
      .map(([mode]) => ({
        kind: 'cell',
        text: `${mode}: ${cell}: expected it reached, got never`,
        replay: invocation('prop'),
      })),
  )

const countText = (reached: Reached): string => {
  const all = Object.values(reached).flatMap((times) => Object.values(times))
  return `${n(all.filter((count) => count > 0).length)} of ${n(all.length)}`
}

/** One line for the terminal. */
export const reachText = (reached: Reached): string =>
  `cells of scale (quantity x power of two, altered frame x class) that were reached, in all modes: ${countText(reached)}`

const POWER = /^(.*): 2\^(\d+)$/

/** Quantity: from which power of two to which, and how often the rarest of them was reached. */
const quantities = (reached: Reached): string => {
  const rows = new Map<string, { powers: number[]; least: number }>()
  for (const [cell, times] of Object.entries(reached)) {
    const [, quantity, power] = POWER.exec(cell) ?? []
    if (quantity === undefined) continue
    const row = rows.get(quantity) ?? { powers: [], least: Number.POSITIVE_INFINITY }
    row.powers.push(Number(power))
    rows.set(quantity, { ...row, least: Math.min(row.least, ...Object.values(times)) })
  }
  return table(
    ['quantity', 'from', 'to', ...right('rarest power')],
    [...rows].map(([quantity, { powers, least }]) => [
      quantity,
      `2^${Math.min(...powers)}`,
      `2^${Math.max(...powers)}`,
      n(least),
    ]),
  )
}

const classes = (reached: Reached): string => {
  const rows = Object.entries(reached).filter(([cell]) => !POWER.test(cell))
  const modes = Object.keys(rows[0]?.[1] ?? {})
  return table(
    ['altered frames that only the tag gives away', ...right(...modes)],
    rows.map(([cell, times]) => [cell.replace(/^altered frame: /, ''), ...modes.map((mode) => n(times[mode]!))]),
  )
}

export const reachSection = (reached: Reached): readonly Section[] =>
  Object.keys(reached).length === 0
    ? []
    : [
        {
          title: 'Scale',
          body: [
            `A rule that changes beyond 4, 16 or 2^24 of something is a bug that small schedules never meet. So every quantity of the protocol is drawn log-uniformly up to its limit, and one schedule for each power of two goes with every run. Cells reached, in both modes: ${countText(reached)}; one that was never reached would be red.`,
            details('Every quantity', quantities(reached)),
            details('Every class of altered frames', classes(reached)),
          ].join('\n\n'),
        },
      ]
