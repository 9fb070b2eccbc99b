/** Attacks as a person reads them. */
import { endName } from '../../../spec/events.ts'
import { OP, OPCODE_NAMES } from '../../../spec/opcodes.ts'
import { frameText } from '../../harness/attack/frames.ts'
import {
  type AttackOutcome,
  type AttackResult,
  type AttackStep,
  disagreement,
  type NamedAttack,
} from '../../harness/attack/perform.ts'
import { cut, type Paint, plural, printable, wrap } from '../../harness/terminal/text.ts'

export const WIDTH = 72 // of a title with its number
export const MARGIN = 4 // columns before what belongs to an attack

/** A title with its number, so wide that `beside` fits as well. */
export const heading = (n: number, title: string, beside: number, columns = Number.POSITIVE_INFINITY): string => {
  const width = Math.min(WIDTH, columns - beside)
  return cut(`${String(n).padStart(2)}  ${title}`, width - 1).padEnd(width)
}

const colour = (outcome: AttackOutcome, expected: boolean): 'red' | 'green' | 'yellow' =>
  !expected ? 'red' : outcome === 'BLOCKED' ? 'green' : 'yellow'

const HELD = { hello: OP.HELLO, challenge: OP.CHALLENGE, data: OP.DATA, response: OP.RESPONSE } as const

type Converse = Extract<AttackStep['action'], { do: 'converse' }>

/** Faithful rounds in one line: nothing happens in them but what PROTOCOL asks for. */
const faithful = (s: AttackStep, a: Converse, clients: readonly number[]): string => {
  const what = a.rounds === 0 ? (a.until === 'hello' ? 'connects' : 'is connected') : plural(a.rounds, 'faithful round')
  const held = a.until === undefined ? '' : `; the attacker holds ${OPCODE_NAMES[HELD[a.until]]} ${s.lastSent} back`
  return `· client ${clients[a.client]}: ${what} (${s.ends.join(', ')})${held}`
}

/** A step that shows nothing: it had nothing to act on, or nobody. */
const vain = (s: AttackStep): readonly string[] => {
  if (s.action.do !== 'deliver') return []
  const { to } = s.action
  return [
    s.acted ? `· a frame for ${endName(to)}, which has ended` : `· a frame for ${endName(to)} that was never sent`,
  ]
}

const stepLines = (s: AttackStep, clients: readonly number[], whole: boolean): readonly string[] => {
  if (s.action.do === 'converse' && !whole) return [faithful(s, s.action, clients)]
  return s.lines.length > 0 ? s.lines : vain(s)
}

/**
 * Everything about one attack, in lines that fit into `columns`. Faithful rounds are shown whole only where something is
 * not as it should be.
 */
export const attackText = (r: AttackResult, paint: Paint, columns?: number): string => {
  const odd = disagreement(r)
  const hue = colour(r.outcome, odd === null)
  const steps = r.steps.flatMap((s) =>
    stepLines(s, r.clients, odd !== null).map((l) =>
      s.strike ? paint(cut(`  » ${l}`, columns), 'bold') : cut(`    ${l}`, columns),
    ),
  )
  const told = (text: string): string => wrap(`${' '.repeat(MARGIN)}${text}`, columns, MARGIN)
  const unseen = r.notObservable.join(', ')
  const untold = r.stranger && r.outcome === 'UNTRIED'
  const outcome = untold ? 'NOT OBSERVABLE' : r.outcome
  const why = untold
    ? r.judgedBy.length > 0
      ? ': nothing that the attacker did reached anybody'
      : ''
    : `, PROTOCOL ${r.why}`
  return [
    `${paint(heading(r.n, printable(r.title), outcome.length, columns), 'bold')}${paint(outcome, hue)}`,
    told(printable(r.says)),
    ...r.frames.map((f) => paint(`      ${frameText(f, columns && columns - MARGIN - 2)}`, 'dim')),
    ...steps,
    ...r.reached.map((f) => paint(told(`${f.invariant}: ${f.why}`), hue)),
    ...r.broken.filter((f) => !r.reached.includes(f)).map((f) => paint(told(`${f.invariant}: ${f.why}`), 'red')),
    odd === null ? told(`${outcome}${why}`) : paint(told(`NOT as expected: ${odd}`), 'red'),
    paint(
      told(
        `judged by ${r.judgedBy.join(', ') || 'nothing'}${unseen === '' ? '' : `; ${r.stranger ? 'not observable:' : 'in memory also by'} ${unseen}`}`,
      ),
      'dim',
    ),
  ].join('\n')
}

/** Without the less important columns where a line would not fit into `columns`. */
export const listText = (attacks: readonly NamedAttack[], columns = Number.POSITIVE_INFINITY): string => {
  const width = Math.max(...attacks.map((a) => a.name.length))
  const rows = attacks.map(({ name, attack }) => [
    String(attack.n).padStart(2),
    name.padEnd(width),
    attack.known.padEnd(10),
    `claim ${String(attack.claim).padEnd(2)}`,
    `bound ${attack.expect.bound.outcome.padEnd(9)}`,
    `literal ${attack.expect.literal.outcome}`,
  ])
  const lines = (left: readonly number[]): readonly string[] =>
    rows.map((r) => r.filter((_, i) => !left.includes(i)).join('  '))
  const leaving = [[], [2], [2, 3]].find((left) => lines(left).every((l) => l.length <= columns)) ?? [2, 3]
  return lines(leaving)
    .map((l) => cut(l, columns))
    .join('\n')
}
