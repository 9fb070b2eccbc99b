/** A client run of PROTOCOL.md, one sentence of it after the other. Time comes in; nothing here reads a clock. */
import type { EndedBy, View } from '../events.ts'
import type { LimitName } from '../language.ts'
import { OP } from '../opcodes.ts'
import { frameOf, PrefixedStream } from './frame.ts'
import { judge } from './judging.ts'
import { areSubmittable, CONTROL, dataBytes, helloText } from './payload.ts'
import { afterAnswer, afterRequest, type Environment, type Position, sealed, viewOf } from './position.ts'

type Limits = Readonly<Record<LimitName, number>>

export class Client {
  readonly #limits: Limits
  readonly #env: Environment
  readonly #stream: PrefixedStream
  /** Keys, round and phase; null once TERMINATED: the keys are overwritten (§1). */
  #position: Position | null = null
  #view: View<Uint8Array>
  #waitingSince = 0

  private constructor(limits: Limits, env: Environment, stream: PrefixedStream, view: View<Uint8Array>) {
    this.#limits = limits
    this.#env = env
    this.#stream = stream
    this.#view = view
  }

  /**
   * A new run of the client at `start`: the HELLO goes out at once. `text`: its plaintext, at most 255 bytes of UTF-8 (§5).
   */
  static start(start: Position, limits: Limits, env: Environment, now: number, text = helloText(start.id)): Client {
    const client = new Client(limits, env, new PrefixedStream(), publicState(start))
    client.#waitingSince = now
    const hello = client.#sealed(start, OP.HELLO, text)
    client.#move(afterRequest(start, hello)) // §4: the hello step is done when the HELLO is built
    if (!env.send(hello)) client.#end('fault')
    return client
  }

  /** A run that goes on as this one would, in another environment. */
  copy(env: Environment): Client {
    const other = new Client(this.#limits, env, this.#stream.copy(), this.#view)
    other.#position = this.#position
    other.#waitingSince = this.#waitingSince
    return other
  }

  /** The public state; the same object while nothing changed. */
  get view(): View<Uint8Array> {
    return this.#view
  }

  receive(chunk: Uint8Array, now: number): void {
    for (const piece of this.#stream.push(chunk)) {
      if (this.#position === null) return // §6: whatever follows a frame that ended the session is discarded
      this.#frame(frameOf(piece), this.#position, now)
    }
  }

  #frame(bytes: Uint8Array | null, position: Position, now: number): void {
    const judgement = judge(bytes, 'client', position)
    if (judgement.kind === 'bad') {
      // §6: client: TERMINATED, close, nothing sent.
      this.#env.rejected(bytes, judgement.reason)
      this.#end('rejection')
      return
    }
    const { frame, header, plaintext } = judgement
    switch (header.opcode) {
      case OP.CHALLENGE:
      case OP.RESPONSE:
        // §4: the client commits when the answer passed every check.
        this.#move(afterAnswer(position, frame, plaintext))
        this.#waitingSince = now
        this.#env.accepted(frame)
        return
      case OP.DESYNC:
      case OP.TERMINATE:
        // §6: ends the session, is never answered, resets no key.
        this.#env.accepted(frame)
        this.#end('peer')
        return
    }
  }

  /** False: refused locally (§5): no frame, nothing moves. */
  submit(values: readonly number[], now: number): boolean {
    const position = this.#position
    if (position === null || position.phase !== 'ACTIVE') return false
    if (position.request !== null) return false // §5: a second request while one is outstanding
    if (!areSubmittable(values)) return false // §5
    const data = this.#sealed(position, OP.DATA, dataBytes(values))
    // §4: sending moves nothing: the position after DATA has the same keys and round, and a request outstanding.
    this.#move(afterRequest(position, data))
    this.#waitingSince = now
    if (!this.#env.send(data)) this.#end('fault')
    return true
  }

  /** §6: ends gracefully with TERMINATE when no request is outstanding, else by closing. */
  finish(): void {
    const position = this.#position
    if (position === null) return
    if (position.phase === 'ACTIVE' && position.request === null) {
      this.#env.send(this.#sealed(position, OP.TERMINATE, CONTROL))
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
    const waits = position.request !== null
    const patience = position.phase === 'INIT' ? this.#limits.challengeMs : this.#limits.responseMs
    if (waits && now - this.#waitingSince >= patience) this.#end('timer')
  }

  /** Continues an ACTIVE session in another round. */
  setRound(round: number): void {
    if (this.#position?.phase === 'ACTIVE') this.#move({ ...this.#position, round })
  }

  /** The only place where the state changes. */
  #move(position: Position): void {
    this.#position = position
    this.#view = publicState(position)
  }

  #end(by: EndedBy): void {
    this.#position = null // §1: TERMINATED is final; on entering it the keys are overwritten
    this.#view = { ...this.#view, phase: 'TERMINATED', outstanding: false, keys: null }
    this.#env.ended(by)
  }

  #sealed(position: Position, opcode: number, plaintext: Uint8Array): Uint8Array {
    return sealed(position, 'client', opcode, plaintext, this.#env.random(16)) // §2: a fresh IV for every frame
  }
}

/** Whether a session is confirmed is for the server to know (§7). */
const publicState = (p: Position): View<Uint8Array> =>
  viewOf(p, { confirmed: false, outstanding: p.phase === 'ACTIVE' && p.request !== null })
