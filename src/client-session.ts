/** One run of a client: the state machine of PROTOCOL §2, §4–§6 as seen from its side. */
import { checkMaster, limitsWith } from './checks.ts'
import { type ClientSnapshot, type ClientState, examine, type Live, terminated } from './client-state.ts'
import type { Crypto, Rng } from './crypto.ts'
import { OPCODE, type Opcode, Reassembler, TO_SERVER } from './frame.ts'
import { copyState, eraseReplaced, helloStep, initialKeys, type Mode } from './keys.ts'
import type { EndReason, Limits, Port, Reason } from './outcome.ts'
import * as payload from './payload.ts'
import { seal } from './primitives.ts'

/** `rng` is drawn from for every IV, 16 bytes at a time. */
export interface ClientOptions {
  readonly id: number // 1..255
  readonly masterKey: Uint8Array // 16..64 bytes
  readonly mode: Mode
  readonly crypto: Crypto
  readonly rng: Rng
  readonly limits?: Partial<Limits>
  readonly helloText?: string // at most 255 bytes of UTF-8; default "Hello from client N"
}

/** What became of a request of the application. `refused`: nothing was sent, nothing moved (§5). */
export type Requested =
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused'; readonly why: Refusal }
  | { readonly kind: 'failed' } // the transport refused it: the session is TERMINATED
export type Refusal = 'not-ready' | 'outstanding' | 'no-values' | 'too-many-values' | 'bad-value'

/**
 * ```ts
 * const port = { send: (frame) => queue(frame), report: (outcome) => log(outcome) }
 * const session = new ClientSession({ id: 1, masterKey, mode: 'bound', crypto: nodeCrypto, rng: nodeRng }, port)
 * session.start(now()) // then session.receive(bytes), session.submit([1.5, 2], now()), session.tick(now())
 * ```
 * Synchronous: everything that follows from a call is sent and reported before it returns. All times are ms of one
 * clock of the caller's that never goes back.
 */
export class ClientSession {
  readonly #mode: Mode
  readonly #crypto: Crypto
  readonly #rng: Rng
  readonly #limits: Limits
  readonly #port: Port
  readonly #hello: Uint8Array
  readonly #stream = new Reassembler()
  #state: ClientState

  /** Throws a RangeError on settings PROTOCOL does not allow. `from`: goes on where the snapshot was taken. */
  constructor(options: ClientOptions, port: Port, from?: ClientSnapshot) {
    const { id, masterKey, mode, crypto } = options
    checkMaster(id, masterKey)
    this.#mode = mode
    this.#crypto = crypto
    this.#rng = options.rng
    this.#limits = limitsWith(options.limits ?? {})
    this.#port = port
    this.#hello = payload.encodeText(options.helloText ?? `Hello from client ${id}`)
    this.#state = from
      ? copyState(from.state)
      : { id, phase: 'INIT', round: 0, keys: initialKeys(crypto, masterKey), pending: null, deadline: null }
    if (from) this.#stream.push(from.buffered, () => true)
  }

  /** The state itself, a new object after every change. Its keys are overwritten when they are replaced. */
  get state(): ClientState {
    return this.#state
  }

  /** Bytes of an incomplete frame. */
  get held(): number {
    return this.#stream.held
  }

