/** Smaller inputs for which something still holds, and smaller sets of inputs that show as much. */
import { concat } from '../../spec/reference/bytes.ts'
import { Features } from './features.ts'
import { judgeOf, type Loaded } from './judge.ts'
import { nameOf } from './store.ts'
import type { Target } from './target.ts'

/** Pieces go, then bytes become zero. `holds` is asked at most `budget` times, and never about the input itself. Deterministic. */
export const minimise = (data: Uint8Array, holds: (data: Uint8Array) => boolean, budget: number): Uint8Array => {
  let best = data
  let left = budget
  const attempt = (smaller: Uint8Array): boolean => {
    if (left-- <= 0 || !holds(smaller)) return false
    best = smaller
    return true
  }

  for (let size = 1 << Math.floor(Math.log2(Math.max(1, data.length))); size >= 1 && left > 0; size >>= 1) {
    // From the end: what an input is made of tends to be decided by its beginning.
    for (let at = best.length - size; at > -size && left > 0; at -= size) attempt(without(best, Math.max(0, at), size))
  }
  for (let size = Math.max(1, best.length >> 2); size >= 1 && left > 0; size >>= 1) {
    for (let at = 0; at < best.length && left > 0; at += size) {
      const zeroed = best.slice().fill(0, at, at + size)
      if (best.subarray(at, at + size).some((b) => b !== 0)) attempt(zeroed)
    }
  }
  return best
}

const without = (data: Uint8Array, at: number, length: number): Uint8Array =>
  concat(data.subarray(0, at), data.subarray(Math.min(at + length, data.length)))

const TRIES = 400 // executions to make one input smaller

export interface Smallest {
  readonly inputs: readonly Uint8Array[]
  /** Shown by what was given; all of them are shown by `inputs`. */
  readonly features: number
}

/** The smallest set that shows everything a larger one shows. Inputs that fail are left out: they belong to the regressions. Deterministic. */
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
