/** Learns a machine from start to end, and says what of it is not certain. */
import { honestWords } from './alphabet.ts'
import { Asking, Corrected, Ended, type Nondeterminism, type Say } from './asking.ts'
import { type Hypothesis, Learner } from './lsharp.ts'
import { type Machine, outputsOf, type Word } from './machine.ts'
import { disturbed, suite, walks } from './oracle.ts'

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
