/** The seam to the cryptographic library: the only file that knows one. */
import { createCipheriv, createDecipheriv, hash, randomFillSync } from 'node:crypto'

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

/**
 * A digest passes through text: Buffers of the library lie outside the heap, and to make and collect one costs three
 * times the hash. It is a copy that cannot be overwritten, like those that the collector makes when it moves a key.
 */
const sha256 = (data: Uint8Array): Uint8Array => bytesOf(hash('sha256', data, 'binary'))

const bytesOf = (text: string): Uint8Array => {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

const BLOCK = 64 // of SHA-256, bytes
const HASH_BYTES = 32
const INNER = 0x36363636
const OUTER = 0x5c5c5c5c
let work = new Uint8Array(BLOCK + 4_400) // a key block and a frame; grows when it must
let keyBlock = new Uint32Array(work.buffer, 0, BLOCK / 4)

/** RFC 2104 on one-shot hashes, for the same reason. All zero in between, `work` keeps nothing of key and data. */
const hmac = (key: Uint8Array, data: Uint8Array): Uint8Array => {
  const used = BLOCK + Math.max(data.length, HASH_BYTES)
  if (used > work.length) {
    work = new Uint8Array(2 * used)
    keyBlock = new Uint32Array(work.buffer, 0, BLOCK / 4)
  }
  work.set(key.length > BLOCK ? sha256(key) : key)
  for (let i = 0; i < keyBlock.length; i++) keyBlock[i]! ^= INNER
  work.set(data, BLOCK)
  const inner = sha256(work.subarray(0, BLOCK + data.length))
  for (let i = 0; i < keyBlock.length; i++) keyBlock[i]! ^= INNER ^ OUTER
  work.set(inner, BLOCK)
  const tag = sha256(work.subarray(0, BLOCK + HASH_BYTES))
  work.fill(0, 0, used)
  return tag
}

// PROTOCOL §3: no library padding. Without it the last call of a cipher yields no bytes and is not needed.
const CIPHER = 'aes-128-cbc'

/** The provider on node:crypto. */
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

/** At most 4,096 bytes a draw. The system is asked for many at once; what was handed out is overwritten here. */
export const nodeRng: Rng = (bytes) => {
  if (used + bytes > DRAWN_AT_ONCE) {
    randomFillSync(drawn)
    used = 0
  }
  const fresh = drawn.slice(used, used + bytes)
  drawn.fill(0, used, used + bytes)
  used += bytes
  return fresh
}
