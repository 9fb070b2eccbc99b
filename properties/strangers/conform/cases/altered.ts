/** What is no frame, or none that may pass: a genuine one that was changed, bad paddings, lengths that no frame has. */
import { isPrefixed } from '../../../../spec/dialects/dialect.ts'
import { lengthBytes } from '../../../../spec/dialects/stream.ts'
import { concat } from '../../../../spec/reference/bytes.ts'
import { HEADER_BYTES, IV_BYTES, TAG_BYTES } from '../../../../spec/reference/frame.ts'
import type { Exchange } from '../exchange.ts'
import { strikeInSession } from '../strike.ts'
import { about, type Case, type Judged } from '../verdicts.ts'

/** A frame with some bits of one byte changed; negative: from its end. */
export const flip =
  (at: number, mask = 1) =>
  (f: Uint8Array) => {
    const out = f.slice()
    out[at < 0 ? f.length + at : at]! ^= mask
    return out
  }

const CIPHERTEXT = HEADER_BYTES + IV_BYTES

/** Of a frame; `t` knows the opcodes of the dialect. */
type Change = (f: Uint8Array, t: Pick<Exchange, 'withOpcode'>) => Uint8Array

export const CHANGES: readonly (readonly [name: string, says: string, change: Change])[] = [
  ['opcode', 'another opcode', (f, t) => t.withOpcode(f, (op) => op ^ 1)],
  ['client-id', 'another client id', flip(1, 2)],
  ['round-low', 'another round (last byte)', flip(5)],
  ['round-high', 'another round (first byte)', flip(2, 0x80)],
  ['direction', 'another direction', flip(6, 3)],
  ['iv-first', 'first byte of the IV', flip(HEADER_BYTES, 0x80)],
  ['iv-last', 'last byte of the IV', flip(HEADER_BYTES + IV_BYTES - 1)],
  ['ciphertext-first', 'first byte of the ciphertext', flip(CIPHERTEXT, 0x80)],
  ['ciphertext-last', 'last byte of the ciphertext', flip(-TAG_BYTES - 1)],
  ['tag-first', 'first byte of the tag', flip(-TAG_BYTES, 0x80)],
  ['tag-middle', 'byte 17 of the tag', flip(-TAG_BYTES + 16)],
  ['tag-last', 'last byte of the tag', flip(-1)],
  ['tag-two-bytes', 'two bytes of the tag by the same bit', (f) => flip(-1)(flip(-2)(f))],
  ['tag-zero', 'a tag of zeros', (f) => f.map((b, i) => (i < f.length - TAG_BYTES ? b : 0))],
  ['cut-by-1', 'without its last byte', (f) => f.slice(0, -1)],
  ['cut-by-16', 'without its last 16 bytes', (f) => f.slice(0, -16)],
  ['cut-to-header', 'its header only', (f) => f.slice(0, HEADER_BYTES)],
  ['longer-by-1', 'with one more byte', (f) => Uint8Array.of(...f, 0)],
  ['longer-by-16', 'with 16 more bytes', (f) => Uint8Array.of(...f, ...new Uint8Array(16))],
]

const advice =
  'Somebody on the network changes what a client says and the server takes it. Compute the tag over header, IV and ciphertext, compare all 32 bytes in constant time, and end the session on the first frame that fails.'

/** Without a length on the wire, bytes after a frame are the next one. */
export const withoutLength: NonNullable<Case['unsupported']> = (d) =>
  isPrefixed(d.framing) ? null : 'nothing says where a frame ends here'

/** Paddings that are none, by the bytes that are free in the last block. */
export const PADS = {
  zero: (free: number) => new Uint8Array(free),
  17: (free: number) => new Uint8Array(free + 16).fill(free + 16), // whole, but for its length
  inconsistent(free: number) {
    const pad = new Uint8Array(free < 2 ? free + 16 : free)
    pad.fill(pad.length)
    pad[0]! ^= 1
    return pad
  },
} as const

export const PADDING =
  'Padding that is not checked whole lets two frames mean the same and opens a padding oracle. Check that the last byte p is 1..16 and that all of the last p bytes are p.'

const PREFIXES = [
  ['ffffffff', 'most'],
  ['1-mib', 1_048_576],
  ['0', 0],
  ['3', 3],
] as const

/** Lengths before a frame that no frame has. `play` gets the bytes that begin with one. */
export const prefixes = <T extends Exchange>(
  advice: string,
  play: (t: T, bytes: Uint8Array) => Promise<Judged>,
): readonly Case<T>[] =>
  PREFIXES.map(([name, length]) => ({
    ...about(`stream/prefix-${name}`, 'K', 'F4', 'PROTOCOL §2'),
    says: `${length === 'most' ? 'the largest length' : `a length of ${length.toLocaleString('en-US')}`} is refused at once`,
    advice,
    unsupported: (d) => (lengthBytes(d.framing, length) === null ? 'no prefix says this length' : null),
    play: (t) => play(t, concat(lengthBytes(t.dialect.framing, length)!, new Uint8Array(10).fill(0x41))),
  }))

export const ALTERED: readonly Case[] = CHANGES.map(([name, says, change]) => ({
  ...about(`altered/${name}`, 'K', 'C1', 'PROTOCOL §6'),
  says: `a genuine DATA with ${says} must be refused`,
  advice,
  ...(name.startsWith('longer') && { unsupported: withoutLength }),
  play: (t) => strikeInSession(t, ({ x }) => change(t.dataOf(x, [9]), t)),
}))
