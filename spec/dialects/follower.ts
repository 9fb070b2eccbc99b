/**
 * The passive codec: follows a conversation from the master key alone. One immutable node per position in a
 * transcript; nodes do not depend on the side, so a client and a server that share a transcript share its nodes.
 * Keys are derived when first asked for. TERMINATED is an endpoint's affair, not the transcript's: 50 and 60 move
 * nothing here (PROTOCOL §4: on any failure no key evolves).
 */
import type { Body, Header } from '../events.ts'
import { isControl, MAX_ROUND, OP } from '../opcodes.ts'
import { ascii, concat, same } from '../reference/bytes.ts'
import { type Frame, IV_BYTES } from '../reference/frame.ts'
import { keptPerMaster } from '../reference/keys.ts'
import { sha256 } from '../reference/primitives.ts'
import { type Dialect, type Direction, happens } from './dialect.ts'
import { apply, type Material } from './expression.ts'
import { derivedKey, directionOf, encIndex, type KeyIndex, type Keys, macIndex } from './keys.ts'
import { frameIn } from './opcodes.ts'
import { decodeBody } from './payload.ts'
import { decrypt, seal, tagVerifies } from './sealing.ts'

/** What a frame turned out to hold under the keys of a position. */
export interface Opened {
  readonly tagOk: boolean
  readonly padOk: boolean // false too where the tag is wrong: then nothing was decrypted
  readonly plaintext: Uint8Array | null // present iff padOk
  readonly body: Body // `sealed` unless padOk
}

const SEALED: Opened = { tagOk: false, padOk: false, plaintext: null, body: { kind: 'sealed' } }
const UNPADDABLE: Opened = { tagOk: true, padOk: false, plaintext: null, body: { kind: 'sealed' } }

/** Gives a key of a node from the same key of the node before. */
type Step = (i: KeyIndex, before: Uint8Array) => Uint8Array
const unchanged: Step = (_, before) => before

/** What the frames so far have come to. */
interface Position {
  readonly hello: Uint8Array | null // the HELLO frame, once passed
  readonly challenge: Uint8Array | null // likewise; not null: ACTIVE
  readonly outstanding: Uint8Array | null // a DATA frame without its response
  readonly round: number // expected in the next frame of either direction
  /** The client's frame of this exchange, waiting to be absorbed with the server's (PROTOCOL §4 commit rule). */
  readonly waiting: Material | null
}

export class Follower {
  readonly dialect: Dialect
  readonly id: number
  readonly #position: Position
  #key: ((i: KeyIndex) => Uint8Array) | null // null: all four are known, so that the node before can be forgotten
  readonly #keys: (Uint8Array | undefined)[] = [undefined, undefined, undefined, undefined]
  // Few frames ever verify at one position, so a list searched by content is the fastest table there is.
  readonly #opened: { readonly frame: Uint8Array; readonly direction: Direction; readonly result: Opened }[] = []
  /** The last that does not verify here: several ask about the same one, one after the other. */
  #sealed: { readonly frame: Uint8Array; readonly direction: Direction } | null = null
  readonly #next: { readonly frame: Uint8Array; readonly node: Follower }[] = []
  #inRound: Map<number, Follower> | null = null

  /** Use `Followers.start`. `key`: gives the keys of this node; called once per key at most. */
  constructor(dialect: Dialect, id: number, position: Position, key: (i: KeyIndex) => Uint8Array) {
    this.dialect = dialect
    this.id = id
    this.#position = position
    this.#key = key
  }

  get phase(): 'INIT' | 'ACTIVE' {
    return this.#position.challenge === null ? 'INIT' : 'ACTIVE'
  }
  /** The round that the next frame carries, whichever direction it has. */
  get round(): number {
    return this.#position.round
  }
  get hello(): Uint8Array | null {
    return this.#position.hello
  }
  get challenge(): Uint8Array | null {
    return this.#position.challenge
  }
  /** The DATA frame that awaits its response. */
  get outstanding(): Uint8Array | null {
    return this.#position.outstanding
  }
  get keys(): Keys {
    return [this.key(0), this.key(1), this.key(2), this.key(3)]
  }

