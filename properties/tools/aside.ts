/**
 * `npm run aside`: puts the estimate of what a budget leaves alive to the test. From mutants of the catalogue it predicts
 * how many of those put aside (harness/mutants/aside.txt) a tenth of the budget does not notice; then it hunts them.
 */
import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { isForTests } from '../checks/mutants/by-tests.ts'
import { huntEach, type Outcome } from '../checks/mutants/pool.ts'
import { DEFAULT_SEED } from '../harness/campaign/campaign.ts'
import { MUTANTS } from '../harness/mutants/catalogue.ts'
import type { Mutant } from '../harness/mutants/mutant.ts'
import { recordsOf } from '../harness/mutants/records.ts'
import { predicted, survivorsAt } from '../harness/mutants/survivors.ts'
import { command, main, type Screen } from '../harness/terminal/command.ts'
import { integer, seedOption, UsageError } from '../harness/terminal/options.ts'
import { counting } from '../harness/terminal/progress.ts'
import { wrap } from '../harness/terminal/text.ts'

const ASIDE = new URL('../harness/mutants/aside.txt', import.meta.url)
const PATIENCE_MS = 600_000 // only an endless loop is silent for so long, however loaded the machine

/** Throws where a mutant cannot be hunted, which says nothing about whether it would be noticed. */
const killOf = (m: Mutant, o: Outcome): number | null => {
  if (o.kind === 'stuck') return 1
  if (o.kind !== 'hunted') throw new UsageError(`mutant ${m.id}: expected one that can be hunted, got ${o.kind}`)
  return o.hunts.both?.kill?.schedules ?? null
}

/** Schedules to the first kill, with both sides mutated; null: the budget did not do. */
const hunt = async (mutants: readonly Mutant[], budget: number, seed: number, { progress }: Screen) => {
  const line = progress()
  const told = counting(line)
  const kills = new Map<Mutant, number | null>()
  await huntEach(
    mutants.map((mutant) => ({ mutant, plan: { worlds: ['both'], budget, after: 0 } })),
    { processes: availableParallelism(), seed, patienceMs: PATIENCE_MS, signal: new AbortController().signal },
    (m, o) => {
      kills.set(m, killOf(m, o))
      told(kills.size, mutants.length, 'mutants')
    },
  )
  line.clear()
  return kills
}

await main(
  command({
    name: 'aside',
    options: z.strictObject({
      budget: integer({
        says: 'schedules that a mutant may survive: a tenth of what the gate hunts it with',
        min: 1,
        default: 300,
      }),
      'one-in': integer({ says: 'predicts from one in so many of the catalogue', min: 1, default: 4 }),
      seed: seedOption(DEFAULT_SEED),
    }),
    notes: 'Exit codes: 0 the prediction holds, 1 it does not, 2 usage.',
    async run({ budget, 'one-in': oneIn, seed }, screen) {
      const say = (text: string): void => screen.say(wrap(text, screen.columns))
      const real = MUTANTS.filter((m) => m.equivalent === undefined && !isForTests(m))
      const known = await hunt(
        real.filter((_, i) => i % oneIn === 0),
        budget,
        seed,
        screen,
      )
      const seen = survivorsAt([...known.values()], budget)
      const others = recordsOf(ASIDE)
      const [low, high] = predicted(seen, others.length)
      say(`catalogue: ${seen.survived} of ${seen.hunted} survive ${budget} schedules`)
      say(`predicted: of ${others.length} others ${low}..${high} survive (90 %)`)
      const fresh = await hunt(others, budget, seed, screen)
      const alive = [...fresh].flatMap(([m, kill]) => (kill === null ? [m.id] : []))
      const holds = low <= alive.length && alive.length <= high
      say(`hunted: ${alive.length} survive${alive.length === 0 ? '' : `: ${alive.join(', ')}`}`)
      say(screen.paint(holds ? 'the prediction holds' : 'the prediction does NOT hold', holds ? 'green' : 'red'))
      return holds ? 0 : 1
    },
  }),
)
