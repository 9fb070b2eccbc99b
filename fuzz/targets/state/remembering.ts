/** Real cryptography that remembers: from one execution to the next most of what is computed is the same. */
import { NOBLE, type Primitives } from '../../../spec/reference/primitives.ts'
import type { Crypto } from '../../../src/index.ts'
import type { Implementation } from '../../target.ts'
import type { Provider } from './stage.ts'

const KEPT = 4_096 // results in each of two generations

const text = (b: Uint8Array): string => Buffer.from(b.buffer, b.byteOffset, b.length).toString('latin1')

/** Forgets the older half at once; only speed depends on it. */
class Memory {
  #young = new Map<string, Uint8Array>()
  #old = new Map<string, Uint8Array>()

  /** The same bytes each time, never to be written to. */
  of(name: string, compute: () => Uint8Array): Uint8Array {
    const young = this.#young.get(name)
    if (young !== undefined) return young
    const value = this.#old.get(name) ?? compute()
    if (this.#young.size >= KEPT) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(name, value)
    return value
  }
}

/** A provider of src that computes nothing twice; what it gives away is a copy, since secrets are erased in place. */
const remembering = (real: Crypto): Crypto => {
  const memory = new Memory()
  return {
    // Keys of different lengths cannot be confused: the length comes first.
    hmac: (key, data) =>
      memory.of(`h${key.length} ${text(key)}${text(data)}`, () => real.hmac(key, data).slice()).slice(),
    sha256: (data) => memory.of(`s${text(data)}`, () => real.sha256(data).slice()).slice(),
    aesEncrypt: (key, iv, padded) =>
      memory
        .of(`e${key.length} ${text(key)}${text(iv)}${text(padded)}`, () => real.aesEncrypt(key, iv, padded).slice())
        .slice(),
    aesDecrypt: (key, iv, data) =>
      memory
        .of(`d${key.length} ${text(key)}${text(iv)}${text(data)}`, () => real.aesDecrypt(key, iv, data).slice())
        .slice(),
    erase: (secret) => real.erase(secret),
  }
}

/** The same for the reference, which never writes to what it is given. */
const rememberingReference = (real: Primitives): Primitives => {
  const memory = new Memory()
  return {
    sha256: (data) => memory.of(`s${text(data)}`, () => real.sha256(data)),
    hmac: (key, data) => memory.of(`h${key.length} ${text(key)}${text(data)}`, () => real.hmac(key, data)),
    hkdf: (ikm, info, length) =>
      memory.of(`k${length} ${ikm.length} ${text(ikm)}${text(info)}`, () => real.hkdf(ikm, info, length)),
    aesCbcEncrypt: (key, iv, blocks) =>
      memory.of(`e${text(key)}${text(iv)}${text(blocks)}`, () => real.aesCbcEncrypt(key, iv, blocks)),
    aesCbcDecrypt: (key, iv, blocks) =>
      memory.of(`d${text(key)}${text(iv)}${text(blocks)}`, () => real.aesCbcDecrypt(key, iv, blocks)),
  }
}

/** What an implementation brings with it, and noble for the reference. */
export const realProvider = (src: Implementation): Provider => ({
  crypto: remembering(src.nodeCrypto),
  primitives: rememberingReference(NOBLE),
})
