/** Every attack over real sockets, in both modes. */
import { z } from 'zod'
import { endName } from '../../../spec/events.ts'
import type { Mode } from '../../../spec/language.ts'
import { OP, OPCODE_NAMES } from '../../../spec/opcodes.ts'
import { readAttackFiles } from '../../harness/attack/attack-file.ts'
import { frameText } from '../../harness/attack/frames.ts'
import {
  type AttackOutcome,
  type AttackResult,
  type AttackStep,
  disagreement,
  type NamedAttack,
} from '../../harness/attack/perform.ts'
import { cell, table } from '../../harness/markdown.ts'
import type { Problem } from '../../harness/outcome.ts'
import type { Parsed } from '../../harness/schedule-file.ts'
import { command, perform, type Screen } from '../../harness/terminal/command.ts'
import { invocation, invocationWith } from '../../harness/terminal/invocation.ts'
import { flag, integer, OptionError, someOf, text, UsageError } from '../../harness/terminal/options.ts'
import { cut, type Paint, plural, wrap } from '../../harness/terminal/text.ts'
import { check, runForPerson } from '../check.ts'
import { runAttacks } from './sockets.ts'

const MODES: readonly Mode[] = ['bound', 'literal']

const outcome = z.enum(['BLOCKED', 'SUCCEEDED', 'UNTRIED'])
const schema = z.strictObject({
  modes: z.array(z.enum(['bound', 'literal'])),
  attacks: z.array(
    z.strictObject({
      n: z.int(),
      name: z.string(),
      title: z.string(),
      says: z.string(),
      claim: z.int(),
      bound: outcome.nullable(), // null: not played in this mode
      literal: outcome.nullable(),
      expected: z.strictObject({ bound: outcome, literal: outcome }),
      why: z.string(), // of both outcomes, PROTOCOL with its paragraph
    }),
  ),
})
type Figures = z.infer<typeof schema>

const caseName = (a: { readonly name: string; readonly mode: Mode }): string => `${a.name} in ${a.mode}`

const problemOf = (r: AttackResult): readonly Problem[] => {
  const odd = disagreement(r)
  if (odd === null) return []
  const replay = `${invocationWith('attacks')} --mode ${r.mode} --only ${r.name}`
  return [
    {
      kind: 'failed',
      text: `attack over TCP: ${odd}`,
      at: `corpus/schedules/attacks/${r.name}.json`,
      replay,
      about: caseName(r),
    },
  ]
}

const options = z.strictObject({
  mode: someOf(MODES, { value: 'M', says: 'bound or literal (default bound)', default: MODES.slice(0, 1) }),
  only: text({ value: 'NAME,...', says: 'these attacks only, by name or number', default: null }),
  first: integer({ says: 'so many of them only', min: 1, default: null }),
  list: flag('what there is and what each mode predicts; plays nothing'),
})
type Options = z.output<typeof options>

/** Those that the options or files ask for. Throws a UsageError. */
export const chosenAttacks = (
  o: Options,
  files: readonly string[],
  all: Parsed<readonly NamedAttack[]>,
): readonly NamedAttack[] => {
  if (all.kind === 'bad') throw new UsageError(all.why)
  if (o.only !== null && files.length > 0)
    throw new OptionError(`--only: expected without files, got ${files[0]} as well`)
  if (files.length > 0) {
    const read = readAttackFiles(files)
    if (read.kind === 'bad') throw new UsageError(read.why)
    return read.value
  }
  const wanted = o.only?.split(',') ?? null
  const is = (a: NamedAttack, w: string): boolean => a.name === w || String(a.attack.n) === w
  const odd = wanted?.find((w) => !all.value.some((a) => is(a, w)))
  if (odd !== undefined)
    throw new OptionError(`--only: expected names or numbers that --list shows, got ${JSON.stringify(odd)}`)
  return all.value.filter((a) => wanted?.some((w) => is(a, w)) ?? true).slice(0, o.first ?? undefined)
}

const WIDTH = 72 // of a title with its number
const MARGIN = 4 // columns before what belongs to an attack

/** A title with its number, so wide that `beside` fits as well. */
const heading = (n: number, title: string, beside: number, columns = Number.POSITIVE_INFINITY): string => {
  const width = Math.min(WIDTH, columns - beside)
  return cut(`${String(n).padStart(2)}  ${title}`, width - 1).padEnd(width)
}

/** Where they do not fit into `columns`, without the claims. */
const summaryLine = (a: Figures['attacks'][number], mode: Mode, paint: Paint, columns?: number): string => {
  const [got, expected] = [a[mode] ?? '', a.expected[mode]]
  const hue = got !== expected ? 'red' : got === 'BLOCKED' ? 'green' : 'yellow'
  const note = got === expected ? '' : `  expected ${expected}`
  const outcome = `${got}${note}`
  const claim = `claim ${String(a.claim).padEnd(3)} `
  const beside = columns !== undefined && WIDTH + claim.length + outcome.length > columns ? '' : claim
  const title = heading(a.n, a.title, beside.length + outcome.length, columns)
  return `${title}${beside}${paint(got, hue)}${paint(note, 'red')}`
}

const countsText = (f: Figures, mode: Mode): string => {
  const count = (how: z.infer<typeof outcome>): number => f.attacks.filter((a) => a[mode] === how).length
  const untried = count('UNTRIED') === 0 ? '' : `, ${count('UNTRIED')} UNTRIED`
  return `${plural(f.attacks.length, 'attack')} in ${mode}: ${count('BLOCKED')} BLOCKED, ${count('SUCCEEDED')} SUCCEEDED${untried}`
}

