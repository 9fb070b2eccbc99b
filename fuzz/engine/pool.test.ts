import { describe, expect, it } from 'vitest'
import { Rng } from '../../properties/harness/world/rng.ts'
import { concat, same } from '../../spec/reference/bytes.ts'
import { frame } from '../targets/frame.ts'
import { Engine } from './engine.ts'
import { Features } from './features.ts'
import { Pool, seriesOf } from './pool.ts'
import type { Target } from './target.ts'

const STEPS = { head: 2, step: 4 }
const DATA = Uint8Array.from({ length: 2 + 4 * 4 }, (_, i) => i)

const poolOf = (...inputs: readonly Uint8Array[]): Pool => {
  const pool = new Pool(new Features(null))
  for (const data of inputs) pool.add({ data, features: new Uint32Array(0) })
  return pool
}

describe('seriesOf', () => {
  it('cuts an input between steps, and stays with what follows for a while', () => {
    const series = seriesOf(poolOf(DATA), STEPS)
    const rng = new Rng(1)
    const parents = Array.from({ length: 600 }, () => series(rng))
    for (const { before, rest } of parents) {
      const whole = before.length === 0 ? rest : concat(before, rest.subarray(STEPS.head))
      expect(same(whole, DATA)).toBe(true)
      if (before.length > 0) expect((before.length - STEPS.head) % STEPS.step).toBe(0)
    }
    const lengths = new Set(parents.map((p) => p.before.length))
    expect([...lengths].sort((a, b) => a - b)).toEqual([0, 14, 18])
    const changes = parents.filter((p, i) => i > 0 && p !== parents[i - 1]).length
    expect(changes).toBeGreaterThan(10)
    expect(changes).toBeLessThan(60)
  })

  it('leaves inputs without a whole step, or without any, as they are', () => {
    const rng = new Rng(1)
    for (const data of [new Uint8Array(0), Uint8Array.of(7), Uint8Array.of(1, 2, 3)])
      expect(seriesOf(poolOf(data), STEPS)(rng).rest).toEqual(data)
    expect(seriesOf(poolOf(), STEPS)(rng).rest).toHaveLength(0)
    expect(seriesOf(poolOf(DATA), undefined)(rng)).toEqual({ before: new Uint8Array(0), rest: DATA })
  })
})

describe('an engine with steps', () => {
  /** Keeps nothing, so that all inputs come from the one it was given. */
  const searched = (anew: Target['anew']): readonly Uint8Array[] => {
    const seen: Uint8Array[] = []
    const target: Target = { ...frame, steps: STEPS, oracle: () => () => {}, ...(anew && { anew }) }
    const observer = { before: (data: Uint8Array) => seen.push(data.slice()), kept: () => {}, threw: () => {} }
    const engine = new Engine(target, { src: {} as never, counts: null, edges: [], compares: null }, observer, {
      seed: 1,
    })
    engine.pool.add({ data: DATA, features: new Uint32Array(0) })
    engine.burst(2_000)
    return seen
  }

  it('mostly changes what follows a place, and now and then begins anew', () => {
    const kept = (inputs: readonly Uint8Array[]) => inputs.filter((d) => same(d.subarray(0, 14), DATA.subarray(0, 14)))
    const seen = searched(undefined)
    expect(kept(seen).length).toBeGreaterThan(1_500)
    expect(kept(seen).some((d) => !same(d, DATA))).toBe(true)
    expect(kept(seen).length).toBeLessThan(2_000)
    const fresh = searched([(input) => input.set(Uint8Array.of(42))]).filter((d) => d.length === 1 && d[0] === 42)
    expect(fresh.length).toBeGreaterThan(150)
    expect(fresh.length).toBeLessThan(350)
  })
})
