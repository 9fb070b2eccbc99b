/** Key schedules of DIALECTS, key by key: what is derived, by which hash, to which length. */

import { md5 as nobleMd5 } from '@noble/hashes/legacy.js'
import { ascii, concat } from '../reference/bytes.ts'
import { hkdf, sha256 } from '../reference/primitives.ts'
import type { Dialect, Direction } from './dialect.ts'

export const md5 = (data: Uint8Array): Uint8Array => nobleMd5(data)

/** Order everywhere: C2S-ENC, C2S-MAC, S2C-ENC, S2C-MAC. */
export type KeyIndex = 0 | 1 | 2 | 3
export type Keys = readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array]

export const LABELS = ['C2S-ENC', 'C2S-MAC', 'S2C-ENC', 'S2C-MAC'] as const

export const encIndex = (d: Direction): KeyIndex => (d === 'c2s' ? 0 : 2)
export const macIndex = (d: Direction): KeyIndex => (d === 'c2s' ? 1 : 3)
export const directionOf = (i: KeyIndex): Direction => (i < 2 ? 'c2s' : 's2c')
const isEnc = (i: KeyIndex): boolean => i === 0 || i === 2

const lengthOf = (d: Dialect, i: KeyIndex): number => (isEnc(i) ? d.encKeyBytes : d.macKeyBytes)

const tagged = (word: string): Uint8Array => concat(ascii(word), Uint8Array.of(0))
const INIT = tagged('init')
const EVOLVE = tagged('evolve')
const HELLO = tagged('hello')
const BIND = tagged('bind')
const LABEL_BYTES = LABELS.map(ascii)

/** `word`: only HKDF separates its uses; the plain hashes of DIALECTS take the input as it is. */
function derive(d: Dialect, key: Uint8Array, word: Uint8Array, input: Uint8Array, i: KeyIndex): Uint8Array {
  const length = lengthOf(d, i)
  switch (d.hash) {
    case 'hkdf-sha256':
      return hkdf(key, concat(word, input), length) // PROTOCOL §3: KDF(k, x, L)
    case 'sha256':
      return sha256(concat(key, input)).subarray(0, length)
    case 'md5':
      return md5(concat(key, input)).subarray(0, length)
  }
}

/** PROTOCOL §4: K0 = KDF(master, "init" ‖ 00 ‖ label). */
export const initialKey = (d: Dialect, master: Uint8Array, i: KeyIndex): Uint8Array =>
  derive(d, master, INIT, LABEL_BYTES[i]!, i)

/** PROTOCOL §4: evolve(k, d) = KDF(k, "evolve" ‖ 00 ‖ d). */
export const evolvedKey = (d: Dialect, key: Uint8Array, input: Uint8Array, i: KeyIndex): Uint8Array =>
  derive(d, key, EVOLVE, input, i)

/** PROTOCOL §4, hello step, S2C keys only: KDF(key, "hello" ‖ 00 ‖ h), h = SHA-256(HELLO frame). */
export const helloKey = (d: Dialect, key: Uint8Array, h: Uint8Array, i: KeyIndex): Uint8Array =>
  derive(d, key, HELLO, h, i)

/** PROTOCOL §4, bind step, all keys: KDF(key, "bind" ‖ 00 ‖ t), t = SHA-256(HELLO frame ‖ CHALLENGE frame). */
export const boundKey = (d: Dialect, key: Uint8Array, t: Uint8Array, i: KeyIndex): Uint8Array =>
  derive(d, key, BIND, t, i)
