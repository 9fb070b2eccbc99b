/**
 * SHA-256 and HMAC-SHA256 (PROTOCOL §3), each a new array of 32 bytes.
 *
 * By hand, and with digests that pass through text, for speed: a round at the server takes ten HMACs, eight of them for
 * keys, and the Buffer of a digest lies outside the heap, so that to make and collect it costs more than the hash.
 * `npm run bench` compares, relative to this file (Node 20, several runs): `createHmac` costs 1.4 to 1.7 times the
 * server's CPU time a round and 1.1 to 1.3 times that of a checked schedule; the same formula with digests in Buffers 1.2
 * to 1.5 times and 1.2 to 1.3 times. The plainest that is within 15 % of the fastest in both is meant to stand here.
 *
 * The price: a digest, and so a key derived from it, is for a moment in a string, which nobody can overwrite. SECURITY.md
 * says so. Everything else that a key goes into on its way is in `work`, which is all zero between calls.
 */
import { hash } from 'node:crypto'

const BLOCK = 64 // of SHA-256, bytes
const HASH_BYTES = 32
const INNER = 0x36363636 // RFC 2104: ipad and opad, four bytes at a time
const OUTER = 0x5c5c5c5c
let work = new Uint8Array(BLOCK + 4_400) // a key block and a frame; grows when it must
let keyBlock = new Uint32Array(work.buffer, 0, BLOCK / 4)

/** Writes the SHA-256 of `data` into `to` at `at`; it may be that `data` lies there. */
const digest = (data: Uint8Array, to: Uint8Array, at: number): void => {
  const text = hash('sha256', data, 'binary')
  for (let i = 0; i < HASH_BYTES; i++) to[at + i] = text.charCodeAt(i)
}

/** SHA-256 of `data`. */
export const sha256 = (data: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(HASH_BYTES)
  digest(data, bytes, 0)
  return bytes
}

/** HMAC-SHA256 (RFC 2104). */
export const hmac = (key: Uint8Array, data: Uint8Array): Uint8Array => {
  const used = BLOCK + Math.max(data.length, HASH_BYTES)
  if (used > work.length) {
    work = new Uint8Array(2 * used)
    keyBlock = new Uint32Array(work.buffer, 0, BLOCK / 4)
  }
  if (key.length > BLOCK) digest(key, work, 0)
  else work.set(key)
  for (let i = 0; i < keyBlock.length; i++) keyBlock[i]! ^= INNER
  work.set(data, BLOCK)
  digest(work.subarray(0, BLOCK + data.length), work, BLOCK)
  for (let i = 0; i < keyBlock.length; i++) keyBlock[i]! ^= INNER ^ OUTER
  const tag = sha256(work.subarray(0, BLOCK + HASH_BYTES))
  work.fill(0, 0, used)
  return tag
}
