/** What learning came to: how two machines differ; as a file, and as a person reads it. */
import { z } from 'zod'
import { type Paint, plural, wrap } from '../../harness/terminal/text.ts'
import { groupsBy } from '../groups.ts'
import { ACTS, parse } from './alphabet.ts'
import { NONDETERMINISTIC } from './asking.ts'
import { type Hypothesis, NOT_ASKED } from './lsharp.ts'
import { edge, type Machine, type Met, machineSchema, met, separates, stateAfter, type Word } from './machine.ts'
import { isTaken } from './say.ts'
import type { Learned } from './study.ts'

/**
 * `extra`: it is taken, and must not be. `missing`: it is not taken, and must be. `other`: it is refused, or taken, by both,
 * and answered otherwise.
 */
export interface EdgeDifference {
  readonly kind: 'extra' | 'missing' | 'other'
  /** The shortest. Its last symbol is the one that is answered otherwise. */
  readonly word: Word
  readonly expected: string
  readonly got: string
  /** In how many states, of pairs of them that a word leads to on which both agree. */
  readonly states: number
}

/** `split`: one state of the expected machine is several of the other; `merged`: several are one. */
interface StateDifference {
  readonly kind: 'split' | 'merged'
  /** Words that lead to two of them. */
  readonly words: readonly [Word, Word]
  /** A word that tells these two apart, where they are two. */
  readonly apart: Word
}

export interface Differences {
  readonly edges: readonly EdgeDifference[]
  readonly states: readonly StateDifference[]
}

export const kindOf = (expected: string, got: string): EdgeDifference['kind'] =>
  isTaken(got) === isTaken(expected) ? 'other' : isTaken(got) ? 'extra' : 'missing'

const KINDS: readonly EdgeDifference['kind'][] = ['extra', 'missing', 'other']

const edgesOf = (expected: Machine, got: Machine, pairs: readonly Met[]): readonly EdgeDifference[] => {
  const found = new Map<string, EdgeDifference>()
  for (const { left, right, word } of pairs)
    for (const symbol of expected.alphabet) {
      const [e, g] = [edge(expected, left, symbol).output, edge(got, right, symbol).output]
      if (e === g || g === NOT_ASKED || g === NONDETERMINISTIC) continue // said elsewhere
      const name = [symbol, e, g].join()
      const before = found.get(name)
      found.set(name, {
        kind: kindOf(e, g),
        word: before?.word ?? [...word, symbol],
        expected: e,
        got: g,
        states: (before?.states ?? 0) + 1,
      })
    }
  return [...found.values()].sort(
    (a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || a.word.length - b.word.length,
  )
}

const statesOf = (kind: StateDifference['kind'], whole: Machine, pairs: readonly Met[]): readonly StateDifference[] => {
  const [one, many] = kind === 'split' ? (['left', 'right'] as const) : (['right', 'left'] as const)
  const first = new Map<number, Met>()
  const found = new Map<number, StateDifference>()
  for (const p of pairs) {
    const before = first.get(p[one])
    if (before === undefined) first.set(p[one], p)
    else if (!found.has(p[one]) && before[many] !== p[many]) {
      const apart = separates(whole, whole, before[many], p[many])
      if (apart !== null) found.set(p[one], { kind, words: [before.word, p.word], apart })
    }
  }
  return [...found.values()]
}

/**
 * None, for machines that give the same outputs. Both have as few states as they can, unless it is not known where all
 * edges lead: then states are not compared.
 */
export const differences = (expected: Machine, got: Hypothesis): Differences => {
  const { machine, open } = got
  const unknown = new Set(open.map((w) => `${stateAfter(machine, w.slice(0, -1))} ${w.at(-1)}`))
  const pairs = met(expected, machine, 0, 0, unknown)
  const states = open.length > 0 ? [] : [...statesOf('split', machine, pairs), ...statesOf('merged', expected, pairs)]
  return { edges: edgesOf(expected, machine, pairs), states }
}

export const wordText = (word: Word): string => (word.length === 0 ? 'the start' : word.join(' '))

/** What it means, in one sentence, and the clause that says so. */
export const meaning = (d: EdgeDifference): { readonly says: string; readonly clause: string } => {
  const { act } = parse(d.word.at(-1)!)
  const { says, clause, taken } = ACTS[act]
  switch (d.kind) {
    case 'extra':
      return { says: taken, clause }
    case 'missing':
      return { says: `Refused is what the expected machine takes: ${says}.`, clause: 'PROTOCOL §7' }
    case 'other':
      if (/^(20|40)\b/.test(d.got))
        return { says: `It seems to be taken, though nobody can follow the keys of the answer: ${says}.`, clause }
      return { says: `Answered otherwise is ${says}.`, clause: 'PROTOCOL §6' }
  }
}

const word = z.array(z.string())

export const cardSchema = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  dialect: z.string(),
  connections: z.union([z.literal(1), z.literal(2)]),
  seed: z.int(),
  machine: machineSchema,
  /** Edges, as words, of which it is not known where they lead. */
  open: z.array(word),
  /** Why it is not certain; null: it is, as far as what was asked goes. */
  ended: z.string().nullable(),
  unsteady: z.array(z.strictObject({ word, answers: z.tuple([z.string(), z.string()]), survives: z.boolean() })),
  words: z.int(),
  symbols: z.int(),
  /** Whose machine it was compared with. */
  against: z.string(),
  differences: z.strictObject({
    edges: z.array(
      z.strictObject({
        kind: z.enum(['extra', 'missing', 'other']),
        word,
        expected: z.string(),
        got: z.string(),
        states: z.int(),
        says: z.string(),
        clause: z.string(),
        replay: z.string(),
      }),
    ),
    states: z.array(
      z.strictObject({
        kind: z.enum(['split', 'merged']),
        words: z.tuple([word, word]),
        apart: word,
        replay: z.string(),
      }),
    ),
  }),
})
export type LearnCard = z.infer<typeof cardSchema>

