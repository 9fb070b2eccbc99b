/** The implementation, or a changed copy of it, made ready for an engine. */
import { loadVariant, type Replacement } from '../../properties/harness/variants.ts'
import { type CompareLog, loadWithCompares } from './compares.ts'
import { type Edge, loadWithEdges } from './edges.ts'
import type { Implementation, Target } from './target.ts'

export interface Loaded {
  /** What is executed. */
  readonly src: Implementation
  /** Counters of the branches in it, null where nobody looks. */
  readonly counts: Uint32Array | null
  readonly edges: readonly Edge[]
  /** A copy that logs comparisons, run once for every input that is kept. */
  readonly compares: CompareLog | null
}

/** With branches and comparisons watched. */
export const loadGuided = async (target: Target, replacements: readonly Replacement[] = []): Promise<Loaded> => {
  const edges = await loadWithEdges(target.modules, replacements)
  const compares = target.compares === false ? null : await loadWithCompares(target.modules, replacements)
  return { ...edges, compares }
}

/** For the blind engine: loops are limited, as everywhere, and nothing else is looked at. */
export const loadBlind = async (target: Target, replacements: readonly Replacement[] = []): Promise<Loaded> => ({
  ...(await loadWithEdges(target.modules, replacements)),
  compares: null,
})

/** Uninstrumented. */
export const loadBare = async (replacements: readonly Replacement[] = []): Promise<Loaded> => ({
  src: await loadVariant(replacements),
  counts: null,
  edges: [],
  compares: null,
})
