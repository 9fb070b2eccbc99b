/** The cryptography of PROTOCOL §3 for long captures: Node's hash, since the follower does little else (ARCHITECTURE rule 10). */
import { concat } from '../../../spec/reference/bytes.ts'
import { NOBLE, type Primitives } from '../../../spec/reference/primitives.ts'
import { nodeCrypto } from '../../../src/index.ts'

const { hmac, sha256 } = nodeCrypto
const NO_SALT = new Uint8Array(32)
const COUNTER_ONE = Uint8Array.of(1)

/** The same as NOBLE, which a test compares it with. */
export const FAST: Primitives = {
  ...NOBLE,
  sha256,
  hmac,
  hkdf: (ikm, info, length) => hmac(hmac(NO_SALT, ikm), concat(info, COUNTER_ONE)).slice(0, length),
}
