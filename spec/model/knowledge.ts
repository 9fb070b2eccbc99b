/** What the adversary can derive from the keys it owns and from what crosses the network. */

import type { Context, Keys } from '../checker/context.ts'
import type { Term } from '../checker/terms.ts'

/**
 * Insiders' master keys, and at most one stolen quadruple. The formulas of PROTOCOL §4 mix only public things into a
 * key (IVs, ciphertexts, handshake frames, the status), save for the aggregate that S2C-ENC absorbs: and whoever knows
 * S2C-ENC of a round reads the aggregate of that round before any endpoint can have absorbed it. So a key is known when
 * some key that it was derived from is.
 */
export class Knowledge {
  readonly stolen: Keys | null
  readonly #c: Context

  constructor(c: Context, stolen: Keys | null) {
    this.#c = c
    this.stolen = stolen
  }

  knows(key: Term): boolean {
    for (let t = key; ; ) {
      if (this.stolen?.terms.includes(t)) return true
      const { kind, parts } = this.#c.terms.node(t)
      switch (kind) {
        case 'initial':
          return this.#c.setup.insiders.includes(this.#c.terms.node(parts[0] as Term).parts[0] as number)
        case 'hello':
        case 'bind':
        case 'evolve':
          t = parts[0] as Term
          break
        default:
          return false
      }
    }
  }

  /** All four. */
  knowsAll(keys: Keys): boolean {
    return keys.terms.every((t) => this.knows(t))
  }
}
