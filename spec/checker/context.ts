/**
 * The symbols of one model: tables in which equal terms, frames and key quadruples are the same object. Terms are
 * integers, so the model compares keys as fast as numbers. Nothing here is cryptography: a KDF output is a term that
 * names the key and the input it was made of, and no two different terms are equal: the perfect-cryptography assumption
 * under which PROTOCOL §9 is judged.
 */
import type { KeyId } from '../events.ts'
import { initialKeys } from '../model/keys.ts'
import type { Frame, Keys, Kind, Part, Setup, Symbols, Term, Transcript } from '../model/state.ts'

/** Same content <=> same object, numbered in order of first appearance. */
export class Interned<T> {
  readonly #base: Interned<T> | null
  readonly #byName = new Map<string, T>()

  /** `base`: a table that this one goes on from and leaves as it is; nothing may be added to it any more. */
  constructor(base: Interned<T> | null = null) {
    this.#base = base
  }

  get size(): number {
    return (this.#base?.size ?? 0) + this.#byName.size
  }

  of(name: string, make: (n: number) => T): T {
    let known = this.#find(name)
    if (known === undefined) {
      known = make(this.size)
      this.#byName.set(name, known)
    }
    return known
  }

  #find(name: string): T | undefined {
    return this.#byName.get(name) ?? (this.#base === null ? undefined : this.#base.#find(name))
  }
}

export class Context implements Symbols {
  readonly setup: Setup
  readonly terms: Terms
  readonly frames: Frame[]
  readonly #frames: Interned<Frame>
  readonly #keys: Interned<Keys>
  readonly #due: Interned<Keys>

  /** `base`: tables that these go on from and leave as they are. */
  constructor(setup: Setup, base: Context | null = null) {
    this.setup = setup
    this.terms = new Terms(base?.terms)
    this.frames = [...(base?.frames ?? [])]
    this.#frames = new Interned(base === null ? null : base.#frames)
    this.#due = new Interned(base === null ? null : base.#due)
    this.#keys = new Interned(base === null ? null : base.#keys)
  }

  term(kind: Kind, ...parts: readonly Part[]): Term {
    return this.terms.make(kind, ...parts)
  }

  node(t: Term): Node {
    return this.terms.node(t)
  }

  /** By transcript: a session changes more often than that. */
  due({ id, hello, challenge, exchanges }: Transcript): Keys {
    const name = `${id} ${hello?.n} ${challenge?.n} ${exchanges.map((f) => f.n).join(',')}`
    return this.#due.of(name, () => keysAfter(this, { id, hello, challenge, exchanges }))
  }

  keys(c2sEnc: Term, c2sMac: Term, s2cEnc: Term, s2cMac: Term): Keys {
    return this.#keys.of(`${c2sEnc} ${c2sMac} ${s2cEnc} ${s2cMac}`, (n) => {
      const id = (t: Term) => `k${t}` as KeyId
      return { n, terms: [c2sEnc, c2sMac, s2cEnc, s2cMac], ids: [id(c2sEnc), id(c2sMac), id(s2cEnc), id(s2cMac)] }
    })
  }

  /** `name` must determine everything else. */
  frame(name: string, make: (n: number) => Frame): Frame {
    return this.#frames.of(name, (n) => {
      const made = make(n)
      this.frames.push(made)
      return made
    })
  }
}

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

/**
 * PROTOCOL §4 once more, as one fold over a whole transcript: written apart from the steps of spec/model, so that each
 * shows a mistake in the other.
 */
export const keysAfter = (symbols: Symbols, { id, hello, challenge, exchanges }: Transcript): Keys => {
  const bound = symbols.setup.mode === 'bound'
  let [c2sEnc, c2sMac, s2cEnc, s2cMac] = initialKeys(symbols, id).terms
  const exchange = (request: Frame, answer: Term): void => {
    c2sEnc = symbols.term('evolve', c2sEnc, request.ciphertext)
    c2sMac = symbols.term('evolve', c2sMac, request.iv)
    s2cEnc = symbols.term('evolve', s2cEnc, answer)
    s2cMac = symbols.term('evolve', s2cMac, '00')
  }
  if (hello !== null && bound) {
    s2cEnc = symbols.term('hello', s2cEnc, hello.id)
    s2cMac = symbols.term('hello', s2cMac, hello.id)
  }
  if (hello !== null && challenge !== null) {
    exchange(hello, challenge.plain)
    if (bound) {
      c2sEnc = symbols.term('bind', c2sEnc, hello.id, challenge.id)
      c2sMac = symbols.term('bind', c2sMac, hello.id, challenge.id)
      s2cEnc = symbols.term('bind', s2cEnc, hello.id, challenge.id)
      s2cMac = symbols.term('bind', s2cMac, hello.id, challenge.id)
    }
    for (let i = 0; i + 1 < exchanges.length; i += 2) exchange(exchanges[i]!, exchanges[i + 1]!.plain)
  }
  return symbols.keys(c2sEnc, c2sMac, s2cEnc, s2cMac)
}
