import { expect, it } from 'vitest'
import { Rng } from './rng.ts'

const first = (rng: Rng): readonly number[] => Array.from({ length: 8 }, () => rng.u32())

it('gives the same numbers for the same seed and stream, others for others', () => {
  expect(first(new Rng(1))).toEqual(first(new Rng(1)))
  expect(first(new Rng(1))).not.toEqual(first(new Rng(2)))
  expect(first(new Rng(1))).not.toEqual(first(new Rng(1, 1)))
})

it('stays below its bound and reaches every value', () => {
  const rng = new Rng(7)
  const seen = new Set(Array.from({ length: 2_000 }, () => rng.below(16)))
  expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i))
  expect(rng.below(0)).toBe(0)
  expect(new Set(Array.from({ length: 200 }, () => rng.between(-1, 1)))).toEqual(new Set([-1, 0, 1]))
})
