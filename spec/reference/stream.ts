/** Cutting frames out of a byte stream. How the stream was cut into chunks must not matter (PROTOCOL §2). */

import type { Framing } from '../dialects/dialect.ts'
import { concat, EMPTY, u32, viewOf } from './bytes.ts'

export type Piece =
  | { readonly kind: 'frame'; readonly frame: Uint8Array }
  | { readonly kind: 'illegal-length'; readonly length: number } // the last piece a stream yields

const PREFIX_BYTES = 4
const FIRST_READ = 23 // framing recv23: header and IV

const copyOf = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes) // the `slice` of a Buffer is a view

/** One per endpoint. Frames are copies, safe to keep. */
export class Reassembler {
  readonly #framing: Framing
  #buffer: Uint8Array = EMPTY
  #dead = false

  constructor(framing: Framing) {
    this.#framing = framing
  }

  /** Bytes held back because their frame is not complete yet. */
  get buffered(): number {
    return this.#buffer.length
  }

  /** One that goes on as this one would. */
  copy(): Reassembler {
    const other = new Reassembler(this.#framing)
    other.#buffer = this.#buffer // never written to, only replaced
    other.#dead = this.#dead
    return other
  }

  push(chunk: Uint8Array): Piece[] {
    if (this.#dead) return []
    switch (this.#framing.kind) {
      case 'recv':
        return chunk.length === 0 ? [] : [{ kind: 'frame', frame: copyOf(chunk) }]
      case 'recv23':
        return this.#afterHeader(chunk)
      case 'u32be':
        return this.#prefixed(chunk, this.#framing.min, this.#framing.max)
    }
  }

  #afterHeader(chunk: Uint8Array): Piece[] {
    const started = this.#buffer.length >= FIRST_READ
    this.#buffer = concat(this.#buffer, chunk)
    const complete = started ? chunk.length > 0 : this.#buffer.length > FIRST_READ
    if (!complete) return []
    const frame = this.#buffer
    this.#buffer = EMPTY
    return [{ kind: 'frame', frame }]
  }

  #prefixed(chunk: Uint8Array, min: number, max: number): Piece[] {
    const bytes = this.#buffer.length === 0 ? chunk : concat(this.#buffer, chunk)
    const pieces: Piece[] = []
    let at = 0
    while (bytes.length - at >= PREFIX_BYTES) {
      const length = viewOf(bytes).getUint32(at)
      // PROTOCOL §2: a prefix outside the limits is malformed at once; nothing is buffered for it.
      if (length < min || length > max) {
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
export const enframe = (framing: Framing, frame: Uint8Array): Uint8Array =>
  framing.kind === 'u32be' ? concat(u32(frame.length), frame) : frame
