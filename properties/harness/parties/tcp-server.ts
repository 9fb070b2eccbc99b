/**
 * A server elsewhere as a party: its connections are sockets. It shows what an attacker on the network sees and nothing
 * else: that a frame was accepted is inferred from the answer, and a rejection has no reason.
 */
import { connect, type Socket } from 'node:net'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { type Dialect, PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { opcodeIn } from '../../../spec/dialects/opcodes.ts'
import { enframe, Reassembler } from '../../../spec/dialects/stream.ts'
import type { EndedBy } from '../../../spec/events.ts'
import type { End } from '../../../spec/language.ts'
import { isControl, OP } from '../../../spec/opcodes.ts'
import type { Address } from '../target/peer.ts'
import { inWorld } from '../world/foreign.ts'
import type { Host, MakeParty, Party } from './party.ts'

/** How long a server may take over what has to follow. Only one that misbehaves takes that long. */
const PATIENCE_MS = 3_000

/** How long nothing may arrive when nothing has to: an answer on one connection may concern another. */
const QUIET_MS = 4

/** Turns of the event loop in which to read what the system holds already, however late the timers are. */
const TURNS = 3

export interface TcpServer {
  readonly party: MakeParty
  /** Resolves when what has to follow from the last action has arrived, and nothing more does. */
  quiet(): Promise<void>
  /** Breaks every connection. */
  disconnect(): void
}

interface Connection {
  readonly at: End
  readonly link: TcpLink
  confirmed: boolean // one of its DATA was answered
  refused: boolean // one of its frames was rejected
  ended: boolean
}

/**
 * `address`: a server that speaks PROTOCOL on its default limits, or a `dialect`, and holds the master keys of the system
 * it is part of. Its time and its generator are its own: schedules cannot move them.
 */
export const tcpServer = (address: Address, patienceMs = PATIENCE_MS, dialect: Dialect = PROTOCOL.bound): TcpServer => {
  const connections = new Map<number, Connection>()
  const live = (): Connection[] => [...connections.values()].filter((c) => !c.ended)
  const stirs = (): number => live().reduce((sum, { link }) => sum + link.stirs, 0)
  return {
    party: (host) => partyOf(host, address, connections, dialect),
    async quiet() {
      const until = performance.now() + patienceMs
      for (let seen = -1; seen !== stirs(); ) {
        while (live().some(({ link }) => link.expecting) && performance.now() < until) await setTimeout(1)
        seen = stirs()
        await setTimeout(QUIET_MS)
        for (let turn = 0; turn < TURNS; turn++) await setImmediate()
      }
    },
    disconnect() {
      for (const { link } of connections.values()) link.destroy()
    },
  }
}

const partyOf = (host: Host, address: Address, connections: Map<number, Connection>, dialect: Dialect): Party => {
  let fed: Connection | null = null // in the action under way
  const end = (c: Connection, by: EndedBy): void => {
    c.ended = true
    c.link.destroy()
    host.report({ on: 'ended', at: c.at, by })
  }
  return {
    emits: ['accepted', 'rejected', 'ended'],
    ownRng: true,
    open(at) {
      connections.set(at.n, { at, link: new TcpLink(address, dialect), confirmed: false, refused: false, ended: false })
    },
    receive(at, bytes) {
      const c = connections.get(at.n)
      if (c === undefined || c.ended) return
      fed = c
      c.link.write(bytes)
    },
    close(at) {
      const c = connections.get(at.n)
      if (c !== undefined && !c.ended) end(c, 'close')
    },
    tick() {},
    poll() {
      // The one that was fed comes first: what happened on the others followed from it.
      const others = [...connections.values()].filter((c) => c !== fed)
      for (const c of fed === null ? others : [fed, ...others]) {
        if (c.ended) continue
        const last = take(host, c)
        if (c.link.ended) end(c, last ?? silently(host, c))
      }
      fed = null
    },
    view: () => null,
  }
}

const reject = (host: Host, c: Connection, frame: Uint8Array | null): void => {
  c.refused = true
  host.report({ on: 'rejected', at: c.at, frame, reason: null })
}

/** What has arrived, as verdicts on what was written. How the connection ends, where a frame says so. */
const take = (host: Host, c: Connection): EndedBy | null => {
  let last: EndedBy | null = null
  for (const frame of c.link.arrived.splice(0)) {
    if (frame === null) continue // no frame, so no answer: what was written stays without a verdict
    const opcode = c.link.opcodeOf(frame)
    if (opcode === OP.CHALLENGE || opcode === OP.RESPONSE) {
      const { pending } = c.link
      const n = host.answered === undefined ? 0 : host.answered(c.at, pending, frame)
      const judged = n === null ? null : (pending.splice(0, n + 1).at(-1) ?? null)
      host.send(c.at, frame)
      // What does not open as an answer shows nothing: what was written stays without a verdict.
      if (judged !== null) host.report({ on: 'accepted', at: c.at, frame: judged })
      c.confirmed ||= judged !== null && opcode === OP.RESPONSE
      continue
    }
    const judged = c.link.pending.shift()
    // PROTOCOL §6: to a rejected frame. Else, §7: the session gave way to a newer one.
    if (judged !== undefined) reject(host, c, judged)
    if (isControl(opcode)) last = c.refused ? 'rejection' : c.confirmed ? 'supersede' : 'evicted'
    host.send(c.at, frame)
  }
  return last
}

/** The connection was closed without a frame that would say why. */
const silently = (host: Host, c: Connection): EndedBy => {
  const judged = c.link.pending.shift()
  if (judged === undefined) return 'close'
  // PROTOCOL §6: neither an obeyed nor a refused TERMINATE is answered, and the network must not be able to tell.
  if (judged !== null && c.link.opcodeOf(judged) === OP.TERMINATE) return 'close'
  reject(host, c, judged)
  return 'rejection'
}

/** A frame; null: an illegal length prefix. */
type Piece = Uint8Array | null

const pieces = (stream: Reassembler, chunk: Uint8Array): Piece[] =>
  stream.push(chunk).map((p) => (p.kind === 'frame' ? p.frame : null))

/** One connection to a server elsewhere: what was written, what came back, what is still to come. */
class TcpLink {
  /** What was written complete and has not been judged yet, in order. */
  readonly pending: Piece[] = []
  /** What has arrived and was not taken yet, in order. */
  readonly arrived: Piece[] = []
  /** Nothing more will arrive. */
  ended = false
  /** Counts whatever happens here. */
  stirs = 0
  readonly #socket: Socket
  readonly #dialect: Dialect
  readonly #towards: Reassembler
  readonly #back: Reassembler
  #connected = false
  #farewell = false // the server has sent its last frame

  constructor({ host, port }: Address, dialect: Dialect) {
    this.#dialect = dialect
    this.#towards = new Reassembler(inWorld(dialect).framing)
    this.#back = new Reassembler(dialect.framing, dialect.banners.s2c)
    this.#socket = connect({ host, port, noDelay: true })
    this.#socket.write(dialect.banners.c2s)
    this.#socket.on('connect', () => {
      this.#connected = true
      this.stirs++
    })
    this.#socket.on('data', (chunk: Uint8Array) => {
      const come = pieces(this.#back, chunk)
      this.arrived.push(...come)
      this.#farewell ||= come.some((p) => p === null || isControl(this.opcodeOf(p)))
      this.stirs++
    })
    const finish = (): void => {
      if (this.ended) return
      this.ended = true
      this.stirs++
    }
    this.#socket.on('end', finish)
    this.#socket.on('close', finish)
    this.#socket.on('error', () => {}) // refused or reset: `close` follows
  }

  /** Whether something has to follow: the connection, a verdict on a complete frame, the end after the last frame. */
  get expecting(): boolean {
    return !this.ended && (!this.#connected || this.#farewell || this.pending.length > this.arrived.length)
  }

  /** In the numbers of PROTOCOL. */
  opcodeOf(frame: Uint8Array): number {
    return opcodeIn(this.#dialect, frame)
  }

  /** Bytes of a stream with lengths: they cross as they are, or, where the dialect has none, frame by frame. */
  write(bytes: Uint8Array): void {
    if (this.ended) return
    const written = pieces(this.#towards, bytes)
    this.pending.push(...written)
    if (this.#dialect.framing.kind === 'u32be') this.#socket.write(bytes)
    else for (const frame of written) this.#socket.write(frame === null ? bytes : enframe(this.#dialect.framing, frame))
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
