/** The frame of PROTOCOL §2: taken apart and put together, its cryptography (§3), and its way through a byte stream. */
import type { Header } from '../events.ts'
import { concat, EMPTY, equal, u32, viewOf } from './bytes.ts'
import { aesCbcDecrypt, aesCbcEncrypt, BLOCK, hmac, pad, unpad } from './primitives.ts'

export const HEADER_BYTES = 7 // §2: opcode 1, client id 1, round 4, direction 1
export const IV_BYTES = 16
export const TAG_BYTES = 32
export const OVERHEAD = HEADER_BYTES + IV_BYTES + TAG_BYTES // §2: 55
export const MIN_FRAME = OVERHEAD + 16 // §2: one block
export const MAX_FRAME = OVERHEAD + 4_096 + 16 // §2: plaintext at most 4,096 bytes, and its padding

/** The parts are views of the frame's bytes. */
export interface Frame {
  readonly header: Header
  readonly iv: Uint8Array
  readonly ciphertext: Uint8Array
  readonly tag: Uint8Array
}

/** The header of anything that has one; null below 7 bytes. */
export function parseHeader(bytes: Uint8Array): Header | null {
  if (bytes.length < HEADER_BYTES) return null
  // By hand: to make a view costs more than to read a header with it.
  const round = ((bytes[2]! << 24) | (bytes[3]! << 16) | (bytes[4]! << 8) | bytes[5]!) >>> 0
  return { opcode: bytes[0]!, id: bytes[1]!, round, direction: bytes[6]! }
}

export function encodeHeader(header: Header): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, header.opcode)
  view.setUint8(1, header.id)
  view.setUint32(2, header.round)
  view.setUint8(6, header.direction)
  return bytes
}

/** Null where there is no room for header, IV and tag. The ciphertext may be empty or unaligned: `isAligned` tells. */
export function parseFrame(bytes: Uint8Array): Frame | null {
  const header = parseHeader(bytes)
  if (header === null || bytes.length < OVERHEAD) return null
  const tagAt = bytes.length - TAG_BYTES
  return {
    header,
    iv: ivOf(bytes),
    ciphertext: bytes.subarray(HEADER_BYTES + IV_BYTES, tagAt),
    tag: bytes.subarray(tagAt),
  }
}

/** A view of the 16 bytes behind the header; shorter where the frame is. */
export const ivOf = (frame: Uint8Array): Uint8Array => frame.subarray(HEADER_BYTES, HEADER_BYTES + IV_BYTES)

/** PROTOCOL §2: 16·n bytes of ciphertext. */
export const isAligned = (frame: Frame): boolean => frame.ciphertext.length % BLOCK === 0

export const encodeFrame = (frame: Frame): Uint8Array =>
  concat(encodeHeader(frame.header), frame.iv, frame.ciphertext, frame.tag)

/** The two keys of one direction: ENC 16 bytes, MAC 32 (§1). */
export interface KeyPair {
  readonly enc: Uint8Array
  readonly mac: Uint8Array
}

/**
 * §3: ciphertext = AES-128-CBC(ENC key, IV, pad(plaintext)); tag = HMAC-SHA256(MAC key, header ‖ IV ‖ ciphertext).
 * `iv`: 16 fresh bytes. `padding` makes whole blocks of the plaintext; another than PKCS#7 is for tests.
 */
export function seal(keys: KeyPair, header: Header, plaintext: Uint8Array, iv: Uint8Array, padding = pad): Uint8Array {
  const ciphertext = aesCbcEncrypt(keys.enc, iv, padding(plaintext))
  const beforeTag = concat(encodeHeader(header), iv, ciphertext)
  return concat(beforeTag, hmac(keys.mac, beforeTag))
}

/** §3: over everything before the tag, in constant time and in full. `frame`: at least 55 bytes. */
export const tagVerifies = (mac: Uint8Array, frame: Uint8Array): boolean =>
  equal(hmac(mac, frame.subarray(0, frame.length - TAG_BYTES)), frame.subarray(frame.length - TAG_BYTES))

/** Null where the padding is wrong. Call only on an aligned frame whose tag has verified (§3). */
export const decrypt = (enc: Uint8Array, { iv, ciphertext }: Frame): Uint8Array | null =>
  unpad(aesCbcDecrypt(enc, iv, ciphertext))

/** Cutting frames out of a byte stream. Chunk boundaries carry no meaning (PROTOCOL §2). */
export type Piece =
  | { readonly kind: 'frame'; readonly frame: Uint8Array }
  | { readonly kind: 'illegal-length'; readonly length: number } // the last piece a stream yields

/** Null: a length that no frame can have (PROTOCOL §2: malformed at once). */
export const frameOf = (piece: Piece): Uint8Array | null => (piece.kind === 'frame' ? piece.frame : null)

/** The length before a frame; `more`: what it counts beside the frame. PROTOCOL §2 has the first. */
interface Prefix {
  readonly bytes: 2 | 4
  readonly little: boolean
  readonly more: number
}
const PREFIX: Prefix = { bytes: 4, little: false, more: 0 }

export const copyOf = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes) // the `slice` of a Buffer is a view

/** One per endpoint. Frames are copies, safe to keep. */
export class PrefixedStream {
  readonly #min: number
  readonly #max: number
  readonly #prefix: Prefix
  #buffer: Uint8Array = EMPTY
  #dead = false

  /** The lengths that a frame may have, bytes. */
  constructor(min = MIN_FRAME, max = MAX_FRAME, prefix = PREFIX) {
    this.#min = min
    this.#max = max
    this.#prefix = prefix
  }

  /** Bytes held back because their frame is not complete yet. */
  get buffered(): number {
    return this.#buffer.length
  }

  /** One that goes on as this one would. */
  copy(): PrefixedStream {
    const other = new PrefixedStream(this.#min, this.#max, this.#prefix)
    other.#buffer = this.#buffer // never written to, only replaced
    other.#dead = this.#dead
    return other
  }

  push(chunk: Uint8Array): Piece[] {
    if (this.#dead) return []
    const bytes = this.#buffer.length === 0 ? chunk : concat(this.#buffer, chunk)
    const pieces: Piece[] = []
    const { bytes: size, little, more } = this.#prefix
    let at = 0
    while (bytes.length - at >= size) {
      const view = viewOf(bytes)
      const length = (size === 2 ? view.getUint16(at, little) : view.getUint32(at, little)) - more
      // §2: a prefix outside the limits is malformed at once; nothing is buffered for it.
      if (length < this.#min || length > this.#max) {
        this.#dead = true
        this.#buffer = EMPTY
        pieces.push({ kind: 'illegal-length', length })
        return pieces
      }
      const end = at + size + length
      if (end > bytes.length) break
      pieces.push({ kind: 'frame', frame: copyOf(bytes.subarray(at + size, end)) })
      at = end
    }
    this.#buffer = at === bytes.length ? EMPTY : copyOf(bytes.subarray(at))
    return pieces
  }
}

/** A length as it stands before a frame, whatever is in it. */
export const prefixOf = (length: number, { bytes, little, more } = PREFIX): Uint8Array => {
  const out = u32((length + more) >>> 0).subarray(4 - bytes)
  return little ? out.reverse() : out
}

/** What goes onto the stream for one frame. */
export const prefixed = (frame: Uint8Array, prefix = PREFIX): Uint8Array =>
  concat(prefixOf(frame.length, prefix), frame)
