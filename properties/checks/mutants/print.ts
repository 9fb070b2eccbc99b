/** The kill matrix, what is wrong, and what bugs cost to find that begin beyond 2^k of a quantity. */
import { CHECK_IDS } from '../../harness/judging/examine.ts'
import { cut, n, type Paint, printable, wrap } from '../../harness/terminal/text.ts'
import type { Hunt } from './hunt.ts'
import { huntsOf, isRed, type Row } from './verdict.ts'

const HEIGHT = Math.max(...CHECK_IDS.map((id) => id.length))
const NAME = 34

/** The ids of all invariants, written downwards. */
const columns = (): readonly string[] =>
  Array.from({ length: HEIGHT }, (_, line) => CHECK_IDS.map((id) => id.padStart(HEIGHT)[line]).join(''))

const cell = (r: Row, id: string): string => {
  const hunts = huntsOf(r.outcome)
  if (hunts.some((h) => (h.first[id] ?? 0) > 0)) return '●'
  return hunts.some((h) => (h.fired[id] ?? 0) > 0) ? '○' : '·'
}

const schedules = (h: Hunt | undefined): string =>
  h === undefined ? '' : h.kill === null ? '–' : String(h.kill.schedules)
const steps = (hunts: readonly Hunt[]): string => {
  const found = hunts.find((h) => h.kill?.minimal)?.kill?.minimal
  return found ? String(found.schedule.actions.length) : ''
}

const line = (r: Row, paint: Paint): string => {
  const { both, one } = r.outcome.kind === 'hunted' ? r.outcome.hunts : {}
  const figures = [schedules(both), schedules(one), steps(huntsOf(r.outcome))].map((x) => x.padStart(5)).join('')
  const id = printable(r.mutant.id).padEnd(NAME)
  const named = isRed(r.verdict) ? paint(id, 'red') : r.verdict === 'equivalent' ? paint(id, 'dim') : id
  if (r.outcome.kind === 'tested') return `${named} ${'tests'.padEnd(20)}  ${r.outcome.by ?? ''}`
  return `${named} ${(r.mutant.expect ?? '').padEnd(5)}${figures}  ${CHECK_IDS.map((i) => cell(r, i)).join('')}`
}

export const matrix = (rows: readonly Row[], paint: Paint): string => {
  const above = columns()
  const head = above.map((c, i) => {
    const left =
      i === above.length - 1
        ? `${'mutant'.padEnd(NAME)} first${['both', 'one', 'steps'].map((x) => x.padStart(5)).join('')}`
        : ''
    return paint(`${left.padEnd(NAME + 21)}  ${c}`, 'dim')
  })
  return [
    '● fired first, ○ fired, · silent; schedules to the first kill in each world, steps of the minimal counterexample; tests: the file that failed',
    ...head,
    ...rows.map((r) => line(r, paint)),
  ].join('\n')
}

const FIGURE = 5 // columns of a number of schedules or steps
const LEAST_NAME = 16

/** The matrix in lines of at most `columns`: without steps, then without the second world, then with shorter names. */
export const fitted = (matrix: string, columns = Number.POSITIVE_INFINITY): string => {
  const [legend, ...lines] = matrix.split('\n')
  const from = NAME + 6 + FIGURE // where the second world begins
  const without = (left: number): readonly string[] =>
    lines.map((l) => l.slice(0, from + (2 - left) * FIGURE) + l.slice(from + 2 * FIGURE))
  const fits = (all: readonly string[]): boolean => all.every((l) => l.length <= columns)
  const chosen = [0, 1, 2].map(without).find(fits) ?? without(2)
  const most = Math.max(...chosen.map((l) => l.length))
  const name = Math.max(LEAST_NAME, NAME - Math.max(0, most - columns))
  const shown = chosen.map((l) => cut(`${cut(l.slice(0, NAME).trimEnd(), name).padEnd(name)}${l.slice(NAME)}`, columns))
  return [wrap(legend!, columns), ...shown].join('\n')
}

const why = (r: Row): string => {
  switch (r.outcome.kind) {
    case 'inapplicable':
    case 'broken':
      return r.outcome.why
    case 'ended':
      return r.outcome.how
    case 'stuck':
      return 'a schedule did not end'
    case 'tested':
      return r.outcome.by === null
        ? 'every test of src/net, src/cli and the generator passes, and a soak holds'
        : `expected ${r.mutant.expect} to fail, got ${r.outcome.by}: ${r.outcome.test}`
    case 'hunted': {
      const hunts = huntsOf(r.outcome)
      const kill = hunts.find((h) => h.kill !== null)?.kill
      if (!kill) return `nothing fired in ${hunts.map((h) => h.played).join(' and ')} schedules`
      if (r.verdict === 'NOT EQUIVALENT') return `${kill.invariant}: ${kill.minimal?.why ?? ''}`
      const ids = [...new Set(hunts.flatMap((h) => Object.keys(h.first)))]
      const first = ids.map((id) => `${id} ${hunts.reduce((sum, h) => sum + (h.first[id] ?? 0), 0)}`)
      return `expected ${r.mutant.expect} among the first, which were ${first.join(', ')}`
    }
  }
}

/** One line for everything that is not as it should be. */
export const complaints = (rows: readonly Row[], paint: Paint): readonly string[] =>
  rows
    .filter((r) => isRed(r.verdict))
    .map((r) => `${paint(`${r.verdict}: ${r.mutant.id}`, 'red')} (${printable(r.mutant.bug)}): ${printable(why(r))}`)

const POINT = /^(.+):2\^(\d+)$/

interface Hunted {
  readonly id: string
  /** To the first kill, by world; null where it survived. */
  readonly schedules: Readonly<Record<string, number | null>>
}

/**
 * A point for each mutant of a series (records.ts). Quantity, and its points in ascending order: `2^3 170`; a dash where the
 * mutant survived.
 */
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
