/** Named sets of scopes. */
import { CLAIM_SCOPES } from '../claims.ts'
import { type Scope, scope } from '../model/scope.ts'

export const PROFILES: Readonly<Record<string, readonly Scope[]>> = {
  /** Seconds to half a minute; what the claims are judged in. */
  gate: [...CLAIM_SCOPES.literal, ...CLAIM_SCOPES.bound],
  /** Minutes: overlapping runs with every power, and what accepted foreign frames make of three connections. */
  long: [
    scope('1x2x3x2', { powers: 'NLF', concurrent: true }),
    scope('2x1x3x2', { powers: 'NIF' }),
    scope('1x2x3x2', { mode: 'literal', powers: 'NF' }),
  ],
}
