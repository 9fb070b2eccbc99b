/**
 * How many mutants of the catalogue are seen as another machine: `node --import tsx properties/strangers/learn/rate.ts
 * [ONE-IN] [DEPTH]`. Whether a machine is another is found without learning: every word of at most DEPTH symbols is asked.
 */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { MUTANTS } from '../../harness/mutants/catalogue.ts'
import { type Mutant, sidesOf } from '../../harness/mutants/mutant.ts'
import { referenceParty } from '../../harness/parties/reference.ts'
import { partyOf } from '../../harness/parties/src.ts'
import { runPool, serve } from '../../harness/process/pool.ts'
import { loadVariant } from '../../harness/process/variants.ts'
import { alphabetOf } from './alphabet.ts'
import type { Asking } from './asking.ts'
import { differences, wordText } from './card.ts'
import type { Machine, Word } from './machine.ts'
import { INERT } from './say.ts'
import type { Plan } from './study.ts'
import { askingParty, learnParty, modelMachine } from './within.ts'

interface Job {
  readonly id: string
  readonly depth: number
}
interface Rated {
  /** A word that is answered otherwise, found by asking all; null: there is none. */
  readonly truth: Word | null
  /** Likewise, by learning. */
  readonly learned: Word | null
}

const MODE = 'bound'
const LIMITS = { until: Number.POSITIVE_INFINITY }
const planOf = (connections: 1 | 2): Omit<Plan, 'expected'> => ({
  alphabet: alphabetOf(connections),
  connections,
  extra: 1,
  walks: 200,
  seed: 1,
})

/** The first word of at most `depth` symbols that the two answer otherwise. */
const firstOdd = async (a: Asking, b: Asking, alphabet: readonly string[], depth: number): Promise<Word | null> => {
  let level: readonly Word[] = [[]]
  for (let n = 0; n < depth; n++) {
    const next: Word[] = []
    for (const word of level)
      for (const symbol of alphabet) {
        const longer = [...word, symbol]
        const [x, y] = [(await a.ask(longer)).at(-1)!, (await b.ask(longer)).at(-1)!]
        if (x !== y) return longer
        if (x !== INERT.closed && x !== INERT.nothing) next.push(longer)
      }
    level = next
  }
  return null
}

const expected = new Map<number, Promise<Machine>>()

const rated = async ({ id, depth }: Job, beat: () => Promise<void>): Promise<Rated> => {
  const { replacements } = MUTANTS.find((m) => m.id === id)!
  const src = (await loadVariant(replacements, 'src/index.ts')) as unknown as Parameters<typeof partyOf>[0]
  let [truth, learned]: (Word | null)[] = [null, null]
  for (const connections of [1, 2] as const) {
    const plan = planOf(connections)
    const limits = { ...LIMITS, progress: beat }
    const asking = (make: typeof referenceParty): Asking => askingParty(make, MODE, true, plan.seed, limits)
    const deep = connections === 1 ? depth + 1 : depth
    truth ??= await firstOdd(asking(referenceParty), asking(partyOf(src)), plan.alphabet, deep)
    const known = expected.get(connections) ?? modelMachine(PROTOCOL[MODE], false, plan, limits)
    expected.set(connections, known)
    const whole = { ...plan, expected: await known }
    learned ??=
      differences(whole.expected, await learnParty(partyOf(src), MODE, true, whole, limits)).edges[0]?.word ?? null
  }
  return { truth: truth!, learned: learned! }
}

const tellAll = async (oneIn: number, depth: number): Promise<void> => {
  const asked = MUTANTS.filter(
    (m) => m.equivalent === undefined && m.replacements.every((r) => /^src\/[^/]+$/.test(r.file)),
  )
  const jobs = asked
    .filter((m: Mutant, i) => i % oneIn === 0 && sidesOf(m).includes('server'))
    .map(({ id }) => ({ id, depth }))
  const counts = { seen: 0, missed: 0, false: 0, equal: 0, none: 0 }
  const pool = {
    worker: new URL(import.meta.url),
    args: ['worker'],
    processes: availableParallelism(),
    patienceMs: 120_000,
  }
  await runPool<Job, Rated>(jobs, pool, {
    done(fate, { id }) {
      if (fate.kind !== 'done') {
        counts.none++
        console.log(`${id}: ${fate.kind}${fate.kind === 'failed' ? `: ${fate.why}` : ''}`)
        return
      }
      const { truth, learned } = fate.result
      // Learning looks deeper than the words that were asked: what it shows is then a word that can be asked again.
      const kind =
        learned !== null
          ? truth === null && learned.length <= depth
            ? 'false'
            : 'seen'
          : truth !== null
            ? 'missed'
            : 'equal'
      counts[kind]++
      console.log(
        `${id}: ${kind}${learned !== null ? `: ${wordText(learned)}` : truth !== null ? `: ${wordText(truth)}` : ''}`,
      )
    },
  })
  console.log(JSON.stringify(counts))
}

const [first, second] = process.argv.slice(2)
if (first === 'worker') serve<Job, Rated>((job, beat) => rated(job, beat))
else if (process.argv[1] === fileURLToPath(import.meta.url)) await tellAll(Number(first ?? 1), Number(second ?? 3))
