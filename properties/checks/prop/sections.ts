/** The pieces of REPORT.md that random schedules fill: counterexamples, invariants, distributions, statistics. */
import { z } from 'zod'
import { type Cell, cellOpcode } from '../../../spec/checker/lockstep/cells.ts'
import { REASONS } from '../../../spec/events.ts'
import { MODES, type Mode } from '../../../spec/language.ts'
import type { Campaign } from '../../harness/campaign/figures.ts'
import { coverage, type Result } from '../../harness/campaign/tally.ts'
import { shortText } from '../../harness/explain/text.ts'
import { BIASES } from '../../harness/generate/biases.ts'
import { SCOPES } from '../../harness/generate/scopes/scopes.ts'
import { type Bar, cell, chart, details, fence, table } from '../../harness/report/markdown.ts'
import type { Problem, Section } from '../../harness/report/outcome.ts'
import { invocation } from '../../harness/terminal/invocation.ts'
import { medianOf, n, plural, right } from '../../harness/terminal/text.ts'

interface Figures extends Campaign {
  readonly seed: number
  readonly schedules: number
  readonly extraSeeds: number
}
type Verdict = Campaign['invariants'][number]['bound']['verdict']

const shown = (v: Verdict): string => {
  switch (v) {
    case 'holds':
      return 'holds'
    case 'violated as expected':
      return '*violated, as expected*'
    case 'violated':
      return '**VIOLATED**'
    case 'not violated':
      return '**not violated**'
    case 'unreached':
      return '**hardly reached**'
    case 'not observable':
    case 'not reached':
    case 'not run':
      return v
  }
}

/** `floors`: whether they are judged. */
export const invariants = (f: Campaign, floors = true): Section => {
  const rows = f.invariants.map((i) => [
    `**${i.id}**`,
    `${cell(i.says)}`,
    n(i.bound.schedules),
    n(i.bound.witnesses),
    n(i.floor),
    shown(i.bound.verdict),
    shown(i.literal.verdict),
  ])
  const columns = ['', 'invariant', ...right('schedules', 'witnesses', 'floor'), 'bound', 'literal']
  const witnesses = f.invariants.map((i) => [
    `**${i.id}**`,
    i.powers,
    cell(i.witness),
    n(i.bound.witnesses),
    n(i.literal.schedules),
    n(i.literal.witnesses),
  ])
  const heads = ['', 'survives', 'what counts as a witness', ...right('bound', 'schedules in literal', 'literal')]
  return {
    title: 'Invariants',
    body: [
      `A witness is a moment in which the invariant was put to the test; ${
        floors
          ? 'below its floor it counts for nothing and the run is red'
          : 'the floor is what our own implementation must reach in a whole run, and not judged here'
      }. Figures are of mode \`bound\`.`,
      table(columns, rows),
      details(
        'What counts as a witness, the powers each invariant must survive (Network, Insider, Leak; Faults always), and literal',
        table(heads, witnesses),
      ),
    ].join('\n\n'),
  }
}

const counterexamples = (f: Figures, expected: boolean): readonly Section[] => {
  const chosen = f.counterexamples.filter((c) => c.expected === expected)
  if (chosen.length === 0) return []
  // The first claim of PROTOCOL §9 is about replay, so that is what a reader sees without a click.
  const shownFirst = chosen.find((c) => c.invariant === 'A2') ?? chosen[0]
  const drawn = chosen.map((c) => {
    const summary = `<b>${c.invariant}</b> in ${c.mode}, ${c.schedule.actions.length} actions: ${cell(c.why)}${c.also.map((a) => `; <b>${a.invariant}</b>: ${cell(a.why)}`).join('')}`
    const why = c.explanation === null ? '' : `\n\n${cell(shortText(c.explanation))}`
    const folded = details(summary, `${fence('mermaid', c.diagram)}${why}`)
    return c === shownFirst ? folded.replace('<details>', '<details open>') : folded
  })
  const intro = expected
    ? '`literal` leaves the two binding steps out and is known to be broken (PROTOCOL §9). These were found by random schedules of this run and shrunk; the stored ones are not used. Not finding one of them would be red.'
    : 'Each is minimal; the problems above have the commands that replay them.'
  return [{ title: expected ? 'What breaks in literal' : 'What broke', body: [intro, ...drawn].join('\n\n') }]
}

type Counts = Readonly<Record<string, number>>

const add = (all: readonly Counts[]): Counts => {
  const total: Record<string, number> = {}
  for (const counts of all) for (const [k, v] of Object.entries(counts)) total[k] = (total[k] ?? 0) + v
  return total
}

const buckets = (counts: Counts, edges: readonly number[]): readonly Bar[] =>
  edges.map((from, i) => {
    const next = edges[i + 1]
    const label = next === undefined ? `${from}+` : next === from + 1 ? `${from}` : `${from}–${next - 1}`
    const inside = ([k]: [string, number]): boolean => Number(k) >= from && (next === undefined || Number(k) < next)
    const value = Object.entries(counts)
      .filter(inside)
      .reduce((sum, [, v]) => sum + v, 0)
    return { label, value }
  })

const most = (counts: Counts): number => Math.max(0, ...Object.keys(counts).map(Number))

