/** What an endpoint is being fed, as the reference cuts it: frames that wait for the verdict of its party. */
import type { Dialect } from '../../spec/dialects/dialect.ts'
import type { FrameId, Header } from '../../spec/events.ts'
import { type Piece as Cut, parseFrame } from '../../spec/reference/frame.ts'
import { ownHeader } from './foreign.ts'

export interface Piece {
  readonly frame: FrameId | null // null: an illegal length prefix
  readonly header: Header | null
  readonly ciphertext: Uint8Array
}

export class Pieces {
  readonly #dialect: Dialect
  #waiting: Piece[] = []

  constructor(dialect: Dialect) {
    this.#dialect = dialect
  }

  get length(): number {
    return this.#waiting.length
  }

  push(cut: Cut, nameOf: (frame: Uint8Array) => FrameId): void {
    const frame = cut.kind === 'illegal-length' ? null : parseFrame(cut.frame)
    this.#waiting.push({
      frame: cut.kind === 'illegal-length' ? null : nameOf(cut.frame),
      header: frame === null || cut.kind !== 'frame' ? null : ownHeader(this.#dialect, cut.frame),
      ciphertext: frame?.ciphertext ?? new Uint8Array(0),
    })
  }

  /** The frame whose ciphertext this is. */
  holding(data: Uint8Array): FrameId | null {
    return this.#waiting.find((p) => Buffer.compare(p.ciphertext, data) === 0)?.frame ?? null
  }

  /** Takes out the pieces up to the one that was judged; none where it is not among them. */
  upTo(judged: FrameId | null): readonly Piece[] {
    return this.take(this.#waiting.findIndex((p) => p.frame === judged) + 1)
  }

  /** Takes out the first so many; default: all. */
  take(count = this.#waiting.length): readonly Piece[] {
    return this.#waiting.splice(0, count)
  }
}
