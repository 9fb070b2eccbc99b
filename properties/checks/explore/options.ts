/** The options of `explore`, checked. Errors name the option, what it expects and what it got. */
import { parseArgs } from 'node:util'
import { LIMITS, type Limits } from '../../../spec/checker/explore.ts'
import { PROFILES } from '../../../spec/checker/profiles.ts'
import { type Scope, scope } from '../../../spec/model/scope.ts'

export interface ExploreOptions {
  readonly scopes: readonly Scope[]
  readonly limits: Limits
}

export const USAGE = `npm run explore -- [options]
  --profile NAME    one of ${Object.keys(PROFILES).join(', ')} (default gate)
  --scope 1x2x3x2   clients x runs of each x connections x rounds, instead of a profile; with it:
  --mode M          bound or literal (default bound)
  --powers N,L,F    any of N, I, L, F (default N)
  --runs R          sequential or concurrent (default sequential)
  --challenge C     fresh or constant text (default fresh)
  --half-open N     unconfirmed sessions per id (default 4)
  --states N        stop at so many states (default ${LIMITS.states})
  --memory MIB      stop at so much memory (default ${LIMITS.bytes / 2 ** 20})
Exit codes: 0 as expected, 1 a violation, or a missing one, or an absent witness, 2 usage, 3 stopped at a bound.`

class Bad extends Error {}

const integer = (name: string, text: string | undefined, fallback: number, min: number): number => {
  if (text === undefined) return fallback
  if (!/^\d+$/.test(text) || Number(text) < min || Number(text) > Number.MAX_SAFE_INTEGER)
    throw new Bad(`--${name}: expected an integer from ${min}, got ${text}`)
  return Number(text)
}

const oneOf = <T extends string>(name: string, text: string | undefined, fallback: T, all: readonly T[]): T => {
  if (text === undefined) return fallback
  const found = all.find((x) => x === text)
  if (found === undefined) throw new Bad(`--${name}: expected one of ${all.join(', ')}, got ${text}`)
  return found
}

const powersOf = (text: string): string => {
  const given = text.split(',').join('')
  if (!/^[NILF]+$/.test(given)) throw new Bad(`--powers: expected letters of N,I,L,F, got ${text}`)
  return [...'NILF'].filter((p) => p === 'N' || given.includes(p)).join('')
}

const scopesOf = (v: Readonly<Record<string, string | undefined>>): readonly Scope[] => {
  if (v.scope === undefined) {
    const lone = ['mode', 'powers', 'runs', 'challenge', 'half-open'].find((o) => v[o] !== undefined)
    if (lone !== undefined) throw new Bad(`--${lone}: expected together with --scope, got it alone`)
    return PROFILES[oneOf('profile', v.profile, 'gate', Object.keys(PROFILES))]!
  }
  if (v.profile !== undefined) throw new Bad(`--profile: expected without --scope, got both`)
  const powers = powersOf(v.powers ?? 'N')
  const made = scope(v.scope, {
    mode: oneOf('mode', v.mode, 'bound', ['bound', 'literal']),
    powers,
    concurrent: oneOf('runs', v.runs, 'sequential', ['sequential', 'concurrent']) === 'concurrent',
    challenge: oneOf('challenge', v.challenge, 'fresh', ['fresh', 'constant']),
    unconfirmedPerId: integer('half-open', v['half-open'], 4, 1),
  })
  if (powers.includes('I') && made.clients < 2)
    throw new Bad('--powers: expected 2 clients in --scope for power I (the last is the insider), got 1')
  return [made]
}

export const parseExplore = (argv: readonly string[]): ExploreOptions | { readonly bad: string } => {
  const text = { type: 'string' } as const
  const options = {
    profile: text,
    scope: text,
    mode: text,
    powers: text,
    runs: text,
    challenge: text,
    'half-open': text,
    states: text,
    memory: text,
  }
  try {
    const { values } = parseArgs({ args: [...argv], options, strict: true })
    return {
      scopes: scopesOf(values),
      limits: {
        states: integer('states', values.states, LIMITS.states, 1),
        bytes: integer('memory', values.memory, LIMITS.bytes / 2 ** 20, 1) * 2 ** 20,
      },
    }
  } catch (error) {
    return { bad: error instanceof Error ? error.message : String(error) }
  }
}