const LENGTHS = [0, 5, 10, 15, 20, 30, 40, 60] as const
const ROUNDS = [0, 1, 2, 3, 4, 5, 6, 8, 12, 20] as const

const distribution = (f: Figures): Section => {
  const all = Object.values(f.distribution)
  const columns = [
    'profile',
    'what it is for',
    ...right('schedules', 'actions, median (most)', 'rounds, median (most)', 'frames accepted', 'rejected'),
  ]
  const rows = Object.entries(f.distribution).map(([name, d]) => [
    `\`${name}\``,
    cell(BIASES[name]?.says ?? SCOPES[name]?.says ?? ''),
    n(d.schedules),
    `${medianOf(d.lengths)} (${most(d.lengths)})`,
    `${medianOf(d.rounds)} (${most(d.rounds)})`,
    n(d.accepted),
    n(Object.values(d.reasons).reduce((sum, v) => sum + v, 0)),
  ])
  const reasons = Object.entries(add(all.map((d) => d.reasons)))
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([label, value]) => ({ label, value }))
  const [lengths, rounds] = [add(all.map((d) => d.lengths)), add(all.map((d) => d.rounds))]
  return {
    title: 'What the schedules reached',
    body: [
      `Both modes together. A schedule has ${medianOf(lengths)} actions that had an effect in the median, ${most(lengths)} at most; its deepest run completed ${plural(medianOf(rounds), 'round')} in the median, ${most(rounds)} at most. Frames were rejected for ${reasons.length} of the ${REASONS.length} reasons of PROTOCOL §6.`,
      details('Length, in actions that had an effect, by schedules', chart(buckets(lengths, LENGTHS))),
      details('Rounds completed by the deepest run of a schedule, by schedules', chart(buckets(rounds, ROUNDS))),
      details('Reasons for which frames were rejected', chart(reasons)),
      details('By generator profile', table(columns, rows)),
    ].join('\n\n'),
  }
}

const statistics = (f: Figures): Section => {
  const perMode = f.schedules / 2
  const perProfile = Math.floor(perMode / Object.keys(BIASES).length)
  const oneIn = (schedules: number): string => n(Math.floor(schedules / 3))
  return {
    title: 'What green means',
    body: [
      `Each mode was played on ${n(perMode)} random schedules from seed ${f.seed}${f.extraSeeds > 0 ? `, and on as many from each of ${f.extraSeeds} further seeds` : ''}. A bug that shows in at least 3/n of all schedules is missed by n of them with a probability below 5 %. So, with 95 % confidence, nothing here breaks as often as`,
      `- 1 in **${oneIn(perMode)}** schedules drawn from all profiles (n = ${n(perMode)}),\n- 1 in **${oneIn(perProfile)}** schedules drawn from one profile (n = ${n(perProfile)}).`,
      'For an invariant, n is its own column of schedules above: probes, and those that promise nothing against some power, see fewer.',
      'Rarer bugs are what the exhaustive scopes and the model are for; bugs that no schedule of these profiles can show are not bounded by this at all.',
    ].join('\n\n'),
  }
}

export const campaignSections = (f: Figures): readonly Section[] => [
  ...counterexamples(f, false),
  ...counterexamples(f, true),
  invariants(f),
  distribution(f),
  statistics(f),
]

const VERDICTS = ['accepted', ...REASONS] as const

/** Which of the ways in which the model can judge a frame were exercised on src. */
export const cellSchema = z.strictObject({
  role: z.enum(['client', 'server']),
  phase: z.enum(['INIT', 'ACTIVE', 'TERMINATED']),
  opcode: z.string(),
  verdict: z.enum(VERDICTS),
  /** Verdicts seen; null: the model cannot reach it in this mode. */
  bound: z.int().nullable(),
  literal: z.int().nullable(),
})
type CellFigure = z.infer<typeof cellSchema>

/** Every cell that the model can reach in these modes, and how often each mode exercised it. */
export const cellsOf = (r: Result, modes: readonly Mode[]): readonly CellFigure[] => {
  const counts = new Map(modes.map((mode) => [mode, new Map(coverage(r, mode).map((c) => [c.cell, c]))]))
  const all = new Map<string, Cell>([...counts.values()].flatMap((of) => [...of].map(([name, c]) => [name, c.at])))
  const times = (mode: Mode, name: string): number | null => counts.get(mode)?.get(name)?.times ?? null
  return [...all].map(([name, cell]) => ({
    ...cell,
    opcode: cellOpcode(cell),
    bound: times('bound', name),
    literal: times('literal', name),
  }))
}

/** `own`: the implementation is src/, which the schedules must exercise wholly; of another one line says how far. */
export const cellProblems = (cells: readonly CellFigure[], own: boolean): readonly Problem[] =>
  (own ? MODES : []).flatMap((mode) =>
    cells
      .filter((c) => c[mode] === 0)
      .map((c) => ({
        kind: 'cell',
        text: `${mode}: the model can have a ${c.role} in ${c.phase} judge ${c.opcode} as ${c.verdict}; expected it exercised, got never`,
        replay: invocation('prop'),
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
  const head = ['', ...right(...VERDICTS)]
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
