/** Cutting frames out of a byte stream. Chunk boundaries carry no meaning (PROTOCOL §2). */

import { concat, EMPTY, u32, viewOf } from './bytes.ts'
import { MAX_FRAME, MIN_FRAME } from './frame.ts'

export type Piece =
  | { readonly kind: 'frame'; readonly frame: Uint8Array }
  | { readonly kind: 'illegal-length'; readonly length: number } // the last piece a stream yields

const PREFIX_BYTES = 4

export const copyOf = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes) // the `slice` of a Buffer is a view

/** One per endpoint. Frames are copies, safe to keep. */
export class PrefixedStream {
  readonly #min: number
  readonly #max: number
  #buffer: Uint8Array = EMPTY
  #dead = false

  /** The lengths that a frame may have, bytes. */
  constructor(min = MIN_FRAME, max = MAX_FRAME) {
    this.#min = min
    this.#max = max
  }

  /** Bytes held back because their frame is not complete yet. */
  get buffered(): number {
    return this.#buffer.length
  }

  /** One that goes on as this one would. */
  copy(): PrefixedStream {
    const other = new PrefixedStream(this.#min, this.#max)
    other.#buffer = this.#buffer // never written to, only replaced
    other.#dead = this.#dead
    return other
  }

  push(chunk: Uint8Array): Piece[] {
    if (this.#dead) return []
    const bytes = this.#buffer.length === 0 ? chunk : concat(this.#buffer, chunk)
    const pieces: Piece[] = []
    let at = 0
    while (bytes.length - at >= PREFIX_BYTES) {
      const length = viewOf(bytes).getUint32(at)
      // §2: a prefix outside the limits is malformed at once; nothing is buffered for it.
      if (length < this.#min || length > this.#max) {
        this.#dead = true
        this.#buffer = EMPTY
        pieces.push({ kind: 'illegal-length', length })
        return pieces
      }
      const end = at + PREFIX_BYTES + length
      if (end > bytes.length) break
      pieces.push({ kind: 'frame', frame: copyOf(bytes.subarray(at + PREFIX_BYTES, end)) })
      at = end
    }
    this.#buffer = at === bytes.length ? EMPTY : copyOf(bytes.subarray(at))
    return pieces
  }
}

/** What goes onto the stream for one frame. */
export const prefixed = (frame: Uint8Array): Uint8Array => concat(u32(frame.length), frame)
