/** Follows every connection through a relay at both of its ends, and reads what the keys it has open. */

import { PROTOCOL } from '../../../../spec/dialects/dialect.ts'
import { type Follower, Followers } from '../../../../spec/dialects/follower.ts'
import { endName } from '../../../../spec/events.ts'
import type { End, Mode } from '../../../../spec/language.ts'
import { says } from '../../../harness/attack/frames.ts'

/**
 * An end moves on with what it sends, and with what it is given as far as PROTOCOL lets that pass: the reference's
 * word, not the end's own. Without a keyring it reads nothing.
 */
export class Tracker {
  readonly #followers: Followers
  readonly #keyring: ReadonlyMap<number, Uint8Array> | null
  readonly #at = new Map<string, Follower>()

  constructor(mode: Mode, keyring: ReadonlyMap<number, Uint8Array> | null) {
    this.#followers = new Followers(PROTOCOL[mode])
    this.#keyring = keyring
  }

  /** `end` has sent this frame; what it says, or why that cannot be told. */
  sent(end: End, frame: Uint8Array): string {
    const at = this.#position(end, frame)
    if (this.#keyring === null) return ''
    if (at === null) return `no key of client ${frame[1]}`
    const { tagOk, padOk, body } = at.opens(frame, end.side === 'client' ? 'c2s' : 's2c')
    this.#at.set(endName(end), at.after(frame))
    return padOk ? says(body) : tagOk ? 'no valid padding' : 'does not verify here'
  }

  /** `end` was given this frame. */
  given(end: End, frame: Uint8Array): void {
    const at = this.#position(end, frame)
    if (at !== null) this.#at.set(endName(end), at.after(frame))
  }

  /** Where an end stands; its first frame names the client. */
  #position(end: End, frame: Uint8Array): Follower | null {
    const known = this.#at.get(endName(end))
    if (known !== undefined) return known
    const master = this.#keyring?.get(frame[1]!)
    return master === undefined ? null : this.#followers.start(frame[1]!, master)
  }
}
