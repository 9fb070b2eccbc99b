/** A client run of PROTOCOL.md, one sentence of it after the other. Time comes in; nothing here reads a clock. */

import type { Direction } from '../dialects/dialect.ts'
import type { Follower } from '../dialects/follower.ts'
import { isSubmittable, MAX_VALUES } from '../dialects/payload.ts'
import type { EndedBy, View } from '../events.ts'
import type { LimitName } from '../language.ts'
import { OP } from '../opcodes.ts'
import { judge } from './judging.ts'
import { Reassembler } from './stream.ts'
import type { Surroundings } from './surroundings.ts'
import { CONTROL, dataBytes, helloText } from './writing.ts'

type Limits = Readonly<Record<LimitName, number>>

export class Client {
  readonly #around: Surroundings
  readonly #limits: Limits
  readonly #stream: Reassembler
  /** Keys, round and phase; null once TERMINATED: the keys are overwritten (§1). */
  #position: Follower | null
  #view: View<Uint8Array>
  #waitingSince: number

  private constructor(
    limits: Limits,
    around: Surroundings,
    position: Follower | null,
    stream: Reassembler,
    view: View<Uint8Array>,
    waitingSince: number,
  ) {
    this.#limits = limits
    this.#around = around
    this.#position = position
    this.#stream = stream
    this.#view = view
    this.#waitingSince = waitingSince
  }

  /**
   * A new run of the client at `start`: the HELLO goes out at once. `text`: its plaintext, at most 255 bytes of UTF-8 (§5).
   */
  static start(start: Follower, limits: Limits, around: Surroundings, now: number, text = helloText(start.id)): Client {
    const client = new Client(limits, around, start, new Reassembler(start.dialect.framing), viewOf(start), now)
    const hello = client.#sealed(start, OP.HELLO, text)
    client.#move(start.after(hello)) // §4: the hello step is done when the HELLO is built
    if (!around.send(hello)) client.#end('fault')
    return client
  }

  /** A run that goes on as this one would, in other surroundings. `copies`: see `Follower.copy`. */
  copy(around: Surroundings, copies: Map<Follower, Follower>): Client {
    const position = this.#position?.copy(copies) ?? null
    return new Client(this.#limits, around, position, this.#stream.copy(), this.#view, this.#waitingSince)
  }

  /** The public state; the same object while nothing changed. */
  get view(): View<Uint8Array> {
    return this.#view
  }

  receive(chunk: Uint8Array, now: number): void {
    for (const piece of this.#stream.push(chunk)) {
      if (this.#position === null) return // §6: whatever follows a frame that ended the session is discarded
      if (piece.kind === 'illegal-length') {
        this.#around.rejected(null, 'malformed') // §2: counts as a malformed frame at once
        this.#end('rejection')
      } else {
        this.#frame(piece.frame, this.#position, now)
      }
    }
  }

  #frame(frame: Uint8Array, position: Follower, now: number): void {
    const judgement = judge(frame, 'client', position)
    if (judgement.kind === 'bad') {
      // §6: client: TERMINATED, close, nothing sent.
      this.#around.rejected(frame, judgement.reason)
      this.#end('rejection')
      return
    }
    switch (judgement.header.opcode) {
      case OP.CHALLENGE:
      case OP.RESPONSE:
        // §4: the client commits when the answer passed every check.
        this.#move(position.after(frame))
        this.#waitingSince = now
        this.#around.accepted(frame)
        return
      case OP.DESYNC:
      case OP.TERMINATE:
        // §6: ends the session, is never answered, resets no key.
        this.#around.accepted(frame)
        this.#end('peer')
        return
    }
  }

  /** False: refused locally (§5): no frame, nothing moves. */
  submit(values: readonly number[], now: number): boolean {
    const position = this.#position
    if (position === null || position.phase !== 'ACTIVE') return false
    if (position.outstanding !== null) return false // §5: a second request while one is outstanding
    if (values.length < 1 || values.length > MAX_VALUES || !values.every(isSubmittable)) return false // §5
    const data = this.#sealed(position, OP.DATA, dataBytes(values))
    // §4: sending moves nothing: the position after DATA has the same keys and round, and a request outstanding.
    this.#move(position.after(data))
    this.#waitingSince = now
    if (!this.#around.send(data)) this.#end('fault')
    return true
  }

  /** §6: ends gracefully with TERMINATE when no request is outstanding, else by closing. */
  finish(): void {
    const position = this.#position
    if (position === null) return
    if (position.phase === 'ACTIVE' && position.outstanding === null) {
      this.#around.send(this.#sealed(position, OP.TERMINATE, CONTROL))
    }
    this.#end('finish')
  }

  /** The transport is gone. §6: an end of stream is not a rejection. */
  close(): void {
    if (this.#position !== null) this.#end('close')
  }

  tick(now: number): void {
    const position = this.#position
    if (position === null) return
    // §6: gives up (TERMINATED, close) when no CHALLENGE arrives within 5 s or no response within 10 s.
    const waits = position.phase === 'INIT' || position.outstanding !== null
    const patience = position.phase === 'INIT' ? this.#limits.challengeMs : this.#limits.responseMs
    if (waits && now - this.#waitingSince >= patience) this.#end('timer')
  }

  /** Continues an ACTIVE session in another round. */
  setRound(round: number): void {
    if (this.#position?.phase === 'ACTIVE') this.#move(this.#position.withRound(round))
  }

  /** The only place where the state changes. */
  #move(position: Follower): void {
    this.#position = position
    this.#view = viewOf(position)
  }

  #end(by: EndedBy): void {
    this.#position = null // §1: TERMINATED is final; on entering it the keys are overwritten
    this.#view = { ...this.#view, phase: 'TERMINATED', outstanding: false, keys: null }
    this.#around.ended(by)
  }

  #sealed(position: Follower, opcode: number, plaintext: Uint8Array): Uint8Array {
    const direction: Direction = 'c2s'
    const header = { opcode, id: position.id, round: position.round, direction: position.dialect.directions[direction] }
    return position.seal(direction, header, plaintext, this.#around.random(16)) // §2: a fresh IV for every frame
  }
}

const viewOf = (position: Follower): View<Uint8Array> => ({
  id: position.id,
  phase: position.phase,
  round: position.round,
  confirmed: false, // §7: the server's affair
  outstanding: position.outstanding !== null,
  keys: position.keys,
})
