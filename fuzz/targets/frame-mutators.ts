/** Mutations that know a frame: fields, length and alignment, and the keys it may be sealed again with. */

import type { Rng } from '../../properties/harness/rng.ts'
import { MAX_ROUND, OP } from '../../spec/opcodes.ts'
import { nodeCrypto } from '../../src/index.ts'
import type { Input } from '../engine/input.ts'
import { type Mutator, u32 } from '../engine/mutators.ts'
import { CLIENT, POSITION } from './conversation.ts'

const BLOCK = 16
const CIPHERTEXT_AT = 23 // PROTOCOL §2: 1 opcode, 1 id, 4 round, 1 direction, 16 IV
const IV_AT = 7
const TAG = 32
const LIMITS = [0, 1, 2, 256, 257, 258] // PROTOCOL §2: 1 to 257 blocks of ciphertext
const OPCODES = Object.values(OP)

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
  if (rng.oneIn(8)) return resizeBody(input, BLOCK * (rng.oneIn(2) ? rng.pick(LIMITS) : rng.between(1, 257)))
  const blocks = Math.max(1, Math.floor((input.length - CIPHERTEXT_AT - TAG) / BLOCK) + rng.between(-2, 2))
  resizeBody(input, blocks * BLOCK)
}

const resizeBody = (input: Input, length: number): void => {
  const tag = input.copyOf(Math.max(0, input.length - TAG), TAG)
  input.resize(CIPHERTEXT_AT + length)
  input.insert(input.length, tag)
}

/** Repairs the alignment, or breaks it by a byte. */
const alignment: Mutator = (input, rng) => {
  const over = (input.length - CIPHERTEXT_AT - TAG) % BLOCK
  input.resize(input.length - over + rng.pick([0, 0, -1, 1]))
}

const ends = (input: Input): boolean => input.length >= CIPHERTEXT_AT + BLOCK + TAG && (input.length - 55) % BLOCK === 0

const writeTag = (input: Input): void => {
  const [, mac] = POSITION.keys
  input.write(input.length - TAG, nodeCrypto.hmac(mac, input.bytes.subarray(0, input.length - TAG)))
}

const RESEALED = 8 // one in so many: cryptography costs as much as everything else together

/** The right tag over whatever is there. */
const reseal: Mutator = (input, rng) => {
  if (ends(input) && rng.oneIn(RESEALED)) writeTag(input)
}

/** Edits the last plaintext block under the encryption, then seals again: paddings, right and wrong, with a right tag. */
const resealPadding: Mutator = (input, rng) => {
  if (!ends(input) || !rng.oneIn(RESEALED)) return
  const [enc] = POSITION.keys
  const at = input.length - TAG - BLOCK
  const iv = input.copyOf(at - BLOCK >= CIPHERTEXT_AT ? at - BLOCK : IV_AT, BLOCK)
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

export const FRAME_MUTATORS: readonly Mutator[] = [
  setOpcode,
  setId,
  setRound,
  setDirection,
  expectedHeader,
  changeBlocks,
  alignment,
  reseal,
  resealPadding,
]
