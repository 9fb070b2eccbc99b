/** What a person sees of the attacks. Text only; the caller prints it. */
import { endName } from '../../../spec/events.ts'
import { OP, OPCODE_NAMES } from '../../../spec/opcodes.ts'
import { type Paint, plural } from '../terminal/text.ts'
import { frameText } from './frames.ts'
import { type AttackOutcome, type AttackResult, type AttackStep, disagreement, type NamedAttack } from './perform.ts'

const WIDTH = 72 // of a title with its number

const colour = (outcome: AttackOutcome, expected: boolean): 'red' | 'green' | 'yellow' =>
  !expected ? 'red' : outcome === 'BLOCKED' ? 'green' : 'yellow'

const heading = (n: number, title: string): string => `${String(n).padStart(2)}  ${title}`.padEnd(WIDTH)

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

/** Everything about one attack. Faithful rounds are shown whole only where something is not as it should be. */
export const attackText = (r: AttackResult, paint: Paint): string => {
  const odd = disagreement(r)
  const hue = colour(r.outcome, odd === null)
  const steps = r.steps.flatMap((s) =>
    stepLines(s, r.clients, odd !== null).map((l) => (s.strike ? paint(`  » ${l}`, 'bold') : `    ${l}`)),
  )
  const unseen = r.notObservable.join(', ')
  return [
    `${paint(heading(r.n, r.title), 'bold')}${paint(r.outcome, hue)}`,
    `    ${r.says}`,
    ...r.frames.map((f) => paint(`      ${frameText(f)}`, 'dim')),
    ...steps,
    ...r.reached.map((f) => paint(`    ${f.invariant}: ${f.why}`, hue)),
    ...r.broken.filter((f) => !r.reached.includes(f)).map((f) => paint(`    ${f.invariant}: ${f.why}`, 'red')),
    odd === null ? `    ${r.outcome}, PROTOCOL ${r.why}` : paint(`    NOT as expected: ${odd}`, 'red'),
    paint(`    judged by ${r.judgedBy.join(', ')}${unseen === '' ? '' : `; in memory also by ${unseen}`}`, 'dim'),
  ].join('\n')
}

export const listText = (attacks: readonly NamedAttack[]): string => {
  const width = Math.max(...attacks.map((a) => a.name.length))
  const rows = attacks.map(({ name, attack }) =>
    [
      String(attack.n).padStart(2),
      name.padEnd(width),
      attack.known.padEnd(10),
      `claim ${String(attack.claim).padEnd(2)}`,
      `bound ${attack.expect.bound.outcome.padEnd(9)}`,
      `literal ${attack.expect.literal.outcome}`,
    ].join('  '),
  )
  return rows.join('\n')
}
