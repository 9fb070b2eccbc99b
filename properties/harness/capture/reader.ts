/** Follows both ends of every connection of a conversation, and reads what the keys at hand open. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { type Follower, Followers } from '../../../spec/dialects/follower.ts'
import { endName, type FrameId } from '../../../spec/events.ts'
import type { End } from '../../../spec/language.ts'
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
