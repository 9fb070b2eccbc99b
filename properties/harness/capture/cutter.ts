/** Cuts a byte stream into frames as the reference does, but loses nothing: a relay passes on what is no frame, too. */
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { concat, EMPTY } from '../../../spec/reference/bytes.ts'
import { Reassembler } from '../../../spec/reference/stream.ts'

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
