/** Every stage, in the order in which they run; and the order in which the report shows them. */
import { fuzz } from '../../fuzz/check.ts'
import { attacksOf } from '../checks/attacks/check.ts'
import { claims } from '../checks/claims/check.ts'
import { explore } from '../checks/explore/check.ts'
import { mutants } from '../checks/mutants/check.ts'
import { prop } from '../checks/prop/check.ts'
import { prove } from '../checks/prove/check.ts'
import { scopes } from '../checks/scopes/check.ts'
import { stored } from '../checks/stored/check.ts'
import { tests } from '../checks/tests/check.ts'
import { types } from '../checks/types/check.ts'
import { readAttacks } from '../harness/attack/attack-file.ts'
import { type Stage, stage } from './runner.ts'

/** What is quick and likely to fail comes first. */
export const STAGES: readonly Stage[] = [
  stage(types),
  stage(stored),
  stage(explore, (p) => ({ profile: p.modelModes.length === 1 ? p.modelModes[0]! : 'gate' })),
  stage(claims, (p) => ({ mode: p.modelModes })),
  stage(prove, () => ({ only: 'z3' as const })),
  stage(attacksOf(readAttacks()), (p) => ({ mode: ['bound', 'literal'] as const, first: p.attacks })),
  stage(tests),
  stage(scopes, (p) => ({ mode: p.scopeModes, ...(p.scopes === null ? {} : { scope: p.scopes }) })),
  stage(prop, (p, seed) => ({ runs: p.schedules, seed, 'extra-seeds': p.extraSeeds })),
  stage(fuzz, (p) => ({ executions: p.executions, first: p.targets })),
  stage(mutants, (p, seed) => ({ ...p.mutants, seed })),
]

/** What a reader wants to know first comes first. */
export const REPORT_ORDER: readonly string[] = [
  'claims',
  'prove',
  'prop',
  'mutants',
  'scopes',
  'explore',
  'attacks',
  'fuzz',
  'stored',
  'tests',
  'check',
]
