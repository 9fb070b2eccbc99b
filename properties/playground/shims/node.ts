/**
 * What the parts of the playground use of node:crypto, on the noble primitives (the same bytes in a browser), of node:util, and
 * of cli-table3: there is no terminal in a browser.
 */
import { cbc } from '@noble/ciphers/aes.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { Buffer } from './globals.ts'

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

const isObject = (v: unknown): v is object => typeof v === 'object' && v !== null

/** For plain data, arrays and typed arrays. */
export const isDeepStrictEqual = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true
  if (!isObject(a) || !isObject(b) || Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((k) => Object.hasOwn(b, k) && isDeepStrictEqual(Reflect.get(a, k), Reflect.get(b, k)))
}

/** A page has colours of its own. */
export const styleText = (_how: string, text: string): string => text

export default class {}
