/** What an endpoint is being fed, as the reference cuts it: frames that wait for the verdict of its party, and the verdicts so far. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import type { EndedBy, FrameId, Header } from '../../../spec/events.ts'
import { type Piece as Cut, parseFrame } from '../../../spec/reference/frame.ts'
import { ownHeader } from './foreign.ts'
import type { Endpoint } from './ledger.ts'

export interface Piece {
  readonly frame: FrameId | null // null: an illegal length prefix
  readonly header: Header | null
  readonly ciphertext: Uint8Array
}

export class Pieces {
  readonly #dialect: Dialect
  #waiting: Piece[] = []
  #receiver: Endpoint | null = null
  #judged = false
  /** What the verdicts so far let the session of the receiver end by. */
  #licence: EndedBy | null = null

  constructor(dialect: Dialect) {
    this.#dialect = dialect
  }

  /** Whom they are fed to; null: the party has judged what it was fed. */
  get receiver(): Endpoint | null {
    return this.#receiver
  }

  /** A verdict on what is being received has come. */
  get judged(): boolean {
    return this.#judged
  }

  feed(receiver: Endpoint | null): void {
    this.#receiver = receiver
    this.#judged = false
    this.#licence = null
  }

  /** `licence`: what the verdict lets the session of `e` end by. */
  verdict(e: Endpoint, licence: EndedBy | null): void {
    if (this.#receiver !== e) return
    this.#judged = true
    this.#licence = licence
  }

  /**
   * Whether `e` ends by a frame that has no verdict yet, or whose answer is `unsaid`: parties may tell the one before the
   * other.
   */
  awaited(e: Endpoint, by: EndedBy, unsaid: boolean): boolean {
    if (this.#receiver === null) return false
    if (this.#receiver !== e) return !this.#judged || unsaid
    return (by === 'rejection' || by === 'peer') && this.#licence !== by && this.#waiting.length > 0
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
