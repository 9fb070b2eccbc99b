/**
 * Symbolic terms, hash-consed: equal terms are the same integer, so the model compares keys as fast as numbers.
 * Nothing here is cryptography. A KDF output is a term that names the key and the input it was made of, and no two
 * different terms are equal: the perfect-cryptography assumption under which PROTOCOL §9 is judged.
 */

import type { Kind, Part, Term } from '../model/state.ts'

export interface Node {
  readonly kind: Kind
  readonly parts: readonly Part[]
}

/** One table of terms. Terms of different tables must not meet: they are only numbers. */
export class Terms {
  readonly #base: Terms | null
  readonly #from: number // terms of the base
  readonly #ids = new Map<string, Term>()
  readonly #nodes: Node[] = []

  /** `base`: a table that this one goes on from and leaves as it is; nothing may be added to it any more. */
  constructor(base: Terms | null = null) {
    this.#base = base
    this.#from = base?.size ?? 0
  }

  get size(): number {
    return this.#from + this.#nodes.length
  }

  make(kind: Kind, ...parts: readonly Part[]): Term {
    const name = `${kind} ${parts.join(' ')}`
    const known = this.#find(name)
    if (known !== undefined) return known
    const id = this.size as Term
    this.#ids.set(name, id)
    this.#nodes.push({ kind, parts })
    return id
  }

  node(t: Term): Node {
    return t < this.#from ? this.#base!.node(t) : this.#nodes[t - this.#from]!
  }

  #find(name: string): Term | undefined {
    return this.#ids.get(name) ?? (this.#base === null ? undefined : this.#base.#find(name))
  }
}
