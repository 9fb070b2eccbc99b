/** Encrypt-then-MAC of one frame under given keys, in any dialect (PROTOCOL §3, DIALECTS). */
import type { Header } from '../events.ts'
import { concat, EMPTY, equal } from '../reference/bytes.ts'
import { type Frame, HEADER_BYTES, IV_BYTES, isAligned, type KeyPair, TAG_BYTES } from '../reference/frame.ts'
import { aesCbcDecrypt, aesCbcEncrypt, BLOCK, hmac, pad, unpad } from '../reference/primitives.ts'
import type { Dialect } from './dialect.ts'
import { headerBytes } from './opcodes.ts'

/** What AES takes of a stored key, of which DIALECTS B has more. */
export const aesKey = (enc: Uint8Array): Uint8Array => (enc.length > 16 ? enc.slice(0, 16) : enc)

/** PROTOCOL §3: over header ‖ IV ‖ ciphertext, so over everything before the tag; some dialects leave the header out. */
export const tagOver = (dialect: Dialect, mac: Uint8Array, beforeTag: Uint8Array): Uint8Array =>
  hmac(mac, dialect.macScope === 'header+iv+ct' ? beforeTag : beforeTag.subarray(HEADER_BYTES))

export function tagVerifies(dialect: Dialect, mac: Uint8Array, bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES + IV_BYTES + TAG_BYTES) return false
  const tagAt = bytes.length - TAG_BYTES
  return equal(tagOver(dialect, mac, bytes.subarray(0, tagAt)), bytes.subarray(tagAt))
}

/**
 * Decrypts and unpads; null where the ciphertext is unaligned or the padding wrong. An empty ciphertext holds the
 * empty plaintext; whether its opcode may be empty is for the receiver to check. Call only after `tagVerifies`.
 */
export function decrypt(enc: Uint8Array, frame: Frame): Uint8Array | null {
  if (frame.ciphertext.length === 0) return EMPTY
  if (!isAligned(frame)) return null
  return unpad(aesCbcDecrypt(aesKey(enc), frame.iv, frame.ciphertext))
}

/** `rawPad` stands instead of correct padding, zero-filled to whole blocks. */
function padded(plaintext: Uint8Array, rawPad: Uint8Array | undefined): Uint8Array {
  if (rawPad === undefined) return pad(plaintext)
  const bytes = concat(plaintext, rawPad)
  return concat(bytes, new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK))
}

/** The frame's bytes. `iv`: 16 bytes; an opcode the dialect sends empty takes neither plaintext nor IV. */
export function seal(
  dialect: Dialect,
  keys: KeyPair,
  header: Header,
  plaintext: Uint8Array,
  iv: Uint8Array,
  rawPad?: Uint8Array,
): Uint8Array {
  const empty = dialect.emptyOpcodes.includes(header.opcode)
  const beforeTag = empty
    ? concat(headerBytes(dialect, header), new Uint8Array(IV_BYTES))
    : concat(headerBytes(dialect, header), iv, aesCbcEncrypt(aesKey(keys.enc), iv, padded(plaintext, rawPad)))
  return concat(beforeTag, tagOver(dialect, keys.mac, beforeTag))
}
