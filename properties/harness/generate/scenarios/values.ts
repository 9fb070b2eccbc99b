/** Values that show how they were added up. */
import fc, { type Arbitrary } from 'fast-check'
import type { Action } from '../../../../spec/language.ts'
import { fewValues, int, one } from '../arbitraries.ts'
import type { Scenario } from './scenario.ts'

/** What one of them loses by rounding too early, the other brings to light. */
const vanishing: Arbitrary<readonly [readonly number[], readonly number[]]> = one(5e-324, -5e-324).chain((least) =>
  one([[least], [0, -0]], [[0, least], [0]]),
)
const cancelling = fc
  .tuple(one(1e15, 2 ** 53, 1e300), one(1, 0.1, 2 ** -60, 5e-324), one(1, -1))
  .map(([big, small, sign]) => [[sign * big, small], [-sign * big]] as const)
/** Half a unit in the last place, and next to nothing that decides which way it is rounded. */
const tied = fc
  .tuple(one(2 ** 53, 2 ** 53 + 2, 1), one(1, -1), one(1, -1), one(2 ** -60, 5e-324, 2 ** -200))
  .map(([big, sign, up, least]) => {
    const half = big === 1 ? 2 ** -53 : 1
    return [[sign * big, sign * half], [up * least]] as const
  })

/** Two clients submit in the same round, one after the other, and see each other's values in the aggregate. */
export const together = (rounds: number): Scenario =>
  fc
    .tuple(int(0, 2), int(0, 2), int(0, rounds), fc.oneof(fc.tuple(fewValues, fewValues), cancelling, vanishing, tied))
    .map(([a, b, depth, [mine, yours]]) => {
      const submits = (client: number, values: typeof mine): readonly Action[] => [
        { do: 'converse', client, rounds: depth },
        { do: 'submit', run: -1, values: values.length > 0 ? values : [0.1] },
        { do: 'deliver', frame: -1, to: { side: 'server', n: -1 } },
        { do: 'deliver', frame: -1, to: { side: 'client', n: -1 } },
      ]
      return [...submits(a, mine), ...submits(b, yours)]
    })

/** As many values as a DATA holds, or one more or less, in a round of their own. */
export const full = (rounds: number): Scenario =>
  fc
    .tuple(
      fc.record({ do: one('converse'), client: int(0, 2), rounds: int(0, rounds) }),
      one(510, 511, 511, 512),
      one(1, 0.1, -1e300),
    )
    .map(([lead, count, value]) => [
      lead,
      { do: 'submit', run: -1, values: Array.from({ length: count }, (_, i) => value * (i % 7)) },
      { do: 'deliver', frame: -1, to: { side: 'server', n: -1 } },
      { do: 'deliver', frame: -1, to: { side: 'client', n: -1 } },
    ])
