/** A state of the model: client runs, server connections, what the adversary has used up. Equal values are the same object. */
import type { Event, Facts, FrameId, View } from '../events.ts'
import { endName } from '../events.ts'
import type { Taken as Used } from '../model/adversary.ts'
import { withinBoundary } from '../model/model.ts'
import { type ClientRun, type Connection, type Frame, type Keys, viewOf } from '../model/state.ts'
import type { Step } from '../model/step.ts'
import { type Context, Interned } from './context.ts'
import { PairTable } from './pairs.ts'

interface Derived {
  readonly n: number
  readonly shows: number // equal for endpoints that sent the same frames
  readonly view: View | null
  readonly facts: Facts
  /** What §4 makes of the transcript; null without a session. */
  readonly expected: Keys | null
}
export type Client = ClientRun & Derived
export type Conn = Connection & Derived

/** All runs, or all connections, as one value. Equal values are the same object. */
interface Side<K extends 'client' | 'server', E> {
  readonly kind: K
  readonly n: number
  readonly ends: readonly E[]
}
export type Clients = Side<'client', Client>
/** `goesOn`: it is gone on from (`withinBoundary`). */
export type Conns = Side<'server', Conn> & { readonly goesOn: boolean }

const ns = (fs: readonly Frame[]): string => fs.map((f) => f.id).join(',')
const named = (e: ClientRun | Connection): string => {
  const k = e.keys
  return `${endName(e.at)} ${e.id} ${e.phase} ${e.round} ${k?.[0]} ${k?.[1]} ${k?.[2]} ${k?.[3]} ${e.hello?.id} ${e.challenge?.id} ${ns(e.exchanges)}|${ns(e.sent)}|${e.failing}`
}

/** PROTOCOL §4 on the transcript of an endpoint, as facts for the monitors. */
const derive = (
  c: Context,
  expected: Keys | null,
  e: ClientRun | Connection,
  outstanding: boolean,
  order: number | null,
) => {
  const { at, id, hello, challenge } = e
  const phase = challenge === null ? 'INIT' : 'ACTIVE'
  const due: View | null =
    id === null
      ? null
      : {
          id,
          phase,
          round: challenge === null ? 0 : c.setup.startRound + e.exchanges.length / 2,
          confirmed: false,
          outstanding,
          keys: expected!,
        }
  const view = viewOf(e)
  const exchanged = e.exchanges.map((f) => f.id)
  const facts: Facts = {
    at,
    id,
    hello: hello?.id ?? (null as FrameId | null),
    challenge: challenge?.id ?? null,
    view,
    order,
    transcript: challenge === null ? '' : [hello!.id, challenge.id, ...exchanged].join(' '),
    expected: due,
    ended: e.phase === 'TERMINATED',
  }
  return { view, facts, expected }
}

/** The tables that make equal endpoints and equal sides the same objects. */
export class Endpoints {
  readonly #c: Context
  readonly #clients: Interned<Client>
  readonly #conns: Interned<Conn>
  readonly #clientSides: Interned<Clients>
  readonly #connSides: Interned<Conns>
  readonly #sent: Interned<number>
  readonly #next = { client: new PairTable(), server: new PairTable() } // (side, endpoint) -> position of the side with it
  readonly #sides: (Clients | Conns)[] = []
  /** By number; those of the base are not there. */
  readonly clientSides: Clients[] = []
  readonly connSides: Conns[] = []

  /** `base`: tables that these go on from and leave as they are. */
  constructor(c: Context, base: Endpoints | null = null) {
    this.#c = c
    this.#clients = new Interned(base === null ? null : base.#clients)
    this.#conns = new Interned(base === null ? null : base.#conns)
    this.#clientSides = new Interned(base === null ? null : base.#clientSides)
    this.#connSides = new Interned(base === null ? null : base.#connSides)
    this.#sent = new Interned(base === null ? null : base.#sent)
  }

  client(s: ClientRun): Client {
    return this.#clients.of(`${named(s)} ${s.outstanding?.id}`, (n) => ({
      ...s,
      ...derive(this.#c, this.#due(s), s, s.outstanding !== null, null),
      n,
      shows: this.#shows(s.sent),
    }))
  }

  conn(s: Connection): Conn {
    return this.#conns.of(`${named(s)} ${s.order} ${s.confirmed}`, (n) => ({
      ...s,
      ...derive(this.#c, this.#due(s), s, false, s.order),
      n,
      shows: this.#shows(s.sent),
    }))
  }

  #due({ id, hello, challenge, exchanges }: ClientRun | Connection): Keys | null {
    return id === null ? null : this.#c.due({ id, hello, challenge, exchanges })
  }

  #shows(frames: readonly Frame[]): number {
    return this.#sent.of(ns(frames), (n) => n)
  }

  clients(ends: readonly Client[]): Clients {
    return this.#clientSides.of(ends.map((e) => e.n).join(' '), (n) => {
      const side: Clients = { kind: 'client', n, ends }
      this.clientSides[n] = side
      return side
    })
  }

  /** A step of a client: what it did not touch is taken as it is. A side without a number (-1) makes one without. */
  clientStep(before: Clients, { after, events }: Step<ClientRun>): SideStep<Clients> {
    if (after === before.ends) return { after: before, events }
    const ends = after.map((e, i) => (e === before.ends[i] ? before.ends[i] : this.client(e)))
    return { after: before.n < 0 ? { ...before, ends } : this.clients(ends), events }
  }

  connStep(before: Conns, { after, events }: Step<Connection>): SideStep<Conns> {
    if (after === before.ends) return { after: before, events }
    const ends = after.map((e, i) => (e === before.ends[i] ? before.ends[i] : this.conn(e)))
    return { after: before.n < 0 ? { ...before, ends } : this.conns(ends), events }
  }

  conns(ends: readonly Conn[]): Conns {
    return this.#connSides.of(ends.map((e) => e.n).join(' '), (n) => {
      const side: Conns = { kind: 'server', n, ends, goesOn: withinBoundary({ conns: ends }) }
      this.connSides[n] = side
      return side
    })
  }

  /** A side with these endpoints in their places; one that it does not have yet comes last. */
  with(side: Clients | Conns, changed: readonly (Client | Conn)[]): Clients | Conns {
    let so = side
    for (const e of changed) so = this.#with(so, e)
    return so
  }

  #with(side: Clients | Conns, e: Client | Conn): Clients | Conns {
    if (side.ends[e.at.n] === e) return side
    const table = this.#next[side.kind]
    const known = table.get(side.n, e.n)
    if (known !== undefined) return this.#sides[known]!
    const ends = [...side.ends]
    ends[e.at.n] = e
    const next = side.kind === 'client' ? this.clients(ends as Client[]) : this.conns(ends as Conn[])
    table.add(side.n, e.n, this.#sides.length)
    this.#sides.push(next)
    return next
  }
}

/** A transition of one side, as spec/model made it, with its result as one value. */
export interface SideStep<S extends Clients | Conns> {
  readonly after: S
  readonly events: readonly Event[]
}

/** One part of a move as it was played, seen from the side it concerns: that side before and after, and the events. */
export interface Segment {
  readonly before: Clients | Conns
  readonly after: Clients | Conns
  readonly events: readonly Event[]
}

export interface Taken extends Used {
  readonly n: number
}

/** The network is not in it: it is the set of all frames that the endpoints ever sent. */
export interface State {
  readonly clients: Clients
  readonly conns: Conns
  /** What the adversary has used up so far: faults, its one leak, and the powers beyond N and F. */
  readonly taken: Taken
}
