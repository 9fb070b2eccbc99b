import type { EndedBy, Reason } from '../events.ts'

/** What one endpoint of a party can do to the outside: send, draw random bytes, and report. */
export interface Environment {
  /** Hands over one whole frame, without length prefix; false: the transport has failed or is closed. */
  send(frame: Uint8Array): boolean
  /** The endpoint's own fresh bytes: 16 for a fresh CHALLENGE text, then 16 for the IV of each frame, as sent. */
  random(bytes: number): Uint8Array
  accepted(frame: Uint8Array): void
  /** `frame` null: a length prefix that no frame can have. */
  rejected(frame: Uint8Array | null, reason: Reason): void
  ended(by: EndedBy): void
}
