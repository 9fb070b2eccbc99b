/** The history that monitors may ask about, derived from the model's state (spec/events.ts). */
import type { Facts, FrameId, Ledger, Sent, Submission } from '../events.ts'
import type { End, LimitName, Mode, Powers, Side } from '../language.ts'
import { OP } from '../opcodes.ts'
import type { Clients } from './client.ts'
import type { Context, Frame } from './context.ts'
import type { Client, Conn } from './endpoint.ts'
import { pair } from './frames.ts'
import { initialKeys } from './keys.ts'
import { type Conns, submissions } from './server.ts'

/**
 * A window on one state; `look` moves it. It notes whether an answer came from the side on which nothing happens
 * (`across`), so that an explorer can tell which judgements depend on one side alone.
 */
export class ModelLedger implements Ledger {
  readonly mode: Mode
  readonly powers: Powers
  readonly limits: Readonly<Record<LimitName, number>>
  readonly insiders: ReadonlySet<number>
  readonly step = 0 // a state does not know how many steps led to it
  readonly rngRepeats = false // fresh names never repeat
  across = false
  readonly #c: Context
  #clients: Clients = { n: 0, ends: [] }
  #conns: Conns = { n: 0, ends: [] }
  #acting: Side = 'client'

  constructor(c: Context, powers: Powers) {
    this.#c = c
    this.mode = c.setup.mode
    this.powers = powers
    this.limits = c.setup.limits
    this.insiders = new Set(c.setup.insiders)
  }

  /** `mine`: the side on which something happens. */
  look(acting: Side, mine: Clients | Conns, other: Clients | Conns): void {
    this.#acting = acting
    this.#clients = (acting === 'client' ? mine : other) as Clients
    this.#conns = (acting === 'client' ? other : mine) as Conns
  }

  senders(frame: FrameId): readonly Sent[] {
    return this.#frame(frame).senders // fresh IVs: whoever sent it did so in every state in which it exists
  }

  facts(at: End): Facts | undefined {
    return this.#end(at)?.facts
  }

  connections(): readonly Facts[] {
    this.#touch('server')
    return this.#conns.ends.map((e) => e.facts)
  }

  /** Of the frames that carry something; a control frame ends its receiver, and the state does not keep which it was. */
  accepted(frame: FrameId): number {
    const { opcode } = this.#frame(frame).header
    const atServer = opcode === OP.HELLO || opcode === OP.DATA
    this.#touch(atServer ? 'server' : 'client')
    const ends: readonly (Client | Conn)[] = atServer ? this.#conns.ends : this.#clients.ends
    const heard = (e: Client | Conn): number => {
      if (opcode === OP.HELLO) return e.hello?.id === frame ? 1 : 0
      if (opcode === OP.CHALLENGE) return e.challenge?.id === frame ? 1 : 0
      return e.exchanges.filter((f) => f.id === frame).length
    }
    return ends.reduce((sum, e) => sum + heard(e), 0)
  }

  submissions(): readonly Submission[] {
    this.#touch('server')
    return this.#conns.ends.flatMap((e) =>
      submissions(e).map((f) => ({
        at: e.at,
        id: e.id!,
        round: f.header.round,
        values: f.body.kind === 'data' ? f.body.values : [],
        live: e.phase === 'ACTIVE',
      })),
    )
  }

  verifies(frame: FrameId, at: End): boolean {
    const f = this.#frame(frame)
    const e = this.#end(at)
    if (e === undefined) return false
    const keys = e.expected ?? initialKeys(this.#c, f.header.id) // before its HELLO: of the client that the frame names
    return pair(keys, at.side === 'server' ? 1 : 2)[1] === f.mac
  }

  #frame(id: FrameId): Frame {
    return this.#c.frames[Number(id.slice(1))]!
  }

  #end(at: End): Client | Conn | undefined {
    this.#touch(at.side)
    return at.side === 'client' ? this.#clients.ends[at.n] : this.#conns.ends[at.n]
  }

  #touch(side: Side): void {
    if (side !== this.#acting) this.across = true
  }
}
