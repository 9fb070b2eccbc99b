/**
 * The DATA frames of rounds to come. C2S keys evolve from the client's own frames alone (PROTOCOL §4), so whoever holds
 * a session can seal any number of rounds before the first is answered.
 */
import { frame, type Keys, keys, nodeCrypto, payload, primitives, type Rng } from '../../../src/index.ts'

const UNKNOWN = new Uint8Array(0) // what the answers will be: it evolves the S2C keys, which are not used here

export class Ahead {
  readonly #id: number
  readonly #rng: Rng
  #round: number
  #keys: Keys

  constructor(session: { readonly id: number; readonly round: number; readonly keys: Keys }, rng: Rng) {
    this.#id = session.id
    this.#round = session.round
    this.#keys = session.keys
    this.#rng = rng
  }

  get round(): number {
    return this.#round
  }

  /** The DATA of the next round, with its length prefix. */
  next(values: readonly number[]): Uint8Array {
    const header = { opcode: frame.OPCODE.data, id: this.#id, round: this.#round, direction: frame.TO_SERVER }
    const data = primitives.seal(nodeCrypto, this.#keys.c2s, this.#rng, header, payload.encodeValues(values))
    this.#keys = keys.evolve(nodeCrypto, this.#keys, data, UNKNOWN, UNKNOWN)
    this.#round++
    return frame.withPrefix(data)
  }
}
