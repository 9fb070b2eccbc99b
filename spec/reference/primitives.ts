/** The cryptography of PROTOCOL §3 on noble primitives, and nothing of the protocol. */
import { cbc } from '@noble/ciphers/aes.js'
import { hmac as nobleHmac } from '@noble/hashes/hmac.js'
import { md5 as nobleMd5 } from '@noble/hashes/legacy.js'
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

// RFC 5869 §2.2: an absent salt is HashLen zero bytes, which HMAC pads to the same block as no bytes at all. The state
// after that block is the same for every extraction, so it is kept.
const EXTRACT_WITHOUT_SALT = nobleHmac.create(nobleSha256, EMPTY)
const COUNTER_ONE = Uint8Array.of(1)

const nobleHmac256 = (key: Uint8Array, data: Uint8Array): Uint8Array => nobleHmac(nobleSha256, key, data)

export const NOBLE: Primitives = {
  sha256: (data) => nobleSha256(data),
  hmac: nobleHmac256,
  // RFC 5869: extract, then one step of expand; PROTOCOL §3 asks for 16 or 32 bytes, so T(1) is enough.
  hkdf(ikm, info, length) {
    const prk = EXTRACT_WITHOUT_SALT.clone().update(ikm).digest()
    return nobleHmac256(prk, concat(info, COUNTER_ONE)).subarray(0, length)
  },
  aesCbcEncrypt: (key, iv, blocks) => cbc(key, iv, { disablePadding: true }).encrypt(blocks),
  aesCbcDecrypt: (key, iv, blocks) => cbc(key, iv, { disablePadding: true }).decrypt(blocks),
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
export const md5 = (data: Uint8Array): Uint8Array => nobleMd5(data)
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
  for (let p = 1; p <= BLOCK && p <= padded.length; p++) {
    const end = padded.length - p
    const row = PADDINGS[p] ?? EMPTY
    // No two rows share their last byte, so at most one row can be the ending.
    if (row.every((byte, i) => padded[end + i] === byte)) return padded.subarray(0, end)
  }
  return null
}
