/** What it costs to find a bug that begins beyond 2^k of a quantity: a point for each mutant of a series (records.ts). */
import { n } from '../../harness/terminal/text.ts'

const POINT = /^(.+):2\^(\d+)$/

interface Hunted {
  readonly id: string
  /** To the first kill, by world; null where it survived. */
  readonly schedules: Readonly<Record<string, number | null>>
}

/** Quantity, and its points in ascending order: `2^3 170`; a dash where the mutant survived. */
export const curve = (mutants: readonly Hunted[]): readonly (readonly [quantity: string, points: string])[] => {
  const rows = new Map<string, string[]>()
  for (const { id, schedules } of mutants) {
    const [, quantity, k] = POINT.exec(id) ?? []
    const [first] = Object.values(schedules)
    if (quantity === undefined || first === undefined) continue // no point, or not hunted
    const points = rows.get(quantity) ?? []
    rows.set(quantity, points)
    points.push(`2^${k} ${first === null ? '–' : n(first)}`)
  }
  return [...rows].map(([quantity, points]) => [quantity.replaceAll('-', ' '), points.join(', ')])
}
