/** Every random byte of a played schedule: a stream keyed by (seed, name), the draw number counting within the stream. */
import { hash } from 'node:crypto'
import { bytesOf } from './text-of.ts'

const sha256 = (text: string): Uint8Array => bytesOf(hash('sha256', text, 'binary')) // a Buffer costs more than the hash

const KEPT = 4_096
const drawn = new Map<string, Uint8Array>()

/** Worlds that go on from the same one draw the same; forgotten all at once, since only speed depends on it. */
const block = (name: string): Uint8Array => {
  const known = drawn.get(name)
  if (known !== undefined) return known
  if (drawn.size >= KEPT) drawn.clear()
  const made = sha256(name)
  drawn.set(name, made)
  return made
}

/**
 * Draw n of a stream depends on the seed, its name and n alone, so removing one action leaves the others' bytes alone.
 * `from`: how many were drawn before.
 */
export const stream = (seed: number, name: string, from = 0): ((bytes: number) => Uint8Array) => {
  let draw = from
  return (bytes) => {
    if (bytes > 32) throw new RangeError(`one draw gives at most 32 bytes, asked for ${bytes}`)
    return block(`${seed}/${name}/${draw++}`).slice(0, bytes)
  }
}

const MASTER_BYTES = [32, 16, 64] // PROTOCOL §1 allows 16..64 bytes

const deriveMasterKey = (id: number): Uint8Array => {
  const half = sha256(`gauntlet master key of client ${id}`)
  const whole = new Uint8Array(64)
  whole.set(half, 0)
  whole.set(
    half.map((b) => b ^ 0x5a),
    32,
  )
  return whole.subarray(0, MASTER_BYTES[id % MASTER_BYTES.length])
}

const masterKeys = new Map<number, Uint8Array>()

/** The master key of a client id in every schedule; it does not depend on the seed. A copy: parties may overwrite theirs. */
export const masterKey = (id: number): Uint8Array => {
  const known = masterKeys.get(id) ?? deriveMasterKey(id)
  masterKeys.set(id, known)
  return known.slice()
}

export const KEYRING_IDS = [1, 2, 3, 4, 5, 255] // what a server in a schedule knows, beside the clients of its setup
