/** Every stage, in the order in which they run; and the order in which the report shows them. */
import type { AnyStage } from '../stage.ts'
import { attacks } from './attacks.ts'
import { check } from './check.ts'
import { claims } from './claims.ts'
import { explore } from './explore.ts'
import { fuzz } from './fuzz.ts'
import { mutants } from './mutants.ts'
import { prop } from './prop.ts'
import { scopes } from './scopes.ts'
import { stored } from './stored.ts'
import { tests } from './tests.ts'

/** What is quick and likely to fail comes first. */
export const STAGES: readonly AnyStage[] = [check, stored, explore, claims, attacks, tests, scopes, prop, fuzz, mutants]

/** What a reader wants to know first comes first. */
export const REPORT_ORDER: readonly string[] = [
  'claims',
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
