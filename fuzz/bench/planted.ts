/** Bugs to find (planted.txt), each with its target and what it must be found as; anything else is another bug. */
import { recordsOf } from '../../properties/harness/mutants/records.ts'
import type { Replacement } from '../../properties/harness/process/variants.ts'
import type { FaultKind } from '../engine/finding.ts'

export interface Planted {
  readonly name: string
  readonly target: string
  readonly says: string
  readonly replacements: readonly Replacement[]
  readonly kind: FaultKind
}

const FOUND: Readonly<Record<string, readonly [target: string, kind: FaultKind]>> = {
  trial: ['frame', 'crash'],
  'nested-compare': ['frame', 'crash'],
  'five-equal-bytes': ['padding', 'mismatch'],
  'chunk-boundary': ['stream', 'mismatch'],
  'read-past-the-end': ['frame', 'mismatch'],
  hang: ['payload', 'hang'],
  'slow-leak': ['stream', 'leak'],
}

const all = recordsOf(new URL('./planted.txt', import.meta.url)).map((m): Planted => {
  const found = FOUND[m.id]
  if (found === undefined) throw new Error(`planted bug ${m.id}: expected its target and kind in FOUND, got none`)
  const [target, kind] = found
  return { name: m.id.replaceAll('-', ' '), target, says: m.bug, replacements: m.replacements, kind }
})
export const [TRIAL, ...PLANTED] = all as [Planted, ...Planted[]]
