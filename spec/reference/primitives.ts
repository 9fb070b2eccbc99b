/** The cryptography of PROTOCOL §3 on noble primitives, and nothing of the protocol. */
import { cbc } from '@noble/ciphers/aes.js'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { concat, EMPTY } from './bytes.ts'

export const BLOCK = 16 // AES block, bytes

/** What PROTOCOL §3 rests on. AES is given whole blocks; padding is not its business. */
export interface Primitives {
  sha256(data: Uint8Array): Uint8Array
  hmac(key: Uint8Array, data: Uint8Array): Uint8Array
  /** HKDF-SHA256 without salt, 1..32 bytes. */
  hkdf(ikm: Uint8Array, info: Uint8Array, length: number): Uint8Array
  aesCbcEncrypt(key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array
  aesCbcDecrypt(key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array
}

// One SHA-256 serves all: to make noble's object anew costs more than to hash a frame with it.
const FRESH = nobleSha256.create()
const running = FRESH.clone()
const digest = new Uint8Array(new ArrayBuffer(32)) // memory of its own, so that noble's view of it is cheap

/** SHA-256 of the parts one after the other, going on from what `start` has absorbed. */
function sha256From(start: typeof FRESH, ...parts: readonly Uint8Array[]): Uint8Array {
  start._cloneInto(running)
  for (const part of parts) running.update(part)
  running.digestInto(digest)
  return digest.slice()
}

const nobleSha = (data: Uint8Array): Uint8Array => sha256From(FRESH, data)

const HASH_BLOCK = 64 // SHA-256 block, bytes
const block = new Uint8Array(new ArrayBuffer(HASH_BLOCK))

/** The key as RFC 2104 pads it, in the one `block`. */
function keyBlock(key: Uint8Array, pad: 0x36 | 0x5c): Uint8Array {
  block.fill(pad)
  for (let i = 0; i < key.length; i++) block[i]! ^= key[i]!
  return block
}

/** HMAC-SHA256, RFC 2104. */
function nobleHmac(key: Uint8Array, data: Uint8Array): Uint8Array {
  const short = key.length > HASH_BLOCK ? nobleSha(key) : key
  const inner = sha256From(FRESH, keyBlock(short, 0x36), data)
  return sha256From(FRESH, keyBlock(short, 0x5c), inner)
}

// RFC 5869 §2.2: an absent salt is HashLen zero bytes, which HMAC pads to the same block as no bytes at all. The states
// after that block are the same for every extraction, so they are kept.
const NO_SALT_INNER = FRESH.clone().update(keyBlock(EMPTY, 0x36))
const NO_SALT_OUTER = FRESH.clone().update(keyBlock(EMPTY, 0x5c))
const COUNTER_ONE = Uint8Array.of(1)

/** RFC 5869: extract, then one step of expand; PROTOCOL §3 asks for 16 or 32 bytes, so T(1) is enough. */
function nobleHkdf(ikm: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const prk = sha256From(NO_SALT_OUTER, sha256From(NO_SALT_INNER, ikm))
  return nobleHmac(prk, concat(info, COUNTER_ONE)).slice(0, length)
}

const nobleEncrypt = (key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array =>
  cbc(key, iv, { disablePadding: true }).encrypt(blocks)

// Noble's AES works on words: of views into a frame it makes aligned copies, each with memory of its own.
const words = (bytes: number): Uint8Array => new Uint8Array(new ArrayBuffer(bytes))
const AES_KEY = words(16)
const AES_IV = words(BLOCK)
let [from, to] = [words(4_112), words(4_112)] // the longest ciphertext of PROTOCOL §2; other dialects may need more

/** Key and IV: 16 bytes each. */
function nobleDecrypt(key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array {
  const { length } = blocks
  if (length > from.length) [from, to] = [words(length), words(length)]
  AES_KEY.set(key)
  AES_IV.set(iv)
  from.set(blocks)
  return cbc(AES_KEY, AES_IV, { disablePadding: true })
    .decrypt(from.subarray(0, length), to.subarray(0, length))
    .slice()
}

export const NOBLE: Primitives = {
  sha256: nobleSha,
  hmac: nobleHmac,
  hkdf: nobleHkdf,
  aesCbcEncrypt: nobleEncrypt,
  aesCbcDecrypt: nobleDecrypt,
}

let current = NOBLE

/** Those in use: keys derived under others are of no use. */
export const primitives = (): Primitives => current

/**
 * Runs `act` on other primitives: ones that remember, or ones that are no cryptography but say "equal" to the same
 * things. Everything made meanwhile belongs to them, and makes sense only under them.
 */
export const withPrimitives = <T>(p: Primitives, act: () => T): T => {
  const before = current
  current = p
  try {
    return act()
  } finally {
    current = before
  }
}

export const sha256 = (data: Uint8Array): Uint8Array => current.sha256(data)
export const hmac = (key: Uint8Array, data: Uint8Array): Uint8Array => current.hmac(key, data)
export const hkdf = (ikm: Uint8Array, info: Uint8Array, length: number): Uint8Array => current.hkdf(ikm, info, length)
export const aesCbcEncrypt = (key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array =>
  current.aesCbcEncrypt(key, iv, blocks)
/** Call only on ciphertext whose tag has verified (PROTOCOL §3). */
export const aesCbcDecrypt = (key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array =>
  current.aesCbcDecrypt(key, iv, blocks)

/** RFC 5652 §6.3 as a table: entry p is p bytes of value p. Entry 0 is never a padding. */
const PADDINGS: readonly Uint8Array[] = Array.from({ length: BLOCK + 1 }, (_, p) => new Uint8Array(p).fill(p))

/** PROTOCOL §3: p = 16 - (len mod 16), so an aligned plaintext gets a full block. */
export const pad = (plaintext: Uint8Array): Uint8Array =>
  concat(plaintext, PADDINGS[BLOCK - (plaintext.length % BLOCK)] ?? EMPTY)

/**
 * PROTOCOL §3: accepts only 1 <= p <= 16 with the last p bytes all equal to p; null otherwise.
 * Call only on plaintext whose tag has verified: a distinguishable failure here is a padding oracle.
 */
export function unpad(padded: Uint8Array): Uint8Array | null {
  // No two rows share their last byte, so at most one row can be the ending.
  const row = PADDINGS[padded[padded.length - 1] ?? 0] ?? EMPTY
  const end = padded.length - row.length
  return row.length > 0 && row.every((byte, i) => padded[end + i] === byte) ? padded.subarray(0, end) : null
}
