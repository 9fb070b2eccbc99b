/** Mutants of PROTOCOL §2: the stream, the length prefix, the layout of a frame. */
import { type Mutant, mutant } from './mutant.ts'

export const framing: readonly Mutant[] = [
  mutant('chunk-is-frame', 'F2', 'one chunk is taken as one frame', {
    frame: [
      '    let at = 0\n    while (at < chunk',
      '    if (!take(chunk.subarray(4))) return\n    let at = chunk.length\n    while (at < chunk',
    ],
    covers: ['one chunk taken as one frame'],
  }),
  mutant('short-frame-crashes', 'F1', 'a frame shorter than 71 bytes raises an exception', {
    frame: [
      ['if (length < MIN_FRAME || length', 'if (length'],
      [
        '  if (frame.length < MIN_FRAME || frame.length > MAX_FRAME) return null\n',
        "  if (frame.length < MIN_FRAME) throw new RangeError('short frame')\n",
      ],
    ],
    covers: ['short frame crashes'],
  }),
  mutant('prefix-unbounded', 'S4', 'a length prefix of up to 1 MiB is believed, and so much is buffered', {
    frame: ['length < MIN_FRAME || length > MAX_FRAME', 'length < MIN_FRAME || length > 0xfffff'],
    covers: ['length prefix unbounded'],
  }),
  mutant('prefix-limit-late', 'S4', 'an illegal length prefix is noticed only when the next chunk arrives', {
    frame: [
      '          if (!take(null)) return\n          continue\n',
      '          this.#prefix = [0, 0, 0]\n          if (at < chunk.length && !take(null)) return\n          return\n',
    ],
  }),
  mutant('prefix-may-be-70', 'S4', 'the smallest legal length prefix is off by one', {
    frame: ['length < MIN_FRAME || length > MAX_FRAME', 'length < MIN_FRAME - 1 || length > MAX_FRAME'],
  }),
  mutant('prefix-may-be-4168', 'S4', 'the largest legal length prefix is off by one', {
    frame: ['length < MIN_FRAME || length > MAX_FRAME', 'length < MIN_FRAME || length > MAX_FRAME + 1'],
  }),
  mutant('prefix-72-refused', 'TWIN', 'a frame of the smallest legal length, 71 bytes, is refused', {
    frame: ['length < MIN_FRAME || length', 'length <= MIN_FRAME || length'],
  }),
  mutant('max-frame-refused', 'TWIN', 'a DATA of 511 values, the longest there is, is refused', {
    frame: ['length < MIN_FRAME || length > MAX_FRAME', 'length < MIN_FRAME || length > 4151'],
  }),
  mutant('prefix-little-endian', 'L1', 'a length prefix is read as little-endian', {
    frame: ['const length = readU32(this.#prefix, 0)', 'const length = readU32(this.#prefix.toReversed(), 0)'],
  }),
  mutant('prefix-16-bit', 'S4', 'only the low half of a length prefix is looked at', {
    frame: ['const length = readU32(this.#prefix, 0)', 'const length = readU32(this.#prefix, 0) & 0xffff'],
  }),
  mutant('prefix-one-chunk', 'F2', 'a length prefix cut in two is forgotten between chunks', {
    frame: ['    let at = 0\n    while (at < chunk', '    let at = 0\n    this.#prefix = []\n    while (at < chunk'],
  }),
  mutant('second-frame-lost', 'F2', 'a second frame in the same chunk is dropped', {
    frame: [
      '          if (!take(chunk.subarray(at - length, at))) return\n          continue\n',
      '          take(chunk.subarray(at - length, at))\n          return\n',
    ],
  }),
  mutant('cut-frame-misplaced', 'S4', 'the third part of a frame cut in three overwrites the second', {
    frame: [
      '      this.#filled += part.length\n',
      '      this.#filled += part.length\n      if (this.#filled < this.#frame.length) this.#filled = Math.min(this.#filled, 40)\n',
    ],
  }),
  mutant('partial-frame-overwritten', 'F2', 'a frame cut inside its header loses what had arrived of it', {
    frame: [
      ['        this.#frame = new Uint8Array(length)\n', '        this.#frame = new Uint8Array(length).fill(0xee)\n'],
      [
        '    let at = 0\n    while (at < chunk',
        '    let at = 0\n    if (this.#frame !== null && this.#filled < 23) this.#frame.fill(0xee, 0, this.#filled)\n    while (at < chunk',
      ],
    ],
  }),
  mutant('empty-ciphertext', 'S4', 'a frame without ciphertext is accepted as an empty text', {
    frame: ['const MIN_FRAME = CIPHERTEXT_AT + 16 + TAG_BYTES', 'const MIN_FRAME = CIPHERTEXT_AT + TAG_BYTES'],
    primitives: [
      '  const p = padded[padded.length - 1] ?? 0\n',
      '  if (padded.length === 0) return padded\n  const p = padded[padded.length - 1] ?? 0\n',
    ],
    covers: ['empty ciphertext accepted'],
  }),
  mutant('unaligned-truncated', 'C2', 'ciphertext that is no whole number of blocks is truncated and accepted', {
    frame: [
      ['  if (frame.length % 16 !== 7) return null // §2: whole cipher blocks\n', ''],
      [
        'frame.subarray(CIPHERTEXT_AT, frame.length - TAG_BYTES)',
        'frame.subarray(CIPHERTEXT_AT, frame.length - TAG_BYTES - ((frame.length - 7) % 16))',
      ],
    ],
    covers: ['unaligned ciphertext truncated and accepted'],
  }),
  mutant('trailing-bytes', 'C1', 'bytes after the tag, up to a block of them, are ignored', {
    frame: [
      ['  if (frame.length % 16 !== 7) return null // §2: whole cipher blocks\n', ''],
      [
        'frame.subarray(CIPHERTEXT_AT, frame.length - TAG_BYTES)',
        'frame.subarray(CIPHERTEXT_AT, frame.length - TAG_BYTES - ((frame.length - 7) % 16))',
      ],
      [
        'tagOf = (frame: Uint8Array): Uint8Array => frame.subarray(frame.length - TAG_BYTES)',
        'tagOf = (frame: Uint8Array): Uint8Array => frame.subarray(frame.length - TAG_BYTES - ((frame.length - 7) % 16), frame.length - ((frame.length - 7) % 16))',
      ],
      [
        'frame.subarray(0, frame.length - TAG_BYTES)',
        'frame.subarray(0, frame.length - TAG_BYTES - ((frame.length - 7) % 16))',
      ],
    ],
  }),
  mutant('round-little-endian', 'O1', 'the round is written and read as little-endian', {
    frame: [
      [
        '  frame[2] = header.round >>> 24\n  frame[3] = header.round >>> 16\n  frame[4] = header.round >>> 8\n  frame[5] = header.round\n',
        '  new DataView(frame.buffer).setUint32(2, header.round, true)\n',
      ],
      ['round: readU32(frame, 2)', 'round: readU32(frame.slice(2, 6).reverse(), 0)'],
    ],
    covers: ['round little-endian'],
  }),
  mutant('round-16-bit', 'O3', 'only the low 16 bits of the round are written and compared', {
    frame: ['  frame[2] = header.round >>> 24\n  frame[3] = header.round >>> 16\n', ''],
    checks: [
      ['header.round < expected.round', 'header.round < (expected.round & 0xffff)'],
      ['header.round > expected.round', 'header.round > (expected.round & 0xffff)'],
    ],
  }),
  mutant('round-signed', 'L1', 'the round is read as a signed number', {
    frame: ['bytes[at + 3]!) >>> 0', 'bytes[at + 3]!) | 0'],
  }),
  mutant('directions-swapped', 'KAT', 'client to server is 2, server to client 1', {
    frame: [
      ['export const TO_SERVER = 1', 'export const TO_SERVER = 2'],
      ['export const TO_CLIENT = 2', 'export const TO_CLIENT = 1'],
    ],
  }),
  mutant('iv-after-ciphertext', 'KAT', 'the IV stands after the ciphertext', {
    frame: [
      [
        '  frame.set(iv, IV_AT)\n  frame.set(ciphertext, CIPHERTEXT_AT)\n',
        '  frame.set(ciphertext, IV_AT)\n  frame.set(iv, frame.length - TAG_BYTES - 16)\n',
      ],
      [
        'frame.subarray(IV_AT, CIPHERTEXT_AT)',
        'frame.subarray(frame.length - TAG_BYTES - 16, frame.length - TAG_BYTES)',
      ],
      [
        'frame.subarray(CIPHERTEXT_AT, frame.length - TAG_BYTES)',
        'frame.subarray(IV_AT, frame.length - TAG_BYTES - 16)',
      ],
    ],
  }),
  mutant('opcodes-swapped', 'O1', 'the opcodes of KEY_DESYNC_ERROR and TERMINATE are exchanged', {
    frame: ['  desync: 50, // KEY_DESYNC_ERROR\n  terminate: 60,\n', '  desync: 60,\n  terminate: 50,\n'],
  }),
  mutant('stream-kept', 'F4', 'everything that ever came over a connection is kept', {
    frame: [
      ['export class Reassembler {\n', 'export class Reassembler {\n  #all = 0\n'],
      ['    let at = 0\n    while (at < chunk', '    this.#all += chunk.length\n    let at = 0\n    while (at < chunk'],
      ['this.#frame === null ? this.#prefix.length : PREFIX_BYTES + this.#filled', 'this.#all'],
    ],
  }),
]
