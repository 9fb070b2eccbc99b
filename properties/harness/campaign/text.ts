/** What a person sees of a campaign: the table, distributions, counterexamples. Text only; the caller prints it. */
import { explanationText } from '../explain/text.ts'
import { SHARES } from '../judging/probing.ts'
import { isInvocation } from '../terminal/invocation.ts'
import { type Column, cut, medianOf, n, type Paint, plural, printable, right, table, wrap } from '../terminal/text.ts'
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
    const head: readonly Column[] = ['', ...right('schedules', 'witnesses'), mode, '']
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

const counterexample = (c: Campaign['counterexamples'][number], paint: Paint, columns?: number): string => {
  const how = c.expected ? paint('violated as expected', 'yellow') : paint('VIOLATED', 'red')
  return [
    '',
    `${[c.invariant, ...c.also.map((a) => a.invariant)].join(', ')} in ${c.mode}: ${how}, minimal counterexample of ${c.schedule.actions.length} actions`,
    ...c.ladder.map((l) =>
      l.startsWith(`✗ ${c.invariant}: `)
        ? wrap(`  ✗ ${c.invariant}: ${printable(c.why)}`, columns, 4)
        : cut(`  ${printable(l)}`, columns),
    ),
    ...c.also.map((a) => wrap(`  ✗ ${a.invariant} too: ${printable(a.why)}`, columns, 4)),
    ...(c.explanation === null ? [] : explanationText(c.explanation, columns === undefined ? undefined : columns - 2))
      .flatMap((l) => l.split('\n'))
      .map((l) => `  ${printable(l)}`),
    paint(`  replay: ${printable(c.replay)}`, 'dim'),
  ].join('\n')
}

/** What literal is known for comes last, and of that the replay of a session (PROTOCOL §9, claim 1) first. */
const inOrder = (all: Campaign['counterexamples']): Campaign['counterexamples'] => {
  const rank = (c: Campaign['counterexamples'][number]): number => (!c.expected ? 0 : c.invariant === 'A2' ? 1 : 2)
  return [...all].sort((a, b) => rank(a) - rank(b))
}

const FEW = 8 // invariants: their table is short

/** What a person must see: what is red, drawn; the table only where it is short. */
export const briefText = (f: Campaign, paint: Paint, columns?: number): string =>
  [
    ...(f.invariants.length > FEW ? [] : verdicts(f, paint, columns)),
    ...f.counterexamples.filter((c) => !c.expected).map((c) => counterexample(c, paint, columns)),
  ].join('\n')

type Judged = readonly { readonly id: string; readonly verdict: Verdict }[]

const judgedIn = (f: Campaign, mode: 'bound' | 'literal'): Judged =>
  f.invariants.map((i) => ({ id: i.id, verdict: i[mode].verdict }))

const named = (all: Judged, verdict: Verdict): string =>
  all
    .filter((i) => i.verdict === verdict)
    .map((i) => i.id)
    .join(', ')

/** What a mode came to, in a sentence without what is red. */
export const heldText = (f: Campaign, mode: 'bound' | 'literal'): string => {
  if (!f.modes.includes(mode)) return 'not played'
  const all = judgedIn(f, mode)
  const others = (['not observable', 'not reached', 'not run'] as const).flatMap((v) => {
    const ids = named(all, v)
    const many = ids.split(', ').length
    return ids === '' ? [] : [`${v}: ${many > FEW ? many : ids}`]
  })
  const holds = all.filter((i) => i.verdict === 'holds').length
  return [`${holds} of ${plural(all.length, 'invariant')} ${holds === 1 ? 'holds' : 'hold'}`, ...others].join('; ')
}

/** What literal lacks and showed, the replay of a session first. */
const lackedText = (f: Campaign): string => {
  const ids = judgedIn(f, 'literal').flatMap((i) => (i.verdict === 'violated as expected' ? [i.id] : []))
  if (ids.length === 0) return ''
  const replay = ids.includes('A2') ? ['A2 (a session is replayed)'] : []
  return `; broken as it must be (PROTOCOL §9): ${[...replay, ...ids.filter((id) => id !== 'A2')].join(', ')}`
}

/** What is red, by name; '' where nothing is. */
const redText = (f: Campaign): string => {
  const broken = f.counterexamples.flatMap((c) => {
    const also = c.also.map((a) => a.invariant).join(', ')
    return c.expected ? [] : [`${c.invariant} in ${c.mode}${also === '' ? '' : ` (and by the same schedule ${also})`}`]
  })
  const others = f.modes.flatMap((mode) => {
    const missing = named(judgedIn(f, mode), 'not violated')
    const unreached = named(judgedIn(f, mode), 'unreached')
    return [
      ...(missing === '' ? [] : [`not broken in ${mode} as it must be: ${missing}`]),
      ...(unreached === '' ? [] : [`hardly put to the test in ${mode}: ${unreached}`]),
    ]
  })
  const counted = [...new Set(broken)].map((b) => {
    const count = broken.filter((o) => o === b).length
    return count === 1 ? b : `${b}, in ${count} ways`
  })
  return [...counted, ...others].join('; ')
}

const LABEL = 10 // columns

/** One answer of the last lines, under a label; a command is never broken. */
export const labelled = (label: string, text: string, columns?: number): string =>
  isInvocation(text) ? `${label.padEnd(LABEL)}${text}` : wrap(`${label.padEnd(LABEL)}${text}`, columns, LABEL)

/** What held, what literal lacks, and what is red: the answers that a run ends with. `more`: red beside invariants. */
export const answers = (f: Campaign, more: readonly string[], paint: Paint, columns?: number): readonly string[] => {
  const red = [redText(f), ...more].filter((t) => t !== '').join('; ')
  const told = labelled('red', red === '' ? 'nothing' : red, columns)
  return [
    labelled('bound', heldText(f, 'bound'), columns),
    labelled('literal', `${heldText(f, 'literal')}${lackedText(f)}`, columns),
    red === '' ? told : paint(told, 'red'),
  ]
}

/** Everything. `columns`: of the terminal, which every line but a command fits; without, lines are as long as they are. */
export const campaignText = (f: Campaign, paint: Paint, columns?: number): string =>
  [
    ...verdicts(f, paint, columns),
    wrap(SHARES_TEXT, columns),
    '',
    'What the schedules reached, by bias or scope:',
    ...Object.entries(f.distribution).map(([name, d]) => wrap(distribution(name, d), columns)),
    ...inOrder(f.counterexamples).map((c) => counterexample(c, paint, columns)),
  ].join('\n')
