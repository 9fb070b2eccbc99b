import { describe, expect, test, vi } from 'vitest'
import { addExactly, aggregateOf, negated, roundOnce, submissionOf, Totals, withSubmission } from './aggregate.ts'

/** A double as an integer multiple of 2^-1074. */
const units = (x: number): bigint => {
  const v = new DataView(new ArrayBuffer(8))
  v.setFloat64(0, Math.abs(x))
  const bits = v.getBigUint64(0)
  const exponent = bits >> 52n
  const fraction = bits & ((1n << 52n) - 1n)
  const magnitude = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n)
  return x < 0 ? -magnitude : magnitude
}
/** The exact sum, rounded to nearest, ties to even, in integers only. */
const oracle = (values: readonly number[]): number => {
  const total = values.reduce((sum, v) => sum + units(v), 0n)
  const magnitude = total < 0n ? -total : total
  const drop = BigInt(Math.max(0, magnitude.toString(2).length - 53))
  const half = drop === 0n ? 0n : 1n << (drop - 1n)
  let kept = magnitude >> drop
  const rest = magnitude - (kept << drop)
  if (rest > half || (rest === half && half > 0n && kept % 2n === 1n)) kept += 1n
  let result = Number(kept)
  for (let e = Number(drop) - 1074; e !== 0; e -= Math.sign(e) * Math.min(Math.abs(e), 1000))
    result *= 2 ** (Math.sign(e) * Math.min(Math.abs(e), 1000))
  return total < 0n ? -result : result
}
const sumOf = (values: readonly number[]) => roundOnce(addExactly([], values))

describe('the sum is exact and rounded once', () => {
  test.each([
    [[1e15, 0.1, -1e15], 0.1],
    [[1e300, 1, -1e300], 1],
    [[2 ** 53, 1], 2 ** 53], // a tie goes to even
    [[2 ** 53, 1, 2 ** -60], 2 ** 53 + 2], // barely above a tie
    [[2 ** 53 + 2, -1, -(2 ** -60)], 2 ** 53], // barely below one: the next double down
    [[2 ** 53 + 2, 1], 2 ** 53 + 4],
    [[5e-324, 5e-324, -1e-323], 0],
    [new Array<number>(10).fill(0.1), 1],
    [[], 0],
  ])('%j', (values, sum) => {
    expect(sumOf(values)).toBe(sum)
    expect(oracle(values)).toBe(sum)
  })

  test('it equals exact integer arithmetic for values of all magnitudes, in every order and grouping', () => {
    let seed = 1
    const draw = () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      return seed / 2 ** 32
    }
    for (let run = 0; run < 300; run++) {
      const spread = [0, 20, 110, 1900][run % 4]!
      const values = Array.from(
        { length: 1 + Math.floor(draw() * 12) },
        () => (draw() - 0.5) * 2 ** Math.floor((draw() - 0.5) * spread),
      )
      values.push(...values.slice(0, 4).map((v) => -v * (draw() < 0.5 ? 1 : 0.5)))
      const expected = oracle(values)
      expect(sumOf(values)).toBe(expected)
      expect(sumOf(values.toReversed())).toBe(expected)
      const submissions = [values.slice(0, 5), values.slice(5)].map((v) => submissionOf(1, v))
      expect(aggregateOf(submissions).sum).toBe(expected)
      expect(aggregateOf(submissions.toReversed()).sum).toBe(expected)
    }
  })

  test('255 times 511 times 1e300 does not overflow', () => {
    const full = submissionOf(1, new Array<number>(511).fill(1e300))
    const { sum, count, average } = aggregateOf(new Array<typeof full>(255).fill(full))
    expect([count, average]).toEqual([255 * 511, 1e300])
    expect(sum).toBe(1e300 * (255 * 511))
  })
})

test('a zero result is +0: of minus zeros, of cancellation, of an average that underflows', () => {
  for (const values of [[-0], [-0, -0], [1, -1]]) {
    const { sum, average } = aggregateOf([submissionOf(1, values)])
    expect([sum, average]).toEqual([0, 0])
  }
  expect(aggregateOf([submissionOf(1, [-5e-324, 0, 0, 0])])).toEqual({ sum: -5e-324, count: 4, average: 0 })
})

test('memory does not grow with the number of values', () => {
  const values = Array.from({ length: 511 }, (_, i) => (i % 2 ? -1 : 1) * 2 ** (((i * 37) % 1900) - 950) * 1.1)
  const { sum } = submissionOf(1, values)
  expect(sum.length).toBeLessThanOrEqual(41)
  expect(submissionOf(1, values.toSorted()).sum).toEqual(sum)
  expect(roundOnce(sum)).toBe(oracle(values))
})

test('the newest rounds are kept', () => {
  let kept: readonly { round: number }[] = []
  for (let round = 1; round <= 10; round++) kept = withSubmission(kept as never, submissionOf(round, [round]), 3)
  expect(kept.map((s) => s.round)).toEqual([8, 9, 10])
})

describe('totals', () => {
  const of = (round: number, ...values: number[]) => submissionOf(round, values)
  const told = (totals: Totals) =>
    [1, 2, 3, 4].map((round) => totals.of(round)).map(({ sum, count }) => [roundOnce(sum), count])

  test('follow what each session has submitted, whatever becomes of it', () => {
    const totals = new Totals()
    const [a1, a2, a3, b2, b4] = [of(1, 1), of(2, 1e300, 5), of(3, 7), of(2, -3), of(4, 2 ** -1074)]
    totals.replace([], [a1])
    totals.replace([a1], [a1, a2])
    totals.replace([], [b2, b4])
    expect(told(totals)).toEqual([
      [1, 1],
      [1e300, 3],
      [0, 0],
      [2 ** -1074, 1],
    ])
    totals.replace([a1, a2], [a2, a3])
    expect(told(totals)).toEqual([
      [0, 0],
      [1e300, 3],
      [7, 1],
      [2 ** -1074, 1],
    ])
    totals.replace([a2, a3], [of(2, 4), a3])
    expect(told(totals)).toEqual([
      [0, 0],
      [1, 2],
      [7, 1],
      [2 ** -1074, 1],
    ])
    totals.replace([b2, b4], [])
    expect(told(totals)).toEqual([
      [0, 0],
      [4, 1],
      [7, 1],
      [0, 0],
    ])
  })

  test('keep nothing of a round for which nobody has anything', () => {
    const totals = new Totals()
    const forgotten = vi.spyOn(Map.prototype, 'delete')
    totals.replace([], [of(2, 0)])
    expect(forgotten).not.toHaveBeenCalled()
    totals.replace([of(2, 0)], [])
    expect(forgotten.mock.calls).toEqual([[2]])
    forgotten.mockRestore()
  })

  test('a submission that is taken back leaves what was there', () => {
    const [all, some] = [of(1, 1e300, 1, 2 ** -1074), of(1, 1e300)]
    expect(aggregateOf([all, negated(some)])).toEqual({ sum: 1, count: 2, average: 0.5 })
  })
})
