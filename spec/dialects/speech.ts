/** What the parties of a dialect write: plaintexts in its codecs (DIALECTS), the counterpart of payload.ts. */
import { ascii, concat, EMPTY, toHex, toUtf8, u32 } from '../reference/bytes.ts'
import { CONTROL, challengeText, dataBytes, helloText, responseBytes } from '../reference/writing.ts'
import type { Dialect } from './dialect.ts'

export function sayHello(d: Dialect, id: number): Uint8Array {
  if (d.hello === 'empty') return EMPTY
  if (d.hello === 'text') return helloText(id)
  return toUtf8(d.hello.literal.replace('{id}', String(id)))
}

/** `seconds`: the time of day, for dialects that tell it. `random`: fresh bytes, for those that want some. */
export function sayChallenge(d: Dialect, seconds: number, random: (bytes: number) => Uint8Array): Uint8Array {
  if (d.challenge === 'text') return challengeText(toHex(random(16)))
  if (d.challenge === 'bytes') return random(16)
  if (d.challenge === 'nonce+time') return concat(random(8), u32(Math.floor(seconds)))
  if ('timed' in d.challenge) return toUtf8(`${d.challenge.timed}${seconds}`)
  return toUtf8(d.challenge.literal)
}

function i32(...numbers: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * numbers.length))
  for (const [i, n] of numbers.entries()) view.setInt32(4 * i, n)
  return new Uint8Array(view.buffer)
}

/** Dialects with one number a submission send the first. */
export function sayData(d: Dialect, values: readonly number[]): Uint8Array {
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
export function sayResponse(d: Dialect, values: readonly number[], submissions: number): Uint8Array {
  const sum = values.reduce((a, b) => a + b, 0) // in order of arrival, as those implementations do
  switch (d.response) {
    case 'status-sum-count-average':
      return responseBytes(sum, values.length, sum / values.length)
    case 'mean-text':
      return ascii(`Aggregated: ${twoDecimals(sum / values.length)}`)
    case 'decimal-sum':
      return ascii(String(sum))
    case 'count-sum-status':
      return i32(submissions, sum, 0)
  }
}

/** The plaintext of a client's TERMINATE; null where clients just close. */
export function sayGoodbye(d: Dialect): Uint8Array | null {
  switch (d.reaction) {
    case 'uniform':
      return CONTROL
    case 'silent':
      return ascii('BYE')
    case 'zero-key':
      return EMPTY
    case 'telling':
      return null
  }
}
