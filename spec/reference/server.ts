/** The server of PROTOCOL.md with all its connections, one sentence of it after the other. */
import type { EndedBy, View } from '../events.ts'
import type { LimitName, Mode } from '../language.ts'
import { isControl, MAX_ROUND, OP } from '../opcodes.ts'
import { ascii, toHex } from './bytes.ts'
import { frameOf, PrefixedStream, parseHeader } from './frame.ts'
import { judge } from './judging.ts'
import { CONTROL, challengeText, responseBytes } from './payload.ts'
import {
  afterAnswer,
  afterRequest,
  aggregate,
  type Environment,
  initialPosition,
  type Position,
  type Session,
  sealed,
  viewOf,
  withSubmission,
} from './position.ts'

interface ServerSetup {
  readonly mode: Mode
  readonly keyring: ReadonlyMap<number, Uint8Array>
  readonly limits: Readonly<Record<LimitName, number>>
  /** The text of every CHALLENGE; `constant`: the whole block "a constant text!". */
  readonly challenge: 'fresh' | 'constant' | Uint8Array
  /** HELLOs accepted before, by which sessions are ordered (§7). */
  readonly hellos?: number
}

/** §7: a connection carries at most one session; a session belongs to its connection. */
export interface Connection {
  readonly env: Environment
  readonly openedAt: number
  readonly stream: PrefixedStream
  session: Session | null
  view: View<Uint8Array> | null // the public state; the same object while nothing changed
}

const CONSTANT_TEXT = ascii('a constant text!')

export class Server {
  readonly #setup: ServerSetup
  readonly #open = new Set<Connection>() // in the order they were accepted
  #hellos: number

  constructor(setup: ServerSetup) {
    this.#setup = setup
    this.#hellos = setup.hellos ?? 0
  }

