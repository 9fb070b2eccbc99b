/** The seam to the cryptographic library: with hmac.ts the only place that knows one. */
import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto'
import { hmac, sha256 } from './hmac.ts'

/** Random bytes from a CSPRNG; handed to whoever sends. All freshness of the protocol rests on it (PROTOCOL §9). */
export type Rng = (bytes: number) => Uint8Array

/** Five primitives, no policy. Everything above (HKDF, padding, comparison) is ours. All sizes in bytes. */
export interface Crypto {
  /** HMAC-SHA256 under a key of any length: 32 bytes. */
  hmac(key: Uint8Array, data: Uint8Array): Uint8Array
  /** SHA-256: 32 bytes. */
  sha256(data: Uint8Array): Uint8Array
  /** AES-128-CBC without padding; key and IV of 16 bytes, `padded` a whole number of blocks of 16. */
  aesEncrypt(key: Uint8Array, iv: Uint8Array, padded: Uint8Array): Uint8Array
  /** The inverse of `aesEncrypt`. */
  aesDecrypt(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array
  /** Overwrites a secret that is no longer needed, in place. */
  erase(secret: Uint8Array): void
}

/** A Buffer is a Uint8Array with a different `slice`; only plain arrays leave this file. */
const plain = (b: Buffer): Uint8Array => new Uint8Array(b.buffer, b.byteOffset, b.length)

// PROTOCOL §3: no library padding. Without it the last call of a cipher yields no bytes and is not needed.
const CIPHER = 'aes-128-cbc'

/** The provider on node:crypto. Throws what that throws on keys, IVs and ciphertexts of the wrong size. */
export const nodeCrypto: Crypto = {
  hmac,
  sha256,
  aesEncrypt: (key, iv, padded) => plain(createCipheriv(CIPHER, key, iv).setAutoPadding(false).update(padded)),
  aesDecrypt: (key, iv, data) => plain(createDecipheriv(CIPHER, key, iv).setAutoPadding(false).update(data)),
  erase: (secret) => {
    secret.fill(0)
  },
}

const DRAWN_AT_ONCE = 4_096
const drawn = new Uint8Array(DRAWN_AT_ONCE)
let used = DRAWN_AT_ONCE

/**
 * At most 4,096 bytes a draw, a RangeError otherwise. The system is asked for many at once; what was handed out is
 * overwritten here.
 */
export const nodeRng: Rng = (bytes) => {
  if (!Number.isInteger(bytes) || bytes < 0 || bytes > DRAWN_AT_ONCE)
    throw new RangeError(`random bytes: expected an integer 0..${DRAWN_AT_ONCE}, got ${bytes}`)
  if (used + bytes > DRAWN_AT_ONCE) {
    randomFillSync(drawn)
    used = 0
  }
  const fresh = drawn.slice(used, used + bytes)
  drawn.fill(0, used, used + bytes)
  used += bytes
  return fresh
}
