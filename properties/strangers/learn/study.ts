/** Learns a machine from start to end, says what of it is not certain, and on which words a hypothesis is tried. */
import { stream } from '../../harness/world/rng.ts'
import { honestWords } from './alphabet.ts'
import { Asking, Corrected, Ended, type Nondeterminism, type Say } from './asking.ts'
import { type Hypothesis, Learner } from './lsharp.ts'
import { edge, identifiers, type Machine, outputsOf, type Word } from './machine.ts'

/** Honest words × every symbol × what an honest client would do next. */
function* disturbed(alphabet: readonly string[], honest: readonly Word[], next: readonly string[]): Iterable<Word> {
  for (const word of honest)
    for (let n = 0; n <= word.length; n++)
      for (const symbol of alphabet) for (const then of next) yield [...word.slice(0, n), symbol, then]
}

/** The W-method: every state of the machine, every word of up to `extra` more symbols, then what identifies the state. */
export function* suite(m: Machine, extra: number): Iterable<Word> {
  const telling = identifiers(m)
  const from = function* (word: Word, state: number, left: number): Iterable<Word> {
    for (const symbol of m.alphabet) {
      const { to } = edge(m, state, symbol)
      const longer = [...word, symbol]
      yield longer
      for (const w of telling[to]!) yield [...longer, ...w]
      if (left > 0) yield* from(longer, to, left - 1)
    }
  }
  for (const [i, s] of m.states.entries()) yield* from(s.access, i, extra)
}

/** Random walks through the hypothesis, which mostly stay out of states that are never left. */
export function* walks(m: Machine, seed: number, count: number, length: number): Iterable<Word> {
  const random = stream(seed, 'walks')
  const below = (n: number): number => Buffer.from(random(4)).readUInt32BE() % n
  const left = m.states.map((_, i) => m.alphabet.some((s) => edge(m, i, s).to !== i))
  for (let i = 0; i < count; i++) {
    const word: string[] = []
    let at = 0
    while (word.length < length && left[at]) {
      const lively = m.alphabet.filter((s) => left[edge(m, at, s).to])
      const among = lively.length > 0 && below(8) > 0 ? lively : m.alphabet
      const symbol = among[below(among.length)]!
      word.push(symbol)
      at = edge(m, at, symbol).to
    }
    yield word
  }
}

export interface Plan {
  readonly alphabet: readonly string[]
  readonly connections: 1 | 2
  /** What it is expected to be, which says where to look; null: nobody knows. */
  readonly expected: Machine | null
  /** How many more states than the hypothesis it may have and still be found, for certain. */
  readonly extra: number
  readonly walks: number
  readonly seed: number
}

/** Nothing can be learned: an honest conversation does not come about, or nobody answers. */
export class NotLearned extends Error {}

export interface Learned extends Hypothesis {
  /** Why the machine is not certain; null: it is, as far as the plan goes. */
  readonly ended: string | null
  readonly unsteady: readonly Nondeterminism[]
  readonly words: number
  readonly symbols: number
}

const WALK = 12

function* tried(p: Plan, h: Machine): Iterable<Word> {
  const honest = honestWords(p.connections).map((w) => w.filter((s) => p.alphabet.includes(s)))
  const next = p.alphabet.filter((s) => /(^|\.)(data|hello)$/.test(s))
  yield* disturbed(p.alphabet, honest, next)
  if (p.expected !== null) yield* suite(p.expected, p.extra)
  yield* suite(h, p.extra)
  yield* walks(h, p.seed, p.walks, WALK)
}

/** `say` may throw Ended. `clients`: how many ids there are. */
export const study = async (p: Plan, say: Say, clients: number): Promise<Learned> => {
  const asking = new Asking(say, clients)
  let learner = new Learner(p.alphabet, asking)
  const differs = async (h: Machine): Promise<Word | null> => {
    for (const word of tried(p, h)) {
      const [outputs, expected] = [await asking.ask(word), outputsOf(h, word)]
      const at = outputs.findIndex((o, i) => o !== expected[i])
      if (at < 0) continue
      await learner.ask(word.slice(0, at + 1))
      return word.slice(0, at + 1)
    }
    return null
  }
  const told = (ended: string | null): Learned => ({
    ...learner.hypothesis(),
    ended,
    unsteady: asking.unsteady,
    words: asking.words,
    symbols: asking.symbols,
  })
  for (;;) {
    try {
      await learner.learn(differs)
      return told(null)
    } catch (e) {
      if (e instanceof Ended) return told(e.message)
      if (!(e instanceof Corrected)) throw e
      learner = new Learner(p.alphabet, asking)
    }
  }
}