  key(i: KeyIndex): Uint8Array {
    const known = this.#keys[i]
    if (known !== undefined) return known
    const made = this.#key!(i)
    this.#keys[i] = made
    if (!this.#keys.includes(undefined)) this.#key = null
    return made
  }

  /** Whether the whole tag verifies under the MAC key that frames of this direction use here. */
  verifies(frame: Uint8Array, direction: Direction): boolean {
    return this.opens(frame, direction).tagOk
  }

  opens(frame: Uint8Array, direction: Direction): Opened {
    return this.#known(frame, direction) ?? this.#open(frame, direction, frameIn(this.dialect, frame))
  }

  #known(frame: Uint8Array, direction: Direction): Opened | null {
    for (const known of this.#opened) if (known.direction === direction && same(known.frame, frame)) return known.result
    return this.#sealed?.direction === direction && same(this.#sealed.frame, frame) ? SEALED : null
  }

  #open(frame: Uint8Array, direction: Direction, parts: Frame | null): Opened {
    if (parts === null || !tagVerifies(this.dialect, this.key(macIndex(direction)), frame)) {
      this.#sealed = { frame, direction }
      return SEALED
    }
    const plaintext = decrypt(this.key(encIndex(direction)), parts)
    const result: Opened =
      plaintext === null
        ? UNPADDABLE
        : { tagOk: true, padOk: true, plaintext, body: decodeBody(this.dialect, parts.header.opcode, plaintext) }
    this.#opened.push({ frame, direction, result })
    return result
  }

  /** For whoever owns these keys. `rawPad` stands instead of correct padding, zero-filled to whole blocks. */
  seal(direction: Direction, header: Header, plaintext: Uint8Array, iv: Uint8Array, rawPad?: Uint8Array): Uint8Array {
    const keys = { enc: this.key(encIndex(direction)), mac: this.key(macIndex(direction)) }
    return seal(this.dialect, keys, header, plaintext, iv, rawPad)
  }

  /**
   * The next frame of an end that stands here, true to the protocol unless `change` of its header or `rawPad` say otherwise.
   * `random`: the bytes of its IV, of which none are drawn for an opcode that the dialect sends empty.
   */
  sealNext(
    direction: Direction,
    opcode: number,
    plaintext: Uint8Array,
    random: (bytes: number) => Uint8Array,
    change: Partial<Header> = {},
    rawPad?: Uint8Array,
  ): Uint8Array {
    const { directions, emptyOpcodes } = this.dialect
    const header = { opcode, id: this.id, round: this.round, direction: directions[direction], ...change }
    const iv = emptyOpcodes.includes(opcode) ? new Uint8Array(IV_BYTES) : random(IV_BYTES)
    return this.seal(direction, header, plaintext, iv, rawPad)
  }

