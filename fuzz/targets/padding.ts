/** PKCS#7 by hand against the table-driven reference, over every length. */
import { toHex } from '../../spec/reference/bytes.ts'
import { BLOCK, pad, unpad } from '../../spec/reference/primitives.ts'
import { PAD_WORDS } from '../engine/dictionary.ts'
import type { Mutator } from '../engine/input.ts'
import { bucket, expectSame, Mismatch, type Target } from '../engine/target.ts'

const TAG = { last: 1, run: 2, removed: 3, over: 4, blocks: 5 } as const

/** How many bytes at the end equal the last one, up to 17: the longest padding and one beyond. */
const run = (data: Uint8Array): number => {
  const last = data[data.length - 1]
  let n = 0
  while (n < data.length && n <= BLOCK && data[data.length - 1 - n] === last) n++
  return n
}

/** The last n bytes become n bytes of value v; mostly a padding or a near miss of one. */
const setTail: Mutator = (input, rng) => {
  const n = rng.between(1, BLOCK + 1)
  const v = rng.oneIn(2) ? n : rng.oneIn(2) ? rng.between(0, BLOCK + 1) : rng.below(256)
  input.write(input.length - Math.min(n, input.length), new Uint8Array(n).fill(v))
}

/** A right padding with one wrong byte in it. */
const spoilTail: Mutator = (input, rng) => {
  const p = rng.between(1, BLOCK)
  input.write(input.length - Math.min(p, input.length), new Uint8Array(p).fill(p))
  const at = input.length - 1 - rng.below(p + 1)
  input.put(at, input.at(at) ^ (1 << rng.below(8)))
}

const appendPadding: Mutator = (input, rng) => {
  const p = rng.oneIn(2) ? BLOCK - (input.length % BLOCK) : rng.between(1, BLOCK)
  input.insert(input.length, new Uint8Array(p).fill(p))
}

const alignLength: Mutator = (input, rng) =>
  input.resize(Math.floor(input.length / BLOCK) * BLOCK + rng.pick([0, 0, 0, 1, BLOCK - 1]))

const blocks = (n: number, fill: number): Uint8Array => new Uint8Array(n * BLOCK).fill(fill)

export const padding: Target = {
  name: 'padding',
  says: 'padding is added and removed, or refused, exactly as by the table of the sixteen paddings',
  modules: ['src/primitives.ts'],
  maxBytes: 192, // twelve blocks: padding looks at the last one
  seeds: () => [new Uint8Array(0), blocks(1, 16), pad(blocks(1, 0x61)), pad(blocks(2, 0x62).subarray(0, 31))],
  dictionary: PAD_WORDS,
  mutators: [setTail, spoilTail, appendPadding, alignLength],
  oracle:
    ({ primitives }) =>
    (data, note) => {
      const removed = primitives.unpad(data)
      expectSame('removal of padding differs', removed, unpad(data))
      const padded = primitives.pad(data)
      expectSame('padding differs', padded, pad(data))
      if (padded.length % BLOCK !== 0 || padded.length <= data.length || padded.length > data.length + BLOCK)
        throw new Mismatch('padded length', `${data.length} bytes became ${padded.length}`)
      expectSame('removal after padding is not the identity', primitives.unpad(padded), data)
      note(TAG.last, data[data.length - 1] ?? 0)
      note(TAG.run, run(data))
      note(TAG.removed, removed === null ? 0 : 1 + bucket(removed.length))
      note(TAG.over, data.length % BLOCK)
      note(TAG.blocks, Math.floor(data.length / BLOCK))
    },
  render: (data) => {
    const end = data.subarray(Math.max(0, data.length - BLOCK - 1))
    const verdict = unpad(data)
    return [
      `${data.length} bytes, ${data.length % BLOCK} over ${Math.floor(data.length / BLOCK)} blocks`,
      `the last ${end.length}: ${toHex(end)}`,
      verdict === null ? 'no valid padding' : `valid padding of ${data.length - verdict.length}`,
    ]
  },
}
