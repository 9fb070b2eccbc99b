/** What an answer is sealed with, as far as whoever has the master key can tell. */
import type { Follower } from '../../spec/dialects/follower.ts'
import { tagVerifies } from '../../spec/dialects/sealing.ts'

export type Under = 'current' | 'initial' | 'zero key' | 'no known key'

/** `start`: the position before the HELLO. `at`: that before the answer. */
export const sealedUnder = (start: Follower, at: Follower, frame: Uint8Array): Under => {
  if (at.opens(frame, 's2c').tagOk) return 'current'
  const greeted = at.hello === null ? start : start.after(at.hello)
  if (start.opens(frame, 's2c').tagOk || greeted.opens(frame, 's2c').tagOk) return 'initial'
  return tagVerifies(at.dialect, new Uint8Array(at.dialect.macKeyBytes), frame) ? 'zero key' : 'no known key'
}
