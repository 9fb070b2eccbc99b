/** How two machines over one alphabet differ: edges, and states that are several or one. */
import { ACTS, parse } from './alphabet.ts'
import { NONDETERMINISTIC } from './asking.ts'
import { type Hypothesis, NOT_ASKED } from './lsharp.ts'
import { edge, type Machine, type Met, met, separates, stateAfter, type Word } from './machine.ts'
import { isTaken } from './say.ts'

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
