/** The seam to the cryptographic library: the only file that knows one. */
import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto'

/** Random bytes from a CSPRNG; handed to whoever sends. All freshness of the protocol rests on it (PROTOCOL §9). */
export type Rng = (bytes: number) => Uint8Array

/** Five primitives, no policy. Everything above (HKDF, padding, comparison) is ours. */
export interface Crypto {
  /** HMAC-SHA256: 32 bytes. */
  hmac(key: Uint8Array, data: Uint8Array): Uint8Array
  /** SHA-256: 32 bytes. */
  sha256(data: Uint8Array): Uint8Array
  /** AES-128-CBC without padding; `padded` is a whole number of blocks. */
  aesEncrypt(key: Uint8Array, iv: Uint8Array, padded: Uint8Array): Uint8Array
  aesDecrypt(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array
  /** Overwrites a secret that is no longer needed. */
  erase(secret: Uint8Array): void
}

/** A Buffer is a Uint8Array with a different `slice`; only plain arrays leave this file. */
const plain = (b: Buffer): Uint8Array => new Uint8Array(b.buffer, b.byteOffset, b.length)

const BLOCK = 64 // of SHA-256, bytes
const HASH_BYTES = 32
let work = new Uint8Array(BLOCK + 4_400) // a key block and a frame; grows when it must

/**
 * HMAC-SHA256 (RFC 2104) out of two one-shot hashes, which take half the time of the library's Hmac object with its
 * memory to be collected. Nothing of key or data stays in `work`; only the inner hash is ever a string.
 */
const hmac = (key: Uint8Array, data: Uint8Array): Uint8Array => {
  const used = BLOCK + Math.max(data.length, HASH_BYTES)
  if (used > work.length) work = new Uint8Array(2 * used)
  const short = key.length > BLOCK ? hash('sha256', key, 'buffer') : key
  work.fill(0x36, 0, BLOCK)
  for (let i = 0; i < short.length; i++) work[i]! ^= short[i]!
  work.set(data, BLOCK)
  const inner = hash('sha256', work.subarray(0, BLOCK + data.length), 'binary')
  for (let i = 0; i < BLOCK; i++) work[i]! ^= 0x36 ^ 0x5c
  for (let i = 0; i < HASH_BYTES; i++) work[BLOCK + i] = inner.charCodeAt(i)
  const outer = hash('sha256', work.subarray(0, BLOCK + HASH_BYTES), 'buffer')
  work.fill(0, 0, used)
  return plain(outer)
}

// PROTOCOL §3: no library padding. Without it the last call of a cipher yields no bytes and is not needed.
const CIPHER = 'aes-128-cbc'

/** The provider on node:crypto. */
export const nodeCrypto: Crypto = {
  hmac,
  sha256: (data) => plain(hash('sha256', data, 'buffer')),
  aesEncrypt: (key, iv, padded) => plain(createCipheriv(CIPHER, key, iv).setAutoPadding(false).update(padded)),
  aesDecrypt: (key, iv, data) => plain(createDecipheriv(CIPHER, key, iv).setAutoPadding(false).update(data)),
  erase: (secret) => {
    secret.fill(0)
  },
}

export const nodeRng: Rng = (bytes) => plain(randomBytes(bytes))
