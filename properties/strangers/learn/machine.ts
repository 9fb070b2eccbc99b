/** A Mealy machine as plain data: what a learner came to, what a file holds, what two strangers are compared by. */
import { z } from 'zod'

/** Symbols, in the order in which they are sent. */
export type Word = readonly string[]

const edgeSchema = z.strictObject({ output: z.string(), to: z.int().nonnegative() })
export const machineSchema = z.strictObject({
  alphabet: z.array(z.string()).min(1),
  /** State 0 is the first. `access`: the shortest word that leads there. `next`: an edge for each symbol. */
  states: z.array(z.strictObject({ access: z.array(z.string()), next: z.record(z.string(), edgeSchema) })).min(1),
})
export type Machine = z.infer<typeof machineSchema>
export type State = Machine['states'][number]

export const edge = (m: Machine, state: number, symbol: string): State['next'][string] => {
  const found = m.states[state]?.next[symbol]
  if (found === undefined) throw new RangeError(`state ${state}: expected an edge for ${symbol}, got none`)
  return found
}

export const stateAfter = (m: Machine, word: Word, from = 0): number =>
  word.reduce((at, symbol) => edge(m, at, symbol).to, from)

export const outputsOf = (m: Machine, word: Word, from = 0): readonly string[] => {
  let at = from
  return word.map((symbol) => {
    const { output, to } = edge(m, at, symbol)
    at = to
    return output
  })
}

/** A pair of states that words lead to, one of each machine, by a shortest word on which they agree. */
export interface Met {
  readonly left: number
  readonly right: number
  readonly word: Word
}

/**
 * Every pair that is reached by a word on which both machines give the same outputs, shortest first. `open`: edges of the
 * right one, as `state symbol`, that are not followed, since nobody knows where they lead.
 */
export const met = (l: Machine, r: Machine, left = 0, right = 0, open?: ReadonlySet<string>): readonly Met[] => {
  const seen = new Set([`${left} ${right}`])
  const all: Met[] = [{ left, right, word: [] }]
  for (const at of all) // which grows as it is walked
    for (const symbol of l.alphabet) {
      const [a, b] = [edge(l, at.left, symbol), edge(r, at.right, symbol)]
      const name = `${a.to} ${b.to}`
      if (a.output !== b.output || seen.has(name) || open?.has(`${at.right} ${symbol}`)) continue
      seen.add(name)
      all.push({ left: a.to, right: b.to, word: [...at.word, symbol] })
    }
  return all
}

/** The shortest word whose last output differs; null: there is none. Machines over one alphabet. */
export const separates = (l: Machine, r: Machine, left = 0, right = 0): Word | null => {
  for (const at of met(l, r, left, right))
    for (const symbol of l.alphabet)
      if (edge(l, at.left, symbol).output !== edge(r, at.right, symbol).output) return [...at.word, symbol]
  return null
}

/** Of each state: words that tell it from all others. */
export const identifiers = (m: Machine): readonly (readonly Word[])[] => {
  const of = m.states.map(() => new Map<string, Word>())
  for (let a = 0; a < m.states.length; a++)
    for (let b = a + 1; b < m.states.length; b++) {
      const known = [...of[a]!.values(), ...of[b]!.values()].find(
        (w) => outputsOf(m, w, a).join() !== outputsOf(m, w, b).join(),
      )
      const word = known ?? separates(m, m, a, b)
      if (word !== null) for (const i of [a, b]) of[i]!.set(word.join(), word)
    }
  return of.map((words) => [...words.values()])
}
