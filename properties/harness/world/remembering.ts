/** The cryptography of the reference with a memory, for whoever plays the same schedules many times over. */
import type { Primitives } from '../../../spec/reference/primitives.ts'
import { textOf } from './rng.ts'

const LONGEST = 1_024 // bytes of an input that is kept

/**
 * The same as `p`, whose own results it keeps by everything that they were made of: what the code under test computes never
 * enters. Each result is the caller's own copy. `most` results are kept, and then forgotten all at once: only speed depends
 * on it.
 */
export const remembering = (p: Primitives, most: number): Primitives => {
  const known = new Map<string, Uint8Array>()
  /** `rest` ends where its length says, so that no two different inputs have one name. */
  const once = (name: string, a: Uint8Array, b: Uint8Array, rest: Uint8Array | null, make: () => Uint8Array) => {
    if (b.length > LONGEST || (rest !== null && rest.length > LONGEST)) return make()
    const tail = rest === null ? '' : textOf(rest)
    const input = `${name} ${a.length} ${tail.length} ${tail}${textOf(a)}${textOf(b)}`
    let made = known.get(input)
    if (made === undefined) {
      if (known.size >= most) known.clear()
      made = make()
      known.set(input, made)
    }
    return made.slice()
  }
  return {
    sha256: p.sha256,
    hmac: (key, data) => once('hmac', key, data, null, () => p.hmac(key, data)),
    hkdf: (ikm, info, length) => once(`hkdf ${length}`, ikm, info, null, () => p.hkdf(ikm, info, length)),
    aesCbcEncrypt: (key, iv, blocks) => once('encrypt', key, iv, blocks, () => p.aesCbcEncrypt(key, iv, blocks)),
    aesCbcDecrypt: (key, iv, blocks) => once('decrypt', key, iv, blocks, () => p.aesCbcDecrypt(key, iv, blocks)),
  }
}
