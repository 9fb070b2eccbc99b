/** The frame of PROTOCOL §2, taken apart and put together, and its cryptography (§3). */
import type { Header } from '../events.ts'
import { concat, equal, viewOf } from './bytes.ts'
import { aesCbcDecrypt, aesCbcEncrypt, BLOCK, hmac, pad, unpad } from './primitives.ts'

export const HEADER_BYTES = 7 // §2: opcode 1, client id 1, round 4, direction 1
export const IV_BYTES = 16
export const TAG_BYTES = 32
const OVERHEAD = HEADER_BYTES + IV_BYTES + TAG_BYTES // §2: 55
export const MIN_FRAME = OVERHEAD + 16 // §2: one block
export const MAX_FRAME = OVERHEAD + 4_096 + 16 // §2: plaintext at most 4,096 bytes, and its padding

/** The parts are views of the frame's bytes. */
export interface Frame {
  readonly header: Header
  readonly iv: Uint8Array
  readonly ciphertext: Uint8Array
  readonly tag: Uint8Array
}

/** The header of anything that has one; null below 7 bytes. */
export function parseHeader(bytes: Uint8Array): Header | null {
  if (bytes.length < HEADER_BYTES) return null
  const view = viewOf(bytes)
  return { opcode: view.getUint8(0), id: view.getUint8(1), round: view.getUint32(2), direction: view.getUint8(6) }
}

export function encodeHeader(header: Header): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, header.opcode)
  view.setUint8(1, header.id)
  view.setUint32(2, header.round)
  view.setUint8(6, header.direction)
  return bytes
}

/** Null where there is no room for header, IV and tag. The ciphertext may be empty or unaligned: `isAligned` tells. */
export function parseFrame(bytes: Uint8Array): Frame | null {
  const header = parseHeader(bytes)
  if (header === null || bytes.length < OVERHEAD) return null
  const tagAt = bytes.length - TAG_BYTES
  return {
    header,
    iv: bytes.subarray(HEADER_BYTES, HEADER_BYTES + IV_BYTES),
    ciphertext: bytes.subarray(HEADER_BYTES + IV_BYTES, tagAt),
    tag: bytes.subarray(tagAt),
  }
}

/** PROTOCOL §2: 16·n bytes of ciphertext. */
export const isAligned = (frame: Frame): boolean => frame.ciphertext.length % BLOCK === 0

export const encodeFrame = (frame: Frame): Uint8Array =>
  concat(encodeHeader(frame.header), frame.iv, frame.ciphertext, frame.tag)

/** The two keys of one direction: ENC 16 bytes, MAC 32 (§1). */
export interface KeyPair {
  readonly enc: Uint8Array
  readonly mac: Uint8Array
}

/**
 * §3: ciphertext = AES-128-CBC(ENC key, IV, pad(plaintext)); tag = HMAC-SHA256(MAC key, header ‖ IV ‖ ciphertext).
 * `iv`: 16 fresh bytes. `padding` makes whole blocks of the plaintext; another than PKCS#7 is for tests.
 */
export function seal(keys: KeyPair, header: Header, plaintext: Uint8Array, iv: Uint8Array, padding = pad): Uint8Array {
  const ciphertext = aesCbcEncrypt(keys.enc, iv, padding(plaintext))
  const beforeTag = concat(encodeHeader(header), iv, ciphertext)
  return concat(beforeTag, hmac(keys.mac, beforeTag))
}

/** §3: over everything before the tag, in constant time and in full. `frame`: at least 55 bytes. */
export const tagVerifies = (mac: Uint8Array, frame: Uint8Array): boolean =>
  equal(hmac(mac, frame.subarray(0, frame.length - TAG_BYTES)), frame.subarray(frame.length - TAG_BYTES))

/** Null where the padding is wrong. Call only on an aligned frame whose tag has verified (§3). */
export const decrypt = (enc: Uint8Array, { iv, ciphertext }: Frame): Uint8Array | null =>
  unpad(aesCbcDecrypt(enc, iv, ciphertext))
