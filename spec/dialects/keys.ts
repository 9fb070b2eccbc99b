/** Key schedules of DIALECTS, key by key: what is derived, by which hash, to which length. */
import { md5 as nobleMd5 } from '@noble/hashes/legacy.js'
import { ascii, concat } from '../reference/bytes.ts'
import { hkdf, hmac, sha256 } from '../reference/primitives.ts'
import type { Dialect, Direction } from './dialect.ts'

export const md5 = (data: Uint8Array): Uint8Array => nobleMd5(data)

/** Order everywhere: C2S-ENC, C2S-MAC, S2C-ENC, S2C-MAC. */
export type KeyIndex = 0 | 1 | 2 | 3
export type Keys = readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array]

export const LABELS = ['C2S-ENC', 'C2S-MAC', 'S2C-ENC', 'S2C-MAC'] as const

export const encIndex = (d: Direction): KeyIndex => (d === 'c2s' ? 0 : 2)
export const macIndex = (d: Direction): KeyIndex => (d === 'c2s' ? 1 : 3)
export const directionOf = (i: KeyIndex): Direction => (i < 2 ? 'c2s' : 's2c')

/** What a key is derived for. Only HKDF separates its uses; the plain hashes of DIALECTS take the input as it is. */
const tagged = (word: string): Uint8Array => concat(ascii(word), Uint8Array.of(0))
const USES = { init: tagged('init'), evolve: tagged('evolve'), hello: tagged('hello'), bind: tagged('bind') }

/**
 * A key of the kind `i` from another one. PROTOCOL §4: `init` from the master key with the label as input; `evolve` with
 * what the formulas absorb; `hello` with SHA-256(HELLO frame); `bind` with SHA-256(HELLO frame ‖ CHALLENGE frame).
 */
export function derivedKey(d: Dialect, key: Uint8Array, use: keyof typeof USES, input: Uint8Array, i: KeyIndex) {
  const length = i === 0 || i === 2 ? d.encKeyBytes : d.macKeyBytes
  if (d.hash === 'hkdf-sha256') return hkdf(key, concat(USES[use], input), length) // PROTOCOL §3: KDF(k, x, L)
  const digest = d.hash === 'sha256' ? sha256 : md5
  switch (use === 'init' ? d.initialForm : d.evolveForm) {
    case 'key-first':
      return digest(concat(key, input)).subarray(0, length)
    case 'key-last':
      return digest(concat(input, key)).subarray(0, length)
    case 'hmac':
      return hmac(key, input).subarray(0, length)
    case 'hkdf':
      return hkdf(key, input, length)
  }
}
