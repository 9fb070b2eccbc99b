/** How much is left, in one short table: what the figures of several stages say about what they have not shown. */
import type { Figures as Explored } from '../checks/explore/check.ts'
import type { Figures as Hunted } from '../checks/mutants/check.ts'
import type { Figures as Played } from '../checks/prop/check.ts'
import { chanceText, leftText } from '../harness/campaign/left.ts'
import { predicted, survivorsAt } from '../harness/mutants/survivors.ts'
import { details, table } from '../harness/report/markdown.ts'
import type { Section } from '../harness/report/outcome.ts'
import { n, right } from '../harness/terminal/text.ts'
import type { Ran } from './runner.ts'

const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`

type Row = readonly [what: string, answer: string]

const ofSchedules = ({ left }: Played): readonly Row[] => {
  if (left === null) return []
  const worst = [...left.biases].sort((a, b) => b.high - a.high)[0]!
  const tenth = left.curve.at(-4)!
  const all = left.curve.at(-1)!
  return [
    ['Something new (an endpoint’s verdict after its verdict before) in the next random schedule', leftText(left)],
    ['… where it is likeliest', `bias \`${worst.name}\`: ${chanceText(worst)}`],
    [
      'Reached by a tenth of the schedules, of what all reached',
      `${share(tenth.cells, all.cells)} of ${n(all.cells)} cells of the model, ${share(tenth.things, all.things)} of ${n(all.things)} verdicts after verdicts`,
    ],
  ]
}

const ofWalks = ({ walks }: Explored): readonly Row[] => {
  if (walks === null) return []
  const [even, rare] = [walks.even.at(-1)!, walks.rare.at(-1)!]
  const of = (w: typeof even): string =>
    `${share(w.states, walks.states)} of ${n(walks.states)} states, ${share(w.transitions, walks.transitions)} of ${n(walks.transitions)} transitions`
  return [
    [`Reached by ${n(even.schedules)} random schedules in the model (${walks.scope})`, of(even)],
    ['… if each prefers what was taken least', of(rare)],
  ]
}

/** Schedules to the first kill of what some schedule killed, or may yet. */
const killsOf = (f: Hunted): readonly (number | null)[] =>
  f.mutants.flatMap((m) => (m.equivalent === null && 'both' in m.schedules ? [m.schedules.both ?? null] : []))

const OTHERS = 1_000

const ofMutants = (f: Hunted, schedules: number): readonly Row[] => {
  const kills = killsOf(f)
  if (kills.length === 0) return []
  const hardest = kills.includes(null) ? 'more than the budget' : n(Math.max(...kills.map((k) => k ?? 0)))
  const [low, high] = predicted(survivorsAt(kills, Math.ceil(schedules / 10)), OTHERS)
  const one = predicted(survivorsAt(kills, schedules), OTHERS)
  const range = (x: number, y: number): string => `${x / 10}–${y / 10} %`
  return [
    [
      'Schedules that the hardest planted bug needed, beside those that were played',
      `${hardest} beside ${n(schedules)}`,
    ],
    [
      'Bugs like the planted ones that so many schedules, or a tenth of them, leave unnoticed',
      `${range(...one)}, or ${range(low, high)} (90 %)`,
    ],
  ]
}

/** By invariant: how deep mutants that it notices lie, and how deep was searched. */
const depths = (hunted: Hunted, played: Played): string => {
  const rows = played.invariants.flatMap((i) => {
    const mine = hunted.mutants.filter((m) => m.expect === i.id && m.schedules.both != null)
    if (mine.length === 0) return []
    const actions = Math.max(0, ...mine.map((m) => m.actions ?? 0))
    const schedules = Math.max(...mine.map((m) => m.schedules.both ?? 0))
    return [[`**${i.id}**`, n(mine.length), n(actions), n(schedules), n(i.bound.schedules)]]
  })
  const heads = ['mutants', 'deepest, actions', 'hardest, schedules', 'schedules that judged it']
  return table(['', ...right(...heads)], rows)
}

const byBias = (f: Played): string =>
  table(
    ['bias', ...right('schedules', 'alone'), 'next shows new'],
    (f.left?.biases ?? []).map((b) => [`\`${b.name}\``, n(b.schedules), n(b.alone), chanceText(b)]),
  )

/** None where no stage of this run has anything to say. The curves are in report.json. */
export const leftSection = (ran: readonly Ran[]): readonly Section[] => {
  const of = <F>(name: string): F | null => (ran.find((r) => r.name === name)?.answer?.figures ?? null) as F | null
  const [played, explored, hunted] = [of<Played>('prop'), of<Explored>('explore'), of<Hunted>('mutants')]
  const rows = [
    ...(played === null ? [] : ofSchedules(played)),
    ...(explored === null ? [] : ofWalks(explored)),
    ...(hunted === null || played === null ? [] : ofMutants(hunted, played.schedules)),
  ]
  if (rows.length === 0) return []
  const folds = [
    ...(played?.left == null ? [] : [details('By bias (Good–Turing, 90 %)', byBias(played))]),
    ...(hunted === null || played === null ? [] : [details('By invariant', depths(hunted, played))]),
  ]
  const body = [table(['what', 'estimate'], rows), ...folds].join('\n\n')
  return [{ title: 'How much is left', body }]
}
