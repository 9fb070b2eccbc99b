/** The plaintexts of PROTOCOL §5. Decoders return null for anything but a valid payload (`bad-payload`). */

const MAX_TEXT = 255 // bytes
export const MAX_VALUES = 511
export const MAX_MAGNITUDE = 1e300
const STATUS_OK = 0
const AGGREGATE_BYTES = 21 // status u8 + sum f64 + count u32 + average f64

export interface Aggregate {
  readonly sum: number
  readonly count: number
  readonly average: number
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of a HELLO or CHALLENGE; throws on more than 255 bytes, which only our own settings can cause. */
export const encodeText = (text: string): Uint8Array => {
  const bytes = new TextEncoder().encode(text)
  if (bytes.length > MAX_TEXT) throw new RangeError(`text: expected at most ${MAX_TEXT} bytes, got ${bytes.length}`)
  return bytes
}

export const decodeText = (bytes: Uint8Array): string | null => {
  if (bytes.length > MAX_TEXT) return null
  try {
    return utf8.decode(bytes)
  } catch {
    return null // not UTF-8
  }
}

/** Why values may not be submitted, null when they may. */
export const valuesProblem = (values: readonly number[]): 'no-values' | 'too-many-values' | 'bad-value' | null => {
  if (values.length === 0) return 'no-values'
  if (values.length > MAX_VALUES) return 'too-many-values'
  return values.every(isValue) ? null : 'bad-value'
}
const isValue = (v: number): boolean => Math.abs(v) <= MAX_MAGNITUDE // false for NaN and the infinities

export const encodeValues = (values: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(2 + 8 * values.length)
  const v = view(bytes)
  v.setUint16(0, values.length)
  values.forEach((value, i) => {
    v.setFloat64(2 + 8 * i, value)
  })
  return bytes
}

export const decodeValues = (bytes: Uint8Array): number[] | null => {
  if (bytes.length < 2) return null
  const v = view(bytes)
  const count = v.getUint16(0)
  if (bytes.length !== 2 + 8 * count) return null
  const values: number[] = []
  for (let i = 0; i < count; i++) values.push(v.getFloat64(2 + 8 * i))
  return valuesProblem(values) === null ? values : null
}

export const encodeAggregate = ({ sum, count, average }: Aggregate): Uint8Array => {
  const bytes = new Uint8Array(AGGREGATE_BYTES)
  const v = view(bytes)
  v.setUint8(0, STATUS_OK)
  v.setFloat64(1, sum)
  v.setUint32(9, count)
  v.setFloat64(13, average)
  return bytes
}

export const decodeAggregate = (bytes: Uint8Array): Aggregate | null => {
  if (bytes.length !== AGGREGATE_BYTES || bytes[0] !== STATUS_OK) return null
  const v = view(bytes)
  const aggregate = { sum: v.getFloat64(1), count: v.getUint32(9), average: v.getFloat64(13) }
  const valid = aggregate.count >= 1 && Number.isFinite(aggregate.sum) && Number.isFinite(aggregate.average)
  return valid ? aggregate : null
}

/** §4: StatusCode is the status byte, AggregatedData the other 20. */
export const statusOf = (aggregate: Uint8Array): Uint8Array => aggregate.subarray(0, 1)
export const aggregatedDataOf = (aggregate: Uint8Array): Uint8Array => aggregate.subarray(1)

/** The plaintext of KEY_DESYNC_ERROR and TERMINATE. */
export const CONTROL: Uint8Array = Uint8Array.of(0)
export const isControlPayload = (bytes: Uint8Array): boolean => bytes.length === 1 && bytes[0] === 0
