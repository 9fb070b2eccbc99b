/**
 * The model driven from outside: every input is applied to all states that it may be in, and what it then did is kept
 * for comparison with a system that was given the same input. Unlike the explorer it knows time.
 */
import type { Body, EndedBy, Event, Header, Phase, Reason } from '../../events.ts'
import { endName } from '../../events.ts'
import { type Action, type End, LIMITS, type LimitName, numberOf, type Schedule, type Seal } from '../../language.ts'
import { altered, forge } from '../../model/frames.ts'
import { initialKeys, pair } from '../../model/keys.ts'
import type { Frame, Keys } from '../../model/state.ts'
import { OP } from '../../opcodes.ts'
import { Context, keysAfter } from '../context.ts'
import { type Client, type Clients, type Conn, type Conns, Endpoints } from '../endpoints.ts'
import { ClientRules, ServerRules } from '../rules.ts'

/** A frame judged; `phase`: its receiver's, before it. */
export interface Judged {
  readonly at: End
  readonly phase: Phase
  readonly opcode: number | null // null: the length prefix already was illegal
  readonly verdict: 'accepted' | Reason
}

/** What a system did, or what the model says it may do, from one action to the next. */
export interface Doings {
  /** Frames judged, in order. */
  readonly verdicts: readonly Judged[]
  readonly sent: readonly { readonly at: End; readonly header: Header; readonly body: Body }[]
  readonly ended: readonly { readonly at: End; readonly by: EndedBy }[]
}

/** One state the model may be in, with what it did since the last comparison. */
export interface Branch {
  readonly clients: Clients
  readonly conns: Conns
  readonly did: Doings
}

const NOTHING: Doings = { verdicts: [], sent: [], ended: [] }

/** Stands for what came behind an illegal length prefix. */
const NO_HEADER: Header = { opcode: -1, id: 0, round: 0, direction: 0 }

/** `phaseOf`: the phase of an endpoint before the events. */
const doings = (before: Doings, events: readonly Event[], phaseOf: (n: number) => Phase): Doings => {
  const [verdicts, sent, ended] = [[...before.verdicts], [...before.sent], [...before.ended]]
  for (const e of events)
    switch (e.on) {
      case 'accepted':
        verdicts.push({ at: e.at, phase: phaseOf(e.at.n), opcode: e.header.opcode, verdict: 'accepted' })
        break
      case 'rejected': {
        const opcode = e.header === NO_HEADER ? null : e.header!.opcode
        verdicts.push({ at: e.at, phase: phaseOf(e.at.n), opcode, verdict: e.reason! })
        break
      }
      case 'sent':
        sent.push({ at: e.at, header: e.header, body: e.body })
        break
      case 'ended':
        ended.push({ at: e.at, by: e.by })
        break
      default:
    }
  return { verdicts, sent, ended }
}

export class Engine {
  readonly context: Context
  readonly #schedule: Schedule
  readonly #ends: Endpoints
  readonly #clientRules: ClientRules
  readonly #serverRules: ServerRules
  readonly #limits: Readonly<Record<LimitName, number>>
  readonly #deadlines: Map<string, number> = new Map()
  readonly #leaked: Map<string, Keys> = new Map()
  #now = 0
  #forged = 0
  branches: readonly Branch[]

