/** What a person sees of a campaign: the table, distributions, counterexamples. Text only; the caller prints it. */
import { SHARES } from '../probing.ts'
import { type Column, medianOf, n, type Paint, table } from '../terminal/text.ts'
import { CHUNK } from './campaign.ts'
import type { Campaign } from './figures.ts'
import { isRed, type Verdict } from './tally.ts'

const colour = (v: Verdict): 'red' | 'green' | 'yellow' | 'dim' =>
  isRed(v) ? 'red' : v === 'holds' ? 'green' : v === 'violated as expected' ? 'yellow' : 'dim'

/** invariant · sentence · schedules, witnesses, verdict: three columns a mode. */
const verdicts = (f: Campaign, paint: Paint): string => {
  const columns: readonly Column[] = [
    { head: '', width: 4 },
    { head: 'invariant', width: 60 },
    ...f.modes.flatMap((mode) => [
      { head: 'schedules', width: 10, right: true },
      { head: 'witnesses', width: 10, right: true },
      { head: mode, width: 22 },
    ]),
  ]
  const rows = f.invariants.map((i) => [
    paint(i.id, 'bold'),
    i.says,
    ...f.modes.flatMap((mode) => {
      const { schedules, witnesses, verdict } = i[mode]
      return [n(schedules), n(witnesses), paint(verdict, colour(verdict))]
    }),
  ])
  return table(columns, rows)
}

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
    ...c.ladder.map((l) => `  ${l}`),
    paint(`  replay: ${c.replay}`, 'dim'),
  ].join('\n')
}

export const campaignText = (f: Campaign, paint: Paint): string =>
  [
    verdicts(f, paint),
    SHARES_TEXT,
    '',
    'What the schedules reached, by bias or scope:',
    ...Object.entries(f.distribution).map(([name, d]) => distribution(name, d)),
    ...f.counterexamples.map((c) => counterexample(c, paint)),
  ].join('\n')
