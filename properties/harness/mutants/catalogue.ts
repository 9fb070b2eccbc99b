/** Every mutant of src, family by family. Each text occurs exactly once in its file; one that no longer does is an error. */
import type { Mutant } from './mutant.ts'
import { family } from './records.ts'

export const FAMILIES: Readonly<Record<string, readonly Mutant[]>> = {
  framing: family('framing'),
  tag: family('tag'),
  padding: family('padding'),
  keys: family('keys'),
  payload: family('payload'),
  'state (server)': family('state-server'),
  'state (client)': family('state-client'),
  ratchet: family('ratchet'),
  freshness: family('freshness'),
  isolation: family('isolation'),
  aggregation: family('aggregation'),
  resources: family('resources'),
  timers: family('timers'),
  uniformity: family('uniformity'),
  scale: family('scale'),
}

export const MUTANTS: readonly Mutant[] = Object.values(FAMILIES).flat()

/** Mutants of what the harness replaces: generator, sockets, clock, commands. No schedule gets there; tests notice them. */
export const OUTER: readonly Mutant[] = family('net')
