/** Of node:crypto what the parts of the playground use, on the noble primitives: the same bytes in a browser. */
import { cbc } from '@noble/ciphers/aes.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { Buffer } from './buffer.ts'

/** As `hash('sha256', data, 'binary')`: one character a byte. */
export const hash = (_algorithm: 'sha256', data: string | Uint8Array, _as: 'binary'): string =>
  String.fromCharCode(...sha256(typeof data === 'string' ? Buffer.from(data) : data))

/** A cipher that is given everything in one `update`, without padding. */
const cipher = (apply: (data: Uint8Array) => Uint8Array) => {
  const it = { setAutoPadding: (_on: false) => it, update: apply }
  return it
}
const aes = (key: Uint8Array, iv: Uint8Array) => cbc(key, iv, { disablePadding: true })

export const createCipheriv = (_name: 'aes-128-cbc', key: Uint8Array, iv: Uint8Array) =>
  cipher((data) => aes(key, iv).encrypt(data))

export const createDecipheriv = (_name: 'aes-128-cbc', key: Uint8Array, iv: Uint8Array) =>
  cipher((data) => aes(key, iv).decrypt(data))

export const randomFillSync = (bytes: Uint8Array<ArrayBuffer>): Uint8Array => globalThis.crypto.getRandomValues(bytes)
