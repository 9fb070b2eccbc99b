/** What a person sees of a campaign: the table, distributions, counterexamples. Text only; the caller prints it. */
import { SHARES } from '../probing.ts'
import { type Column, cut, medianOf, n, type Paint, printable, table, wrap } from '../terminal/text.ts'
import { CHUNK } from './campaign.ts'
import type { Campaign } from './figures.ts'
import { isRed, type Verdict } from './tally.ts'

const colour = (v: Verdict): 'red' | 'green' | 'yellow' | 'dim' =>
  isRed(v) ? 'red' : v === 'holds' ? 'green' : v === 'violated as expected' ? 'yellow' : 'dim'

const TAKEN = 52 // columns of a row before its sentence
const LEAST = 12

/** A table for each mode: invariant, schedules, witnesses, verdict, and of the sentence what the terminal has room for. */
const verdicts = (f: Campaign, paint: Paint, columns = Number.POSITIVE_INFINITY): readonly string[] =>
  f.modes.map((mode) => {
    const head: readonly Column[] = [
      { head: '' },
      { head: 'schedules', right: true },
      { head: 'witnesses', right: true },
      { head: mode },
      { head: '' },
    ]
    const rows = f.invariants.map((i) => {
      const { schedules, witnesses, verdict } = i[mode]
      const says = cut(i.says, Math.max(LEAST, columns - TAKEN))
      return [paint(i.id, 'bold'), n(schedules), n(witnesses), paint(verdict, colour(verdict)), says]
    })
    return `${table(head, rows)}\n`
  })

/** Which part of the schedules the probes were run on, so that their column of schedules can be read. */
const SHARES_TEXT = `Probes play a schedule several times: ${SHARES.map(({ probe, every }) => `${probe.id} every ${every}th`).join(', ')} schedule of a chunk of ${CHUNK}.`

const distribution = (name: string, d: Campaign['distribution'][string]): string => {
  const deepest = Math.max(...Object.keys(d.rounds).map(Number))
  const reasons = Object.entries(d.reasons).sort(([, a], [, b]) => b - a)
  const top = reasons.map(([r, c]) => `${r} ${n(c)}`).join(', ')
  return `  ${name.padEnd(13)} ${n(d.schedules)} schedules, rounds completed: median ${medianOf(d.rounds)}, most ${deepest}; accepted ${n(d.accepted)} frames; rejected: ${top}`
}

const counterexample = (c: Campaign['counterexamples'][number], paint: Paint): string => {
  const how = c.expected ? paint('violated as expected', 'yellow') : paint('VIOLATED', 'red')
  return [
    '',
    `${c.invariant} in ${c.mode}: ${how}, minimal counterexample of ${c.schedule.actions.length} actions`,
    ...c.ladder.map((l) => `  ${printable(l)}`),
    paint(`  replay: ${printable(c.replay)}`, 'dim'),
  ].join('\n')
}

/** `columns`: of the terminal, which every line but a command fits; without, lines are as long as they are. */
export const campaignText = (f: Campaign, paint: Paint, columns?: number): string =>
  [
    ...verdicts(f, paint, columns),
    wrap(SHARES_TEXT, columns),
    '',
    'What the schedules reached, by bias or scope:',
    ...Object.entries(f.distribution).map(([name, d]) => wrap(distribution(name, d), columns)),
    ...f.counterexamples.map((c) => counterexample(c, paint)),
  ].join('\n')
