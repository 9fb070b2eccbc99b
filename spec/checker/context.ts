/** The symbols of one model: tables in which equal terms, frames and key quadruples are the same object. */
import type { KeyId } from '../events.ts'
import type { Frame, Keys, Kind, Part, Setup, Symbols, Term, Transcript } from '../model/state.ts'
import { type Node, Terms } from './terms.ts'
import { keysAfter } from './transcript.ts'

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
