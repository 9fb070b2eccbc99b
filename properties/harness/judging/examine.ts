/** Everything that a schedule is judged by: monitors, which watch one play, and probes, which ask for more. */
import { INVARIANTS, type Invariant } from '../../../spec/invariants/index.ts'
import type { Mode, Schedule } from '../../../spec/language.ts'
import type { Probe } from '../../../spec/probes/probes.ts'
import { play } from '../world/play.ts'
import type { System } from '../world/system.ts'
import type { Finding } from './monitors.ts'
import { applies, probe, SHARES } from './probing.ts'

/** What a row of the report says of either. */
export type Check = Pick<Invariant, 'id' | 'says' | 'powers' | 'needs' | 'literal'> & {
  readonly asks?: Probe['asks'] | Invariant['asks']
  readonly witness: { readonly says: string; readonly floor: number }
}

const probes: readonly Probe[] = SHARES.map((s) => s.probe)

export const CHECKS: readonly Check[] = [...INVARIANTS, ...probes]
export const CHECK_IDS: readonly string[] = CHECKS.map((c) => c.id)

const LACKING = new Set(CHECKS.filter((c) => c.literal === 'violated').map((c) => c.id))

/** Whether a violation is no news: what `literal` is known to lack (PROTOCOL §9). */
export const isExpected = (id: string, mode: Mode): boolean => mode === 'literal' && LACKING.has(id)

const probed = (p: Probe, s: Schedule, system: System): readonly Finding[] => {
  if (!applies(p, s.powers, system)) return []
  const { violated } = probe(p, s, system)
  return violated === null ? [] : [{ invariant: p.id, ...violated }]
}

/** Every invariant on one schedule. */
export const examine = (s: Schedule, system: System): readonly Finding[] => [
  ...play(s, system).findings,
  ...probes.flatMap((p) => probed(p, s, system)),
]

/** One invariant on one schedule: its violation, if there is one. */
export const violation = (id: string, s: Schedule, system: System): Finding | undefined => {
  const p = probes.find((x) => x.id === id)
  return p === undefined ? play(s, system).findings.find((f) => f.invariant === id) : probed(p, s, system)[0]
}
