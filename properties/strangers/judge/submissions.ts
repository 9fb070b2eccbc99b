/** What sessions submitted, and exact sums of it (PROTOCOL §8). */
import type { Submission } from '../../../spec/events.ts'
import { fromUnits, toUnits } from '../../../spec/exact-sum.ts'
import type { Endpoint } from './ledger.ts'

const MOST_PLAIN = 2 ** 40 // 255 of them stay below 2^53

export interface Part {
  readonly at: Session
  readonly values: readonly number[]
  readonly sum: number
  /** Integers: their sum, and that of many such parts, is exact in a double, in whatever order they are added. */
  readonly plain: boolean
  units: bigint | null
}

export interface Session {
  readonly at: Endpoint
  readonly id: number
  confirmed: boolean
  leaving: boolean // a sign of its end was seen
  gone: boolean
  /** Its submissions that count, oldest first. */
  readonly rounds: Map<number, Part>
  /** Rounds of its DATA that were not answered yet. */
  readonly asked: Set<number>
}

export const partOf = (at: Session, values: readonly number[]): Part => ({
  at,
  values,
  sum: values.reduce((m, v) => m + v, 0),
  plain: values.every(Number.isInteger) && values.reduce((m, v) => m + Math.abs(v), 0) < MOST_PLAIN,
  units: null,
})

export const toldOf = ({ at, values }: Part, round: number, live: boolean): Submission => ({
  at: at.at.at,
  id: at.id,
  round,
  values,
  live,
})

const unitsOf = (p: Part): bigint => {
  p.units ??= p.values.reduce((m, v) => m + toUnits(v), 0n)
  return p.units
}

export const exactSum = (parts: readonly Part[]): number => {
  const sum = parts.reduce((m, p) => m + p.sum, 0)
  return parts.every((p) => p.plain) ? sum + 0 : fromUnits(parts.reduce((m, p) => m + unitsOf(p), 0n))
}
