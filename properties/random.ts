/** Every random byte of a played schedule: a stream keyed by (seed, name), the draw number counting within the stream. */
import { hash } from 'node:crypto'

const sha256 = (text: string): Uint8Array => hash('sha256', text, 'buffer')

/**
 * Draw n of a stream depends on the seed, its name and n alone, so removing one action leaves the others' bytes alone.
 * `from`: how many were drawn before.
 */
export const stream = (seed: number, name: string, from = 0): ((bytes: number) => Uint8Array) => {
  let draw = from
  return (bytes) => {
    if (bytes > 32) throw new RangeError(`one draw gives at most 32 bytes, asked for ${bytes}`)
    return sha256(`${seed}/${name}/${draw++}`).subarray(0, bytes)
  }
}

const MASTER_BYTES = [32, 16, 64] // PROTOCOL §1 allows 16..64 bytes

/** The master key of a client id in every schedule; they do not depend on the seed, so their keys can be cached. */
export const masterKey = (id: number): Uint8Array => {
  const half = sha256(`gauntlet master key of client ${id}`)
  const whole = new Uint8Array(64)
  whole.set(half, 0)
  whole.set(
    half.map((b) => b ^ 0x5a),
    32,
  )
  return whole.subarray(0, MASTER_BYTES[id % MASTER_BYTES.length])
}

export const KEYRING_IDS = [1, 2, 3, 4, 5, 255] // what a server in a schedule knows, beside the clients of its setup
