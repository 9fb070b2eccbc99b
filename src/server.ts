/** The server of PROTOCOL §7: many connections, each with at most one session; admission, limits, timers. */
import { aggregateOf, negated, type Submission, submissionOf, submittedIn, Totals } from './aggregate.ts'
import { checkKeyring, type Keyring, limitsWith } from './checks.ts'
import type { Crypto, Rng } from './crypto.ts'
import { MAX_ROUND, OPCODE, Reassembler } from './frame.ts'
import { copyState, eraseReplaced, type Mode } from './keys.ts'
import type { EndReason, Limits, Port, Reason } from './outcome.ts'
import { encodeText } from './payload.ts'
import {
  type Active,
  answerData,
  answerHello,
  errorFor,
  examine,
  examineFirst,
  type Farewell,
  type ServerState,
  type Step,
  sealControl,
  silent,
  terminated,
} from './server-session.ts'

export interface ServerOptions {
  readonly mode: Mode
  readonly keyring: Keyring
  readonly crypto: Crypto
  readonly limits?: Partial<Limits>
  /** At most 255 bytes of UTF-8; default: fresh, with 16 bytes drawn from the connection's rng before those of the IV. */
  readonly challengeText?: string
}

/** One connection; `state` is a new object after every change, and TERMINATED for ever once the connection ended. */
export interface Connection {
  readonly state: ServerState
  readonly held: number // bytes of an incomplete frame
}

/**
 * A server at rest, as plain data: its connections in the order in which they were opened. For harnesses, that fork a
 * server or go on from a state of their own; the programs take none.
 */
export interface ServerSnapshot {
  readonly hellos: number
  readonly connections: readonly { readonly state: ServerState; readonly buffered: Uint8Array }[]
}

/** Where a server goes on from, with the transport and the generator of the n-th connection of the snapshot. */
export interface ServerResumption {
  readonly snapshot: ServerSnapshot
  attach(n: number): { readonly port: Port; readonly rng: Rng }
}

/** The server's own view of a connection. */
export class Line implements Connection {
  readonly port: Port
  readonly rng: Rng
  readonly stream = new Reassembler()
  state: ServerState // assigned where the server commits, and nowhere else

  constructor(port: Port, rng: Rng, state: ServerState) {
    this.port = port
    this.rng = rng
    this.state = state
  }

  get held(): number {
    return this.stream.held
  }
}
/** One with a session. */
export type Held = Line & { state: Active }

/**
 * ```ts
 * const server = new Server({ mode: 'bound', keyring: new Map([[1, masterKey]]), crypto: nodeCrypto })
 * const connection = server.open({ send: (frame) => queue(frame), report: (outcome) => log(outcome) }, nodeRng, now())
 * server.receive(connection, bytesFromTheStream, now())
 * setInterval(() => server.tick(now()), 50)
 * ```
 * Synchronous: everything that follows from a call is sent and reported before it returns. All times are ms of one
 * clock of the caller's that never goes back.
 */
export class Server {
  readonly #mode: Mode
  readonly #keyring: Keyring
  readonly #crypto: Crypto
  readonly #limits: Limits
  readonly #challengeText: string | null
  readonly #lines = new Set<Line>() // in the order of opening
  readonly #totals = new Totals() // of what the sessions of all lines submitted
  #hellos: number // accepted so far: the counter that orders sessions (§7)

