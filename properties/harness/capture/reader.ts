/** Follows both ends of every connection of a conversation, and reads what the keys at hand open. */
import { type Dialect, PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { type Follower, Followers } from '../../../spec/dialects/follower.ts'
import { Reassembler } from '../../../spec/dialects/stream.ts'
import { endName, type FrameId } from '../../../spec/events.ts'
import type { End } from '../../../spec/language.ts'
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
    return frameLine(name, frame, this.#keyring === null ? '' : this.#read(end, frame))
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

/** `bytes`: a frame without its length prefix, or bytes of the stream that are no frame. */
export interface Cut {
  readonly kind: 'frame' | 'raw'
  readonly bytes: Uint8Array
}

const PREFIX_BYTES = 4

/** One per direction of a connection. */
export class Cutter {
  readonly #stream = new Reassembler(PROTOCOL.bound.framing)
  #held: Uint8Array = EMPTY
  #raw = false // a prefix was illegal: nothing after it is a frame (PROTOCOL §2)

  push(chunk: Uint8Array): Cut[] {
    this.#held = concat(this.#held, chunk)
    const cuts: Cut[] = []
    for (const piece of this.#stream.push(chunk)) {
      if (piece.kind === 'illegal-length') this.#raw = true
      else {
        cuts.push({ kind: 'frame', bytes: piece.frame })
        this.#held = this.#held.subarray(PREFIX_BYTES + piece.frame.length)
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

/** The complete frames of a stream that begins with these bytes. */
export const framesOf = (bytes: Uint8Array): readonly Uint8Array[] =>
  new Cutter().push(bytes).flatMap((c) => (c.kind === 'frame' ? [c.bytes] : []))
