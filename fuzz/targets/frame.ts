/** The frame parser against the reference parser; and what opens, opens to the same. */
import type { Rng } from '../../properties/harness/world/rng.ts'
import { decrypt, tagVerifies } from '../../spec/dialects/sealing.ts'
import { sameHeader } from '../../spec/events.ts'
import { MAX_ROUND, OP, OPCODE_NAMES } from '../../spec/opcodes.ts'
import { toHex } from '../../spec/reference/bytes.ts'
import {
  encodeFrame,
  type Frame,
  HEADER_BYTES,
  IV_BYTES,
  isAligned,
  OVERHEAD,
  parseFrame,
  TAG_BYTES,
} from '../../spec/reference/frame.ts'
import { nodeCrypto } from '../../src/index.ts'
import { HEADER_WORDS } from '../engine/dictionary.ts'
import { type Input, type Mutator, u32 } from '../engine/input.ts'
import { bucket, expectSame, type Implementation, Mismatch, type Note, type Target } from '../engine/target.ts'
import { CLIENT, DIALECT, FRAMES, POSITION } from './conversation.ts'

const LIMITS = DIALECT.framing.kind === 'u32be' ? DIALECT.framing : { min: 0, max: 0 }
const KEYS = POSITION.keys
const OPCODES: readonly number[] = Object.values(OP)

const TAG = { form: 1, opcode: 2, id: 3, round: 4, direction: 5, blocks: 6, tag: 7, opened: 8 } as const

/** PROTOCOL §2, from the reference alone; null: malformed. */
const wellFormed = (data: Uint8Array): Frame | null => {
  if (data.length < LIMITS.min || data.length > LIMITS.max) return null
  const frame = parseFrame(data)
  return frame !== null && isAligned(frame) ? frame : null
}

const noteForm = (data: Uint8Array, frame: Frame, note: Note): void => {
  const { opcode, id, round, direction } = frame.header
  note(TAG.opcode, OPCODES.indexOf(opcode) + 1)
  note(TAG.id, id === CLIENT ? 1 : id === 0 ? 0 : 2)
  note(TAG.round, round === POSITION.round ? 40 : bucket(round))
  note(TAG.direction, Math.min(direction, 3))
  note(TAG.blocks, bucket((data.length - LIMITS.min) / 16))
}

/** How many bytes of the tag are right: a tag checked in part shows as a prefix that suffices. */
const matching = (a: Uint8Array, b: Uint8Array): number => {
  let n = 0
  while (n < a.length && a[n] === b[n]) n++
  return n
}

/** The frames a server at POSITION would take as far as their tag. */
const isForServer = ({ header }: Frame): boolean =>
  header.id === CLIENT &&
  header.direction === DIALECT.directions.c2s &&
  header.round === POSITION.round &&
  (header.opcode === OP.DATA || header.opcode === OP.TERMINATE)

const compareParse = (src: Implementation, data: Uint8Array, frame: Frame | null, note: Note): void => {
  const header = src.frame.parseHeader(data)
  if (frame === null) {
    if (header !== null) throw new Mismatch('malformed frame parsed', `${data.length} bytes, ${JSON.stringify(header)}`)
    note(TAG.form, data.length < LIMITS.min ? 1 : data.length > LIMITS.max ? 2 : 3)
    return
  }
  if (header === null) throw new Mismatch('well-formed frame refused', `${data.length} bytes`)
  if (!sameHeader(header, frame.header))
    throw new Mismatch('header differs', `expected ${JSON.stringify(frame.header)}, got ${JSON.stringify(header)}`)
  expectSame('IV differs', src.frame.ivOf(data), frame.iv)
  expectSame('ciphertext differs', src.frame.ciphertextOf(data), frame.ciphertext)
  expectSame('tag differs', src.frame.tagOf(data), frame.tag)
  expectSame('tagged part differs', src.frame.taggedOf(data), data.subarray(0, data.length - frame.tag.length))
  const again = src.frame.encodeUntagged(header, src.frame.ivOf(data), src.frame.ciphertextOf(data))
  src.frame.tagOf(again).set(frame.tag)
  expectSame('encode after parse is not the identity', again, data)
  expectSame('reference encode after parse is not the identity', encodeFrame(frame), data)
  noteForm(data, frame, note)
}

const compareOpening = (src: Implementation, data: Uint8Array, frame: Frame, note: Note): void => {
  const [enc, mac] = KEYS
  const got = src.primitives.open(src.nodeCrypto, { enc, mac }, data)
  const right = src.nodeCrypto.hmac(mac, src.frame.taggedOf(data))
  note(TAG.tag, matching(right, frame.tag))
  // Only the reference decides; the prefix above is for guidance.
  const verified = tagVerifies(DIALECT, mac, data)
  if (!verified || got === 'bad-tag') {
    if (verified) throw new Mismatch('right tag refused', toHex(frame.tag))
    if (got !== 'bad-tag') throw new Mismatch('wrong tag accepted', toHex(frame.tag))
    note(TAG.opened, 1)
    return
  }
  const expected = decrypt(enc, frame)
  expectSame('plaintext differs', got === 'bad-padding' ? null : got, expected)
  note(TAG.opened, expected === null ? 2 : 3 + bucket(expected.length))
}

