/** Cutting frames out of a byte stream in any framing of DIALECTS. */

import { concat, EMPTY } from '../reference/bytes.ts'
import { copyOf, type Piece, PrefixedStream, prefixed } from '../reference/frame.ts'
import type { Framing } from './dialect.ts'

const FIRST_READ = 23 // framing recv23: header and IV

/** One per endpoint. Frames are copies, safe to keep. */
export class Reassembler {
  readonly #framing: Framing
  #prefixed: PrefixedStream | null
  #buffer: Uint8Array = EMPTY // framing recv23 only

  constructor(framing: Framing) {
    this.#framing = framing
    this.#prefixed = framing.kind === 'u32be' ? new PrefixedStream(framing.min, framing.max) : null
  }

  /** Bytes held back because their frame is not complete yet. */
  get buffered(): number {
    return this.#prefixed?.buffered ?? this.#buffer.length
  }

  /** One that goes on as this one would. */
  copy(): Reassembler {
    const other = new Reassembler(this.#framing)
    other.#prefixed = this.#prefixed?.copy() ?? null
    other.#buffer = this.#buffer // never written to, only replaced
    return other
  }

  push(chunk: Uint8Array): Piece[] {
    if (this.#prefixed) return this.#prefixed.push(chunk)
    if (this.#framing.kind === 'recv') return chunk.length === 0 ? [] : [{ kind: 'frame', frame: copyOf(chunk) }]
    const started = this.#buffer.length >= FIRST_READ
    this.#buffer = concat(this.#buffer, chunk)
    const complete = started ? chunk.length > 0 : this.#buffer.length > FIRST_READ
    if (!complete) return []
    const frame = this.#buffer
    this.#buffer = EMPTY
    return [{ kind: 'frame', frame }]
  }
}

/** What goes onto the stream for one frame. */
export const enframe = (framing: Framing, frame: Uint8Array): Uint8Array =>
  framing.kind === 'u32be' ? prefixed(frame) : frame
