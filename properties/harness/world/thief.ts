/**
 * What a thief of four keys can read: every frame under these keys, and under those that follow from them by the
 * formulas of PROTOCOL §4 with what stands on the wire (ADVERSARY §1, power L).
 */
import { type Direction, PROTOCOL } from '../../../spec/dialects/dialect.ts'
import type { Follower } from '../../../spec/dialects/follower.ts'
import { derivedKey, encIndex, macIndex } from '../../../spec/dialects/keys.ts'
import { decrypt, tagVerifies } from '../../../spec/dialects/sealing.ts'
import type { FrameId } from '../../../spec/events.ts'
import type { End } from '../../../spec/language.ts'
import { OP } from '../../../spec/opcodes.ts'
import { concat } from '../../../spec/reference/bytes.ts'
import { type Frame, type KeyPair, parseFrame } from '../../../spec/reference/frame.ts'
import { sha256 } from '../../../spec/reference/primitives.ts'
import { textOf } from './rng.ts'
import type { WireFrame } from './wire.ts'

/** `waits`: of a client whose CHALLENGE has not come. */
interface Pair extends KeyPair {
  readonly direction: Direction
  readonly waits: boolean
}

/** A frame that was read, by keys stolen at that end in that round. */
export interface Exposed {
  readonly at: End
  readonly round: number
  readonly frame: FrameId
}

type Heard = WireFrame & { readonly parsed: Frame }

const OK = Uint8Array.of(0) // the status of round 0

export class Thief {
  readonly #at: End
  readonly #from: Follower
  readonly #pairs: Pair[] = []
  readonly #known: Set<string>
  readonly #heard: Heard[]
  readonly #read: Set<FrameId>
  #told: Exposed[] = []

  /** `from`: where the session was when it lost `keys`, in the order of a view. */
  constructor(at: End, from: Follower, keys: readonly Uint8Array[], base: Thief | null = null) {
    this.#at = at
    this.#from = from
    this.#known = new Set(base === null ? [] : base.#known)
    this.#heard = base === null ? [] : [...base.#heard]
    this.#read = new Set(base === null ? [] : base.#read)
    if (base !== null) {
      this.#pairs.push(...base.#pairs)
      return
    }
    const [c2sEnc, c2sMac, s2cEnc, s2cMac] = keys.map((k) => Uint8Array.from(k))
    const waits = from.phase === 'INIT'
    this.#take({ enc: c2sEnc!, mac: c2sMac!, direction: 'c2s', waits })
    this.#take({ enc: s2cEnc!, mac: s2cMac!, direction: 's2c', waits })
  }

  /** The same, to go on from without changing this one. */
  copy(): Thief {
    return new Thief(this.#at, this.#from, [], this)
  }

  /** Frames on the wire. Returns what can be read now and could not be before, of earlier frames too. */
  hears(frames: readonly WireFrame[]): readonly Exposed[] {
    for (const f of frames) {
      const parsed = parseFrame(f.bytes)
      if (parsed === null) continue
      const heard = { ...f, parsed }
      this.#heard.push(heard)
      for (const pair of [...this.#pairs]) this.#tries(pair, heard)
      if (this.#ofHandshake(heard, OP.HELLO) || this.#ofHandshake(heard, OP.CHALLENGE))
        for (const pair of this.#pairs.filter((p) => p.waits)) this.#joins(pair)
    }
    const told = this.#told
    this.#told = []
    return told
  }

  #take(pair: Pair): void {
    const name = `${pair.direction} ${textOf(concat(pair.enc, pair.mac))}`
    if (this.#known.has(name)) return
    this.#known.add(name)
    this.#pairs.push(pair)
    if (pair.waits) this.#joins(pair)
    for (const f of [...this.#heard]) this.#tries(pair, f)
  }

  #tries(pair: Pair, f: Heard): void {
    if (!tagVerifies(PROTOCOL.bound, pair.mac, f.bytes)) return
    const plaintext = decrypt(pair.enc, f.parsed)
    if (plaintext === null) return
    if (!this.#read.has(f.id)) this.#told.push({ at: this.#at, round: this.#from.round, frame: f.id })
    this.#read.add(f.id)
    const { opcode } = f.parsed.header
    if (opcode === OP.DATA && pair.direction === 'c2s') this.#take(this.#after(pair, f.parsed.ciphertext, f.parsed.iv))
    if (opcode === OP.RESPONSE && pair.direction === 's2c')
      this.#take(this.#after(pair, plaintext.subarray(1), plaintext.subarray(0, 1)))
    if (opcode === OP.CHALLENGE && pair.direction === 's2c' && pair.waits)
      for (const hello of this.#handshake(OP.HELLO)) this.#take(this.#bound(this.#after(pair, plaintext, OK), hello, f))
  }

  /** The keys of round 1 that may follow. Whether C2S keys went through round 0 already is not to be seen: both are tried. */
  #joins(pair: Pair): void {
    if (pair.direction === 's2c') {
      for (const challenge of this.#handshake(OP.CHALLENGE)) this.#tries(pair, challenge)
      return
    }
    for (const hello of this.#handshake(OP.HELLO)) {
      const after = this.#after(pair, hello.parsed.ciphertext, hello.parsed.iv)
      for (const challenge of this.#handshake(OP.CHALLENGE))
        for (const p of [pair, after]) this.#take(this.#bound(p, hello, challenge))
    }
  }

  #handshake(opcode: number): readonly Heard[] {
    return this.#heard.filter((f) => this.#ofHandshake(f, opcode))
  }

  #ofHandshake({ parsed: { header } }: Heard, opcode: number): boolean {
    return header.opcode === opcode && header.id === this.#from.id
  }

  #derived(pair: Pair, use: 'evolve' | 'bind', enc: Uint8Array, mac: Uint8Array): Pair {
    const { dialect } = this.#from
    const [e, m] = [encIndex(pair.direction), macIndex(pair.direction)]
    const keys = { enc: derivedKey(dialect, pair.enc, use, enc, e), mac: derivedKey(dialect, pair.mac, use, mac, m) }
    return { ...keys, direction: pair.direction, waits: false }
  }

  #after(pair: Pair, enc: Uint8Array, mac: Uint8Array): Pair {
    return this.#derived(pair, 'evolve', enc, mac)
  }

  #bound(pair: Pair, hello: Heard, challenge: Heard): Pair {
    if (this.#from.dialect.binding !== 'bound') return { ...pair, waits: false }
    const t = sha256(concat(hello.bytes, challenge.bytes))
    return this.#derived(pair, 'bind', t, t)
  }
}
