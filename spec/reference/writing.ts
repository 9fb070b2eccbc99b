/** Plaintexts as PROTOCOL §5 writes them. */
import { toUtf8 } from './bytes.ts'

export const helloText = (id: number): Uint8Array => toUtf8(`Hello from client ${id}`)

/** `nonce`: 32 hex digits of fresh randomness. */
export const challengeText = (nonce: string): Uint8Array => toUtf8(`Challenge from server ${nonce}`)

/** Count u16, then count × f64. */
export function dataBytes(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 + 8 * values.length))
  view.setUint16(0, values.length)
  for (const [i, value] of values.entries()) view.setFloat64(2 + 8 * i, value)
  return new Uint8Array(view.buffer)
}

/** Status u8 (OK) ‖ sum f64 ‖ count u32 ‖ average f64. */
export function responseBytes(sum: number, count: number, average: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(21))
  view.setFloat64(1, sum)
  view.setUint32(9, count)
  view.setFloat64(13, average)
  return new Uint8Array(view.buffer)
}

/** KEY_DESYNC_ERROR and TERMINATE: the single byte 00. */
export const CONTROL = Uint8Array.of(0)
