/** The smallest set of inputs that shows everything a larger one shows. */
import { Features } from './features.ts'
import { judgeOf } from './judge.ts'
import type { Loaded } from './loaded.ts'
import { minimise } from './minimise.ts'
import { nameOf } from './store.ts'
import type { Target } from './target.ts'

const TRIES = 400 // executions to make one input smaller

export interface Smallest {
  readonly inputs: readonly Uint8Array[]
  /** Shown by what was given; all of them are shown by `inputs`. */
  readonly features: number
}

/** Inputs that fail are left out: they belong to the regressions. Deterministic. */
export const smallest = (target: Target, loaded: Loaded, given: readonly Uint8Array[]): Smallest => {
  const judge = judgeOf(target, loaded)
  const features = new Features(loaded.counts)
  const shownBy = (data: Uint8Array): Uint32Array | null => {
    features.begin()
    if (judge(data, features.note).fault !== null) return null
    features.end()
    return features.shown()
  }

  const byName = new Map(given.map((data) => [nameOf(data), data]))
  const sorted = [...byName].sort(([a, x], [b, y]) => x.length - y.length || (a < b ? -1 : 1)).map(([, data]) => data)
  // Shortest first: whoever is first to show something is kept for it.
  const owner = new Map<number, number>()
  for (const [i, data] of sorted.entries())
    for (const feature of shownBy(data) ?? []) if (!owner.has(feature)) owner.set(feature, i)

  const duties = new Map<number, number[]>()
  for (const [feature, i] of owner) duties.set(i, [...(duties.get(i) ?? []), feature])
  const inputs = [...duties].map(([i, duty]) => {
    const does = (candidate: Uint8Array): boolean => {
      const shown = new Set(shownBy(candidate) ?? [])
      return duty.every((feature) => shown.has(feature))
    }
    return minimise(sorted[i]!, does, TRIES)
  })
  return { inputs: inputs.filter(uniquely(shownBy)), features: owner.size }
}

/** Keeps what still adds something, in order; smaller inputs may have come to show what later ones were kept for. */
const uniquely = (shownBy: (data: Uint8Array) => Uint32Array | null) => {
  const seen = new Set<number>()
  return (data: Uint8Array): boolean => {
    const before = seen.size
    for (const feature of shownBy(data) ?? []) seen.add(feature)
    return seen.size > before
  }
}
