/**
 * Bytes for a live endpoint as one file: opening u8 ‖ cast u8 ‖ cut u16 ‖ stream. Every byte string is one: opening and
 * cast count modulo what there is; 0 cuts nothing, another cut is taken modulo the length of the stream.
 */
import { concat } from '../../../spec/reference/bytes.ts'

export const HEAD = 4

export interface LiveInput {
  readonly opening: number
  readonly cast: number
  readonly cut: number
  readonly stream: Uint8Array
}

export const decode = (data: Uint8Array): LiveInput => ({
  opening: data[0] ?? 0,
  cast: data[1] ?? 0,
  cut: ((data[2] ?? 0) << 8) | (data[3] ?? 0),
  stream: data.subarray(Math.min(HEAD, data.length)),
})

export const encode = ({ opening, cast, cut, stream }: LiveInput): Uint8Array =>
  concat(Uint8Array.of(opening, cast, cut >> 8, cut), stream)
