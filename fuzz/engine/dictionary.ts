/** Words with a meaning, generated from the spec's constants. */
import { PROTOCOL } from '../../spec/dialects/dialect.ts'
import { MAX_ROUND, OP } from '../../spec/opcodes.ts'
import { MAX_MAGNITUDE, MAX_TEXT_BYTES, MAX_VALUES, RESPONSE_BYTES } from '../../spec/reference/payload.ts'
import { BLOCK } from '../../spec/reference/primitives.ts'
import { u16, u32 } from './input.ts'

export const f64 = (x: number): Uint8Array => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, x)
  return bytes
}

/** A limit is interesting at itself and on either side. */
export const around = (n: number): readonly number[] => [n - 1, n, n + 1]

const { framing, directions } = PROTOCOL.bound
const limits = framing.kind === 'u32be' ? [framing.min, framing.max] : []

/** Every legal value of the one-byte header fields, and illegal ones beside them. */
export const HEADER_WORDS: readonly Uint8Array[] = [
  ...Object.values(OP).flatMap((opcode) => around(opcode).map((n) => Uint8Array.of(n))),
  ...Object.values(directions).flatMap((d) => around(d).map((n) => Uint8Array.of(n))),
  ...[0, 1, 2, 0x7fff_ffff, 0x8000_0000, MAX_ROUND - 1, MAX_ROUND].map(u32),
]

/** Length prefixes: the two limits, and lengths no cipher block fits into. */
export const LENGTH_WORDS: readonly Uint8Array[] = [
  ...limits.flatMap((n) => [...around(n), n + BLOCK]).map(u32),
  ...[0, MAX_ROUND].map(u32),
]

export const COUNT_WORDS: readonly Uint8Array[] = [0, 1, ...around(MAX_VALUES)].map(u16)

export const NUMBER_WORDS: readonly Uint8Array[] = [
  ...[0, -0, 1, Number.MIN_VALUE, MAX_MAGNITUDE, -MAX_MAGNITUDE, MAX_MAGNITUDE * (1 + Number.EPSILON)],
  ...[Number.MAX_VALUE, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
].map(f64)

/** What UTF-8 can look like, and what it must not. */
export const TEXT_WORDS: readonly Uint8Array[] = [
  ...['é', '€', '😀', '\ufeff', '\ufffd', '\0', 'Hello from client 1'].map((t) => new TextEncoder().encode(t)),
  Uint8Array.of(0xc0, 0x80), // overlong
  Uint8Array.of(0xed, 0xa0, 0x80), // a surrogate
  Uint8Array.of(0xf4, 0x90, 0x80, 0x80), // beyond U+10FFFF
  Uint8Array.of(0xe2, 0x82), // cut off
]

/** Payload lengths worth hitting exactly. */
export const PAYLOAD_LENGTHS: readonly number[] = [
  ...[0, 1, 2],
  ...around(RESPONSE_BYTES),
  ...around(MAX_TEXT_BYTES),
  ...[1, 2, MAX_VALUES].flatMap((n) => around(2 + 8 * n)),
  ...around(2 + 8 * (MAX_VALUES + 1)),
]

/** PKCS#7: every padding there is, and the numbers just outside. */
export const PAD_WORDS: readonly Uint8Array[] = Array.from({ length: BLOCK + 2 }, (_, p) =>
  new Uint8Array(Math.max(1, p)).fill(p),
)
