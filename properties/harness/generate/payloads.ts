/** Plaintexts of PROTOCOL §5 as hex, for forged frames; written for the adversary, so invalid values are welcome. */

const bytes = (length: number, fill: (v: DataView) => void): string => {
  const view = new DataView(new ArrayBuffer(length))
  fill(view)
  return Buffer.from(view.buffer).toString('hex')
}

/** count u16, then count f64. */
export const dataHex = (values: readonly number[]): string =>
  bytes(2 + 8 * values.length, (v) => {
    v.setUint16(0, values.length)
    for (const [i, x] of values.entries()) v.setFloat64(2 + 8 * i, x)
  })

/** status u8, sum f64, count u32, average f64. */
export const responseHex = (status: number, sum: number, count: number, average: number): string =>
  bytes(21, (v) => {
    v.setUint8(0, status)
    v.setFloat64(1, sum)
    v.setUint32(9, count)
    v.setFloat64(13, average)
  })

export const textHex = (text: string): string => Buffer.from(text, 'utf8').toString('hex')

export const CONTROL_HEX = '00'

/** Numbers at which a check of finite and bounded values may go wrong; the first two are allowed. */
const EXTREMES = [
  1e300,
  -1e300,
  1.0000000000000002e300, // one unit in the last place too much
  -1.0000000000000002e300,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
] as const
const counted = (count: number, carried: number): string =>
  count.toString(16).padStart(4, '0') + dataHex(Array.from({ length: carried }, (_, i) => 5 + i)).slice(4)

const TEXTS = [
  ...['', 'Hello', 'x'.repeat(16), 'x'.repeat(254), 'x'.repeat(255), 'x'.repeat(256)].map(textHex),
  ...['é'.repeat(127), 'é'.repeat(128), '\u{feff}Hello'].map(textHex), // bytes count, not characters
  'ff',
  'c080', // over-long
  'eda080', // surrogates
  'edbfbf',
  'eda0bdedb880', // a pair of them
  'f0808080', // over-long too
  'f48fbfbf', // the last character, U+10FFFF
  'f4908080', // and beyond
  'f8888080',
  'f09f9880', // four bytes
  'f09f98', // three of them
  '80',
  'efbbbf', // a byte order mark, and nothing else
  '00',
  '410042',
  ...['efbfbf', 'efbfbe', 'ed9fbf', 'ee8080', 'e0a080', 'c280', '7f'], // the last and first of their length or kind
  ...['e08080', 'e09fbf', 'f08fbfbf', 'c1bf', '41c3', 'e0a0', 'f5808080', 'fe'],
  ...['\u{1f600}'.repeat(63), '\u{1f600}'.repeat(64)].map(textHex),
  '48e9', // Latin-1
] as const

const DATA = [
  ...[[1], [1, 2], [0], [-0], [0, 1, -1], [1e15, 0.1, -1e15]].map(dataHex),
  ...[[-0, -0], [5e-324, -5e-324], [2.225073858507201e-308], [-5e-324, 0, 0]].map(dataHex),
  ...EXTREMES.flatMap((v) => [[v], [1, v], [v, 1], [1, v, 1]].map(dataHex)),
  dataHex(Array.from({ length: 511 }, (_, i) => i)),
  dataHex([...Array.from({ length: 510 }, (_, i) => i), -1.0000000000000002e300]),
  // a count that does not say what follows, in either byte
  ...[0, 1, 2, 255, 256, 257, 511, 512, 0xffff].flatMap((n) =>
    [0, 1, 2].flatMap((carried) => (n === carried && n > 0 ? [] : [counted(n, carried)])),
  ),
  `${dataHex([5])}00`,
  dataHex([5]).slice(0, -2),
  '00',
  '',
] as const

const RESPONSES = [
  responseHex(0, 3, 2, 1.5),
  responseHex(1, 3, 2, 1.5),
  responseHex(0x80, 3, 2, 1.5),
  responseHex(255, 3, 2, 1.5),
  responseHex(0, 3, 0, 1.5),
  responseHex(0, 0, 0, 0),
  responseHex(0, 3, 256, 1.5),
  responseHex(0, -0, 1, -0),
  responseHex(0, 5e-324, 1, 5e-324),
  responseHex(0, 1.7976931348623157e308, 1, -1.7976931348623157e308),
  responseHex(0, 3, 0xffffffff, 1.5),
  ...EXTREMES.flatMap((v) => [responseHex(0, v, 1, 1), responseHex(0, 1, 1, v)]),
  `${responseHex(0, 3, 2, 1.5)}00`,
  responseHex(0, 3, 2, 1.5).slice(0, -2),
  '00',
  '',
] as const

/** What a frame of each kind may say, and what it may not: one thing wrong at a time, at each limit of PROTOCOL §5. */
export const BODIES_OF = {
  hello: TEXTS,
  challenge: TEXTS,
  data: DATA,
  response: RESPONSES,
  control: [CONTROL_HEX, '01', '80', 'ff', '0000', '0001', '00'.repeat(16), '00'.repeat(17), ''],
} as const satisfies Readonly<Record<string, readonly string[]>>
