/** The model's shortest attacks on `literal`, as schedules for bytes: corpus/schedules/model. */

import { ATTACKS } from '../../../spec/checker/attacks.ts'
import { type Explored, explore, type Judged } from '../../../spec/checker/explore.ts'
import { scheduleOf } from '../../../spec/checker/paths.ts'
import { sizeOf } from '../../../spec/checker/scope.ts'
import { CLAIM_SCOPES, CLAIMS } from '../../../spec/claims.ts'
import { play } from '../../harness/play.ts'
import type { Stored } from '../../harness/schedule-file.ts'
import type { System } from '../../harness/system.ts'

/** Which invariant an attack of PROTOCOL §9 breaks; the others are invariants themselves. */
const BREAKS: Readonly<Record<string, string>> = {
  'foreign-desync': 'A10',
  'foreign-terminate': 'A10',
  'sibling-response': 'O4',
  'replay-supersedes': 'A2',
}

export interface ModelAttack {
  readonly name: string
  readonly breaks: string
  readonly stored: Stored
}

const claimsOf = (id: string): string =>
  CLAIMS.filter((c) => id in c.breaks)
    .map((c) => c.n)
    .join(', ')

const attackOf = (r: Explored, j: Judged): ModelAttack => {
  const name = j.invariant.id
  const breaks = BREAKS[name] ?? name
  const claims = claimsOf(name)
  const says = `the model's shortest way to break ${name} in scope ${sizeOf(r.scope)}${claims === '' ? '' : ` (claims ${claims})`}`
  return {
    name,
    breaks,
    stored: { says, violates: [breaks], schedule: scheduleOf(r.scope, j.counterexample!) },
  }
}

/** From the first scope of the claims, in which every attack of `literal` is there. */
export const modelAttacks = (): readonly ModelAttack[] => {
  const r = explore(CLAIM_SCOPES.literal[0]!, { also: ATTACKS })
  return r.judged.filter((j) => j.counterexample !== null).map((j) => attackOf(r, j))
}

/** The invariants that playing it breaks, as the attack is and in `bound`. */
export const tried = (
  a: ModelAttack,
  system: System,
): { readonly literal: readonly string[]; readonly bound: readonly string[] } => {
  const broken = (mode: 'literal' | 'bound') =>
    play({ ...a.stored.schedule, mode }, system).findings.map((f) => f.invariant)
  return { literal: broken('literal'), bound: broken('bound') }
}
