/** The key schedule of PROTOCOL §4. Every function derives new keys and leaves its argument as it was. */
import type { Crypto } from './crypto.ts'
import { ciphertextOf, ivOf } from './frame.ts'
import { concat, type DirectionKeys, kdf } from './primitives.ts'

/** `literal` leaves out the hello step and the bind step; it exists to be studied. */
export type Mode = 'bound' | 'literal'

/** The keys of a session: client to server, and server to client. */
export interface Keys {
  readonly c2s: DirectionKeys
  readonly s2c: DirectionKeys
}

const info = (text: string): Uint8Array => new TextEncoder().encode(`${text}\0`)
const EVOLVE = info('evolve')
const HELLO = info('hello')
const BIND = info('bind')
const [C2S_ENC, C2S_MAC, S2C_ENC, S2C_MAC] = (['C2S-ENC', 'C2S-MAC', 'S2C-ENC', 'S2C-MAC'] as const).map((label) =>
  new TextEncoder().encode(`init\0${label}`),
) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]

/** The one initial key a server needs to tell a genuine HELLO from junk. */
export const helloMacKey = (c: Crypto, master: Uint8Array): Uint8Array => kdf(c, master, C2S_MAC, 32)

/** K0 = KDF(master, "init" ‖ 00 ‖ label). A C2S-MAC that was derived already is taken over. */
export const initialKeys = (c: Crypto, master: Uint8Array, c2sMac = helloMacKey(c, master)): Keys => ({
  c2s: { enc: kdf(c, master, C2S_ENC, 16), mac: c2sMac },
  s2c: { enc: kdf(c, master, S2C_ENC, 16), mac: kdf(c, master, S2C_MAC, 32) },
})

/** Both keys of a direction through the KDF with one `info`. */
const step = (c: Crypto, { enc, mac }: DirectionKeys, info: Uint8Array): DirectionKeys => ({
  enc: kdf(c, enc, info, 16),
  mac: kdf(c, mac, info, 32),
})

/** The evolution formulas of C2S: both inputs are in the client's frame (HELLO or DATA). */
const evolveC2s = (c: Crypto, { enc, mac }: DirectionKeys, fromClient: Uint8Array): DirectionKeys => ({
  enc: kdf(c, enc, concat(EVOLVE, ciphertextOf(fromClient)), 16),
  mac: kdf(c, mac, concat(EVOLVE, ivOf(fromClient)), 32),
})

/** Those of S2C, from the server's answer: plaintext of the CHALLENGE and the byte 00, or AggregatedData and StatusCode. */
const evolveS2c = (c: Crypto, { enc, mac }: DirectionKeys, data: Uint8Array, status: Uint8Array): DirectionKeys => ({
  enc: kdf(c, enc, concat(EVOLVE, data), 16),
  mac: kdf(c, mac, concat(EVOLVE, status), 32),
})

/** The four evolution formulas for one exchange. */
export const evolve = (c: Crypto, keys: Keys, fromClient: Uint8Array, data: Uint8Array, status: Uint8Array): Keys => ({
  c2s: evolveC2s(c, keys.c2s, fromClient),
  s2c: evolveS2c(c, keys.s2c, data, status),
})

/**
 * Hello step: h = SHA-256(HELLO); both S2C keys become KDF(key, "hello" ‖ 00 ‖ h), and both C2S keys go through the
 * evolution of round 0 already, so that no key is left that all sessions of a client share.
 */
export const helloStep = (c: Crypto, mode: Mode, keys: Keys, hello: Uint8Array): Keys => {
  if (mode === 'literal') return keys
  const x = concat(HELLO, c.sha256(hello))
  return { c2s: evolveC2s(c, keys.c2s, hello), s2c: step(c, keys.s2c, x) }
}

/** Bind step: t = SHA-256(HELLO ‖ CHALLENGE); each key becomes KDF(key, "bind" ‖ 00 ‖ t). */
const bindStep = (c: Crypto, mode: Mode, keys: Keys, hello: Uint8Array, challenge: Uint8Array): Keys => {
  if (mode === 'literal') return keys
  const x = concat(BIND, c.sha256(concat(hello, challenge)))
  return { c2s: step(c, keys.c2s, x), s2c: step(c, keys.s2c, x) }
}

const STATUS_OK = Uint8Array.of(0)

/** The keys of round 1: the rest of the R = 0 evolution after the hello step, then the bind step. `text`: of the CHALLENGE. */
export const keysOfRoundOne = (
  c: Crypto,
  mode: Mode,
  keys: Keys,
  hello: Uint8Array,
  challenge: Uint8Array,
  text: Uint8Array,
): Keys => {
  const c2s = mode === 'literal' ? evolveC2s(c, keys.c2s, hello) : keys.c2s
  const evolved = { c2s, s2c: evolveS2c(c, keys.s2c, text, STATUS_OK) }
  const bound = bindStep(c, mode, evolved, hello, challenge)
  eraseReplaced(c, { ...bound, s2c: evolved.s2c }, bound) // the C2S keys that were replaced are the caller's
  return bound
}

const DIRECTIONS = ['c2s', 's2c'] as const
const PURPOSES = ['enc', 'mac'] as const

/** Overwrites the keys of `old` that are not also keys of `next`; all of them when there is no next. */
export const eraseReplaced = (c: Crypto, old: Keys | null, next: Keys | null): void => {
  if (old === null) return
  for (const direction of DIRECTIONS)
    for (const purpose of PURPOSES) {
      const key = old[direction][purpose]
      if (key !== next?.[direction][purpose]) c.erase(key)
    }
}

/** A copy that survives the erasure of the original. */
export const copyKeys = ({ c2s, s2c }: Keys): Keys => ({
  c2s: { enc: c2s.enc.slice(), mac: c2s.mac.slice() },
  s2c: { enc: s2c.enc.slice(), mac: s2c.mac.slice() },
})

/** A copy of a session's state, at either end, that shares no key with it. */
export const copyState = <S extends { readonly keys: Keys | null }>(state: S): S =>
  state.keys === null ? state : { ...state, keys: copyKeys(state.keys) }
