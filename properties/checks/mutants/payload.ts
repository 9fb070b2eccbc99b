// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text is quoted
/** Mutants of PROTOCOL §5: what is said inside a frame. */
import { type Mutant, swap } from './mutant.ts'

/** Values that are not finite would otherwise keep the exact sum busy for ever, which is another bug. */
const condensing = swap('aggregate', 'while (rest.length > 0) {', 'while (rest.length > 0 && parts.length < 99) {')

export const payload: readonly Mutant[] = [
  {
    id: 'text-not-utf8',
    bug: 'text that is not UTF-8 is accepted',
    replacements: [swap('payload', '{ fatal: true, ignoreBOM: true }', '{ fatal: false, ignoreBOM: true }')],
    expect: 'G5',
  },
  {
    id: 'text-256',
    bug: 'a text of 256 bytes is accepted',
    replacements: [
      swap('payload', 'if (bytes.length > MAX_TEXT) return null', 'if (bytes.length > MAX_TEXT + 1) return null'),
    ],
    expect: 'G5',
  },
  {
    id: 'text-255-refused',
    bug: 'a text of 255 bytes is refused',
    replacements: [
      swap('payload', 'if (bytes.length > MAX_TEXT) return null', 'if (bytes.length >= MAX_TEXT) return null'),
    ],
    expect: 'TWIN',
  },
  {
    id: 'text-empty-refused',
    bug: 'an empty text is refused',
    replacements: [
      swap(
        'payload',
        'if (bytes.length > MAX_TEXT) return null',
        'if (bytes.length > MAX_TEXT || bytes.length === 0) return null',
      ),
    ],
    expect: 'TWIN',
  },
  {
    id: 'text-bom-refused',
    bug: 'a text that begins with a byte order mark is refused',
    replacements: [
      swap(
        'payload',
        'if (bytes.length > MAX_TEXT) return null',
        'if (bytes.length > MAX_TEXT || bytes[0] === 0xef) return null',
      ),
    ],
    expect: 'TWIN',
  },
  {
    id: 'count-zero-accepted',
    bug: 'a DATA without values is accepted',
    replacements: [
      swap(
        'payload',
        '  return valuesProblem(values) === null ? values : null\n',
        '  return values.length === 0 || valuesProblem(values) === null ? values : null\n',
      ),
    ],
    expect: 'G5',
  },
  {
    id: 'count-zero-sent',
    bug: 'a client submits no values at all',
    replacements: [swap('payload', "  if (values.length === 0) return 'no-values'\n", '')],
    expect: 'KAT',
  },
  {
    id: 'count-512',
    bug: '512 values are allowed',
    replacements: [swap('payload', 'export const MAX_VALUES = 511', 'export const MAX_VALUES = 512')],
    expect: 'KAT',
  },
  {
    id: 'count-511-refused',
    bug: '511 values are refused',
    replacements: [swap('payload', 'export const MAX_VALUES = 511', 'export const MAX_VALUES = 510')],
    expect: 'TWIN',
  },
  {
    id: 'count-signed-byte',
    bug: 'only the low byte of the count is written and read',
    replacements: [swap('payload', 'v.setUint16(0, values.length)', 'v.setUint16(0, values.length & 0xff)')],
    expect: 'KAT',
  },
  {
    id: 'count-not-compared',
    bug: 'the count is ignored; the length decides how many values there are',
    replacements: [
      swap(
        'payload',
        '  if (bytes.length !== 2 + 8 * count) return null\n',
        '  if (bytes.length % 8 !== 2) return null\n',
      ),
      swap('payload', '{ length: count }', '{ length: (bytes.length - 2) / 8 }'),
    ],
    expect: 'G5',
  },
  {
    id: 'data-trailing-bytes',
    bug: 'bytes after the last value are ignored',
    replacements: [
      swap(
        'payload',
        'if (bytes.length !== 2 + 8 * count) return null',
        'if (bytes.length < 2 + 8 * count) return null',
      ),
    ],
    expect: 'G5',
  },
  {
    id: 'data-short-crashes',
    bug: 'a DATA that is shorter than its count says raises an exception',
    replacements: [
      swap(
        'payload',
        '  if (bytes.length !== 2 + 8 * count) return null\n',
        '  if (bytes.length > 2 + 8 * count) return null\n',
      ),
    ],
    expect: 'F1',
  },
  {
    id: 'data-empty-crashes',
    bug: 'a DATA of less than two bytes raises an exception',
    replacements: [swap('payload', '  if (bytes.length < 2) return null\n', '')],
    expect: 'F1',
  },
  {
    id: 'values-little-endian',
    bug: 'values are written and read as little-endian',
    replacements: [
      swap('payload', 'v.setFloat64(2 + 8 * i, value)', 'v.setFloat64(2 + 8 * i, value, true)'),
      swap('payload', 'v.getFloat64(2 + 8 * i)', 'v.getFloat64(2 + 8 * i, true)'),
    ],
    expect: 'G1',
  },
  {
    id: 'values-f32',
    bug: 'values are rounded to 32 bits by the sender',
    replacements: [swap('payload', 'v.setFloat64(2 + 8 * i, value)', 'v.setFloat64(2 + 8 * i, Math.fround(value))')],
    expect: 'KAT',
  },
  {
    id: 'nan-accepted',
    bug: 'NaN is accepted as a value',
    covers: ['NaN accepted'],
    replacements: [condensing, swap('payload', 'Math.abs(v) <= MAX_MAGNITUDE', '!(Math.abs(v) > MAX_MAGNITUDE)')],
    expect: 'G5',
  },
  {
    id: 'infinity-accepted',
    bug: 'the infinities are accepted as values',
    replacements: [
      condensing,
      swap(
        'payload',
        'Math.abs(v) <= MAX_MAGNITUDE',
        '(Math.abs(v) <= MAX_MAGNITUDE || Math.abs(v) === Number.POSITIVE_INFINITY)',
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'magnitude-unbounded',
    bug: 'values of more than 1e300 are accepted',
    replacements: [swap('payload', 'Math.abs(v) <= MAX_MAGNITUDE', 'Number.isFinite(v)')],
    expect: 'G5',
  },
  {
    id: 'magnitude-1e300-refused',
    bug: 'a value of exactly 1e300 is refused',
    replacements: [swap('payload', 'Math.abs(v) <= MAX_MAGNITUDE', 'Math.abs(v) < MAX_MAGNITUDE')],
    expect: 'TWIN',
  },
  {
    id: 'negative-unbounded',
    bug: 'the bound on values is not applied to negative ones',
    replacements: [swap('payload', 'Math.abs(v) <= MAX_MAGNITUDE', 'v <= MAX_MAGNITUDE')],
    expect: 'G5',
  },
  {
    id: 'last-value-unchecked',
    bug: 'the last of several values is not checked',
    replacements: [
      condensing,
      swap(
        'payload',
        'values.every(isValue)',
        'values.every((v, i) => isValue(v) || (i > 0 && i === values.length - 1))',
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'status-unchecked',
    bug: 'a client accepts a response whose status is not OK',
    replacements: [
      swap('payload', 'bytes.length !== AGGREGATE_BYTES || bytes[0] !== STATUS_OK', 'bytes.length !== AGGREGATE_BYTES'),
    ],
    expect: 'G5',
  },
  {
    id: 'response-count-zero',
    bug: 'a client accepts an aggregate over no values',
    replacements: [swap('payload', 'aggregate.count >= 1 && ', '')],
    expect: 'G5',
  },
  {
    id: 'response-nan-sum',
    bug: 'a client accepts an aggregate whose sum is not finite',
    replacements: [swap('payload', 'Number.isFinite(aggregate.sum) && ', '')],
    expect: 'G5',
  },
  {
    id: 'response-nan-average',
    bug: 'a client accepts an aggregate whose average is not finite',
    replacements: [swap('payload', ' && Number.isFinite(aggregate.average)', '')],
    expect: 'G5',
  },
  {
    id: 'response-length-unchecked',
    bug: 'a client accepts a response with bytes after the average',
    replacements: [swap('payload', 'bytes.length !== AGGREGATE_BYTES ||', 'bytes.length < AGGREGATE_BYTES ||')],
    expect: 'G5',
  },
  {
    id: 'response-average-first',
    bug: 'sum and average are written in the wrong order',
    replacements: [
      swap('payload', 'v.setFloat64(1, sum)', 'v.setFloat64(1, average)'),
      swap('payload', 'v.setFloat64(13, average)', 'v.setFloat64(13, sum)'),
    ],
    expect: 'G1',
  },
  {
    id: 'status-one',
    bug: 'the status of a response is 1',
    replacements: [swap('payload', 'const STATUS_OK = 0', 'const STATUS_OK = 1')],
    expect: 'KAT',
  },
  {
    id: 'control-payload-unchecked',
    bug: 'a TERMINATE or KEY_DESYNC_ERROR with any payload is obeyed',
    replacements: [swap('payload', 'bytes.length === 1 && bytes[0] === 0', 'bytes.length >= 0')],
    expect: 'G5',
  },
  {
    id: 'control-payload-length-unchecked',
    bug: 'a TERMINATE or KEY_DESYNC_ERROR whose payload begins with 00 is obeyed',
    replacements: [swap('payload', 'bytes.length === 1 && bytes[0] === 0', 'bytes[0] === 0')],
    expect: 'G5',
  },
  {
    id: 'control-payload-value-unchecked',
    bug: 'a TERMINATE or KEY_DESYNC_ERROR with any one byte is obeyed',
    replacements: [swap('payload', 'bytes.length === 1 && bytes[0] === 0', 'bytes.length === 1')],
    expect: 'G5',
  },
  {
    id: 'control-payload-empty',
    bug: 'KEY_DESYNC_ERROR and TERMINATE are sent without payload',
    replacements: [
      swap('payload', 'Uint8Array = Uint8Array.of(0)', 'Uint8Array = new Uint8Array(0)'),
      swap('payload', 'bytes.length === 1 && bytes[0] === 0', 'bytes.length === 0'),
    ],
    expect: 'O1',
  },
  {
    id: 'hello-text-other',
    bug: 'the default text of a HELLO is another one',
    replacements: [swap('client-session', '`Hello from client ${id}`', '`Hello, I am client ${id}`')],
    expect: 'TWIN',
  },
  {
    id: 'challenge-text-constant',
    bug: 'the default text of a CHALLENGE holds no randomness',
    replacements: [
      swap('server-session', '`Challenge from server ${hex(rng(16))}`', "`Challenge from server ${'0'.repeat(32)}`"),
    ],
    expect: 'TWIN',
  },
]
