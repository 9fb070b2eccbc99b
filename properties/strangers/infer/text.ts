/** What an inference says to a person, and what it comes to. */
import { type Paint, plural, printable, table, wrap } from '../../harness/terminal/text.ts'
import type { Fact, Inference } from './infer.ts'

/** The one that explains the recording · one of several · none. */
export type Outcome = 'unique' | 'open' | 'none'

export const outcomeOf = (i: Inference): Outcome => (i.block === null ? 'none' : i.open.length > 0 ? 'open' : 'unique')

export const factText = (f: Fact): string => `${f.what}: ${printable(f.says)} (${f.by} of ${plural(f.frames, 'frame')})`

const GAPS = 4 // columns between the three
const LEAST = 20
const MOST_OTHERS = 5

const shortly = (all: readonly string[]): string =>
  all.length <= MOST_OTHERS
    ? all.join(', ')
    : `${all.slice(0, MOST_OTHERS).join(', ')} and ${all.length - MOST_OTHERS} more`

/** In one line. */
export const verdictOf = (i: Inference): string => {
  const whole = `the dialect re-opens all ${plural(i.frames, 'frame')}`
  switch (outcomeOf(i)) {
    case 'none':
      return `no dialect: ${i.problems.at(-1)!.replace(/^no dialect: /, '')}`
    case 'unique':
      return `${whole}, and nothing that was tried beside it does`
    case 'open':
      return `${whole}; so do others (${plural(i.open.length, 'open question')})`
  }
}

/** Without the dialect itself. */
export const inferenceText = (i: Inference, paint: Paint, columns?: number): string => {
  const rows = i.facts.map((f) => [f.what, printable(f.says), `${f.frames} ${f.by}`])
  const widest = (k: number): number => Math.max(...rows.map((row) => row[k]!.length), 'confirmed by'.length)
  const room = columns === undefined ? widest(1) : Math.min(widest(1), columns - widest(0) - widest(2) - GAPS)
  const shown = [{ head: 'fact' }, { head: 'found', width: Math.max(room, LEAST) }, { head: 'confirmed by' }]
  const line = (text: string): string => wrap(printable(text), columns, 2)
  const open = i.open.flatMap((o) => [
    line(`open: ${o.what}: ${o.chosen}, or as well ${shortly(o.others)}`),
    line(`  to tell: ${o.split}`),
  ])
  const color = { unique: 'green', open: 'yellow', none: 'red' } as const
  return [
    ...(rows.length > 0 ? [table(shown, rows)] : []),
    ...i.unseen.map((u) => paint(line(`not confirmed: ${u}`), 'dim')),
    ...open,
    ...i.problems.slice(0, i.block === null ? -1 : undefined).map((p) => paint(line(p), 'yellow')),
    paint(line(verdictOf(i)), color[outcomeOf(i)]),
  ].join('\n')
}
