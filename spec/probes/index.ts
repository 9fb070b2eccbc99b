/** Every probe whose further plays are by the same system. */
import { G6 } from './arrival.ts'
import { F2 } from './chunking.ts'
import type { Probe } from './probe.ts'
import { L3 } from './sanity.ts'

export * from './probe.ts'

export const PROBES: readonly Probe[] = [F2, G6, L3]
