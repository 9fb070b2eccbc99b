/**
 * A stream and its cuts as one file: stop u8 ‖ count u8 ‖ count × u16 cut ‖ stream. Every byte string is one: the count
 * is taken modulo 8, a cut modulo the length of the stream plus one.
 */
export interface Cut {
  /** The session ends with the frame of this index. */
  readonly stop: number
  /** Ascending; equal ones make an empty chunk. */
  readonly cuts: readonly number[]
  readonly stream: Uint8Array
}

export const MAX_CUTS = 7
const FIXED = 2 // stop, count

export const streamAt = (data: Uint8Array): number =>
  Math.min(data.length, FIXED + 2 * ((data[1] ?? 0) % (MAX_CUTS + 1)))

export const decode = (data: Uint8Array): Cut => {
  const at = streamAt(data)
  const stream = data.subarray(at)
  const cuts: number[] = []
  for (let i = FIXED; i + 1 < at; i += 2) cuts.push(((data[i]! << 8) | data[i + 1]!) % (stream.length + 1))
  return { stop: data[0] ?? 0, cuts: cuts.sort((a, b) => a - b), stream }
}

export const encode = ({ stop, cuts, stream }: Cut): Uint8Array => {
  const head = cuts.slice(0, MAX_CUTS)
  const data = new Uint8Array(FIXED + 2 * head.length + stream.length)
  data[0] = stop
  data[1] = head.length
  for (const [i, cut] of head.entries()) {
    data[FIXED + 2 * i] = cut >>> 8
    data[FIXED + 2 * i + 1] = cut
  }
  data.set(stream, FIXED + 2 * head.length)
  return data
}
