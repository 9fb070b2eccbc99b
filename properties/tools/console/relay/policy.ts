/** Who decides what becomes of the frames at a relay: nobody, a schedule, or a person. */
import type { End } from '../../../../spec/language.ts'
import { opposite } from '../../../harness/attack/frames.ts'
import { framed, type Wire, type WireFrame } from '../../../harness/wire.ts'

/** What a policy can do, and see. */
export interface Hand {
  /** Every frame that has arrived, by origin. */
  readonly wire: Wire
  /** Connections there were, the open ones included. */
  readonly connections: number
  /** A connection to the server with no client behind it; its number. */
  connect(): number
  /** Stream bytes for an end, in these chunks. `note`: what is different from passing the frame on. */
  give(to: End, chunks: readonly Uint8Array[], note: string): void
  /** Breaks connection `n`. */
  close(n: number): void
  say(text: string): void
  /** Does something after so many milliseconds, when nothing else is being done. */
  after(ms: number, job: () => void): void
}

export interface Policy {
  opened(): void
  /** A frame has arrived from its sender; what is never given is dropped. */
  frame(f: WireFrame): Promise<void> | void
  /** Whether the end of a stream on connection `n` may be passed on now: nothing is held back there. */
  mayEnd(n: number): boolean
}

/** Gives the frame to the other end, as it is. */
export const pass = (hand: Hand, f: WireFrame, note = ''): void =>
  hand.give(opposite(f.ref.by), [framed(f.bytes)], note)

export const passing = (hand: Hand): Policy => ({
  opened() {},
  frame: (f) => pass(hand, f),
  mayEnd: () => true,
})
