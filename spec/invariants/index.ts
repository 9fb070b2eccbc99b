/** Every invariant once, in the order in which the report lists them. */
import * as aggregation from './aggregation.ts'
import * as agreement from './agreement.ts'
import * as crypto from './crypto.ts'
import * as framing from './framing.ts'
import type { Invariant } from './invariant.ts'
import * as isolation from './isolation.ts'
import * as liveness from './liveness.ts'
import * as ratchet from './ratchet.ts'
import * as resources from './resources.ts'
import * as state from './state.ts'
import * as uniformity from './uniformity.ts'

export * from './invariant.ts'

export const INVARIANTS: readonly Invariant[] = [
  ...Object.values(framing),
  ...Object.values(crypto),
  ...Object.values(state),
  ...Object.values(ratchet),
  ...Object.values(agreement),
  ...Object.values(isolation),
  ...Object.values(aggregation),
  ...Object.values(resources),
  ...Object.values(uniformity),
  ...Object.values(liveness),
]