/** `all`: what is stored, or why it cannot be read. `files`: attacks from these instead. */
export const attacksOf = (all: Parsed<readonly NamedAttack[]>, files: readonly string[] = []) =>
  check({
    name: 'attacks',
    asks: 'Does every attack over real sockets end as its mode predicts',
    options,
    rest: {
      value: 'FILE ...',
      says: `attacks from these files, such as ${invocation('attack')} saves, instead of the stored ones`,
    },
    notes: `Starts a server and clients of its own on 127.0.0.1 and attacks them over TCP.
Exit codes: 0 as the mode predicts, 1 not so, 2 usage.`,
    schema,
    async run(o, c) {
      const chosen = chosenAttacks(o, files, all)
      let done = 0
      const results = new Map<Mode, readonly AttackResult[]>()
      for (const mode of o.mode) {
        const where = 'Clients c0, c1 are on the left, connections s0, s1 of a real server on the right'
        const legend = `mode ${mode}. ${where}, the attacker is between them. Lines with » are its doing.`
        c.say(wrap(legend, c.columns ?? 112, 0))
        const each = (r: AttackResult): void => {
          c.progress(++done, chosen.length * o.mode.length, 'attacks')
          c.say(`\n${attackText(r, c.paint, c.columns)}`)
        }
        results.set(mode, await runAttacks(mode, chosen, each, c.columns && c.columns - MARGIN))
      }
      const of = (mode: Mode, name: string) => results.get(mode)?.find((r) => r.name === name)
      const figures = chosen.map(({ name, says, attack }) => {
        const { n, title, claim, expect } = attack
        const [bound, literal] = [of('bound', name)?.outcome ?? null, of('literal', name)?.outcome ?? null]
        const expected = { bound: expect.bound.outcome, literal: expect.literal.outcome }
        return { n, name, title, says, claim, bound, literal, expected, why: expect.bound.why }
      })
      return {
        figures: { modes: [...o.mode], attacks: figures },
        problems: [...results.values()].flat().flatMap(problemOf),
      }
    },
    summary(f) {
      const count = (mode: Mode, how: z.infer<typeof outcome>): number =>
        f.attacks.filter((a) => a[mode] === how).length
      return `${f.attacks.length} attacks: ${count('bound', 'BLOCKED')} blocked in bound, ${count('literal', 'SUCCEEDED')} succeed in literal`
    },
    text: (f, paint, columns) =>
      f.modes.flatMap((mode) => ['', ...f.attacks.map((a) => summaryLine(a, mode, paint, columns))]).join('\n'),
    verdict(f, red) {
      const figures = f.modes.map((mode) => countsText(f, mode)).join('; ')
      return red === 0 ? `as PROTOCOL predicts: ${figures}` : `NOT as PROTOCOL predicts (${red}): ${figures}`
    },
    cases: (f) =>
      f.attacks.flatMap((a) =>
        f.modes.map((mode) => {
          const [got, expected] = [a[mode], a.expected[mode]]
          return {
            name: caseName({ name: a.name, mode }),
            red: got === expected ? null : `expected ${expected}, got ${got}`,
          }
        }),
      ),
    sections(f) {
      const head = [
        { head: '#', right: true },
        { head: 'attack' },
        { head: 'the attacker' },
        { head: 'literal' },
        { head: 'bound' },
        { head: 'in bound, because' },
      ]
      const rows = f.attacks.map((a) => [
        String(a.n),
        `[${a.name}](corpus/schedules/attacks/${a.name}.json)`,
        cell(a.says),
        a.literal === 'SUCCEEDED' ? '**succeeds**' : (a.literal ?? 'not played').toLowerCase(),
        a.bound === 'SUCCEEDED' ? '**succeeds**' : (a.bound ?? 'not played').toLowerCase(),
        cell(a.why),
      ])
      const intro =
        'Played against a real server by real clients on the loopback interface, and judged by the same monitors as in memory.'
      return [{ title: 'Attacks over real sockets', body: `${intro}\n\n${table(head, rows)}` }]
    },
  })

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
  return [
    `${paint(heading(r.n, r.title, r.outcome.length, columns), 'bold')}${paint(r.outcome, hue)}`,
    told(r.says),
    ...r.frames.map((f) => paint(`      ${frameText(f, columns && columns - MARGIN - 2)}`, 'dim')),
    ...steps,
    ...r.reached.map((f) => paint(told(`${f.invariant}: ${f.why}`), hue)),
    ...r.broken.filter((f) => !r.reached.includes(f)).map((f) => paint(told(`${f.invariant}: ${f.why}`), 'red')),
    odd === null ? told(`${r.outcome}, PROTOCOL ${r.why}`) : paint(told(`NOT as expected: ${odd}`), 'red'),
    paint(told(`judged by ${r.judgedBy.join(', ')}${unseen === '' ? '' : `; in memory also by ${unseen}`}`), 'dim'),
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

/** The `attacks` command, apart from the process around it. */
export const attacksCommand = (all: Parsed<readonly NamedAttack[]>) =>
  command({
    ...attacksOf(all),
    async run(o, screen, files) {
      if (!o.list) return runForPerson(attacksOf(all, files), o, screen)
      screen.say(listText(chosenAttacks(o, files, all), screen.columns))
      return 0
    },
  })

/** Resolves with the exit code. */
export const attacks = (
  argv: readonly string[],
  all: Parsed<readonly NamedAttack[]>,
  screen: Omit<Screen, 'progress'>,
): Promise<number> => perform(attacksCommand(all), argv, { progress: () => ({ show() {}, clear() {} }), ...screen })