  /** Shares nothing with this session. */
  snapshot(): ClientSnapshot {
    return { state: copyState(this.#state), buffered: this.#stream.buffered() }
  }

  /** Goes on from the state of a snapshot, at once: also in the middle of a chunk. */
  restore(state: ClientState): void {
    this.#commit(state.keys === this.#state.keys ? state : copyState(state))
  }

  /** Sends the HELLO, once. */
  start(now: number): Requested {
    const state = this.#state
    if (state.phase !== 'INIT' || state.pending !== null) return { kind: 'refused', why: 'not-ready' }
    const hello = this.#seal(state, OPCODE.hello, this.#hello)
    // PROTOCOL §4: hello step, when the HELLO is built; C2S[0] goes with it.
    const keys = helloStep(this.#crypto, this.#mode, state.keys, hello)
    if (!this.#port.send(hello)) {
      eraseReplaced(this.#crypto, keys, state.keys)
      return this.#failed()
    }
    this.#commit({ ...state, keys, pending: hello, deadline: now + this.#limits.challengeMs })
    return { kind: 'sent' }
  }

  /** Submits 1..511 finite values of magnitude at most 1e300 for the current round. */
  submit(values: readonly number[], now: number): Requested {
    const state = this.#state
    if (state.phase !== 'ACTIVE') return { kind: 'refused', why: 'not-ready' }
    if (state.pending !== null) return { kind: 'refused', why: 'outstanding' }
    const problem = payload.valuesProblem(values)
    if (problem !== null) return { kind: 'refused', why: problem }
    const data = this.#seal(state, OPCODE.data, payload.encodeValues(values))
    if (!this.#port.send(data)) return this.#failed()
    // PROTOCOL §4: sending moves nothing; the keys evolve when the answer has passed every check.
    this.#commit({ ...state, pending: data, deadline: now + this.#limits.responseMs })
    return { kind: 'sent' }
  }

  /** PROTOCOL §6: ends with TERMINATE when no request is outstanding, else by closing. */
  finish(): void {
    const state = this.#state
    if (state.phase === 'ACTIVE' && state.pending === null)
      this.#port.send(this.#seal(state, OPCODE.terminate, payload.CONTROL))
    this.#end('finished')
  }

  /** The transport is gone. An end of stream is not a rejection (§6). Nothing is sent. */
  close(): void {
    this.#end('closed')
  }

  /** Gives up when an awaited answer is overdue (§6). Nothing times out between ticks. */
  tick(now: number): void {
    const state = this.#state
    if (state.phase !== 'TERMINATED' && state.deadline !== null && now >= state.deadline) this.#end('timeout')
  }

  /** Takes bytes of the stream; chunk boundaries carry no meaning. A session that ended takes none. */
  receive(bytes: Uint8Array): void {
    this.#stream.push(bytes, (frame) => {
      const state = this.#state
      if (state.phase === 'TERMINATED') return false
      const reason = frame === null ? 'malformed' : this.#take(state, frame)
      if (reason !== null) this.#reject(frame, reason)
      return this.#state.phase !== 'TERMINATED'
    })
  }

  /** Accepts a frame, or says why not; then nothing has happened. */
  #take(state: Live, frame: Uint8Array): Reason | null {
    const read = examine(this.#crypto, this.#mode, state, frame)
    if (read.kind === 'rejected') return read.reason
    // PROTOCOL §4: the client commits when the answer passed every check.
    this.#commit(read.next)
    this.#port.report({ kind: 'accepted', frame, content: read.content })
    if (read.next.phase === 'TERMINATED') this.#port.report({ kind: 'ended', by: 'peer' })
    return null
  }

  /** PROTOCOL §6, client: TERMINATED, close, nothing sent. */
  #reject(frame: Uint8Array | null, reason: Reason): void {
    this.#port.report({ kind: 'rejected', frame, reason })
    this.#end('rejected-frame')
  }

  #failed(): Requested {
    this.#end('send-failed')
    return { kind: 'failed' }
  }

  #end(by: EndReason): void {
    if (this.#state.phase === 'TERMINATED') return
    this.#commit(terminated(this.#state))
    this.#port.report({ kind: 'ended', by })
  }

  /** The one place where the state changes; replaced keys are overwritten. */
  #commit(next: ClientState): void {
    const { keys } = this.#state
    this.#state = next
    eraseReplaced(this.#crypto, keys, next.keys)
  }

  #seal({ id, round, keys }: Live, opcode: Opcode, plaintext: Uint8Array): Uint8Array {
    const header = { opcode, id, round, direction: TO_SERVER }
    return seal(this.#crypto, keys.c2s, this.#rng, header, plaintext)
  }
}
