/** The options of `prop`, checked. Errors name the option, what it expects and what it got. */
import { parseArgs } from 'node:util'
import type { Mode } from '../../../spec/language.ts'
import { CHECKS } from '../../harness/examine.ts'
import { PROFILES } from '../../harness/generate/biases.ts'
import { SCOPES } from '../../harness/generate/scopes/index.ts'
import type { Parsed } from '../../harness/schedule-file.ts'

export interface Options {
  readonly runs: number
  readonly seed: number
  readonly only: ReadonlySet<string> | null
  readonly modes: readonly Mode[]
  readonly profiles: readonly string[]
  readonly allProfiles: boolean
  /** Exhaustive scopes instead of random schedules; null: none. */
  readonly scopes: readonly string[] | null
  /** A file with the implementation to play against; null: src. */
  readonly party: string | null
  readonly replay: string | null
  /** Whether this is the budget and seed that the floors were set for. */
  readonly floors: boolean
}

export const DEFAULT_RUNS = 24_000
export const DEFAULT_SEED = 20_261_123

export const USAGE = `npm run prop -- [options]
  --runs N         schedules over all modes and profiles (default ${DEFAULT_RUNS})
  --seed N         0..4294967295 (default ${DEFAULT_SEED})
  --only A2,S4     judge and print these invariants only
  --mode M         bound or literal (default both)
  --profile NAME   one of ${Object.keys(PROFILES).join(', ')}
  --scopes         every exhaustive scope instead of random schedules
  --scope NAME     one of ${Object.keys(SCOPES).join(', ')}
  --party FILE     your own implementation: a TypeScript file (properties/examples/toy.ts shows how)
  --replay FILE    play one stored schedule and draw it
Exit codes: 0 as expected, 1 a violation or a missing expectation, 2 usage.`

class Bad extends Error {}

const integer = (name: string, text: string | undefined, fallback: number, min: number, max: number): number => {
  if (text === undefined) return fallback
  const n = Number(text)
  if (!/^\d+$/.test(text) || n < min || n > max)
    throw new Bad(`--${name}: expected an integer ${min}..${max}, got ${text}`)
  return n
}

const among = <T extends string>(name: string, text: string | undefined, all: readonly T[]): readonly T[] => {
  if (text === undefined) return all
  return text.split(',').map((t) => {
    const known = all.find((a) => a === t)
    if (known === undefined) throw new Bad(`--${name}: expected one of ${all.join(', ')}, got ${t}`)
    return known
  })
}

export const parseOptions = (argv: readonly string[]): Parsed<Options | 'help'> => {
  try {
    const text = { type: 'string' } as const
    const { values } = parseArgs({
      args: [...argv],
      options: {
        runs: text,
        seed: text,
        only: text,
        mode: text,
        profile: text,
        replay: text,
        party: text,
        scope: text,
        scopes: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
    if (values.help) return { kind: 'ok', value: 'help' }
    const only = among(
      'only',
      values.only,
      CHECKS.map((c) => c.id),
    )
    const scopes =
      values.scopes || values.scope !== undefined ? among('scope', values.scope, Object.keys(SCOPES)) : null
    if (scopes !== null)
      for (const random of ['runs', 'seed', 'profile'] as const)
        if (values[random] !== undefined)
          throw new Bad(`--${random}: expected none beside a scope, which is played whole, got ${values[random]}`)
    const runs = integer('runs', values.runs, DEFAULT_RUNS, 1, 10_000_000)
    const seed = integer('seed', values.seed, DEFAULT_SEED, 0, 0xffffffff)
    return {
      kind: 'ok',
      value: {
        runs,
        seed,
        only: values.only === undefined ? null : new Set(only),
        modes: among('mode', values.mode, ['bound', 'literal']),
        profiles: among('profile', values.profile, Object.keys(PROFILES)),
        allProfiles: values.profile === undefined,
        replay: values.replay ?? null,
        scopes,
        party: values.party ?? null,
        floors:
          runs >= DEFAULT_RUNS &&
          seed === DEFAULT_SEED &&
          values.profile === undefined &&
          scopes === null &&
          values.party === undefined,
      },
    }
  } catch (e) {
    if (e instanceof Bad || (e instanceof TypeError && 'code' in e))
      return { kind: 'bad', why: e.message.split('\n')[0]! }
    throw e
  }
}
