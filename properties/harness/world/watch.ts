/** What only the bytes of a frame can show: where its IV came from, values in clear, and what leaked keys open. */
import type { Follower } from '../../../spec/dialects/follower.ts'
import { endName, type Iv } from '../../../spec/events.ts'
import type { End } from '../../../spec/language.ts'
import { textOf } from './rng.ts'
import { type Exposed, Thief } from './thief.ts'
import type { WireFrame } from './wire.ts'

const IV_AT = 7 // PROTOCOL §2
const IV_BYTES = 16

export class Watch {
  readonly #drawn = new Map<string, Set<string>>()
  readonly #secrets = new Map<number, Buffer>()
  #thief: Thief | null = null

  /** `base`: one that this one goes on from and leaves as it is. */
  constructor(base: Watch | null = null) {
    if (base === null) return
    for (const [end, drawn] of base.#drawn) this.#drawn.set(end, new Set(drawn))
    for (const [value, bytes] of base.#secrets) this.#secrets.set(value, bytes)
    this.#thief = base.#thief?.copy() ?? null
  }

  /** An endpoint was given these random bytes. */
  drawn(at: End, bytes: Uint8Array): void {
    const mine = this.#drawn.get(endName(at)) ?? new Set()
    this.#drawn.set(endName(at), mine.add(textOf(bytes)))
  }

  /** `own`: the endpoint draws its own random bytes, which nobody sees. */
  iv(at: End, frame: Uint8Array, own: boolean): Iv {
    const value = textOf(frame.subarray(IV_AT, IV_AT + IV_BYTES))
    return { value, drawn: own ? null : (this.#drawn.get(endName(at))?.has(value) ?? false) }
  }

  /** An honest application handed over these values; zero has no bytes of its own. */
  submitted(values: readonly number[]): void {
    for (const v of values) {
      if (v === 0 || Number.isNaN(v) || this.#secrets.has(v)) continue
      const bytes = Buffer.alloc(8)
      bytes.writeDoubleBE(v)
      this.#secrets.set(v, bytes)
    }
  }

  /** Whether a submitted value stands in the frame in clear. */
  exposes(frame: Uint8Array): boolean {
    if (this.#secrets.size === 0) return false
    const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.length)
    for (const secret of this.#secrets.values()) if (bytes.includes(secret)) return true
    return false
  }

  /** The four keys of a session leak, in the order of a view; only the first leak of a schedule counts (ADVERSARY §1). */
  leaks(at: End, from: Follower, keys: readonly Uint8Array[]): void {
    this.#thief ??= new Thief(at, from, keys)
  }

  /** What whoever has the leaked keys can read now that these frames are on the wire. */
  exposed(frames: readonly WireFrame[]): readonly Exposed[] {
    return this.#thief?.hears(frames) ?? []
  }
}
