/** What `npm run explore` is told: scopes of a profile, or one of its own. */
import { z } from 'zod'
import { LIMITS, type Limits } from '../../../spec/checker/explore.ts'
import { type Scope, scope } from '../../../spec/checker/scope.ts'
import { MORE_SCOPES, PROFILES } from '../../../spec/claims.ts'
import { MODES, type Mode, type Powers } from '../../../spec/language.ts'
import { TIED } from '../../../spec/proof/tie.ts'
import { SHARD_SHAPE } from '../../harness/process/shards.ts'
import { custom, flag, integer, oneOf } from '../../harness/terminal/options.ts'

/** The modes whose claims are judged in a profile; others are sets of scopes without claims. */
export const CLAIMED: Readonly<Record<string, readonly Mode[]>> = {
  gate: ['literal', 'bound'],
  literal: ['literal'],
  bound: ['bound'],
}
const NAMES = ['tied', ...Object.keys(CLAIMED), ...Object.keys(PROFILES).filter((name) => CLAIMED[name] === undefined)]

export const options = z
  .strictObject({
    profile: oneOf(NAMES, {
      value: 'NAME',
      says: 'gate: the scopes of the claims, and larger ones with more powers; literal, bound: those of one mode; tied: those compared with the proof, and more; long: larger ones (default gate)',
      default: null,
    }),
    scope: custom(
      {
        value: '1x2x3x2',
        says: 'clients x runs of each x connections x rounds, instead of a profile; with it:',
        default: null,
      },
      (text) => {
        try {
          scope(text)
          return { value: text }
        } catch {
          return { expected: 'clients x runs x connections x rounds, each 1..9, such as 1x2x3x2' }
        }
      },
    ),
    mode: oneOf(MODES, { value: 'M', says: 'bound or literal (default bound)', default: null }),
    powers: custom({ value: 'N,L,F', says: 'any of N, I, L, F (default N)', default: null }, (text) => {
      const given = text.split(',').join('')
      if (!/^[NILF]+$/.test(given)) return { expected: 'letters of N,I,L,F' }
      return { value: [...'NILF'].filter((p) => p === 'N' || given.includes(p)).join('') as Powers }
    }),
    runs: oneOf(['sequential', 'concurrent'], {
      value: 'R',
      says: 'sequential or concurrent (default sequential)',
      default: null,
    }),
    challenge: oneOf(['fresh', 'constant'], {
      value: 'C',
      says: 'fresh or constant text (default fresh)',
      default: null,
    }),
    idle: flag('clients may stay idle, and submit or leave at any later moment'),
    'half-open': integer({ says: 'unconfirmed sessions per id (default 4)', min: 1, default: null }),
    states: integer({ says: 'stop at so many states', min: 1, default: LIMITS.states }),
    memory: integer({ value: 'MIB', says: 'stop at so much memory', min: 1, default: LIMITS.bytes / 2 ** 20 }),
    ...SHARD_SHAPE,
  })
  .superRefine((o, ctx) => {
    const odd = (name: string, message: string): void => ctx.addIssue({ code: 'custom', path: [name], message })
    if (o.scope === null) {
      const lone = (['mode', 'powers', 'runs', 'challenge', 'half-open'] as const).find((name) => o[name] !== null)
      if (lone !== undefined || o.idle) odd(lone ?? 'idle', 'expected together with --scope, got it alone')
    } else if (o.profile !== null) odd('profile', 'expected without --scope, got both')
    else if (o.powers?.includes('I') && scope(o.scope).clients < 2)
      odd('powers', 'expected 2 clients in --scope for power I (the last is the insider), got 1')
  })
export type Options = z.output<typeof options>

/** What is to be explored where no claims are judged. */
export const scopesOf = (o: Options): readonly Scope[] => {
  if (o.scope === null) return PROFILES[o.profile ?? 'gate'] ?? []
  const [concurrent, idle] = [o.runs === 'concurrent', o.idle]
  const { mode, challenge } = { mode: o.mode ?? 'bound', challenge: o.challenge ?? 'fresh' } as const
  return [
    scope(o.scope, {
      mode,
      powers: o.powers ?? 'N',
      concurrent,
      idle,
      challenge,
      unconfirmedPerId: o['half-open'] ?? 4,
    }),
  ]
}

/** Beside those of the claims. */
export const moreScopesOf = (o: Options): readonly Scope[] =>
  o.scope === null && (o.profile ?? 'gate') === 'gate' ? MORE_SCOPES : []

/** Where the model is compared with the proof, which is of `bound`. */
export const tiedScopesOf = (o: Options): readonly Scope[] => {
  if (o.scope !== null || o.profile === 'literal' || o.profile === 'long') return []
  return o.profile === 'tied' ? [...TIED.gate, ...TIED.more] : TIED.gate
}

export const limitsOf = (o: Options): Limits => ({ states: o.states, bytes: o.memory * 2 ** 20 })
