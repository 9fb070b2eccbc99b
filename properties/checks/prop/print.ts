/** What a person sees of a run: the table, counterexamples, distributions. Text only; the caller prints it. */
import { styleText } from 'node:util'
import Table from 'cli-table3'
import type { Mode } from '../../../spec/language.ts'
import { CHUNK } from '../../harness/campaign/campaign.ts'
import type { Counterexample } from '../../harness/campaign/counterexample.ts'
import type { Distribution, Result } from '../../harness/campaign/tally.ts'
import { isRed, type Row, type Verdict } from '../../harness/campaign/verdict.ts'
import { SHARES } from '../../harness/probing.ts'

export type Paint = (text: string, how: 'red' | 'green' | 'yellow' | 'dim' | 'bold') => string

/** Colours only where a terminal shows them (https://no-color.org). */
export const painter = (out: { isTTY?: boolean }): Paint =>
  out.isTTY && !process.env.NO_COLOR ? (text, how) => styleText(how, text) : (text) => text

const n = (x: number): string => x.toLocaleString('en-US')

const colour = (v: Verdict): 'red' | 'green' | 'yellow' | 'dim' =>
  isRed(v) ? 'red' : v === 'holds' ? 'green' : v === 'violated as expected' ? 'yellow' : 'dim'

/** A table without lines. */
export const plain = {
  chars: {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: '  ',
  },
  style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
}

/** invariant · sentence · runs · witnesses · verdict, a pair of columns a mode. */
export const table = (all: readonly Row[], modes: readonly Mode[], paint: Paint): string => {
  const head = ['', 'invariant', ...modes.flatMap((m) => ['schedules', 'witnesses', m])]
  const t = new Table({ ...plain, head, colWidths: [4, 60, ...modes.flatMap(() => [10, 10, 22])], wordWrap: true })
  const ids = [...new Set(all.map((r) => r.invariant.id))]
  for (const id of ids) {
    const mine = all.filter((r) => r.invariant.id === id)
    const cells = mine.flatMap((r) => [
      { content: n(r.tally.judged), hAlign: 'right' as const },
      { content: n(r.tally.witnesses), hAlign: 'right' as const },
      paint(r.verdict, colour(r.verdict)),
    ])
    t.push([paint(id, 'bold'), mine[0]!.invariant.says, ...cells])
  }
  return t.toString()
}

export const counterexample = (c: Counterexample, expected: boolean, replay: string, paint: Paint): string =>
  [
    `${paint(
      `${c.invariant} in ${c.schedule.mode}: ${expected ? 'violated as expected' : 'VIOLATED'}`,
      expected ? 'yellow' : 'red',
    )}, minimal counterexample of ${c.schedule.actions.length} actions`,
    ...c.ladder.map((l) => `  ${l}`),
    paint(`  replay: ${replay}`, 'dim'),
  ].join('\n')

const median = (rounds: Readonly<Record<string, number>>): number => {
  const all = Object.entries(rounds).sort(([a], [b]) => Number(a) - Number(b))
  const total = all.reduce((sum, [, c]) => sum + c, 0)
  let seen = 0
  for (const [round, c] of all) {
    seen += c
    if (seen * 2 >= total) return Number(round)
  }
  return 0
}

const distribution = (name: string, d: Distribution): string => {
  const deepest = Math.max(...Object.keys(d.rounds).map(Number))
  const reasons = Object.entries(d.reasons).sort(([, a], [, b]) => b - a)
  const top = reasons.map(([r, c]) => `${r} ${n(c)}`).join(', ')
  return `  ${name.padEnd(13)} ${n(d.schedules)} schedules, rounds completed: median ${median(d.rounds)}, most ${deepest}; accepted ${n(d.accepted)} frames; rejected: ${top}`
}

export const distributions = (r: Result): string =>
  [
    'What the schedules reached, by profile or scope:',
    ...Object.entries(r.distribution).map(([p, d]) => distribution(p, d)),
  ].join('\n')

/** Which part of the schedules the probes were run on, so that their column of schedules can be read. */
export const shares = (): string =>
  `Probes play a schedule several times: ${SHARES.map(({ probe, every }) => `${probe.id} every ${every}th`).join(', ')} schedule of a chunk of ${CHUNK}.`
