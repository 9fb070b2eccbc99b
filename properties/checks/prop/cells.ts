/** Which of the ways in which the model can judge a frame were exercised on src. */
import { z } from 'zod'
import type { Cell } from '../../../spec/checker/lockstep/cells.ts'
import { REASONS } from '../../../spec/events.ts'
import type { Mode } from '../../../spec/language.ts'
import { OPCODE_NAMES } from '../../../spec/opcodes.ts'
import { coverage } from '../../harness/campaign/cells.ts'
import type { Result } from '../../harness/campaign/tally.ts'
import { details, table } from '../../harness/markdown.ts'
import type { Problem, Section } from '../../harness/outcome.ts'
import { n } from '../../harness/terminal/text.ts'

const VERDICTS = ['accepted', ...REASONS] as const

export const cellSchema = z.strictObject({
  role: z.enum(['client', 'server']),
  phase: z.enum(['INIT', 'ACTIVE', 'TERMINATED']),
  opcode: z.string(),
  verdict: z.enum(VERDICTS),
  /** Verdicts seen; null: the model cannot reach it in this mode. */
  bound: z.int().nullable(),
  literal: z.int().nullable(),
})
export type CellFigure = z.infer<typeof cellSchema>

const opcodeName = (opcode: number | null): string =>
  opcode === null ? 'illegal length' : (OPCODE_NAMES[opcode] ?? 'any other opcode')

const MODES: readonly Mode[] = ['bound', 'literal']

/** Every cell that the model can reach in these modes, and how often each mode exercised it. */
export const cellsOf = (r: Result, modes: readonly Mode[]): readonly CellFigure[] => {
  const counts = new Map(modes.map((mode) => [mode, new Map(coverage(r, mode).map((c) => [c.cell, c]))]))
  const all = new Map<string, Cell>([...counts.values()].flatMap((of) => [...of].map(([name, c]) => [name, c.at])))
  const times = (mode: Mode, name: string): number | null => counts.get(mode)?.get(name)?.times ?? null
  return [...all].map(([name, { role, phase, opcode, verdict }]) => ({
    role,
    phase,
    opcode: opcodeName(opcode),
    verdict,
    bound: times('bound', name),
    literal: times('literal', name),
  }))
}

export const cellProblems = (cells: readonly CellFigure[]): readonly Problem[] =>
  MODES.flatMap((mode) =>
    cells
      .filter((c) => c[mode] === 0)
      .map((c) => ({
        kind: 'cell',
        text: `${mode}: the model can have a ${c.role} in ${c.phase} judge ${c.opcode} as ${c.verdict}; expected it exercised, got never`,
        replay: 'npm run prop',
      })),
  )

const countsText = (cells: readonly CellFigure[], quote: string): readonly string[] =>
  MODES.flatMap((mode) => {
    const reachable = cells.filter((c) => c[mode] !== null)
    const exercised = reachable.filter((c) => c[mode]! > 0).length
    return reachable.length === 0 ? [] : [`${exercised} of ${reachable.length} in ${quote}${mode}${quote}`]
  })

/** One line for the terminal. */
export const cellText = (cells: readonly CellFigure[]): string =>
  `ways in which the model can judge a frame that were exercised: ${countsText(cells, '').join(', ')}`

const grid = (cells: readonly CellFigure[]): string => {
  const rows = [...new Set(cells.map((c) => c.opcode))].map((opcode) => {
    const counts = VERDICTS.map((verdict) => {
      const c = cells.find((x) => x.opcode === opcode && x.verdict === verdict)
      if (c === undefined) return ''
      const times = (c.bound ?? 0) + (c.literal ?? 0)
      return times === 0 ? '**0**' : n(times)
    })
    return [opcode, ...counts]
  })
  const used = VERDICTS.map((_, i) => rows.some((r) => r[i + 1] !== ''))
  const keep = <T>(all: readonly T[]): readonly T[] => all.filter((_, i) => i === 0 || used[i - 1])
  const head = [{ head: '' }, ...VERDICTS.map((v) => ({ head: v, right: true }))]
  return table(keep(head), rows.map(keep))
}

export const cellSection = (cells: readonly CellFigure[]): Section => {
  const places = [...new Set(cells.map((c) => `${c.role} in ${c.phase}`))]
  const grids = places.map((place) =>
    details(`How often a ${place} judged each opcode`, grid(cells.filter((c) => `${c.role} in ${c.phase}` === place))),
  )
  const intro = `A cell is a way in which the model can judge a frame: role, phase, opcode, verdict. Exercised on \`src/\`: ${countsText(cells, '`').join(', ')}. Schedules derived from the model guarantee each; a reachable cell that was never exercised would be red. Empty: the model cannot reach it.`
  return { title: 'Cells of the model', body: [intro, ...grids].join('\n\n') }
}
