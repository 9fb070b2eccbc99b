/** Cryptography above the seam (PROTOCOL §3): padding, HKDF, tag check, and the sealing and opening of frames. */
import type { Crypto, Rng } from './crypto.ts'
import { ciphertextOf, encodeUntagged, type Header, ivOf, taggedOf, tagOf } from './frame.ts'

const BLOCK = 16
const HASH_BYTES = 32
/** The keys of one direction: 16 bytes for AES-128-CBC, 32 for HMAC-SHA256. */
export interface DirectionKeys {
  readonly enc: Uint8Array
  readonly mac: Uint8Array
}

const NO_SALT = new Uint8Array(HASH_BYTES) // RFC 5869 §2.2: an empty salt is HashLen zeros

export const concat = (...parts: readonly Uint8Array[]): Uint8Array => {
  let length = 0
  for (const part of parts) length += part.length
  const all = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** PKCS#7 (RFC 5652 §6.3): 1..16 bytes, each holding their number; a full block when already aligned. */
export const pad = (plaintext: Uint8Array): Uint8Array => {
  const p = BLOCK - (plaintext.length % BLOCK)
  const padded = new Uint8Array(plaintext.length + p)
  padded.set(plaintext)
  padded.fill(p, plaintext.length)
  return padded
}

/**
 * Removes PKCS#7 padding; null unless 1 <= p <= 16 and the last p bytes all equal p. Call it only on plaintext whose
 * tag has verified: a distinguishable failure here is a padding oracle.
 */
export const unpad = (padded: Uint8Array): Uint8Array | null => {
  const p = padded[padded.length - 1] ?? 0
  if (p < 1 || p > BLOCK || p > padded.length) return null
  for (let i = padded.length - p; i < padded.length; i++) if (padded[i] !== p) return null
  return padded.subarray(0, padded.length - p)
}

/** HKDF-SHA256 (RFC 5869) for outputs of one hash block or less. Intermediate secrets are erased. */
export const hkdf = (c: Crypto, salt: Uint8Array, ikm: Uint8Array, info: Uint8Array, length: 16 | 32): Uint8Array => {
  const prk = c.hmac(salt, ikm)
  const block = c.hmac(prk, concat(info, ONE))
  c.erase(prk)
  if (length === HASH_BYTES) return block
  const okm = block.slice(0, length)
  c.erase(block)
  return okm
}
const ONE = Uint8Array.of(1) // the counter of T(1)

/** PROTOCOL §3: KDF(k, x, L) = HKDF-SHA256(IKM = k, salt = empty, info = x, length = L). */
export const kdf = (c: Crypto, key: Uint8Array, info: Uint8Array, length: 16 | 32): Uint8Array =>
  hkdf(c, NO_SALT, key, info, length)

/** Compares whole 32-byte tags in a time that does not depend on where they differ (PROTOCOL §3). */
export const sameTag = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== HASH_BYTES || b.length !== HASH_BYTES) return false
  let difference = 0
  for (let i = 0; i < HASH_BYTES; i++) difference |= a[i]! ^ b[i]!
  return difference === 0
}

/** Encrypt-then-MAC of one frame; draws its 16 IV bytes from `rng`. */
export const seal = (c: Crypto, keys: DirectionKeys, rng: Rng, header: Header, plaintext: Uint8Array): Uint8Array => {
  const iv = rng(16) // §2: fresh for every frame
  const frame = encodeUntagged(header, iv, c.aesEncrypt(keys.enc, iv, pad(plaintext)))
  tagOf(frame).set(c.hmac(keys.mac, taggedOf(frame)))
  return frame
}

/** Whether the tag of a well-formed frame verifies. */
export const verifies = (c: Crypto, mac: Uint8Array, frame: Uint8Array): boolean =>
  sameTag(c.hmac(mac, taggedOf(frame)), tagOf(frame))

/** The plaintext of a frame, null on bad padding. Only for a frame whose tag has verified (§3), for `unpad`'s reason. */
export const decrypt = (c: Crypto, enc: Uint8Array, frame: Uint8Array): Uint8Array | null =>
  unpad(c.aesDecrypt(enc, ivOf(frame), ciphertextOf(frame)))

/** The plaintext of a well-formed frame, or why it stays closed. */
export const open = (c: Crypto, keys: DirectionKeys, frame: Uint8Array): Uint8Array | 'bad-tag' | 'bad-padding' => {
  // PROTOCOL §3: the tag, before any decryption.
  if (!verifies(c, keys.mac, frame)) return 'bad-tag'
  return decrypt(c, keys.enc, frame) ?? 'bad-padding'
}
