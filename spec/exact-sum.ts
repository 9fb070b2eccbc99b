/** PROTOCOL §8: "the exact sum of the values rounded once (to nearest, ties to even)", by exact integers. */

const SCALE = 1074n // the smallest positive double is 2^-1074: every double is an integer multiple of it

const view = new DataView(new ArrayBuffer(8)) // one serves all: to make it costs more than to read it

/** The double as an integer multiple of 2^-1074. Throws a RangeError for NaN and infinities. */
export const toUnits = (v: number): bigint => {
  if (!Number.isFinite(v)) throw new RangeError(`exact sum needs finite values, got ${v}`)
  view.setFloat64(0, v)
  const bits = view.getBigUint64(0)
  const exponent = (bits >> 52n) & 0x7ffn
  const fraction = bits & 0xfffffffffffffn
  const magnitude = exponent === 0n ? fraction : (fraction | 0x10000000000000n) << (exponent - 1n)
  return bits >> 63n ? -magnitude : magnitude
}

/** The nearest double to units * 2^-1074, ties to even; +0 for zero. The magnitude must stay below 2^1024. */
export const fromUnits = (units: bigint): number => {
  if (units === 0n) return 0
  const negative = units < 0n
  let m = negative ? -units : units
  const hex = m.toString(16) // a quarter of the digits that base 2 has
  const length = 4 * hex.length - (Math.clz32(Number.parseInt(hex[0]!, 16)) - 28)
  const drop = BigInt(Math.max(0, length - 53)) // bits beyond the 53 a double holds
  const rest = m & ((1n << drop) - 1n)
  m >>= drop
  const half = drop === 0n ? 0n : 1n << (drop - 1n)
  if (drop > 0n && (rest > half || (rest === half && (m & 1n) === 1n))) m += 1n
  const shift = Number(drop - SCALE)
  // m has at most 54 bits; two exact multiplications keep the power of two within range
  const value = Number(m) * 2 ** Math.trunc(shift / 2) * 2 ** (shift - Math.trunc(shift / 2))
  return negative ? -value : value
}

/** Order-independent by construction. */
export const exactSum = (values: readonly number[]): number =>
  fromUnits(values.reduce((sum, v) => sum + toUnits(v), 0n))
