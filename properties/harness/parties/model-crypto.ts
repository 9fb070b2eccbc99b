/**
 * Model cryptography: what takes the place of cryptography where only equality matters (ADVERSARY §7). Equal inputs give
 * equal outputs, different ones different outputs but for chance, and a ciphertext opens under its own key and IV alone.
 * An HMAC is seven, an AES block twenty times as fast as that of node:crypto.
 */
import { concat } from '../../../spec/reference/bytes.ts'
import { type Primitives, withPrimitives } from '../../../spec/reference/primitives.ts'
import type * as implementation from '../../../src/index.ts'
import type { Crypto } from '../../../src/index.ts'
import { type Lack, type System, systemOf } from '../world/system.ts'
import { partyOf } from './src.ts'

const HASH_BYTES = 32
const BLOCK = 16

const { imul } = Math // once: where the realm is sealed, Math.imul is a getter

/** Two lanes of multiply and rotate, as MurmurHash3 does with one. */
const mix = (a: number, b: number, bytes: Uint8Array): readonly [number, number] => {
  const { length } = bytes
  let x = a ^ length
  let y = b ^ imul(length, 0x9e3779b1)
  // Four bytes at a time; what is missing at the end counts as zeros, which the length tells from real ones. Nothing is read
  // behind the end: that alone would take longer than the rest.
  for (let i = 0; i < length; i += 4) {
    let word = bytes[i]!
    if (i + 4 <= length) word |= (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    else for (let k = 1; i + k < length; k++) word |= bytes[i + k]! << (8 * k)
    x = imul(x ^ word, 0xcc9e2d51)
    x = (x << 15) | (x >>> 17)
    y = imul(y ^ (word + i), 0x85ebca6b) + x
    y = (y << 13) | (y >>> 19)
  }
  return [x, y]
}

/** As many bytes as asked for, out of 64 bits. */
const spread = ([a, b]: readonly [number, number], bytes: number): Uint8Array => {
  const out = new Uint8Array(bytes)
  let [x, y] = [a, b]
  for (let i = 0; i < bytes; i++) {
    if (i % 4 === 0) {
      x = imul(x ^ (x >>> 16) ^ y, 0x7feb352d)
      y = imul(y ^ (y >>> 15) ^ i, 0x846ca68b)
    }
    out[i] = (x ^ y) >>> (8 * (i % 4))
  }
  return out
}

const sha256 = (data: Uint8Array): Uint8Array => spread(mix(1, 2, data), HASH_BYTES)
/** Of fewer bytes: the first of them. */
const hmac = (key: Uint8Array, data: Uint8Array, bytes = HASH_BYTES): Uint8Array => {
  const [a, b] = mix(3, 4, key)
  return spread(mix(a, b, data), bytes)
}

/** Adds what key and IV give; adding it again takes it away. */
const crypt = (key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array => {
  if (key.length !== BLOCK || iv.length !== BLOCK || blocks.length % BLOCK !== 0)
    throw new RangeError(`expected a key and an IV of 16 bytes, and whole blocks`)
  const [a, b] = mix(5, 6, key)
  const out = spread(mix(a, b, iv), blocks.length)
  for (let i = 0; i < out.length; i++) out[i]! ^= blocks[i]!
  return out
}

export const modelCrypto: Crypto = {
  hmac,
  sha256,
  aesEncrypt: crypt,
  aesDecrypt: crypt,
  erase: (secret) => {
    secret.fill(0)
  },
}

const NO_SALT = new Uint8Array(HASH_BYTES)
const ONE = Uint8Array.of(1)

export const modelPrimitives: Primitives = {
  sha256,
  hmac,
  hkdf: (ikm, info, length) => hmac(hmac(NO_SALT, ikm), concat(info, ONE), length),
  aesCbcEncrypt: crypt,
  aesCbcDecrypt: crypt,
}

/** What is known of a system, where it plays under model cryptography: whatever asks about the bytes is not observable. */
export const withoutBytes = <S extends Pick<System, 'name' | 'lacks'>>(s: S): S => ({
  ...s,
  name: `${s.name}, model cryptography`,
  lacks: new Set<Lack>([...s.lacks, 'bytes']),
})

/** An implementation in src/ as it is, but for its cryptography. */
export const modelSystem = (src: typeof implementation): System => {
  const party = partyOf({ ...src, nodeCrypto: modelCrypto })
  return withoutBytes(systemOf('src', party, party))
}

/** Plays such a system: reference, tracker and adversary use the same. */
export const underModel = <T>(act: () => T): T => withPrimitives(modelPrimitives, act)