  /**
   * The position after a frame that was sent or accepted here. A frame that the protocol does not let pass here
   * (id, direction, round, phase, tag, padding, payload) moves nothing: the answer is this same node.
   */
  after(frame: Uint8Array): Follower {
    for (const known of this.#next) if (same(known.frame, frame)) return known.node
    const parts = frameIn(this.dialect, frame)
    const direction = parts === null ? null : this.#travels(parts.header)
    if (parts === null || direction === null) return this
    const { plaintext, body } = this.#known(frame, direction) ?? this.#open(frame, direction, parts)
    if (plaintext === null || body.kind === 'opaque') return this
    const node = this.#moved(frame, direction, { opcode: parts.header.opcode, byte: frame[0]!, ...parts, plaintext })
    if (node !== this) this.#next.push({ frame, node })
    return node
  }

  /** The same ACTIVE session in another round, as restored from its public state. */
  withRound(round: number): Follower {
    if (round === this.round) return this
    const known = this.#inRound?.get(round)
    if (known) return known
    const node = new Follower(this.dialect, this.id, { ...this.#position, round }, (i) => this.key(i))
    this.#inRound ??= new Map()
    this.#inRound.set(round, node)
    return node
  }

  /**
   * This node and all that is known to follow it, as nodes of their own: what is learnt from one copy is not kept by
   * the other. `copies`: the nodes copied so far, so that those that were one stay one.
   */
  copy(copies: Map<Follower, Follower>): Follower {
    const known = copies.get(this)
    if (known) return known
    const node = new Follower(this.dialect, this.id, this.#position, (i) => this.key(i))
    copies.set(this, node)
    node.#opened.push(...this.#opened)
    for (const { frame, node: next } of this.#next) node.#next.push({ frame, node: next.copy(copies) })
    for (const [round, other] of this.#inRound ?? []) {
      node.#inRound ??= new Map()
      node.#inRound.set(round, other.copy(copies))
    }
    return node
  }

  /** The direction of a frame whose header fits this position; null where it does not. PROTOCOL §2, last column. */
  #travels(header: Header): Direction | null {
    const { c2s, s2c } = this.dialect.directions
    const direction = header.direction === c2s ? 'c2s' : header.direction === s2c ? 's2c' : null
    if (direction === null || header.id !== this.id || header.round !== this.round) return null
    const { hello, challenge, outstanding } = this.#position
    switch (header.opcode) {
      case OP.HELLO:
        return direction === 'c2s' && hello === null ? direction : null
      case OP.CHALLENGE:
        return direction === 's2c' && hello !== null && challenge === null ? direction : null
      case OP.DATA:
        return direction === 'c2s' && challenge !== null && outstanding === null ? direction : null
      case OP.RESPONSE:
        // PROTOCOL §4: round 0xFFFFFFFF cannot be left.
        return direction === 's2c' && outstanding !== null && header.round !== MAX_ROUND ? direction : null
      case OP.DESYNC:
      case OP.TERMINATE:
        return challenge !== null ? direction : null
      default:
        return null
    }
  }

  #moved(frame: Uint8Array, direction: Direction, m: Material): Follower {
    const d = this.dialect
    const now = this.#position
    const active = now.challenge !== null
    const evolves = happens(d.evolves[direction].on, m.opcode, active)
    const advances = happens(d.roundAdvances, m.opcode, active)
    const control = isControl(m.opcode)
    if (control && !evolves && !advances) return this
    // PROTOCOL §4, hello step: the client's keys of round 0 wait for nothing.
    const waits = d.together && direction === 'c2s' && !(d.binding === 'bound' && m.opcode === OP.HELLO)
    const position: Position = {
      hello: m.opcode === OP.HELLO ? frame : now.hello,
      challenge: m.opcode === OP.CHALLENGE ? frame : now.challenge,
      outstanding: m.opcode === OP.DATA ? frame : m.opcode === OP.RESPONSE ? null : now.outstanding,
      round: advances ? now.round + 1 : now.round,
      waiting: waits ? (evolves ? m : null) : direction === 's2c' ? null : now.waiting,
    }
    const absorbed = direction === 'c2s' ? { c2s: m, s2c: null } : { c2s: now.waiting, s2c: m }
    const evolve = evolves && !waits ? evolveStep(d, absorbed) : unchanged
    const bind = d.binding === 'bound' ? bindingStep(d, m.opcode, frame, now.hello) : unchanged
    return new Follower(d, this.id, position, (i) => bind(i, evolve(i, this.key(i))))
  }
}

/** PROTOCOL §4, the four evolution formulas. A direction without material stays as it is. */
function evolveStep(d: Dialect, absorbed: Readonly<Record<Direction, Material | null>>): Step {
  return (i, before) => {
    const direction = directionOf(i)
    const m = absorbed[direction]
    if (m === null) return before
    const { enc, mac } = d.evolves[direction]
    return derivedKey(d, before, 'evolve', apply(i === encIndex(direction) ? enc : mac, m), i)
  }
}

/** PROTOCOL §4, session binding: hello step (of S2C) after the HELLO, bind step after the R = 0 evolution. */
function bindingStep(d: Dialect, opcode: number, frame: Uint8Array, hello: Uint8Array | null): Step {
  if (opcode === OP.HELLO) {
    const h = sha256(frame)
    return (i, before) => (directionOf(i) === 's2c' ? derivedKey(d, before, 'hello', h, i) : before)
  }
  if (opcode === OP.CHALLENGE && hello !== null) {
    const t = sha256(concat(hello, frame))
    return (i, before) => derivedKey(d, before, 'bind', t, i)
  }
  return unchanged
}

/** Starts followers of one dialect. Initial keys are kept per master key, since they open every conversation. */
export class Followers {
  readonly dialect: Dialect
  readonly #initial = keptPerMaster((): (Uint8Array | undefined)[] => [undefined, undefined, undefined, undefined])

  constructor(dialect: Dialect) {
    this.dialect = dialect
  }

  /** The position before the HELLO of the client `id`; a new node each time, so that nothing outlives a conversation. */
  start(id: number, master: Uint8Array): Follower {
    const initial = this.#initial(master)
    const begin = { hello: null, challenge: null, outstanding: null, round: this.dialect.startRound, waiting: null }
    return new Follower(this.dialect, id, begin, (i) => {
      const key = initial[i] ?? derivedKey(this.dialect, master, 'init', ascii(this.dialect.labels[i]), i)
      initial[i] = key
      return key
    })
  }
}

/** What the tag of a frame of the server verifies under. */
export type Under = 'current' | 'initial' | 'zero key' | 'no known key'

/** `at`: where its reader is; `start`: where the same client began. */
export const sealedUnder = (frame: Uint8Array, at: Follower, start: Follower): Under => {
  if (at.opens(frame, 's2c').tagOk) return 'current'
  const greeted = at.hello === null ? start : start.after(at.hello)
  if (start.opens(frame, 's2c').tagOk || greeted.opens(frame, 's2c').tagOk) return 'initial'
  return tagVerifies(at.dialect, new Uint8Array(at.dialect.macKeyBytes), frame) ? 'zero key' : 'no known key'
}