  /** `ids`: whom the server knows beside the clients of the schedule. `base`: where to go on from, left as it is. */
  constructor(s: Schedule, ids: readonly number[], base: Engine | null = null) {
    this.#schedule = s
    const { clients, insiders, challenge, startRound } = s.setup
    this.#limits = { ...LIMITS, ...s.setup.limits }
    const keyring = [...new Set([...ids, ...clients, ...insiders])]
    const setup = { mode: s.mode, keyring, insiders, challenge, startRound, limits: this.#limits }
    this.context = new Context(base?.context.setup ?? setup, base?.context)
    const ends = new Endpoints(this.context, base === null ? null : base.#ends)
    this.#ends = ends
    this.#clientRules = new ClientRules(this.context, ends)
    this.#serverRules = new ServerRules(this.context, ends)
    this.branches = base?.branches ?? [{ clients: ends.clients([]), conns: ends.conns([]), did: NOTHING }]
    if (base === null) return
    this.#deadlines = new Map(base.#deadlines)
    this.#leaked = new Map(base.#leaked)
    this.#now = base.#now
    this.#forged = base.#forged
  }

  /** An engine that goes on from here; this one must not move any more. */
  fork(): Engine {
    return new Engine(this.#schedule, [], this)
  }

  /** Goes on from one branch; what it did until here is forgotten. */
  settle(chosen: Branch): void {
    this.branches = [{ ...chosen, did: NOTHING }]
  }

  /** `failing`: the transport refuses the HELLO of a client. */
  opened(at: End, id: number | null, failing = false): void {
    if (at.side === 'client') {
      this.#onClients((b) => [this.#clientRules.connect(b, id!, failing)])
      this.#until(at, 'challengeMs')
    } else {
      this.#onConns((b) => [this.#serverRules.open(b)])
      this.#until(at, 'helloMs')
    }
  }

  /** Whatever of an action does not come as frames that arrive. */
  act(a: Action): void {
    switch (a.do) {
      case 'submit':
        this.#onClients((b) => [this.#clientRules.submit(b, a.run, a.values.map(numberOf))])
        return
      case 'finish':
        this.#onClients((b) => [this.#clientRules.finish(b, a.run)])
        return
      case 'close':
        this.#drop(a.at, 'close')
        return
      case 'failSend':
        if (a.at.side === 'client') this.#onClients((b) => [this.#clientRules.failNext(b, a.at.n)])
        else this.#onConns((b) => [this.#serverRules.failNext(b, a.at.n)])
        return
      case 'leak': {
        const keys = this.end(a.at)?.expected
        if (keys && this.#leaked.size === 0) this.#leaked.set(endName(a.at), keys)
        return
      }
      case 'advance':
        this.#advance(Math.max(0, a.ms))
        return
      case 'restart':
        this.#onConns((b) => [this.#serverRules.restart(b)])
        return
      case 'connect':
      case 'deliver':
      case 'continue':
      case 'inject':
      case 'seal':
      case 'converse':
        return
    }
    a satisfies never
  }

  receive(at: End, f: Frame): void {
    if (at.side === 'client') this.#onClients((b) => this.#clientRules.receive(b, at.n, f))
    else this.#onConns((b) => this.#serverRules.receive(b, at.n, f))
  }

  /** An endpoint as it is in the first branch; branches differ in nothing that a caller asks for. */
  end(at: End): Client | Conn | undefined {
    const { clients, conns } = this.branches[0]!
    return at.side === 'client' ? clients.ends[at.n] : conns.ends[at.n]
  }

  /** The nth frame that an endpoint sent. */
  sent(at: End, nth: number): Frame | undefined {
    return this.end(at)?.sent[nth]
  }

  altered(header: Header | null): Frame {
    return altered(this.context, header ?? NO_HEADER, header === null)
  }

  /** A malformed frame of which the header can be read. */
  malformed(header: Header): Frame {
    return altered(this.context, header, true)
  }

  /** What `seal` makes; null without the power. `body`: what it opens to under its own keys, `sealed` if it does not unpad. */
  forged(a: Seal, header: Header, body: Body): Frame | null {
    const keys = this.#keysFor(a)
    if (keys === null) return null
    const [enc, mac] = pair(keys, a.to.side === 'server' ? 1 : 2)
    const name = `${this.#forged++}`
    return forge(this.context, {
      name,
      header,
      enc,
      mac,
      body,
      padded: body.kind !== 'sealed',
      owner: this.end(a.as)?.id ?? a.id,
    })
  }

  #keysFor(a: Seal): Keys | null {
    const as = this.end(a.as)
    if (a.power === 'L') return this.#leaked.get(endName(a.as)) ?? null
    const id = as?.id ?? a.id
    if (!this.context.setup.insiders.includes(id)) return null
    switch (a.under) {
      case 'current':
        return as?.expected ?? null
      case 'previous': {
        if (as === undefined || as.hello === null) return null
        const { hello, challenge, exchanges } = as
        if (challenge === null) return initialKeys(this.context, id)
        const before = exchanges.length === 0 ? { challenge: null } : { challenge }
        return keysAfter(this.context, { id, hello, ...before, exchanges: exchanges.slice(0, -2) })
      }
      case 'initial':
        return initialKeys(this.context, id)
    }
  }

  // time (PROTOCOL §6, §7): a deadline for every live endpoint that has one

  #until(at: End, limit: LimitName | null): void {
    if (limit === null) this.#deadlines.delete(endName(at))
    else this.#deadlines.set(endName(at), this.#now + this.#limits[limit])
  }

  #advance(ms: number): void {
    this.#now += ms
    for (const e of [...this.branches[0]!.clients.ends, ...this.branches[0]!.conns.ends])
      if (e.phase !== 'TERMINATED' && (this.#deadlines.get(endName(e.at)) ?? Infinity) <= this.#now)
        this.#drop(e.at, 'timer')
  }

  #timers(events: readonly Event[]): void {
    for (const e of events) {
      if (e.on === 'sent' && e.at.side === 'client' && e.header.opcode === OP.DATA) this.#until(e.at, 'responseMs')
      if (e.on !== 'accepted') continue
      if (e.at.side === 'client') this.#until(e.at, null)
      else this.#until(e.at, e.header.opcode === OP.HELLO ? 'unconfirmedMs' : 'idleMs')
    }
  }

  #drop(at: End, by: 'close' | 'timer'): void {
    if (at.side === 'client') this.#onClients((b) => [this.#clientRules.drop(b, at.n, by)])
    else this.#onConns((b) => [this.#serverRules.drop(b, at.n, by)])
  }

  #onClients(act: (side: Clients) => readonly { after: Clients; events: readonly Event[] }[]): void {
    this.branches = this.branches.flatMap((b) =>
      act(b.clients).map(({ after, events }) => {
        this.#timers(events)
        return { ...b, clients: after, did: doings(b.did, events, (n) => b.clients.ends[n]?.phase ?? 'INIT') }
      }),
    )
  }

  #onConns(act: (side: Conns) => readonly { after: Conns; events: readonly Event[] }[]): void {
    this.branches = this.branches.flatMap((b) =>
      act(b.conns).map(({ after, events }) => {
        this.#timers(events)
        return { ...b, conns: after, did: doings(b.did, events, (n) => b.conns.ends[n]?.phase ?? 'INIT') }
      }),
    )
  }
}
