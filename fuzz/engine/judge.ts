/** The implementation, or a changed copy, made ready; and inputs executed on it without a search: one, or all that is kept. */
import { loadVariant, type Replacement } from '../../properties/harness/process/variants.ts'
import { type CompareLog, loadWithCompares } from './compares.ts'
import { type Edge, loadWithEdges } from './edges.ts'
import { describe, type Fault, faultOf } from './finding.ts'
import { Input } from './input.ts'
import { corpusFolder, readFolder, regressionFolder, shown } from './store.ts'
import type { Implementation, Note, Target } from './target.ts'

export interface Loaded {
  /** What is executed. */
  readonly src: Implementation
  /** Counters of the branches in it, null where nobody looks. */
  readonly counts: Uint32Array | null
  readonly edges: readonly Edge[]
  /** A copy that logs comparisons, run once for every input that is kept. */
  readonly compares: CompareLog | null
}

/** What one input showed. */
export interface Verdict {
  readonly fault: Fault | null
  readonly detail: string
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

/** Executes inputs as the search does: in the same place in memory, with loops limited. Never throws. */
export const judgeOf = (target: Target, { src, counts }: Pick<Loaded, 'src' | 'counts'>) => {
  const oracle = target.oracle(src, counts)
  return (data: Uint8Array, note: Note = () => {}): Verdict => {
    counts?.fill(0)
    try {
      oracle(Input.holding(data), note)
      return { fault: null, detail: '' }
    } catch (error) {
      return { fault: faultOf(error), detail: error instanceof Error ? error.message : String(error) }
    }
  }
}

export const judgeWith = async (target: Target, replacements: readonly Replacement[] = []) =>
  judgeOf(target, await loadGuided(target, replacements))

interface Regression {
  readonly target: string
  readonly inputs: number
  /** What fails, a line each. */
  readonly failures: readonly string[]
}

/** Executes what was found once and what the search is known to reach. Throws StoreError on a file that cannot be read. */
export const regress = async (target: Target): Promise<Regression> => {
  const judge = await judgeWith(target)
  const stored = [...readFolder(regressionFolder(target.name)), ...readFolder(corpusFolder(target.name))]
  const seeds = target.seeds().map((data, i) => ({ path: `seed ${i} of ${target.name}`, data }))
  const failures = [...seeds, ...stored].flatMap(({ path, data }) => {
    const { fault, detail } = judge(data)
    return fault === null ? [] : [`${shown(path)}: ${describe(fault)} (${detail.slice(0, 200)})`]
  })
  return { target: target.name, inputs: seeds.length + stored.length, failures }
}