const BLOCK = 16
const CIPHERTEXT_AT = HEADER_BYTES + IV_BYTES
const BLOCK_LIMITS = [0, 1, 2, 256, 257, 258] // PROTOCOL §2: 1 to 257 blocks of ciphertext

const setOpcode: Mutator = (input, rng) => input.put(0, rng.pick(OPCODES))
const setId: Mutator = (input, rng) => input.put(1, rng.oneIn(2) ? CLIENT : rng.below(256))
const setRound: Mutator = (input, rng) => input.write(2, u32(rng.pick([0, 1, 2, POSITION.round, MAX_ROUND])))
const setDirection: Mutator = (input, rng) => input.put(6, rng.pick([1, 2]))

/** A header the server at POSITION expects. */
const expectedHeader: Mutator = (input, rng) => {
  input.put(0, rng.oneIn(4) ? OP.TERMINATE : OP.DATA)
  input.put(1, CLIENT)
  input.write(2, u32(POSITION.round))
  input.put(6, 1)
}

/** Cuts or grows the ciphertext by whole blocks: the length stays a frame's, the tag stays at the end. */
const changeBlocks: Mutator = (input, rng) => {
  if (rng.oneIn(8)) return resizeBody(input, BLOCK * (rng.oneIn(2) ? rng.pick(BLOCK_LIMITS) : rng.between(1, 257)))
  const blocks = Math.max(1, Math.floor((input.length - CIPHERTEXT_AT - TAG_BYTES) / BLOCK) + rng.between(-2, 2))
  resizeBody(input, blocks * BLOCK)
}

const resizeBody = (input: Input, length: number): void => {
  const tag = input.copyOf(Math.max(0, input.length - TAG_BYTES), TAG_BYTES)
  input.resize(CIPHERTEXT_AT + length)
  input.insert(input.length, tag)
}

/** Repairs the alignment, or breaks it by a byte. */
const alignment: Mutator = (input, rng) => {
  const over = (input.length - CIPHERTEXT_AT - TAG_BYTES) % BLOCK
  input.resize(input.length - over + rng.pick([0, 0, -1, 1]))
}

const ends = (input: Input): boolean =>
  input.length >= CIPHERTEXT_AT + BLOCK + TAG_BYTES && (input.length - OVERHEAD) % BLOCK === 0

const writeTag = (input: Input): void => {
  const [, mac] = KEYS
  input.write(input.length - TAG_BYTES, nodeCrypto.hmac(mac, input.bytes.subarray(0, input.length - TAG_BYTES)))
}

const RESEALED = 8 // one in so many: cryptography costs as much as everything else together

/** The right tag over whatever is there. */
const reseal: Mutator = (input, rng) => {
  if (ends(input) && rng.oneIn(RESEALED)) writeTag(input)
}

/** Edits the last plaintext block under the encryption, then seals again: paddings, right and wrong, with a right tag. */
const resealPadding: Mutator = (input, rng) => {
  if (!ends(input) || !rng.oneIn(RESEALED)) return
  const [enc] = KEYS
  const at = input.length - TAG_BYTES - BLOCK
  const iv = input.copyOf(at - BLOCK >= CIPHERTEXT_AT ? at - BLOCK : HEADER_BYTES, BLOCK)
  const last = nodeCrypto.aesDecrypt(enc, iv, input.copyOf(at, BLOCK))
  tail(last, rng)
  input.write(at, nodeCrypto.aesEncrypt(enc, iv, last))
  writeTag(input)
}

const tail = (block: Uint8Array, rng: Rng): void => {
  const p = rng.between(0, 17)
  block.fill(p, BLOCK - Math.min(p, BLOCK))
  if (rng.oneIn(2)) block[rng.below(BLOCK)]! ^= 1 << rng.below(8)
}

const FRAME_MUTATORS: readonly Mutator[] = [
  ...[setOpcode, setId, setRound, setDirection, expectedHeader],
  ...[changeBlocks, alignment, reseal, resealPadding],
]

export const frame: Target = {
  name: 'frame',
  says: 'frames parse and open exactly as the reference does, and encode back to the same bytes',
  modules: ['src/frame.ts', 'src/primitives.ts'],
  maxBytes: 4_300, // beyond the longest frame
  seeds: () => FRAMES,
  dictionary: HEADER_WORDS,
  mutators: FRAME_MUTATORS,
  oracle: (src) => (data, note) => {
    const parsed = wellFormed(data)
    compareParse(src, data, parsed, note)
    if (parsed !== null && isForServer(parsed)) compareOpening(src, data, parsed, note)
  },
  render: (data) => {
    const parsed = parseFrame(data)
    if (parsed === null) return [`${data.length} bytes, too short for a frame: ${toHex(data)}`]
    const { opcode, id, round, direction } = parsed.header
    return [
      `${data.length} bytes, ${wellFormed(data) === null ? 'malformed' : 'well-formed'}`,
      `opcode     ${opcode} ${OPCODE_NAMES[opcode] ?? '(unknown)'}`,
      `client id  ${id}`,
      `round      ${round}`,
      `direction  ${direction}`,
      `IV         ${toHex(parsed.iv)}`,
      `ciphertext ${parsed.ciphertext.length} bytes ${toHex(parsed.ciphertext.subarray(0, 64))}`,
      `tag        ${toHex(parsed.tag)}${tagVerifies(DIALECT, KEYS[1], data) ? ' (verifies)' : ''}`,
    ]
  },
}
