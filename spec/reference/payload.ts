/** Plaintexts as PROTOCOL §5 has them, written and read. */
import type { Body } from '../events.ts'
import { OP } from '../opcodes.ts'
import { toUtf8, utf8, viewOf } from './bytes.ts'

export const MAX_TEXT_BYTES = 255 // §5: HELLO and CHALLENGE
export const MAX_VALUES = 511 // §5: 2 + 8·511 = 4,090 bytes, below 4,096
export const MAX_MAGNITUDE = 1e300 // §5
export const RESPONSE_BYTES = 21 // §5: status 1, sum 8, count 4, average 8
export const STATUS_OK = 0 // §5

/** §5: what a value must be to travel. */
export const isSubmittable = (v: number): boolean => Number.isFinite(v) && Math.abs(v) <= MAX_MAGNITUDE

/** §5: what one submission may be. */
export const areSubmittable = (values: readonly number[]): boolean =>
  values.length >= 1 && values.length <= MAX_VALUES && values.every(isSubmittable)

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
  const view = new DataView(new ArrayBuffer(RESPONSE_BYTES))
  view.setFloat64(1, sum)
  view.setUint32(9, count)
  view.setFloat64(13, average)
  return new Uint8Array(view.buffer)
}

/** KEY_DESYNC_ERROR and TERMINATE: the single byte 00. */
export const CONTROL = Uint8Array.of(0)

export const textOf = (plaintext: Uint8Array): string | null =>
  plaintext.length <= MAX_TEXT_BYTES ? utf8(plaintext) : null

/** Length exactly 2 + 8·count. */
export function valuesOf(plaintext: Uint8Array): readonly number[] | null {
  if (plaintext.length < 2) return null
  const view = viewOf(plaintext)
  const count = view.getUint16(0)
  if (plaintext.length !== 2 + 8 * count) return null
  const values = Array.from({ length: count }, (_, i) => view.getFloat64(2 + 8 * i))
  return areSubmittable(values) ? values : null
}

/** Valid: status 00 (OK), count >= 1, sum and average finite. */
export function aggregateOf(plaintext: Uint8Array): Body | null {
  if (plaintext.length !== RESPONSE_BYTES || plaintext[0] !== STATUS_OK) return null
  const view = viewOf(plaintext)
  const [sum, count, average] = [view.getFloat64(1), view.getUint32(9), view.getFloat64(13)]
  const valid = count >= 1 && Number.isFinite(sum) && Number.isFinite(average)
  return valid ? { kind: 'aggregate', sum, count, average } : null
}

/** The meaning of a plaintext; null: `bad-payload`. */
export function decodeBody(opcode: number, plaintext: Uint8Array): Body | null {
  switch (opcode) {
    case OP.HELLO:
    case OP.CHALLENGE: {
      const text = textOf(plaintext)
      return text === null ? null : { kind: opcode === OP.HELLO ? 'hello' : 'challenge', text }
    }
    case OP.DATA: {
      const values = valuesOf(plaintext)
      return values === null ? null : { kind: 'data', values }
    }
    case OP.RESPONSE:
      return aggregateOf(plaintext)
    case OP.DESYNC:
    case OP.TERMINATE:
      return plaintext.length === 1 && plaintext[0] === 0 ? { kind: 'control' } : null
    default:
      return null
  }
}