  /** Throws a RangeError on settings PROTOCOL does not allow. `from`: goes on where the snapshot was taken. */
  constructor(options: ServerOptions, from?: ServerResumption) {
    checkKeyring(options.keyring)
    this.#mode = options.mode
    this.#keyring = options.keyring
    this.#crypto = options.crypto
    this.#limits = limitsWith(options.limits ?? {})
    this.#challengeText = options.challengeText ?? null
    if (this.#challengeText !== null) encodeText(this.#challengeText)
    this.#hellos = from?.snapshot.hellos ?? 0
    from?.snapshot.connections.forEach(({ state, buffered }, n) => {
      const { port, rng } = from.attach(n)
      const line = new Line(port, rng, copyState(state))
      this.#totals.replace([], submitted(line.state))
      line.stream.push(buffered, () => true)
      this.#lines.add(line)
    })
  }

  /** The connections that are still open, in the order in which they were opened. */
  get connections(): ReadonlySet<Connection> {
    return this.#lines
  }

  /** A connection was accepted. At the limit it displaces another, or is itself ended before this returns (§7). */
  open(port: Port, rng: Rng, now: number): Connection {
    const line = new Line(port, rng, silent(now + this.#limits.helloMs))
    if (this.#lines.size >= this.#limits.connections) {
      // PROTOCOL §7: the oldest without a confirmed session gives way.
      const oldest = [...this.#lines].find(({ state }) => state.phase !== 'ACTIVE' || !state.confirmed)
      this.#end(oldest ?? line, 'displaced', OPCODE.terminate)
      if (oldest === undefined) return line
    }
    this.#lines.add(line)
    return line
  }

  /** Takes bytes of a connection's stream; chunk boundaries carry no meaning. One that ended takes none. */
  receive(connection: Connection, bytes: Uint8Array, now: number): void {
    const line = this.#find(connection)
    line?.stream.push(bytes, (frame) => {
      const reason = frame === null ? 'malformed' : this.#take(line, frame, now)
      if (reason !== null) this.#reject(line, frame, reason)
      return line.state.phase !== 'TERMINATED'
    })
  }

  /** The transport of a connection is gone. */
  close(connection: Connection): void {
    const line = this.#find(connection)
    if (line) this.#end(line, 'closed', null)
  }

  /** Ends what is overdue (§7). Nothing times out between ticks. */
  tick(now: number): void {
    for (const line of this.#lines)
      if (line.state.phase !== 'TERMINATED' && now >= line.state.deadline) this.#end(line, 'timeout', OPCODE.terminate)
  }

  /** Ends everything: TERMINATE to every session. */
  shutdown(): void {
    for (const line of this.#lines) this.#end(line, 'finished', OPCODE.terminate)
  }

  /** Shares nothing with this server. */
  snapshot(): ServerSnapshot {
    const connections = [...this.#lines].map(({ state, stream }) => ({
      state: copyState(state),
      buffered: stream.buffered(),
    }))
    return { hellos: this.#hellos, connections }
  }

  /** Goes on from a connection's state of a snapshot, at once: also in the middle of a chunk. */
  restore(connection: Connection, state: ServerState): void {
    const line = this.#find(connection)
    if (line) this.#commit([[line, state.keys === line.state.keys ? state : copyState(state)]])
  }

  #find(connection: Connection): Line | null {
    return connection instanceof Line && this.#lines.has(connection) ? connection : null
  }

  /** Accepts a frame, or says why not; then nothing has happened. */
  #take(line: Line, frame: Uint8Array, now: number): Reason | null {
    const { state } = line
    if (state.phase !== 'ACTIVE') return this.#takeFirst(line, frame, now)
    const asked = examine(this.#crypto, state, frame)
    switch (asked.kind) {
      case 'rejected':
        return asked.reason
      case 'data':
        return this.#takeData(line, state, frame, asked.values, now)
      case 'terminate':
        // PROTOCOL §6: the peer's decision, never answered.
        this.#commit([[line, terminated(state)]])
        line.port.report({ kind: 'accepted', frame, content: { kind: 'terminate' } })
        line.port.report({ kind: 'ended', by: 'peer' })
        return null
    }
  }

  #takeFirst(line: Line, frame: Uint8Array, now: number): Reason | null {
    const greeting = examineFirst(this.#crypto, this.#keyring, frame)
    if (greeting.kind === 'rejected') return greeting.reason
    const { id, text } = greeting
    const place = { order: this.#hellos, deadline: now + this.#limits.unconfirmedMs }
    const step = answerHello(this.#crypto, this.#mode, line.rng, greeting, frame, this.#challengeText, place)
    // PROTOCOL §7: at most 4 unconfirmed sessions per id; the oldest gives way.
    const rivals = this.#sessionsOf(id).filter(({ state }) => !state.confirmed)
    const oldest = rivals.reduce<Held | null>((a, b) => (a && a.state.order < b.state.order ? a : b), null)
    const giving = rivals.length < this.#limits.unconfirmedPerId ? null : oldest
    if (this.#exchange(line, step, giving, 'displaced'))
      line.port.report({ kind: 'accepted', frame, content: { kind: 'hello', id, text } })
    return null
  }

  #takeData(line: Line, state: Active, frame: Uint8Array, values: readonly number[], now: number): Reason | null {
    const { id, round } = state
    // PROTOCOL §7: the first DATA confirms; a confirmed session with a later HELLO forbids it, an earlier one yields.
    const rival = state.confirmed ? null : (this.#sessionsOf(id).find((r) => r.state.confirmed) ?? null)
    if (rival !== null && rival.state.order > state.order) return 'superseded'
    // PROTOCOL §4: a valid DATA in the last round is neither counted nor answered.
    if (round === MAX_ROUND) {
      this.#end(line, 'rounds-exhausted', OPCODE.terminate)
      return null
    }
    // PROTOCOL §4: the aggregate is computed as if the commit had happened.
    const submission = submissionOf(round, values)
    const aggregate = aggregateOf([...this.#submissions(round, rival), submission])
    const place = { retainedRounds: this.#limits.retainedRounds, deadline: now + this.#limits.idleMs }
    const step = answerData(this.#crypto, line.rng, state, frame, aggregate, submission, place)
    if (this.#exchange(line, step, rival, 'superseded'))
      line.port.report({ kind: 'accepted', frame, content: { kind: 'data', id, round, values, answer: aggregate } })
    return null
  }

  /**
   * Hands over the answer, then commits what follows from it: the next state, and in the same breath the end of the
   * session that gives way, if there is one. False: the hand-over failed, so nothing of it has happened, and the
   * session is TERMINATED (PROTOCOL §4).
   */
  #exchange(line: Line, { answer, next }: Step, giving: Held | null, by: EndReason): boolean {
    if (!line.port.send(answer)) {
      eraseReplaced(this.#crypto, next.keys, null)
      this.#end(line, 'send-failed', null)
      return false
    }
    giving?.port.send(sealControl(this.#crypto, giving.rng, giving.state, OPCODE.terminate))
    this.#commit([[line, next], ...(giving === null ? [] : [[giving, terminated(giving.state)] as const])])
    giving?.port.report({ kind: 'ended', by })
    return true
  }

  #reject(line: Line, frame: Uint8Array | null, reason: Reason): void {
    line.port.report({ kind: 'rejected', frame, reason })
    this.#end(line, 'rejected-frame', errorFor(frame, reason))
  }

  /** Sends the farewell if there is a session to seal it, then TERMINATED. */
  #end(line: Line, by: EndReason, farewell: Farewell): void {
    const { state } = line
    if (state.phase === 'TERMINATED') return
    if (state.phase === 'ACTIVE' && farewell !== null)
      line.port.send(sealControl(this.#crypto, line.rng, state, farewell)) // it ends either way
    this.#commit([[line, terminated(state)]])
    line.port.report({ kind: 'ended', by })
  }

  /**
   * PROTOCOL §4: keys, round, confirmation, supersession and values change here and nowhere else, together: a session
   * is one value, values and all, and those that change in one exchange are assigned without anything in between.
   */
  #commit(changes: readonly (readonly [Line, ServerState])[]): void {
    const replaced = changes.map(([line]) => line.state.keys)
    for (const [line, next] of changes) {
      this.#totals.replace(submitted(line.state), submitted(next))
      line.state = next
      if (next.phase === 'ACTIVE') this.#hellos = Math.max(this.#hellos, next.order + 1)
      if (next.phase === 'TERMINATED') this.#lines.delete(line)
    }
    changes.forEach(([, next], i) => {
      eraseReplaced(this.#crypto, replaced[i]!, next.keys)
    })
  }

  #sessionsOf(id: number): Held[] {
    const isIts = (line: Line): line is Held => line.state.phase === 'ACTIVE' && line.state.id === id
    return [...this.#lines].filter(isIts)
  }

  /** PROTOCOL §8: what all sessions submitted for a round, less what one did that gives way. */
  #submissions(round: number, rival: Held | null): Submission[] {
    const gone = rival && submittedIn(round, rival.state.submissions)
    return [this.#totals.of(round), ...(gone === null ? [] : [negated(gone)])]
  }
}

/** A session that is not confirmed has submitted nothing. */
const submitted = (state: ServerState): readonly Submission[] => (state.phase === 'ACTIVE' ? state.submissions : [])
