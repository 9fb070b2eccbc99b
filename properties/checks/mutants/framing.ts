/** Mutants of PROTOCOL §2: the stream, the length prefix, the layout of a frame. */
import { type Mutant, swap } from './mutant.ts'

export const framing: readonly Mutant[] = [
  {
    id: 'chunk-is-frame',
    bug: 'one chunk is taken as one frame',
    covers: ['one chunk taken as one frame'],
    replacements: [
      swap(
        'frame',
        '    let at = 0\n    while (at < chunk',
        '    if (!take(chunk.subarray(4))) return\n    let at = chunk.length\n    while (at < chunk',
      ),
    ],
    expect: 'F2',
  },
  {
    id: 'short-frame-crashes',
    bug: 'a frame shorter than 71 bytes raises an exception',
    covers: ['short frame crashes'],
    replacements: [
      swap('frame', 'if (length < MIN_FRAME || length', 'if (length'),
      swap(
        'frame',
        '  if (frame.length < MIN_FRAME || frame.length > MAX_FRAME) return null\n',
        "  if (frame.length < MIN_FRAME) throw new RangeError('short frame')\n",
      ),
    ],
    expect: 'F1',
  },
  {
    id: 'prefix-unbounded',
    bug: 'a length prefix of up to 1 MiB is believed, and so much is buffered',
    covers: ['length prefix unbounded'],
    replacements: [swap('frame', 'length < MIN_FRAME || length > MAX_FRAME', 'length < MIN_FRAME || length > 0xfffff')],
    expect: 'S4',
  },
  {
    id: 'prefix-limit-late',
    bug: 'an illegal length prefix is noticed only when the next chunk arrives',
    replacements: [
      swap(
        'frame',
        '          if (!take(null)) return\n          continue\n',
        '          this.#prefix = [0, 0, 0]\n          if (at < chunk.length && !take(null)) return\n          return\n',
      ),
    ],
    expect: 'S4',
  },
  {
    id: 'prefix-may-be-70',
    bug: 'the smallest legal length prefix is off by one',
    replacements: [
      swap('frame', 'length < MIN_FRAME || length > MAX_FRAME', 'length < MIN_FRAME - 1 || length > MAX_FRAME'),
    ],
    expect: 'S4',
  },
  {
    id: 'prefix-may-be-4168',
    bug: 'the largest legal length prefix is off by one',
    replacements: [
      swap('frame', 'length < MIN_FRAME || length > MAX_FRAME', 'length < MIN_FRAME || length > MAX_FRAME + 1'),
    ],
    expect: 'S4',
  },
  {
    id: 'prefix-72-refused',
    bug: 'a frame of the smallest legal length, 71 bytes, is refused',
    replacements: [swap('frame', 'length < MIN_FRAME || length', 'length <= MIN_FRAME || length')],
    expect: 'TWIN',
  },
  {
    id: 'max-frame-refused',
    bug: 'a DATA of 511 values, the longest there is, is refused',
    replacements: [swap('frame', 'length < MIN_FRAME || length > MAX_FRAME', 'length < MIN_FRAME || length > 4151')],
    expect: 'TWIN',
  },
  {
    id: 'prefix-little-endian',
    bug: 'a length prefix is read as little-endian',
    replacements: [
      swap('frame', 'const length = readU32(this.#prefix, 0)', 'const length = readU32(this.#prefix.toReversed(), 0)'),
    ],
    expect: 'L1',
  },
  {
    id: 'prefix-16-bit',
    bug: 'only the low half of a length prefix is looked at',
    replacements: [
      swap('frame', 'const length = readU32(this.#prefix, 0)', 'const length = readU32(this.#prefix, 0) & 0xffff'),
    ],
    expect: 'S4',
  },
  {
    id: 'prefix-one-chunk',
    bug: 'a length prefix cut in two is forgotten between chunks',
    replacements: [
      swap(
        'frame',
        '    let at = 0\n    while (at < chunk',
        '    let at = 0\n    this.#prefix = []\n    while (at < chunk',
      ),
    ],
    expect: 'F2',
  },
  {
    id: 'second-frame-lost',
    bug: 'a second frame in the same chunk is dropped',
    replacements: [
      swap(
        'frame',
        '          if (!take(chunk.subarray(at - length, at))) return\n          continue\n',
        '          take(chunk.subarray(at - length, at))\n          return\n',
      ),
    ],
    expect: 'F2',
  },
  {
    id: 'cut-frame-misplaced',
    bug: 'the third part of a frame cut in three overwrites the second',
    replacements: [
      swap(
        'frame',
        '      this.#filled += part.length\n',
        '      this.#filled += part.length\n      if (this.#filled < this.#frame.length) this.#filled = Math.min(this.#filled, 40)\n',
      ),
    ],
    expect: 'S4',
  },
  {
    id: 'partial-frame-overwritten',
    bug: 'a frame cut inside its header loses what had arrived of it',
    replacements: [
      swap(
        'frame',
        '        this.#frame = new Uint8Array(length)\n',
        '        this.#frame = new Uint8Array(length).fill(0xee)\n',
      ),
      swap(
        'frame',
        '    let at = 0\n    while (at < chunk',
        '    let at = 0\n    if (this.#frame !== null && this.#filled < 23) this.#frame.fill(0xee, 0, this.#filled)\n    while (at < chunk',
      ),
    ],
    expect: 'F2',
  },
  {
    id: 'empty-ciphertext',
    bug: 'a frame without ciphertext is accepted as an empty text',
    covers: ['empty ciphertext accepted'],
    replacements: [
      swap('frame', 'const MIN_FRAME = CIPHERTEXT_AT + 16 + TAG_BYTES', 'const MIN_FRAME = CIPHERTEXT_AT + TAG_BYTES'),
      swap(
        'primitives',
        '  const p = padded[padded.length - 1] ?? 0\n',
        '  if (padded.length === 0) return padded\n  const p = padded[padded.length - 1] ?? 0\n',
      ),
    ],
    expect: 'S4',
  },
  {
    id: 'unaligned-truncated',
    bug: 'ciphertext that is no whole number of blocks is truncated and accepted',
    covers: ['unaligned ciphertext truncated and accepted'],
    replacements: [
      swap('frame', '  if (frame.length % 16 !== 7) return null // §2: whole cipher blocks\n', ''),
      swap(
        'frame',
        'frame.subarray(CIPHERTEXT_AT, frame.length - TAG_BYTES)',
        'frame.subarray(CIPHERTEXT_AT, frame.length - TAG_BYTES - ((frame.length - 7) % 16))',
      ),
    ],
    expect: 'C2',
  },
  {
    id: 'trailing-bytes',
    bug: 'bytes after the tag, up to a block of them, are ignored',
    replacements: [
      swap('frame', '  if (frame.length % 16 !== 7) return null // §2: whole cipher blocks\n', ''),
      swap(
        'frame',
        'frame.subarray(CIPHERTEXT_AT, frame.length - TAG_BYTES)',
        'frame.subarray(CIPHERTEXT_AT, frame.length - TAG_BYTES - ((frame.length - 7) % 16))',
      ),
      swap(
        'frame',
        'tagOf = (frame: Uint8Array): Uint8Array => frame.subarray(frame.length - TAG_BYTES)',
        'tagOf = (frame: Uint8Array): Uint8Array => frame.subarray(frame.length - TAG_BYTES - ((frame.length - 7) % 16), frame.length - ((frame.length - 7) % 16))',
      ),
      swap(
        'frame',
        'frame.subarray(0, frame.length - TAG_BYTES)',
        'frame.subarray(0, frame.length - TAG_BYTES - ((frame.length - 7) % 16))',
      ),
    ],
    expect: 'C1',
  },
  {
    id: 'round-little-endian',
    bug: 'the round is written and read as little-endian',
    covers: ['round little-endian'],
    replacements: [
      swap(
        'frame',
        '  frame[2] = header.round >>> 24\n  frame[3] = header.round >>> 16\n  frame[4] = header.round >>> 8\n  frame[5] = header.round\n',
        '  new DataView(frame.buffer).setUint32(2, header.round, true)\n',
      ),
      swap('frame', 'round: readU32(frame, 2)', 'round: readU32(frame.slice(2, 6).reverse(), 0)'),
    ],
    expect: 'O1',
  },
  {
    id: 'round-16-bit',
    bug: 'only the low 16 bits of the round are written and compared',
    replacements: [
      swap('frame', '  frame[2] = header.round >>> 24\n  frame[3] = header.round >>> 16\n', ''),
      swap('checks', 'header.round < expected.round', 'header.round < (expected.round & 0xffff)'),
      swap('checks', 'header.round > expected.round', 'header.round > (expected.round & 0xffff)'),
    ],
    expect: 'O3',
  },
  {
    id: 'round-signed',
    bug: 'the round is read as a signed number',
    replacements: [swap('frame', 'bytes[at + 3]!) >>> 0', 'bytes[at + 3]!) | 0')],
    expect: 'L1',
  },
  {
    id: 'directions-swapped',
    bug: 'client to server is 2, server to client 1',
    replacements: [
      swap('frame', 'export const TO_SERVER = 1', 'export const TO_SERVER = 2'),
      swap('frame', 'export const TO_CLIENT = 2', 'export const TO_CLIENT = 1'),
    ],
    expect: 'KAT',
  },
  {
    id: 'iv-after-ciphertext',
    bug: 'the IV stands after the ciphertext',
    replacements: [
      swap(
        'frame',
        '  frame.set(iv, IV_AT)\n  frame.set(ciphertext, CIPHERTEXT_AT)\n',
        '  frame.set(ciphertext, IV_AT)\n  frame.set(iv, frame.length - TAG_BYTES - 16)\n',
      ),
      swap(
        'frame',
        'frame.subarray(IV_AT, CIPHERTEXT_AT)',
        'frame.subarray(frame.length - TAG_BYTES - 16, frame.length - TAG_BYTES)',
      ),
      swap(
        'frame',
        'frame.subarray(CIPHERTEXT_AT, frame.length - TAG_BYTES)',
        'frame.subarray(IV_AT, frame.length - TAG_BYTES - 16)',
      ),
    ],
    expect: 'KAT',
  },
  {
    id: 'opcodes-swapped',
    bug: 'the opcodes of KEY_DESYNC_ERROR and TERMINATE are exchanged',
    replacements: [
      swap('frame', '  desync: 50, // KEY_DESYNC_ERROR\n  terminate: 60,\n', '  desync: 60,\n  terminate: 50,\n'),
    ],
    expect: 'O1',
  },
  {
    id: 'stream-kept',
    bug: 'everything that ever came over a connection is kept',
    replacements: [
      swap('frame', 'export class Reassembler {\n', 'export class Reassembler {\n  #all = 0\n'),
      swap(
        'frame',
        '    let at = 0\n    while (at < chunk',
        '    this.#all += chunk.length\n    let at = 0\n    while (at < chunk',
      ),
      swap('frame', 'this.#frame === null ? this.#prefix.length : PREFIX_BYTES + this.#filled', 'this.#all'),
    ],
    expect: 'F4',
  },
]
