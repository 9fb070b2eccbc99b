/** Client runs and server connections: what the model's state is made of. Equal endpoints are the same object. */
import type { Facts, FrameId, Phase, View } from '../events.ts'
import { endName } from '../events.ts'
import type { End } from '../language.ts'
import { keysAfter } from '../model/keys.ts'
import { type Context, type Frame, Interned, type Keys } from './context.ts'

/** A client run. `exchanges` are (DATA, RESPONSE) pairs, in order. */
export interface ClientState {
  readonly at: End
  readonly id: number
  readonly phase: Phase
  readonly round: number
  readonly keys: Keys | null // null: overwritten
  readonly hello: Frame | null // null only while it is being built
  readonly challenge: Frame | null
  readonly outstanding: Frame | null // the DATA that awaits its response
  readonly exchanges: readonly Frame[]
  readonly sent: readonly Frame[]
  readonly failing: boolean // its next send fails
}

/** A connection at the server and its session, if any. */
export interface ConnState {
  readonly at: End
  readonly id: number | null // null: no HELLO accepted
  readonly phase: Phase
  readonly round: number
  readonly keys: Keys | null
  readonly hello: Frame | null
  readonly challenge: Frame | null
  readonly order: number | null // PROTOCOL §7: HELLOs are ordered by a counter
  readonly confirmed: boolean
  readonly exchanges: readonly Frame[]
  readonly sent: readonly Frame[]
  readonly failing: boolean
}

interface Derived {
  readonly n: number
  readonly shows: number // equal for endpoints that sent the same frames
  readonly view: View | null
  readonly facts: Facts
  /** What §4 makes of the transcript; null without a session. */
  readonly expected: Keys | null
}
export type Client = ClientState & Derived
export type Conn = ConnState & Derived

/** All runs, or all connections, as one value. Equal values are the same object. */
interface Side<K extends 'client' | 'server', E> {
  readonly kind: K
  readonly n: number
  readonly ends: readonly E[]
}
export type Clients = Side<'client', Client>
export type Conns = Side<'server', Conn>

const ns = (fs: readonly Frame[]): string => fs.map((f) => f.n).join(',')
const named = (e: ClientState | ConnState): string =>
  `${endName(e.at)} ${e.id} ${e.phase} ${e.round} ${e.keys?.n} ${e.hello?.n} ${e.challenge?.n} ${ns(e.exchanges)}|${ns(e.sent)}|${e.failing}`

/** PROTOCOL §4 on the transcript of an endpoint, as facts for the monitors. */
const derive = (
  c: Context,
  expected: Keys | null,
  e: ClientState | ConnState,
  confirmed: boolean,
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
          keys: expected!.ids,
        }
  const view: View | null =
    id === null ? null : { id, phase: e.phase, round: e.round, confirmed, outstanding, keys: e.keys?.ids ?? null }
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
  /** By transcript: a session changes more often than that. */
  readonly #expected: Interned<Keys>

  /** `base`: tables that these go on from and leave as they are. */
  constructor(c: Context, base: Endpoints | null = null) {
    this.#c = c
    this.#clients = new Interned(base === null ? null : base.#clients)
    this.#conns = new Interned(base === null ? null : base.#conns)
    this.#clientSides = new Interned(base === null ? null : base.#clientSides)
    this.#connSides = new Interned(base === null ? null : base.#connSides)
    this.#sent = new Interned(base === null ? null : base.#sent)
    this.#expected = new Interned(base === null ? null : base.#expected)
  }

  client(s: ClientState): Client {
    return this.#clients.of(`${named(s)} ${s.outstanding?.n}`, (n) => ({
      ...s,
      ...derive(this.#c, this.#due(s), s, false, s.outstanding !== null, null),
      n,
      shows: this.#shows(s.sent),
    }))
  }

  conn(s: ConnState): Conn {
    return this.#conns.of(`${named(s)} ${s.order} ${s.confirmed}`, (n) => ({
      ...s,
      ...derive(this.#c, this.#due(s), s, s.confirmed, false, s.order),
      n,
      shows: this.#shows(s.sent),
    }))
  }

  #due({ id, hello, challenge, exchanges }: ClientState | ConnState): Keys | null {
    if (id === null) return null
    const name = `${id} ${hello?.n} ${challenge?.n} ${ns(exchanges)}`
    return this.#expected.of(name, () => keysAfter(this.#c, { id, hello, challenge, exchanges }))
  }

  #shows(frames: readonly Frame[]): number {
    return this.#sent.of(ns(frames), (n) => n)
  }

  clients(ends: readonly Client[]): Clients {
    return this.#clientSides.of(ends.map((e) => e.n).join(' '), (n) => ({
      kind: 'client',
      n,
      ends,
    }))
  }

  conns(ends: readonly Conn[]): Conns {
    return this.#connSides.of(ends.map((e) => e.n).join(' '), (n) => ({
      kind: 'server',
      n,
      ends,
    }))
  }
}

export const replace = <E>(ends: readonly E[], i: number, e: E): readonly E[] => ends.map((x, j) => (j === i ? e : x))
