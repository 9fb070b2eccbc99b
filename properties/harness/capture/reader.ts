/** Follows both ends of every connection of a conversation, and reads what the keys at hand open. */
import { type Dialect, isPrefixed, PREFIXES } from '../../../spec/dialects/dialect.ts'
import { type Follower, Followers } from '../../../spec/dialects/follower.ts'
import { Reassembler } from '../../../spec/dialects/stream.ts'
import { endName, type FrameId } from '../../../spec/events.ts'
import type { End, Side } from '../../../spec/language.ts'
import { concat, EMPTY } from '../../../spec/reference/bytes.ts'
import { type FrameLine, frameLine, says } from '../attack/frames.ts'

/**
 * An end moves on with what it sends, and with what it is given as far as PROTOCOL lets that pass: the reference's
 * word, not the end's own.
 */
export class Reader {
  readonly #followers: Followers
  readonly #keyring: ReadonlyMap<number, Uint8Array> | null
  readonly #at = new Map<string, Follower>()

  /** `keyring`: master keys by client id; null: only headers are read. */
  constructor(dialect: Dialect, keyring: ReadonlyMap<number, Uint8Array> | null) {
    this.#followers = new Followers(dialect)
    this.#keyring = keyring
  }

  /** `end` has sent this frame, which is called `name`: what there is to show of it. */
  sent(end: End, name: FrameId, frame: Uint8Array): FrameLine {
    return frameLine(name, frame, this.#keyring === null ? '' : this.#read(end, frame), this.#followers.dialect)
  }

  /** `end` was given this frame. */
  given(end: End, frame: Uint8Array): void {
    const at = this.#position(end, frame)
    if (at !== null) this.#at.set(endName(end), at.after(frame))
  }

  #read(end: End, frame: Uint8Array): string {
    const at = this.#position(end, frame)
    if (at === null) return 'no key'
    const { tagOk, padOk, body } = at.opens(frame, end.side === 'client' ? 'c2s' : 's2c')
    this.#at.set(endName(end), at.after(frame))
    return padOk ? says(body) : tagOk ? 'no valid padding' : 'does not verify here'
  }

  /** Where an end stands; its first frame names the client. */
  #position(end: End, frame: Uint8Array): Follower | null {
    const known = this.#at.get(endName(end))
    if (known !== undefined) return known
    const master = this.#keyring?.get(frame[1]!)
    return master === undefined ? null : this.#followers.start(frame[1]!, master)
  }
}

/** `bytes`: a frame without its length prefix, what the dialect has before the first one, or bytes that are no frame. */
export interface Cut {
  readonly kind: 'frame' | 'banner' | 'raw'
  readonly bytes: Uint8Array
}

/** One per direction of a connection. */
export class Cutter {
  readonly #stream: Reassembler
  readonly #prefix: number
  #banner: Uint8Array
  #held: Uint8Array = EMPTY
  #raw = false // a prefix was illegal: nothing after it is a frame (PROTOCOL §2)

  constructor({ framing, banners }: Dialect, from: Side) {
    this.#banner = banners[from === 'client' ? 'c2s' : 's2c']
    this.#stream = new Reassembler(framing, this.#banner)
    this.#prefix = isPrefixed(framing) ? PREFIXES[framing.kind].bytes : 0
  }

  push(chunk: Uint8Array): Cut[] {
    this.#held = concat(this.#held, chunk)
    const cuts: Cut[] = []
    const pieces = this.#stream.push(chunk)
    if (this.#banner.length > 0 && this.#stream.begun) {
      cuts.push({ kind: 'banner', bytes: this.#banner })
      this.#held = this.#held.subarray(this.#banner.length)
      this.#banner = EMPTY
    }
    for (const piece of pieces) {
      if (piece.kind === 'illegal-length') this.#raw = true
      else {
        cuts.push({ kind: 'frame', bytes: piece.frame })
        this.#held = this.#held.subarray(this.#prefix + piece.frame.length)
      }
    }
    return this.#raw ? [...cuts, ...this.rest()] : cuts
  }

  /** What is held back: call it when the stream ends. */
  rest(): Cut[] {
    const bytes = this.#held
    this.#held = EMPTY
    return bytes.length === 0 ? [] : [{ kind: 'raw', bytes }]
  }
}

/** The complete frames of a piece of a stream of the dialect that begins with these bytes, its banner being past. */
export const framesOf = (d: Dialect, bytes: Uint8Array): readonly Uint8Array[] =>
  new Reassembler(d.framing).push(bytes).flatMap((p) => (p.kind === 'frame' ? [p.frame] : []))
