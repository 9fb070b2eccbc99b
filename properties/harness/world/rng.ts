/** Every random byte of a played schedule: a stream keyed by (seed, name), the draw number counting within the stream. */
import { hash } from 'node:crypto'
import { endName } from '../../../spec/events.ts'
import type { End } from '../../../spec/language.ts'

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

/** A seed for each index from 0, the same for the same `seed` (Weyl sequence). */
export const nthSeed = (seed: number, index: number): number => (seed + Math.imul(index + 1, 0x9e3779b9)) | 0

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

/** What a server in a schedule knows. */
export const keyringOf = (...ids: readonly (readonly number[])[]): ReadonlyMap<number, Uint8Array> =>
  new Map([...new Set([...KEYRING_IDS, ...ids.flat()])].map((id) => [id, masterKey(id)]))

// A copy into memory that is there already is cheaper than a Buffer over the memory of a small array.
const scratch = Buffer.alloc(8_192)

/** Bytes as text, one character a byte: what maps and sets of byte strings are keyed by. */
export const textOf = (bytes: Uint8Array): string => {
  if (bytes.length > scratch.length) return Buffer.from(bytes).toString('latin1')
  scratch.set(bytes)
  return scratch.toString('latin1', 0, bytes.length)
}

/** The bytes that a text of `textOf` stands for. */
export const bytesOf = (text: string): Uint8Array => {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

type Source = (bytes: number) => Uint8Array

/** The random bytes of a world's endpoints: each has its own stream, and nothing else is ever drawn. */
export class Draws {
  readonly #seed: number
  readonly #drawn: (at: End, bytes: Uint8Array) => void
  readonly #rngs = new Map<string, Source>()
  /** Draws so far, by endpoint. */
  readonly #counts: Map<string, number>
  #epoch = { name: '', firstConnection: 0 }

  /** `drawn` is told of every draw. `base`: draws that these go on from and leave as they are. */
  constructor(seed: number, drawn: (at: End, bytes: Uint8Array) => void, base: Draws | null = null) {
    this.#seed = seed
    this.#drawn = drawn
    this.#counts = new Map(base === null ? null : base.#counts)
    if (base !== null) this.#epoch = base.#epoch
  }

  of(at: End): Source {
    const end = endName(at)
    const known = this.#rngs.get(end)
    if (known !== undefined) return known
    const draw = this.#stream(at)
    const rng: Source = (bytes) => {
      const drawn = draw(bytes)
      this.#counts.set(end, (this.#counts.get(end) ?? 0) + 1)
      this.#drawn(at, drawn)
      return drawn
    }
    this.#rngs.set(end, rng)
    return rng
  }

  /** The next draws of 16 bytes, which stay to be drawn. */
  ahead(at: End, draws: number): readonly Uint8Array[] {
    const draw = this.#stream(at)
    return Array.from({ length: draws }, () => draw(16))
  }

  #stream(at: End): Source {
    // After a restart a server counts its connections anew; with generator state reused its streams start again too.
    const n = at.side === 'server' ? at.n - this.#epoch.firstConnection : at.n
    const name = `${at.side === 'server' ? this.#epoch.name : ''}${at.side}${n}`
    return stream(this.#seed, name, this.#counts.get(endName(at)) ?? 0)
  }

  /** A new server process; `connections`: how many there were before it. `sameRng`: its generator has the old state. */
  restart(connections: number, sameRng: boolean): void {
    const name = sameRng ? this.#epoch.name : `restart ${connections} `
    this.#epoch = { name, firstConnection: connections }
  }
}

/** The one source of chance of fuzz runs and of a soak: sfc32, 128 bits of state, fast and good enough for picking mutations. */
export class Rng {
  #a: number
  #b: number
  #c: number
  #counter = 1

  /** Streams of different `stream` under one seed are unrelated: one a process. */
  constructor(seed: number, stream = 0) {
    this.#a = seed | 0
    this.#b = stream | 0
    this.#c = 0x9e3779b9 | 0
    for (let i = 0; i < 12; i++) this.u32() // the mixing the author of sfc32 prescribes
  }

  /** 0..2^32-1 */
  u32(): number {
    const t = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t
    this.#c |= 0
    return t >>> 0
  }

  /** 0..n-1; 0 for n = 0, so that an empty input needs no care. The bias of at most n/2^32 does not matter here. */
  below(n: number): number {
    return Math.floor((this.u32() / 0x1_0000_0000) * n)
  }

  /** lo..hi, both included */
  between(lo: number, hi: number): number {
    return lo + this.below(hi - lo + 1)
  }

  oneIn(n: number): boolean {
    return this.below(n) === 0
  }

  pick<T>(all: readonly T[]): T {
    return all[this.below(all.length)]!
  }
}
