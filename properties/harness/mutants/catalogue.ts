/** Every mutant of src, family by family. Each text occurs exactly once in its file; one that no longer does is an error. */
import { aggregation } from './aggregation.ts'
import { framing } from './framing.ts'
import { freshness } from './freshness.ts'
import { isolation } from './isolation.ts'
import { keys } from './keys.ts'
import type { Mutant } from './mutant.ts'
import { padding } from './padding.ts'
import { payload } from './payload.ts'
import { ratchet } from './ratchet.ts'
import { resources } from './resources.ts'
import { stateClient } from './state-client.ts'
import { stateServer } from './state-server.ts'
import { tag } from './tag.ts'
import { timers } from './timers.ts'
import { uniformity } from './uniformity.ts'

export const FAMILIES: Readonly<Record<string, readonly Mutant[]>> = {
  framing,
  tag,
  padding,
  keys,
  payload,
  'state (server)': stateServer,
  'state (client)': stateClient,
  ratchet,
  freshness,
  isolation,
  aggregation,
  resources,
  timers,
  uniformity,
}

export const MUTANTS: readonly Mutant[] = Object.values(FAMILIES).flat()
