/** What one model is about, and the tables it shares: terms, frames, key quadruples. */

import type { Body, FrameId, Header, KeyId, Origin, Sent } from '../events.ts'
import type { LimitName, Mode } from '../language.ts'
import type { Rule } from '../model/rules.ts'
import { type Term, Terms } from './terms.ts'

export interface Setup {
  readonly mode: Mode
  /** Ids with a master key at the server. */
  readonly keyring: readonly number[]
  /** Ids whose master key the adversary owns (power I). */
  readonly insiders: readonly number[]
  readonly challenge: 'fresh' | 'constant'
  /** Sessions enter ACTIVE in this round instead of 1. */
  readonly startRound: number
  readonly limits: Readonly<Record<LimitName, number>>
  /** A rule of the protocol to leave out; null for the protocol as it is. */
  readonly without: Rule | null
}

/** C2S-ENC, C2S-MAC, S2C-ENC, S2C-MAC (PROTOCOL §1). Equal quadruples are the same object. */
export interface Keys {
  readonly terms: readonly [Term, Term, Term, Term]
  readonly ids: readonly [KeyId, KeyId, KeyId, KeyId]
  readonly n: number
}

/** One frame. Frames of equal content and origin are the same object; `n` numbers them densely. */
export interface Frame {
  readonly n: number
  readonly id: FrameId
  readonly nth: number // among the frames its sender sent; -1 for the adversary's own
  readonly header: Header
  readonly malformed: boolean
  readonly iv: Term
  readonly enc: Term // the key it is encrypted under
  readonly mac: Term // the key its tag was made with
  readonly plain: Term
  readonly ciphertext: Term
  readonly body: Body // what `plain` says
  readonly padded: boolean // whether the padding is correct PKCS#7
  readonly bytes: number
  readonly origin: Origin
  readonly sent: Sent | null // null: nobody sent it
  readonly senders: readonly Sent[] // the same as a list
}

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

export class Context {
  readonly setup: Setup
  readonly terms: Terms
  readonly frames: Frame[]
  readonly #frames: Interned<Frame>
  readonly #keys: Interned<Keys>

  /** `base`: tables that these go on from and leave as they are. */
  constructor(setup: Setup, base: Context | null = null) {
    this.setup = setup
    this.terms = new Terms(base?.terms)
    this.frames = [...(base?.frames ?? [])]
    this.#frames = new Interned(base === null ? null : base.#frames)
    this.#keys = new Interned(base === null ? null : base.#keys)
  }

  /** Whether a rule is in force. */
  on(rule: Rule): boolean {
    return this.setup.without !== rule
  }

  keys(a: Term, b: Term, c: Term, d: Term): Keys {
    return this.#keys.of(`${a} ${b} ${c} ${d}`, (n) => {
      const id = (t: Term) => `k${t}` as KeyId
      return { n, terms: [a, b, c, d], ids: [id(a), id(b), id(c), id(d)] }
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
