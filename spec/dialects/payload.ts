/** Plaintexts in the codecs of any dialect (DIALECTS), read and written. Those of PROTOCOL §5 are the reference's. */
import type { Body } from '../events.ts'
import { exactSum } from '../exact-sum.ts'
import { isControl, OP } from '../opcodes.ts'
import { ascii, EMPTY, toHex, toUtf8, utf8, viewOf } from '../reference/bytes.ts'
import {
  aggregateOf,
  CONTROL,
  challengeText,
  dataBytes,
  helloText,
  responseBytes,
  textOf,
  valuesOf,
} from '../reference/payload.ts'
import type { ChallengeCodec, Dialect, HelloCodec } from './dialect.ts'
import { isGrammar, isUnread, type Role, readGrammar, writeGrammar } from './grammar.ts'

const NOT_TOLD = Number.NaN // stands for a number that the answer of a dialect does not carry

function greeting(kind: 'hello' | 'challenge', codec: HelloCodec | ChallengeCodec, plaintext: Uint8Array): Body | null {
  if (codec === 'empty') return plaintext.length === 0 ? { kind, text: '' } : null
  if (codec === 'bytes') return { kind, text: toHex(plaintext) }
  if (isGrammar(codec)) return readGrammar(codec, plaintext) && { kind, text: toHex(plaintext) }
  const text = codec === 'text' ? textOf(plaintext) : utf8(plaintext)
  return text === null ? null : { kind, text }
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

function numbersOf(d: Dialect, plaintext: Uint8Array): readonly number[] | null {
  if (typeof d.data !== 'string') {
    const numbers = readGrammar(d.data, plaintext)
    return numbers?.get('value') ?? (numbers !== null && isUnread(d.data) ? [] : null)
  }
  switch (d.data) {
    case 'counted-f64':
      return valuesOf(plaintext)
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
  if (typeof d.response !== 'string') {
    const numbers = readGrammar(d.response, plaintext)
    const told = (role: Role): number => numbers?.get(role)?.[0] ?? NOT_TOLD
    if (numbers === null) return null
    const product = numbers.get('product')?.[0]
    const usual = { sum: told('sum'), count: told('count'), average: told('average') }
    return { kind: 'aggregate', ...usual, ...(product !== undefined && { product }) }
  }
  const view = viewOf(plaintext)
  switch (d.response) {
    case 'status-sum-count-average':
      return aggregateOf(plaintext)
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
  if (opcode === OP.HELLO) return greeting('hello', d.hello, plaintext) ?? opaque()
  if (opcode === OP.CHALLENGE) return greeting('challenge', d.challenge, plaintext) ?? opaque()
  if (opcode === OP.DATA) {
    const values = numbersOf(d, plaintext)
    return values === null ? opaque() : { kind: 'data', values }
  }
  if (opcode === OP.RESPONSE) return response(d, plaintext) ?? opaque()
  if (isControl(opcode)) return control(d, plaintext) ?? opaque()
  return opaque()
}

export function writeHello(d: Dialect, id: number): Uint8Array {
  if (d.hello === 'empty') return EMPTY
  if (d.hello === 'text') return helloText(id)
  if (isGrammar(d.hello)) return writeGrammar(d.hello, {})
  return toUtf8(d.hello.literal.replace('{id}', String(id)))
}

/** `seconds`: the time of day, for dialects that tell it. `random`: fresh bytes, for those that want some. */
export function writeChallenge(d: Dialect, seconds: number, random: (bytes: number) => Uint8Array): Uint8Array {
  if (d.challenge === 'text') return challengeText(toHex(random(16)))
  if (d.challenge === 'bytes') return random(16)
  if (isGrammar(d.challenge)) return writeGrammar(d.challenge, { other: [Math.floor(seconds)] }, random)
  if ('timed' in d.challenge) return toUtf8(`${d.challenge.timed}${seconds}`)
  return toUtf8(d.challenge.literal)
}

function i32(...numbers: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * numbers.length))
  for (const [i, n] of numbers.entries()) view.setInt32(4 * i, n)
  return new Uint8Array(view.buffer)
}

/** Dialects with one number a submission send the first. */
export function writeData(d: Dialect, values: readonly number[]): Uint8Array {
  if (typeof d.data !== 'string') return writeGrammar(d.data, { value: values, count: [values.length] })
  switch (d.data) {
    case 'counted-f64':
      return dataBytes(values)
    case 'csv-decimals':
      return ascii(values.join(','))
    case 'decimal-integer':
      return ascii(String(values[0]))
    case 'i32':
      return i32(values[0] ?? 0)
  }
}

/** `%.2f` of C and Python: the nearest, ties to even; only odd eighths lie half way between two hundredths. */
export function twoDecimals(x: number): string {
  if (Number.isNaN(x)) return 'nan'
  if (!Number.isFinite(x)) return x < 0 ? '-inf' : 'inf'
  const half = Number.isInteger(x * 8) && !Number.isInteger(x * 4)
  const below = Math.trunc(x * 100) // exact for eighths of any size that has two decimals
  return half && below % 2 === 0 ? (below / 100).toFixed(2) : x.toFixed(2)
}

/** `values`: all that the answer is about, one or more. */
export function writeResponse(d: Dialect, values: readonly number[], submissions: number): Uint8Array {
  const sum = values.reduce((a, b) => a + b, 0) // in order of arrival, as those implementations do
  if (typeof d.response !== 'string')
    return writeGrammar(d.response, {
      ...{ sum: [sum], count: [values.length], average: [sum / values.length] },
      product: [values.reduce((a, b) => a * b, 1)],
    })
  switch (d.response) {
    case 'status-sum-count-average': {
      const exact = exactSum(values) // PROTOCOL §8: rounded once; a zero result is +0
      return responseBytes(exact, values.length, exact / values.length + 0)
    }
    case 'mean-text':
      return ascii(`Aggregated: ${twoDecimals(sum / values.length)}`)
    case 'decimal-sum':
      return ascii(String(sum))
    case 'count-sum-status':
      return i32(submissions, sum, 0)
  }
}

/** The plaintext of a client's TERMINATE; null where clients just close. */
export function writeGoodbye(d: Dialect): Uint8Array | null {
  const said = { uniform: CONTROL, silent: ascii('BYE'), 'zero-key': EMPTY, telling: null }
  return typeof d.reaction === 'object' ? CONTROL : said[d.reaction]
}
