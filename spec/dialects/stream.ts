/** Cutting frames out of a byte stream in any framing of DIALECTS. */
import { concat, EMPTY, same } from '../reference/bytes.ts'
import { copyOf, type Piece, PrefixedStream, prefixed, prefixOf } from '../reference/frame.ts'
import { type Framing, isPrefixed, PREFIXES } from './dialect.ts'

const FIRST_READ = 23 // framing recv23: header and IV

/** One per endpoint. Frames are copies, safe to keep. */
export class Reassembler {
  readonly #framing: Framing
  #prefixed: PrefixedStream | null
  #buffer: Uint8Array = EMPTY // framing recv23 only
  #banner: Uint8Array // what of it has not come yet
  #dead = false // it was another one

  /** `banner`: the bytes before the first frame. */
  constructor(framing: Framing, banner: Uint8Array = EMPTY) {
    this.#framing = framing
    this.#banner = banner
    this.#prefixed = isPrefixed(framing) ? new PrefixedStream(framing.min, framing.max, PREFIXES[framing.kind]) : null
  }

  /** Bytes held back because their frame is not complete yet. */
  get buffered(): number {
    return this.#prefixed?.buffered ?? this.#buffer.length
  }

  /** Whether the banner is past. */
  get begun(): boolean {
    return this.#banner.length === 0
  }

  /** One that goes on as this one would. */
  copy(): Reassembler {
    const other = new Reassembler(this.#framing, this.#banner)
    other.#dead = this.#dead
    other.#prefixed = this.#prefixed?.copy() ?? null
    other.#buffer = this.#buffer // never written to, only replaced
    return other
  }

  /** A banner that is another one is the last piece, as a length that no frame can have. */
  push(chunk: Uint8Array): Piece[] {
    if (this.#dead) return []
    if (this.#banner.length === 0) return this.#cut(chunk)
    const here = Math.min(chunk.length, this.#banner.length)
    if (!same(chunk.subarray(0, here), this.#banner.subarray(0, here))) {
      this.#dead = true
      return [{ kind: 'illegal-length', length: chunk.length }]
    }
    this.#banner = this.#banner.subarray(here)
    return this.#cut(chunk.subarray(here))
  }

  #cut(chunk: Uint8Array): Piece[] {
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

/** The most that the length before a frame can say. */
const most = (framing: Extract<Framing, { min: number }>): number =>
  2 ** (8 * PREFIXES[framing.kind].bytes) - 1 - PREFIXES[framing.kind].more

/** A length before a frame, at most what it can say; null: no such length can be said. */
export const lengthBytes = (framing: Framing, length: number | 'most'): Uint8Array | null => {
  if (!isPrefixed(framing) || (length !== 'most' && length > most(framing))) return null
  return prefixOf(length === 'most' ? most(framing) : length, PREFIXES[framing.kind])
}

/** What goes onto the stream for one frame. */
export const enframe = (framing: Framing, frame: Uint8Array): Uint8Array =>
  isPrefixed(framing) ? prefixed(frame, PREFIXES[framing.kind]) : frame
