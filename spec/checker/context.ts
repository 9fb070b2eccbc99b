/**
 * The symbols of one model: tables in which equal terms have the same name, and equal frames are the same object, with
 * what the history knows of their senders. Nothing here is cryptography: a KDF output is a term that
 * names the key and the input it was made of, and no two different terms are equal: the perfect-cryptography assumption
 * under which PROTOCOL §9 is judged.
 */
import type { Body, FrameId, Sent } from '../events.ts'
import type { FrameRef } from '../language.ts'
import { initialKeys, pair } from '../model/keys.ts'
import {
  type ClientRun,
  type Contents,
  type Frame,
  type Keys,
  type Kind,
  type Part,
  type Provenance,
  type Setup,
  type Symbols,
  sentBy,
  type Term,
} from '../model/state.ts'
import { OP } from '../opcodes.ts'
import { hexOf } from './body.ts'

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
    let known = this.get(name)
    if (known === undefined) {
      known = make(this.size)
      this.#byName.set(name, known)
    }
    return known
  }

  get(name: string): T | undefined {
    return this.#byName.get(name) ?? (this.#base === null ? undefined : this.#base.get(name))
  }
}

/** A term by what it was made of. */
export interface Node {
  readonly kind: Kind
  readonly parts: readonly Part[]
}

export class Context implements Symbols {
  readonly setup: Setup
  readonly #terms: Interned<Term>
  readonly #nodes: Interned<Node>
  readonly #frames: Interned<Frame>
  readonly #byId: Interned<{ readonly frame: Frame; readonly senders: readonly Sent[] }>
  readonly #due: Interned<Keys>

  /** `base`: tables that these go on from and leave as they are. */
  constructor(setup: Setup, base: Context | null = null) {
    this.setup = setup
    this.#terms = new Interned(base === null ? null : base.#terms)
    this.#nodes = new Interned(base === null ? null : base.#nodes)
    this.#frames = new Interned(base === null ? null : base.#frames)
    this.#byId = new Interned(base === null ? null : base.#byId)
    this.#due = new Interned(base === null ? null : base.#due)
  }

  term(kind: Kind, ...parts: readonly Part[]): Term {
    return this.#terms.of(`${kind} ${parts.join(' ')}`, (n) => {
      const term = `k${n}` as Term
      this.#nodes.of(term, () => ({ kind, parts }))
      return term
    })
  }

  node(t: Term): Node {
    return this.#nodes.get(t)!
  }

  plain(body: Body): Term {
    return this.term('plain', hexOf(body))
  }

  /** The keys that somebody who only listens, and has the master key, expects after a transcript. */
  due({ id, hello, challenge, exchanges }: Transcript): Keys {
    const name = `${id} ${hello?.id} ${challenge?.id} ${exchanges.map((f) => f.id).join(',')}`
    return this.#due.of(name, () => keysAfter(this, { id, hello, challenge, exchanges }))
  }

  frame(made: Contents, from: Provenance | null): Frame {
    const { header, malformed, iv, enc, mac, plain, body, padded, origin } = made
    const { opcode, id, round, direction } = header
    const by = from?.by ?? null
    const context = `${by?.hello?.id} ${by?.challenge?.id} ${from?.answers?.id}`
    const name = `${iv} ${opcode} ${id} ${round} ${direction} ${enc} ${mac} ${plain} ${padded} ${malformed} ${context}`
    return this.#frames.of(name, (n) => {
      const own = `f${n}` as FrameId
      const readable =
        by === null ? padded : pair(this.due({ ...by, id }), sentBy(by.at.side)).join() === `${enc},${mac}`
      const shows: Body = readable ? body : { kind: 'sealed' }
      const bytes = 55 + 16 * (Math.floor(hexOf(body).length / 2 / 16) + 1) // PROTOCOL §2, §3
      const ciphertext = this.term('ciphertext', enc, iv, plain)
      const frame = { header, malformed, iv, enc, mac, plain, body, padded, origin, id: own, ciphertext, shows, bytes }
      const sent: Sent[] =
        from === null
          ? []
          : [
              {
                by: by?.at ?? null,
                id: from.id,
                frame: own,
                header,
                body: shows,
                // A HELLO and a CHALLENGE belong to the handshake that they themselves begin.
                hello: by !== null && opcode === OP.HELLO ? own : (by?.hello?.id ?? null),
                challenge: by !== null && opcode === OP.CHALLENGE ? own : (by?.challenge?.id ?? null),
                answers: from.answers?.id ?? null,
                step: 0,
              },
            ]
      this.#byId.of(own, () => ({ frame, senders: sent }))
      return frame
    })
  }

  frameOf(id: FrameId): Frame {
    return this.#byId.get(id)!.frame
  }

  /** Fresh IVs: at most one endpoint sent it, the same in every state in which it exists. */
  senders(id: FrameId): readonly Sent[] {
    return this.#byId.get(id)!.senders
  }

  /** As schedules name it; null for one that no endpoint sent. */
  refOf(f: Frame): FrameRef | null {
    const by = this.senders(f.id)[0]?.by ?? null
    return by === null ? null : { by, nth: Number(this.node(f.iv).parts[1]) }
  }
}

/** Everything that determines a session's keys: its handshake, then (DATA, response) pairs. */
export type Transcript = Pick<ClientRun, 'id' | 'hello' | 'challenge' | 'exchanges'>

/**
 * PROTOCOL §4 once more, as one fold over a whole transcript: written apart from the steps of spec/model, so that each
 * shows a mistake in the other.
 */
export const keysAfter = (symbols: Symbols, { id, hello, challenge, exchanges }: Transcript): Keys => {
  const bound = symbols.setup.mode === 'bound'
  let [c2sEnc, c2sMac, s2cEnc, s2cMac] = initialKeys(symbols, id)
  const request = (f: Frame): void => {
    c2sEnc = symbols.term('evolve', c2sEnc, f.ciphertext)
    c2sMac = symbols.term('evolve', c2sMac, f.iv)
  }
  const answer = (text: Term): void => {
    s2cEnc = symbols.term('evolve', s2cEnc, text)
    s2cMac = symbols.term('evolve', s2cMac, '00')
  }
  if (hello !== null && bound) {
    request(hello) // not with the CHALLENGE: nothing of the client's waits for it
    s2cEnc = symbols.term('hello', s2cEnc, hello.id)
    s2cMac = symbols.term('hello', s2cMac, hello.id)
  }
  if (hello !== null && challenge !== null) {
    if (!bound) request(hello)
    answer(challenge.plain)
    if (bound) {
      c2sEnc = symbols.term('bind', c2sEnc, hello.id, challenge.id)
      c2sMac = symbols.term('bind', c2sMac, hello.id, challenge.id)
      s2cEnc = symbols.term('bind', s2cEnc, hello.id, challenge.id)
      s2cMac = symbols.term('bind', s2cMac, hello.id, challenge.id)
    }
    for (let i = 0; i + 1 < exchanges.length; i += 2) {
      request(exchanges[i]!)
      answer(exchanges[i + 1]!.plain)
    }
  }
  return [c2sEnc, c2sMac, s2cEnc, s2cMac]
}