  /** A connection was accepted by the transport. */
  accept(env: Environment, now: number): Connection {
    const connection: Connection = { env, openedAt: now, stream: new PrefixedStream(), session: null, view: null }
    this.#open.add(connection)
    // §7: at most 1,024 connections; at the limit a new one displaces the oldest without a confirmed session. Where all
    // others have one, that is the newcomer.
    if (this.#open.size > this.#setup.limits.connections) {
      const oldest = [...this.#open].find((c) => c.session?.confirmed !== true)
      // The page does not say what a displaced session hears; like every other that the server ends, TERMINATE.
      if (oldest?.session) this.#dismiss(oldest, oldest.session, 'evicted')
      else if (oldest) this.#end(oldest, 'evicted')
    }
    return connection
  }

  /** A server that goes on as this one would; `env` gives the new environment of each connection still open. */
  copy(env: (c: Connection) => Environment): { server: Server; moved: Map<Connection, Connection> } {
    const server = new Server(this.#setup)
    server.#hellos = this.#hellos
    const moved = new Map<Connection, Connection>()
    for (const c of this.#open) {
      const other = { ...c, env: env(c), stream: c.stream.copy() }
      server.#open.add(other)
      moved.set(c, other)
    }
    return { server, moved }
  }

  receive(c: Connection, chunk: Uint8Array, now: number): void {
    for (const piece of c.stream.push(chunk)) {
      if (!this.#open.has(c)) return // §6: whatever follows a frame that ended the session is discarded
      if (c.session === null) this.#first(c, frameOf(piece), now)
      else this.#next(c, c.session, frameOf(piece), now)
    }
  }

  /** §7: the first frame must be a HELLO that passes every check. */
  #first(c: Connection, bytes: Uint8Array | null, now: number): void {
    const id = (bytes && parseHeader(bytes))?.id ?? 0
    const master = this.#setup.keyring.get(id)
    const start = master === undefined ? null : initialPosition(this.#setup.mode, id, master)
    const judgement = judge(bytes, 'server', start)
    if (judgement.kind === 'bad' || start === null) {
      // §6: server, no session yet (any failing first frame, unknown id included): close, no frame.
      c.env.rejected(bytes, judgement.kind === 'bad' ? judgement.reason : 'wrong-client')
      this.#end(c, 'rejection')
      return
    }
    this.#hello(c, start, judgement.frame, now)
  }

  #hello(c: Connection, start: Position, hello: Uint8Array, now: number): void {
    const greeted = afterRequest(start, hello) // §4: the hello step; the CHALLENGE is sealed under these keys
    const text = this.#text(c)
    const challenge = this.#sealed(c, greeted, OP.CHALLENGE, text)
    if (!c.env.send(challenge)) {
      this.#end(c, 'fault') // §4: nothing of it has happened
      return
    }
    // §7: ACTIVE in round 1 but unconfirmed; a HELLO never touches a confirmed session.
    const position = afterAnswer(greeted, challenge, text)
    this.#commit(c, { position, order: this.#hellos++, confirmed: false, since: now, submissions: [] })
    // §7: at most 4 unconfirmed sessions per id; the oldest gives way (TERMINATE sent).
    const unconfirmed = this.#sessionsOf(start.id).filter(([, s]) => !s.confirmed)
    const tooMany = Math.max(0, unconfirmed.length - this.#setup.limits.unconfirmedPerId)
    const leaving = unconfirmed.slice(0, tooMany)
    for (const [oldest, session] of leaving) this.#terminate(oldest, session)
    c.env.accepted(hello)
    for (const [oldest] of leaving) this.#end(oldest, 'evicted')
  }

  #text(c: Connection): Uint8Array {
    const { challenge } = this.#setup
    if (challenge === 'fresh') return challengeText(toHex(c.env.random(16)))
    return challenge === 'constant' ? CONSTANT_TEXT : challenge
  }

  #next(c: Connection, session: Session, bytes: Uint8Array | null, now: number): void {
    const judgement = judge(bytes, 'server', session.position)
    if (judgement.kind === 'bad') {
      c.env.rejected(bytes, judgement.reason)
      // §6: a frame whose first byte is 50 or 60 is never answered, whatever its reason.
      if (bytes !== null && isControl(bytes[0]!)) this.#end(c, 'rejection')
      else this.#alarm(c, session)
      return
    }
    const { frame, header, body } = judgement
    if (header.opcode === OP.TERMINATE) {
      c.env.accepted(frame) // §6: the peer's decision, never answered
      this.#end(c, 'peer')
    } else if (body.kind === 'data') {
      this.#data(c, session, frame, body.values, now)
    }
  }

  #data(c: Connection, session: Session, data: Uint8Array, values: readonly number[], now: number): void {
    const { id, round } = session.position
    // §7: on confirmation it supersedes the confirmed session of the same id if that one's HELLO was accepted earlier;
    // if it was accepted later, the newcomer's DATA is rejected as `superseded` and nothing of it is kept.
    const rival = this.#sessionsOf(id).find(([other, s]) => other !== c && s.confirmed)
    if (rival && rival[1].order > session.order) {
      c.env.rejected(data, 'superseded')
      this.#dismiss(c, session, 'rejection') // §6: `superseded` is answered with TERMINATE
      return
    }
    // §4: a valid DATA in round 0xFFFFFFFF is neither counted nor answered; the server sends TERMINATE.
    if (round === MAX_ROUND) {
      this.#dismiss(c, session, 'finish')
      return
    }

    // §4: the aggregate in the answer is computed as if the commit had happened.
    const confirmed = withSubmission(session, { round, values }, now, this.#setup.limits.retainedRounds)
    const counted = this.#sessions().filter(([other, s]) => s.confirmed && other !== c && other !== rival?.[0])
    const { sum, count, average } = aggregate([...counted.map(([, s]) => s), confirmed], round)
    const asked = afterRequest(session.position, data)
    const plaintext = responseBytes(sum, count, average)
    const response = this.#sealed(c, asked, OP.RESPONSE, plaintext)
    // §4: if the hand-over fails, nothing of it has happened and the session is TERMINATED.
    if (!c.env.send(response)) {
      this.#end(c, 'fault')
      return
    }
    // §4: keys, round, confirmation, supersession and submitted values commit together.
    this.#commit(c, { ...confirmed, position: afterAnswer(asked, response, plaintext) })
    if (rival) this.#terminate(rival[0], rival[1]) // §7: TERMINATE sent, values withdrawn
    c.env.accepted(data)
    if (rival) this.#end(rival[0], 'supersede')
  }

  /** The transport is gone. §6: an end of stream is not a rejection. */
  close(c: Connection): void {
    if (this.#open.has(c)) this.#end(c, 'close')
  }

  /** §7, timers. */
  tick(now: number): void {
    const { helloMs, unconfirmedMs, idleMs } = this.#setup.limits
    for (const c of [...this.#open]) {
      const { session } = c
      // A connection without an accepted HELLO is closed 5 s after it was accepted.
      if (session === null) {
        if (now - c.openedAt >= helloMs) this.#end(c, 'timer')
        continue
      }
      // An unconfirmed session ends (TERMINATE) 120 s after its HELLO; a confirmed one 600 s after its last DATA.
      const patience = session.confirmed ? idleMs : unconfirmedMs
      if (now - session.since >= patience) this.#dismiss(c, session, 'timer')
    }
  }

  /** A new process with the same keyring: nothing of the old one is left, and nobody is told. */
  restart(): void {
    this.#open.clear()
    this.#hellos = 0
  }

  /** Continues an ACTIVE session in another round. */
  setRound(c: Connection, round: number): void {
    if (c.session !== null) this.#commit(c, { ...c.session, position: { ...c.session.position, round } })
  }

  #sessions(): (readonly [Connection, Session])[] {
    return [...this.#open].flatMap((c) => (c.session === null ? [] : [[c, c.session] as const]))
  }

  /** Of one id, the earliest HELLO first. */
  #sessionsOf(id: number): (readonly [Connection, Session])[] {
    const own = this.#sessions().filter(([, s]) => s.position.id === id)
    return own.sort(([, a], [, b]) => a.order - b.order)
  }

  /** §6: one KEY_DESYNC_ERROR under the current S2C keys and round, with the session's id, TERMINATED, close. */
  #alarm(c: Connection, session: Session): void {
    c.env.send(this.#sealed(c, session.position, OP.DESYNC, CONTROL))
    this.#end(c, 'rejection')
  }

  #dismiss(c: Connection, session: Session, by: EndedBy): void {
    this.#terminate(c, session)
    this.#end(c, by)
  }

  #terminate(c: Connection, session: Session): void {
    c.env.send(this.#sealed(c, session.position, OP.TERMINATE, CONTROL))
  }

  /** The only place where a session comes to be or changes. */
  #commit(c: Connection, session: Session): void {
    c.session = session
    c.view = viewOf(session.position, { confirmed: session.confirmed, outstanding: false })
  }

  /** §7: its session is TERMINATED, its values withdrawn, its entry gone. §1: the keys are overwritten. */
  #end(c: Connection, by: EndedBy): void {
    this.#open.delete(c)
    c.session = null
    if (c.view !== null) c.view = { ...c.view, phase: 'TERMINATED', confirmed: false, keys: null }
    c.env.ended(by)
  }

  #sealed(c: Connection, position: Position, opcode: number, plaintext: Uint8Array): Uint8Array {
    return sealed(position, 'server', opcode, plaintext, c.env.random(16)) // §2: a fresh IV for every frame
  }
}