export type Subject = Pick<LearnCard, 'name' | 'dialect' | 'connections' | 'seed' | 'against'>

/** `replay`: the command that shows a difference again. */
export const cardOf = (
  subject: Subject,
  learned: Learned,
  expected: Machine,
  replay: (word: Word) => string,
): LearnCard => {
  const { edges, states } = differences(expected, learned)
  return {
    version: 1,
    ...subject,
    machine: learned.machine,
    open: learned.open.map((w) => [...w]),
    ended: learned.ended,
    unsteady: learned.unsteady.map((u) => ({ ...u, word: [...u.word], answers: [...u.answers] })),
    words: learned.words,
    symbols: learned.symbols,
    differences: {
      edges: edges.map((e) => ({ ...e, word: [...e.word], ...meaning(e), replay: replay(e.word) })),
      states: states.map((s) => ({
        ...s,
        words: [[...s.words[0]], [...s.words[1]]],
        apart: [...s.apart],
        replay: replay([...s.words[1], ...s.apart]),
      })),
    },
  }
}

const EDGE = { extra: 'extra edge', missing: 'missing edge', other: 'other answer' } as const
const MOST_OPEN = 8

type Edge = LearnCard['differences']['edges'][number]

const edgeText = (all: readonly Edge[], against: string, paint: Paint, columns?: number): readonly string[] => {
  const [e, ...more] = all as readonly [Edge, ...Edge[]]
  const states = e.states === 1 ? '' : ` (in ${e.states} states)`
  const head = wrap(`${EDGE[e.kind]}: ${wordText(e.word)}: ${e.got}; ${against}: ${e.expected}${states}`, columns, 2)
  return [
    head.replace(EDGE[e.kind], paint(EDGE[e.kind], e.kind === 'other' ? 'yellow' : 'red')),
    wrap(`  ${e.says} (${e.clause})`, columns, 2),
    ...(more.length === 0 ? [] : [wrap(`  likewise: ${more.map((m) => wordText(m.word)).join('; ')}`, columns, 2)]),
    paint(`  replay: ${e.replay}`, 'dim'),
  ]
}

/** Those that are answered otherwise in the same way are one. */
const grouped = (edges: readonly Edge[]): readonly (readonly Edge[])[] => [
  ...groupsBy(edges, (e) => (e.kind === 'other' ? `${e.expected} ${e.got}` : e.word.join(' '))).values(),
]

const stateText = (s: LearnCard['differences']['states'][number], against: string): string => {
  const both = `after ${wordText(s.words[0])} and after ${wordText(s.words[1])}`
  return s.kind === 'split'
    ? `split: ${both}: one state in ${against}, two here, which ${wordText(s.apart)} tells apart`
    : `merged: ${both}: one state here, two in ${against}, which ${wordText(s.apart)} tells apart`
}

/** Whether it is the machine it was compared with, for certain. */
export const isEqual = (c: LearnCard): boolean =>
  c.ended === null && c.unsteady.length === 0 && c.differences.edges.length === 0

const known = (c: LearnCard): string =>
  c.open.length === 0
    ? 'every edge is known, but there may be more states'
    : `where ${c.open.length === 1 ? 'one edge leads is' : `${c.open.length} edges lead is`} not known`

/** Everything but the last line. */
export const cardLines = (c: LearnCard, paint: Paint, columns?: number): readonly string[] => {
  const { edges, states } = c.differences
  return [
    ...grouped(edges).flatMap((all) => edgeText(all, c.against, paint, columns)),
    ...states.flatMap((s) => [wrap(stateText(s, c.against), columns, 2), paint(`  replay: ${s.replay}`, 'dim')]),
    ...c.unsteady.map((u) => {
      const why = u.survives
        ? 'the reset does not reset: something is remembered beyond the connection'
        : 'no two times the same'
      const answers = `${u.answers[0]} and ${u.answers[1]}`
      return paint(wrap(`nondeterministic: ${wordText(u.word)}: ${answers}: ${why}`, columns, 2), 'yellow')
    }),
    ...(c.ended === null
      ? []
      : [
          paint(wrap(`not certain: ${c.ended}; ${known(c)}`, columns), 'yellow'),
          ...c.open.slice(0, MOST_OPEN).map((w) => wrap(`  ${wordText(w)}`, columns, 2)),
          ...(c.open.length > MOST_OPEN ? [`  and ${c.open.length - MOST_OPEN} more`] : []),
        ]),
  ]
}

const PLURAL = { extra: 'extra edges', missing: 'missing edges', other: 'other answers' } as const

/** What was found, in one line. */
export const cardVerdict = (c: LearnCard): string => {
  const { edges } = c.differences
  const size = `${plural(c.machine.states.length, 'state')}, ${c.machine.alphabet.length} symbols, ${plural(c.words, 'word')}`
  if (edges.length === 0)
    return `${c.name}: ${size}: ${isEqual(c) ? 'equal to' : 'no difference seen from'} ${c.against}`
  const counts = (['extra', 'missing', 'other'] as const).flatMap((kind) => {
    const count = edges.filter((e) => e.kind === kind).length
    return count === 0 ? [] : [`${count} ${count === 1 ? EDGE[kind] : PLURAL[kind]}`]
  })
  return `${c.name}: ${size}: ${counts.join(', ')} against ${c.against}`
}
