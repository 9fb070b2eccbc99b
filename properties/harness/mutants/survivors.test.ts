import { describe, expect, it } from 'vitest'
import { predicted, survivorsAt } from './survivors.ts'

describe('survivors', () => {
  it('are those that nobody killed within the budget', () => {
    expect(survivorsAt([1, 300, 301, null], 300)).toEqual({ hunted: 4, survived: 2 })
  })

  it('of others are predicted with an interval that a fair draw misses one time in ten at most', () => {
    expect(predicted({ hunted: 100, survived: 0 }, 60)).toEqual([0, 2])
    expect(predicted({ hunted: 100, survived: 100 }, 60)).toEqual([58, 60])
    let [held, draws, x] = [0, 0, 1]
    const random = (): number => {
      x = Math.imul(x, 1_664_525) + 1_013_904_223
      return (x >>> 0) / 2 ** 32
    }
    const drawn = (n: number, p: number): number => Array.from({ length: n }, random).filter((r) => r < p).length
    for (; draws < 4_000; draws++) {
      const p = random() ** 3
      const [low, high] = predicted({ hunted: 80, survived: drawn(80, p) }, 60)
      const seen = drawn(60, p)
      if (low <= seen && seen <= high) held++
    }
    expect(held / draws).toBeGreaterThan(0.9)
    expect(held / draws).toBeLessThan(0.99) // it is no interval that says nothing
  })
})
