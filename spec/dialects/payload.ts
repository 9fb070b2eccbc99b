/** Plaintexts: what they mean (PROTOCOL §5) and how the other dialects write them (DIALECTS). */

import type { Body } from '../events.ts'
import { isControl, OP } from '../opcodes.ts'
import { toHex, utf8, viewOf } from '../reference/bytes.ts'
import type { Dialect } from './dialect.ts'

export const MAX_TEXT_BYTES = 255 // §5: HELLO and CHALLENGE
export const MAX_VALUES = 511 // §5: 2 + 8·511 = 4,090 bytes, below 4,096
export const MAX_MAGNITUDE = 1e300 // §5
export const RESPONSE_BYTES = 21 // §5: status 1, sum 8, count 4, average 8
export const STATUS_OK = 0 // §5

/** §5: what a value must be to travel. */
export const isSubmittable = (v: number): boolean => Number.isFinite(v) && Math.abs(v) <= MAX_MAGNITUDE

const NOT_TOLD = Number.NaN // stands for a number that the answer of a dialect does not carry

function text(plaintext: Uint8Array, limit: number): string | null {
  return plaintext.length <= limit ? utf8(plaintext) : null
}

function hello(d: Dialect, plaintext: Uint8Array): Body | null {
  if (d.hello === 'empty') return plaintext.length === 0 ? { kind: 'hello', text: '' } : null
  const said = text(plaintext, d.hello === 'text' ? MAX_TEXT_BYTES : Number.POSITIVE_INFINITY)
  return said === null ? null : { kind: 'hello', text: said }
}

function challenge(d: Dialect, plaintext: Uint8Array): Body | null {
  if (d.challenge === 'bytes') return { kind: 'challenge', text: toHex(plaintext) }
  if (d.challenge === 'nonce+time') {
    return plaintext.length === 12 ? { kind: 'challenge', text: toHex(plaintext) } : null // 8 random, u32 time
  }
  const said = text(plaintext, d.challenge === 'text' ? MAX_TEXT_BYTES : Number.POSITIVE_INFINITY)
  return said === null ? null : { kind: 'challenge', text: said }
}

/** §5: count u16, then count × f64; length exactly 2 + 8·count. */
function countedValues(plaintext: Uint8Array): readonly number[] | null {
  if (plaintext.length < 2) return null
  const view = viewOf(plaintext)
  const count = view.getUint16(0)
  if (count < 1 || count > MAX_VALUES || plaintext.length !== 2 + 8 * count) return null
  const values = Array.from({ length: count }, (_, i) => view.getFloat64(2 + 8 * i))
  return values.every(isSubmittable) ? values : null
}

/** What Python's float() takes, as far as it is used; NaN and infinity included (DIALECTS A accepts them). */
const PYTHON_FLOAT = /^[+-]?(\d+\.?\d*(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?|nan|inf|infinity)$/i

function pythonFloat(word: string): number | null {
  const trimmed = word.trim()
  if (!PYTHON_FLOAT.test(trimmed)) return null
  if (/nan$/i.test(trimmed)) return Number.NaN
  if (/inf(inity)?$/i.test(trimmed))
    return trimmed.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return Number(trimmed)
}

function decimals(plaintext: Uint8Array): readonly number[] | null {
  const values = utf8(plaintext)?.split(',').map(pythonFloat) ?? [null]
  return values.every((v) => v !== null) ? values : null
}

function integer(plaintext: Uint8Array): number | null {
  const said = utf8(plaintext)?.trim() ?? ''
  return /^[+-]?\d+$/.test(said) ? Number(said) : null
}

function valuesOf(d: Dialect, plaintext: Uint8Array): readonly number[] | null {
  switch (d.data) {
    case 'counted-f64':
      return countedValues(plaintext)
    case 'csv-decimals':
      return decimals(plaintext)
    case 'decimal-integer': {
      const value = integer(plaintext)
      return value === null ? null : [value]
    }
    case 'i32':
      return plaintext.length === 4 ? [viewOf(plaintext).getInt32(0)] : null
  }
}

function response(d: Dialect, plaintext: Uint8Array): Body | null {
  const view = viewOf(plaintext)
  switch (d.response) {
    case 'status-sum-count-average': {
      if (plaintext.length !== RESPONSE_BYTES || view.getUint8(0) !== STATUS_OK) return null
      const [sum, count, average] = [view.getFloat64(1), view.getUint32(9), view.getFloat64(13)]
      // §5: count >= 1, sum and average finite.
      if (count < 1 || !Number.isFinite(sum) || !Number.isFinite(average)) return null
      return { kind: 'aggregate', sum, count, average }
    }
    case 'mean-text': {
      const said = /^Aggregated: (.+)$/.exec(utf8(plaintext) ?? '')?.[1]
      const average = said === undefined ? null : pythonFloat(said)
      return average === null ? null : { kind: 'aggregate', sum: NOT_TOLD, count: NOT_TOLD, average }
    }
    case 'decimal-sum': {
      const sum = integer(plaintext)
      return sum === null ? null : { kind: 'aggregate', sum, count: NOT_TOLD, average: NOT_TOLD }
    }
    case 'count-sum-status':
      if (plaintext.length !== 12) return null
      return { kind: 'aggregate', sum: view.getInt32(4), count: view.getInt32(0), average: NOT_TOLD }
  }
}

/** §5: the single byte 00. Other dialects say whatever they like there. */
function control(d: Dialect, plaintext: Uint8Array): Body | null {
  const valid = d.reaction !== 'uniform' || (plaintext.length === 1 && plaintext[0] === 0)
  return valid ? { kind: 'control' } : null
}

/** The payload of a frame that opened; `opaque` where it is no valid payload of its opcode, or the opcode has none. */
export function decodeBody(d: Dialect, opcode: number, plaintext: Uint8Array): Body {
  const opaque = (): Body => ({ kind: 'opaque', hex: toHex(plaintext) })
  if (opcode === OP.HELLO) return hello(d, plaintext) ?? opaque()
  if (opcode === OP.CHALLENGE) return challenge(d, plaintext) ?? opaque()
  if (opcode === OP.DATA) {
    const values = valuesOf(d, plaintext)
    return values === null ? opaque() : { kind: 'data', values }
  }
  if (opcode === OP.RESPONSE) return response(d, plaintext) ?? opaque()
  if (isControl(opcode)) return control(d, plaintext) ?? opaque()
  return opaque()
}
