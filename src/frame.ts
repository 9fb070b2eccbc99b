/** The wire format of PROTOCOL §2: header, frame, and the length-prefixed stream they travel in. */

export const OPCODE = {
  hello: 10,
  challenge: 20,
  data: 30,
  aggregate: 40,
  desync: 50, // KEY_DESYNC_ERROR
  terminate: 60,
} as const
export type Opcode = (typeof OPCODE)[keyof typeof OPCODE]

/** Who a frame travels to; the direction byte. */
export const TO_SERVER = 1
export const TO_CLIENT = 2
export type Direction = typeof TO_SERVER | typeof TO_CLIENT

export const MAX_ROUND = 0xffff_ffff

const IV_AT = 7 // 1 opcode + 1 id + 4 round + 1 direction (§2)
const CIPHERTEXT_AT = 23 // IV_AT + 16 IV
const TAG_BYTES = 32
const MIN_FRAME = CIPHERTEXT_AT + 16 + TAG_BYTES // 71: one block
export const MAX_FRAME = CIPHERTEXT_AT + 4112 + TAG_BYTES // 4,167: 4,096 bytes of plaintext and a block of padding
const PREFIX_BYTES = 4

export interface Header {
  readonly opcode: number
  readonly id: number
  readonly round: number
  readonly direction: number
}

export const ivOf = (frame: Uint8Array): Uint8Array => frame.subarray(IV_AT, CIPHERTEXT_AT)
export const ciphertextOf = (frame: Uint8Array): Uint8Array => frame.subarray(CIPHERTEXT_AT, frame.length - TAG_BYTES)
export const tagOf = (frame: Uint8Array): Uint8Array => frame.subarray(frame.length - TAG_BYTES)
/** Everything before the tag: what the tag is computed over (§3). */
export const taggedOf = (frame: Uint8Array): Uint8Array => frame.subarray(0, frame.length - TAG_BYTES)

/** A frame with its tag still zero: the caller writes `tagOf(frame)`. */
export const encodeUntagged = (header: Header, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array => {
  const frame = new Uint8Array(CIPHERTEXT_AT + ciphertext.length + TAG_BYTES)
  frame[0] = header.opcode
  frame[1] = header.id
  frame[2] = header.round >>> 24
  frame[3] = header.round >>> 16
  frame[4] = header.round >>> 8
  frame[5] = header.round
  frame[6] = header.direction
  frame.set(iv, IV_AT)
  frame.set(ciphertext, CIPHERTEXT_AT)
  return frame
}

/** The header, or null when length or alignment are not those of a frame (`malformed`, §6). */
export const parseHeader = (frame: Uint8Array): Header | null => {
  if (frame.length < MIN_FRAME || frame.length > MAX_FRAME) return null
  if (frame.length % 16 !== 7) return null // §2: whole cipher blocks
  return { opcode: frame[0]!, id: frame[1]!, round: readU32(frame, 2), direction: frame[6]! }
}

/** The frame with its length before it, as it goes onto TCP. */
export const withPrefix = (frame: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(PREFIX_BYTES + frame.length)
  new DataView(bytes.buffer).setUint32(0, frame.length)
  bytes.set(frame, PREFIX_BYTES)
  return bytes
}

/**
 * Cuts a byte stream into frames, however it is chunked. Holds at most one incomplete frame (4,167 bytes) and only
 * while it is incomplete. A frame that lies whole inside a chunk is a view of that chunk, not a copy.
 */
export class Reassembler {
  #prefix: number[] = [] // bytes of an incomplete length prefix
  #frame: Uint8Array | null = null
  #filled = 0

  /**
   * Hands each complete frame to `take`, or null for an illegal length prefix, until the chunk is used up or `take`
   * returns false: whatever follows a frame that ended the session is discarded (§6).
   */
  push(chunk: Uint8Array, take: (frame: Uint8Array | null) => boolean): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#frame === null) {
        this.#prefix.push(chunk[at++]!)
        if (this.#prefix.length < PREFIX_BYTES) continue
        const length = readU32(this.#prefix, 0)
        this.#prefix = []
        // §2: a prefix outside 71..4,167 is malformed at once; nothing is buffered for it.
        if (length < MIN_FRAME || length > MAX_FRAME) {
          if (!take(null)) return
          continue
        }
        if (at + length <= chunk.length) {
          at += length
          if (!take(chunk.subarray(at - length, at))) return
          continue
        }
        this.#frame = new Uint8Array(length)
        this.#filled = 0
      }
      const part = chunk.subarray(at, at + this.#frame.length - this.#filled)
      this.#frame.set(part, this.#filled)
      this.#filled += part.length
      at += part.length
      if (this.#filled < this.#frame.length) return
      const frame = this.#frame
      this.#frame = null
      if (!take(frame)) return
    }
  }

  /** How many bytes are held back. */
  get held(): number {
    return this.#frame === null ? this.#prefix.length : PREFIX_BYTES + this.#filled
  }

  /** The bytes of the incomplete frame, its prefix included: pushing them into a new reassembler restores this one. */
  buffered(): Uint8Array {
    if (this.#frame === null) return Uint8Array.from(this.#prefix)
    return withPrefix(this.#frame).slice(0, PREFIX_BYTES + this.#filled)
  }
}

const readU32 = (bytes: ArrayLike<number>, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
