// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text is quoted
/** Mutants of PROTOCOL §5: what is said inside a frame. */
import { type Mutant, mutant, swap } from './mutant.ts'

/** Values that are not finite would otherwise keep the exact sum busy for ever, which is another bug. */
const condensing = swap('aggregate', 'while (rest.length > 0) {', 'while (rest.length > 0 && parts.length < 99) {')

export const payload: readonly Mutant[] = [
  mutant('text-not-utf8', 'G5', 'text that is not UTF-8 is accepted', {
    payload: ['{ fatal: true, ignoreBOM: true }', '{ fatal: false, ignoreBOM: true }'],
  }),
  mutant('text-256', 'G5', 'a text of 256 bytes is accepted', {
    payload: ['if (bytes.length > MAX_TEXT) return null', 'if (bytes.length > MAX_TEXT + 1) return null'],
  }),
  mutant('text-255-refused', 'TWIN', 'a text of 255 bytes is refused', {
    payload: ['if (bytes.length > MAX_TEXT) return null', 'if (bytes.length >= MAX_TEXT) return null'],
  }),
  mutant('text-empty-refused', 'TWIN', 'an empty text is refused', {
    payload: [
      'if (bytes.length > MAX_TEXT) return null',
      'if (bytes.length > MAX_TEXT || bytes.length === 0) return null',
    ],
  }),
  mutant('text-bom-refused', 'TWIN', 'a text that begins with a byte order mark is refused', {
    payload: [
      'if (bytes.length > MAX_TEXT) return null',
      'if (bytes.length > MAX_TEXT || bytes[0] === 0xef) return null',
    ],
  }),
  mutant('count-zero-accepted', 'G5', 'a DATA without values is accepted', {
    payload: [
      '  return valuesProblem(values) === null ? values : null\n',
      '  return values.length === 0 || valuesProblem(values) === null ? values : null\n',
    ],
  }),
  mutant('count-zero-sent', 'KAT', 'a client submits no values at all', {
    payload: ["  if (values.length === 0) return 'no-values'\n", ''],
  }),
  mutant('count-512', 'KAT', '512 values are allowed', {
    payload: ['export const MAX_VALUES = 511', 'export const MAX_VALUES = 512'],
  }),
  mutant('count-511-refused', 'TWIN', '511 values are refused', {
    payload: ['export const MAX_VALUES = 511', 'export const MAX_VALUES = 510'],
  }),
  mutant('count-signed-byte', 'KAT', 'only the low byte of the count is written and read', {
    payload: ['v.setUint16(0, values.length)', 'v.setUint16(0, values.length & 0xff)'],
  }),
  mutant('count-not-compared', 'G5', 'the count is ignored; the length decides how many values there are', {
    payload: [
      ['  if (bytes.length !== 2 + 8 * count) return null\n', '  if (bytes.length % 8 !== 2) return null\n'],
      ['{ length: count }', '{ length: (bytes.length - 2) / 8 }'],
    ],
  }),
  mutant('data-trailing-bytes', 'G5', 'bytes after the last value are ignored', {
    payload: ['if (bytes.length !== 2 + 8 * count) return null', 'if (bytes.length < 2 + 8 * count) return null'],
  }),
  mutant('data-short-crashes', 'F1', 'a DATA that is shorter than its count says raises an exception', {
    payload: [
      '  if (bytes.length !== 2 + 8 * count) return null\n',
      '  if (bytes.length > 2 + 8 * count) return null\n',
    ],
  }),
  mutant('data-empty-crashes', 'F1', 'a DATA of less than two bytes raises an exception', {
    payload: ['  if (bytes.length < 2) return null\n', ''],
  }),
  mutant('values-little-endian', 'G1', 'values are written and read as little-endian', {
    payload: [
      ['v.setFloat64(2 + 8 * i, value)', 'v.setFloat64(2 + 8 * i, value, true)'],
      ['v.getFloat64(2 + 8 * i)', 'v.getFloat64(2 + 8 * i, true)'],
    ],
  }),
  mutant('values-f32', 'KAT', 'values are rounded to 32 bits by the sender', {
    payload: ['v.setFloat64(2 + 8 * i, value)', 'v.setFloat64(2 + 8 * i, Math.fround(value))'],
  }),
  mutant('nan-accepted', 'G5', 'NaN is accepted as a value', {
    by: [condensing, swap('payload', 'Math.abs(v) <= MAX_MAGNITUDE', '!(Math.abs(v) > MAX_MAGNITUDE)')],
    covers: ['NaN accepted'],
  }),
  mutant('infinity-accepted', 'KAT', 'the infinities are accepted as values', {
    by: [
      condensing,
      swap(
        'payload',
        'Math.abs(v) <= MAX_MAGNITUDE',
        '(Math.abs(v) <= MAX_MAGNITUDE || Math.abs(v) === Number.POSITIVE_INFINITY)',
      ),
    ],
  }),
  mutant('magnitude-unbounded', 'G5', 'values of more than 1e300 are accepted', {
    payload: ['Math.abs(v) <= MAX_MAGNITUDE', 'Number.isFinite(v)'],
  }),
  mutant('magnitude-1e300-refused', 'TWIN', 'a value of exactly 1e300 is refused', {
    payload: ['Math.abs(v) <= MAX_MAGNITUDE', 'Math.abs(v) < MAX_MAGNITUDE'],
  }),
  mutant('negative-unbounded', 'G5', 'the bound on values is not applied to negative ones', {
    payload: ['Math.abs(v) <= MAX_MAGNITUDE', 'v <= MAX_MAGNITUDE'],
  }),
  mutant('last-value-unchecked', 'KAT', 'the last of several values is not checked', {
    by: [
      condensing,
      swap(
        'payload',
        'values.every(isValue)',
        'values.every((v, i) => isValue(v) || (i > 0 && i === values.length - 1))',
      ),
    ],
  }),
  mutant('status-unchecked', 'G5', 'a client accepts a response whose status is not OK', {
    payload: ['bytes.length !== AGGREGATE_BYTES || bytes[0] !== STATUS_OK', 'bytes.length !== AGGREGATE_BYTES'],
  }),
  mutant('response-count-zero', 'G5', 'a client accepts an aggregate over no values', {
    payload: ['aggregate.count >= 1 && ', ''],
  }),
  mutant('response-nan-sum', 'G5', 'a client accepts an aggregate whose sum is not finite', {
    payload: ['Number.isFinite(aggregate.sum) && ', ''],
  }),
  mutant('response-nan-average', 'G5', 'a client accepts an aggregate whose average is not finite', {
    payload: [' && Number.isFinite(aggregate.average)', ''],
  }),
  mutant('response-length-unchecked', 'G5', 'a client accepts a response with bytes after the average', {
    payload: ['bytes.length !== AGGREGATE_BYTES ||', 'bytes.length < AGGREGATE_BYTES ||'],
  }),
  mutant('response-average-first', 'G1', 'sum and average are written in the wrong order', {
    payload: [
      ['v.setFloat64(1, sum)', 'v.setFloat64(1, average)'],
      ['v.setFloat64(13, average)', 'v.setFloat64(13, sum)'],
    ],
  }),
  mutant('status-one', 'KAT', 'the status of a response is 1', {
    payload: ['const STATUS_OK = 0', 'const STATUS_OK = 1'],
  }),
  mutant('control-payload-unchecked', 'G5', 'a TERMINATE or KEY_DESYNC_ERROR with any payload is obeyed', {
    payload: ['bytes.length === 1 && bytes[0] === 0', 'bytes.length >= 0'],
  }),
  mutant(
    'control-payload-length-unchecked',
    'G5',
    'a TERMINATE or KEY_DESYNC_ERROR whose payload begins with 00 is obeyed',
    { payload: ['bytes.length === 1 && bytes[0] === 0', 'bytes[0] === 0'] },
  ),
  mutant('control-payload-value-unchecked', 'G5', 'a TERMINATE or KEY_DESYNC_ERROR with any one byte is obeyed', {
    payload: ['bytes.length === 1 && bytes[0] === 0', 'bytes.length === 1'],
  }),
  mutant('control-payload-empty', 'O1', 'KEY_DESYNC_ERROR and TERMINATE are sent without payload', {
    payload: [
      ['Uint8Array = Uint8Array.of(0)', 'Uint8Array = new Uint8Array(0)'],
      ['bytes.length === 1 && bytes[0] === 0', 'bytes.length === 0'],
    ],
  }),
  mutant('hello-text-other', 'TWIN', 'the default text of a HELLO is another one', {
    'client-session': ['`Hello from client ${id}`', '`Hello, I am client ${id}`'],
  }),
  mutant('challenge-text-constant', 'TWIN', 'the default text of a CHALLENGE holds no randomness', {
    'server-session': ['`Challenge from server ${hex(rng(16))}`', "`Challenge from server ${'0'.repeat(32)}`"],
  }),
]
