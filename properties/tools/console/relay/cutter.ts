/** Cuts a byte stream into frames as reference/stream.ts does, but loses nothing: a relay passes on what is no frame, too. */
import { concat, EMPTY, viewOf } from '../../../../spec/reference/bytes.ts'

/** `bytes`: a frame without its length prefix, or bytes of the stream that are none. */
export interface Cut {
  readonly kind: 'frame' | 'raw'
  readonly bytes: Uint8Array
}

const PREFIX = 4
const MIN_FRAME = 71 // PROTOCOL §2
const MAX_FRAME = 4_167 // §2

export class Cutter {
  #held: Uint8Array = EMPTY
  #raw = false // a prefix was illegal: nothing after it is a frame

  push(chunk: Uint8Array): Cut[] {
    const bytes = concat(this.#held, chunk)
    const cuts: Cut[] = []
    let at = 0
    while (!this.#raw && bytes.length - at >= PREFIX) {
      const length = viewOf(bytes).getUint32(at)
      this.#raw = length < MIN_FRAME || length > MAX_FRAME
      const end = at + PREFIX + length
      if (this.#raw || end > bytes.length) break
      cuts.push({ kind: 'frame', bytes: bytes.slice(at + PREFIX, end) })
      at = end
    }
    this.#held = bytes.slice(at)
    return this.#raw ? [...cuts, ...this.rest()] : cuts
  }

  /** What is held back: call it when the stream ends. */
  rest(): Cut[] {
    const bytes = this.#held
    this.#held = EMPTY
    return bytes.length === 0 ? [] : [{ kind: 'raw', bytes }]
  }
}
