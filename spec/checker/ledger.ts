/** The history that monitors may ask about, derived from the model's state (spec/events.ts). */
import type { Facts, FrameId, Ledger, Sent, Submission } from '../events.ts'
import type { End, LimitName, Mode, Powers, Side } from '../language.ts'
import { initialKeys, pair } from '../model/keys.ts'
import { submissions } from '../model/server.ts'
import type { Frame } from '../model/state.ts'
import { OP } from '../opcodes.ts'
import type { Context } from './context.ts'
import type { Client, Clients, Conn, Conns } from './endpoints.ts'

/** What a judgement looked at, as bits: endpoints that an outcome has everywhere, more of its side, the other side. */
export const REACH = { target: 1, side: 2, other: 4 } as const

/**
 * A window on one state; `look` moves it. It notes where answers came from (`reach`), so that an explorer
 * can tell which judgements depend on the endpoints that an outcome has everywhere, or on one side, alone.
 */
export class ModelLedger implements Ledger {
  readonly mode: Mode
  readonly powers: Powers
  readonly limits: Readonly<Record<LimitName, number>>
  readonly insiders: ReadonlySet<number>
  readonly step = 0 // a state does not know how many steps led to it
  readonly rngRepeats = false // fresh names never repeat
  reach = 0
  readonly #c: Context
  #clients: readonly Client[] = []
  #conns: readonly Conn[] = []
  readonly #known = new WeakMap<readonly Conn[], Derived>()
  #acting: Side = 'client'
  #pins = 0

  constructor(c: Context, powers: Powers) {
    this.#c = c
    this.mode = c.setup.mode
    this.powers = powers
    this.limits = c.setup.limits
    this.insiders = new Set(c.setup.insiders)
  }

  /** `mine`: the side on which something happens; `pins`: its endpoints that are the same wherever that happens, as bits. */
  look(mine: Clients | Conns, other: Clients | Conns, pins: number): void {
    this.#acting = mine.kind
    this.#pins = pins
    const [clients, conns] = mine.kind === 'client' ? [mine, other] : [other, mine]
    this.#clients = clients.ends as readonly Client[]
    this.#conns = conns.ends as readonly Conn[]
  }

  senders(frame: FrameId): readonly Sent[] {
    return this.#c.senders(frame)
  }

  facts(at: End): Facts | undefined {
    return this.#end(at)?.facts
  }

  connections(): readonly Facts[] {
    this.#touch('server')
    return this.#derived().facts
  }

  /** Of the frames that carry something; a control frame ends its receiver, and the state does not keep which it was. */
  accepted(frame: FrameId): number {
    const { opcode } = this.#frame(frame).header
    const atServer = opcode === OP.HELLO || opcode === OP.DATA
    this.#touch(atServer ? 'server' : 'client')
    const ends: readonly (Client | Conn)[] = atServer ? this.#conns : this.#clients
    const heard = (e: Client | Conn): number => {
      if (opcode === OP.HELLO) return e.hello?.id === frame ? 1 : 0
      if (opcode === OP.CHALLENGE) return e.challenge?.id === frame ? 1 : 0
      return e.exchanges.filter((f) => f.id === frame).length
    }
    return ends.reduce((sum, e) => sum + heard(e), 0)
  }

  submissions(): readonly Submission[] {
    this.#touch('server')
    return this.#derived().submissions
  }

  verifies(frame: FrameId, at: End): boolean {
    const f = this.#frame(frame)
    const e = this.#end(at)
    if (e === undefined) return false
    const keys = e.expected ?? initialKeys(this.#c, f.header.id) // before its HELLO: of the client that the frame names
    return pair(keys, at.side === 'server' ? 1 : 2)[1] === f.mac
  }

  #derived(): Derived {
    let known = this.#known.get(this.#conns)
    if (known === undefined) {
      known = { facts: this.#conns.map((e) => e.facts), submissions: this.#conns.flatMap(submitted) }
      this.#known.set(this.#conns, known)
    }
    return known
  }

  #frame(id: FrameId): Frame {
    return this.#c.frameOf(id)
  }

  #end(at: End): Client | Conn | undefined {
    if (at.side === this.#acting && at.n < 31 && (this.#pins & (1 << at.n)) !== 0) this.reach |= REACH.target
    else this.#touch(at.side)
    return at.side === 'client' ? this.#clients[at.n] : this.#conns[at.n]
  }

  #touch(side: Side): void {
    this.reach |= side === this.#acting ? REACH.side : REACH.other
  }
}

interface Derived {
  readonly facts: readonly Facts[]
  readonly submissions: readonly Submission[]
}

const submitted = (e: Conn): readonly Submission[] =>
  submissions(e).map((f) => ({
    at: e.at,
    id: e.id!,
    round: f.header.round,
    values: f.body.kind === 'data' ? f.body.values : [],
    live: e.phase === 'ACTIVE',
  }))
