/** The key schedule of PROTOCOL §4, one formula after the other. */
import { ascii, concat } from './bytes.ts'
import type { KeyPair } from './frame.ts'
import { hkdf, type Primitives, primitives, sha256 } from './primitives.ts'

/** The four keys of a session (§1): ENC keys of 16 bytes, MAC keys of 32. */
export interface Keys {
  readonly c2s: KeyPair
  readonly s2c: KeyPair
}

const KDF = hkdf // §3: KDF(k, x, L)
const word = (text: string): Uint8Array => concat(ascii(text), Uint8Array.of(0)) // "text" ‖ 00
const [INIT, EVOLVE, HELLO, BIND] = [word('init'), word('evolve'), word('hello'), word('bind')]

/** K0 = KDF(master, "init" ‖ 00 ‖ label) */
const K0 = (master: Uint8Array, label: string, L: number): Uint8Array => KDF(master, concat(INIT, ascii(label)), L)

/** evolve(k, d) = KDF(k, "evolve" ‖ 00 ‖ d) */
const evolve = (k: Uint8Array, d: Uint8Array): Uint8Array => KDF(k, concat(EVOLVE, d), k.length)

/** C2S-ENC[R+1], C2S-MAC[R+1]: `client` is the client's frame of round R. */
export const evolvedC2S = (
  R: KeyPair,
  client: { readonly ciphertext: Uint8Array; readonly iv: Uint8Array },
): KeyPair => ({ enc: evolve(R.enc, client.ciphertext), mac: evolve(R.mac, client.iv) })

/** S2C-ENC[R+1], S2C-MAC[R+1] */
export const evolvedS2C = (R: KeyPair, AggregatedData: Uint8Array, StatusCode: Uint8Array): KeyPair => ({
  enc: evolve(R.enc, AggregatedData),
  mac: evolve(R.mac, StatusCode),
})

const each = (pair: KeyPair, f: (k: Uint8Array) => Uint8Array): KeyPair => ({ enc: f(pair.enc), mac: f(pair.mac) })

/** hello step, on the S2C keys: h = SHA-256(HELLO frame); both become KDF(key, "hello" ‖ 00 ‖ h). */
export function helloStep(s2c: KeyPair, hello: Uint8Array): KeyPair {
  const h = sha256(hello)
  return each(s2c, (k) => KDF(k, concat(HELLO, h), k.length))
}

/** bind step: t = SHA-256(HELLO frame ‖ CHALLENGE frame); each of the four keys becomes KDF(key, "bind" ‖ 00 ‖ t). */
export function bindStep({ c2s, s2c }: Keys, hello: Uint8Array, challenge: Uint8Array): Keys {
  const t = sha256(concat(hello, challenge))
  const bound = (k: Uint8Array): Uint8Array => KDF(k, concat(BIND, t), k.length)
  return { c2s: each(c2s, bound), s2c: each(s2c, bound) }
}

const KEPT = 1_024 // forgotten all at once beyond that

/** What `make` gives for a master key, once per provider: initial keys open every session. Only speed depends on it. */
export function keptPerMaster<T>(make: (master: Uint8Array) => T): (master: Uint8Array) => T {
  const kept = new WeakMap<Primitives, Map<string, T>>()
  return (master) => {
    const all = kept.get(primitives()) ?? new Map<string, T>()
    kept.set(primitives(), all)
    const name = String.fromCharCode(...master)
    const made = all.get(name) ?? make(master)
    if (all.size >= KEPT) all.clear()
    all.set(name, made)
    return made
  }
}

/** The keys before the HELLO. `master`: 16..64 bytes. */
export const initialKeys = keptPerMaster(
  (master): Keys => ({
    c2s: { enc: K0(master, 'C2S-ENC', 16), mac: K0(master, 'C2S-MAC', 32) },
    s2c: { enc: K0(master, 'S2C-ENC', 16), mac: K0(master, 'S2C-MAC', 32) },
  }),
)
