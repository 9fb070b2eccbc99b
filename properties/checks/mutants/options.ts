/** The options of `mutants`, checked. Errors name the option, what it expects and what it got. */
import { parseArgs } from 'node:util'
import { WORLDS, type WorldName } from '../../harness/mutants/systems.ts'
import type { Parsed } from '../../harness/schedule-file.ts'
import { DEFAULT_SEED } from '../prop/options.ts'

export interface Options {
  readonly only: readonly string[] | null // mutants or families
  readonly worlds: readonly WorldName[]
  readonly catalogue: string | null // a JSON file; null: our own
  readonly seed: number
  readonly budget: number
  readonly after: number
}

const DEFAULT_BUDGET = 3_000
const DEFAULT_AFTER = 200

export const USAGE = `npm run mutants -- [options]
  --only A,B        these mutants or families only
  --world W         both: client and server mutated; one: either of them against the reference (default: both worlds)
  --catalogue FILE  mutants from a JSON file instead of our own
  --seed N          0..4294967295 (default ${DEFAULT_SEED})
  --budget N        schedules a mutant may survive in each world (default ${DEFAULT_BUDGET})
  --after N         schedules after its first kill, to see what else fires, and on within the budget until the expected
                    invariant was among the first (default ${DEFAULT_AFTER})
Exit codes: 0 as expected, 1 a survivor, a mutant that no longer applies or a missed expectation, 2 usage.`

class Bad extends Error {}

const integer = (name: string, text: string | undefined, fallback: number, min: number, max: number): number => {
  if (text === undefined) return fallback
  const n = Number(text)
  if (!/^\d+$/.test(text) || n < min || n > max)
    throw new Bad(`--${name}: expected an integer ${min}..${max}, got ${text}`)
  return n
}

export const parseOptions = (argv: readonly string[]): Parsed<Options | 'help'> => {
  try {
    const text = { type: 'string' } as const
    const { values } = parseArgs({
      args: [...argv],
      options: {
        only: text,
        world: text,
        catalogue: text,
        seed: text,
        budget: text,
        after: text,
        help: { type: 'boolean' },
      },
    })
    if (values.help) return { kind: 'ok', value: 'help' }
    const world = WORLDS.find((w) => w === values.world)
    if (values.world !== undefined && world === undefined)
      throw new Bad(`--world: expected one of ${WORLDS.join(', ')}, got ${values.world}`)
    return {
      kind: 'ok',
      value: {
        only: values.only?.split(',') ?? null,
        worlds: world === undefined ? WORLDS : [world],
        catalogue: values.catalogue ?? null,
        seed: integer('seed', values.seed, DEFAULT_SEED, 0, 0xffffffff),
        budget: integer('budget', values.budget, DEFAULT_BUDGET, 1, 1_000_000),
        after: integer('after', values.after, DEFAULT_AFTER, 0, 1_000_000),
      },
    }
  } catch (e) {
    if (e instanceof Bad || (e instanceof TypeError && 'code' in e))
      return { kind: 'bad', why: e.message.split('\n')[0]! }
    throw e
  }
}
