/** L2: whatever happened before, a client that starts anew gets through, once the network delivers what is sent. */
import { define } from '../invariants/index.ts'
import * as client from '../model/client.ts'
import * as server from '../model/server.ts'
import type { ClientRun, Connection, Frame } from '../model/state.ts'
import { MAX_ROUND, OP } from '../opcodes.ts'
import { Context, Interned } from './context.ts'
import type { Clients, Conn, Conns } from './endpoints.ts'
import type { Model } from './model.ts'
import { PairTable } from './pairs.ts'
import type { StateProperty } from './secrecy.ts'

/** Asked of states, so no fold: events tell what happened, not what could. */
const L2 = define<null>({
  id: 'L2',
  says: 'from every state a fresh run of every honest client completes over a faithful network',
  powers: 'NIL',
  needs: [],
  literal: 'holds',
  witness: { says: 'a fresh run completed beside a confirmed session of its client', floor: 1, hit: () => false },
  start: null,
  step: (s) => s,
})

/** A run and a connection beyond those of the scope, so neither is ever the last; what they send, and nothing else, arrives. */
class Fresh {
  readonly #symbols: Context
  #runs: readonly ClientRun[]
  #conns: readonly Connection[]

  constructor(symbols: Context, runs: readonly ClientRun[], conns: readonly Connection[]) {
    this.#symbols = symbols
    this.#runs = runs
    this.#conns = conns
  }

  get #run(): ClientRun {
    return this.#runs.at(-1)!
  }
  get #conn(): Connection {
    return this.#conns.at(-1)!
  }
  get #sent(): Frame | undefined {
    return this.#run.sent.at(-1)
  }

  /** The frame is what was last sent to it, so there is one outcome, and one that does not depend on garbage. */
  #toServer(f: Frame): void {
    this.#conns = server.receive(this.#symbols, this.#conns, this.#conn.at.n, f)[0]!.after
  }

  #toClient(): void {
    const answer = this.#conn.sent.at(-1)
    if (answer !== undefined) this.#runs = client.receive(this.#symbols, this.#runs, this.#run.at.n, answer)[0]!.after
  }

  /** Where it stops; null: it completes every round, and ends. */
  stopsAt(id: number, rounds: number): string | null {
    const symbols = this.#symbols
    this.#runs = client.connect(symbols, this.#runs, id).after
    this.#conns = server.open(symbols, this.#conns).after
    const hello = this.#sent
    if (hello === undefined) return 'its HELLO'
    this.#toServer(hello)
    if (this.#conn.phase !== 'ACTIVE') return 'its HELLO'
    this.#toClient()
    if (this.#run.phase !== 'ACTIVE') return 'its CHALLENGE'
    for (let round = symbols.setup.startRound; round <= rounds && round < MAX_ROUND; round++) {
      this.#runs = client.submit(symbols, this.#runs, this.#run.at.n, [2 ** 30]).after
      const data = this.#sent!
      if (data.header.opcode !== OP.DATA || data.header.round !== round) return `the DATA of round ${round}`
      this.#toServer(data)
      if (!this.#conn.confirmed || this.#conn.exchanges.at(-2) !== data) return `the DATA of round ${round}`
      this.#toClient()
      if (this.#run.phase !== 'ACTIVE' || this.#run.round !== round + 1) return `the response of round ${round}`
    }
    this.#runs = client.finish(symbols, this.#runs, this.#run.at.n).after
    const bye = this.#sent!
    if (bye.header.opcode !== OP.TERMINATE) return 'its TERMINATE'
    this.#toServer(bye)
    const { phase, sent } = this.#conns.at(-1)!
    return phase === 'TERMINATED' && sent.length === rounds + 1 ? null : 'its TERMINATE'
  }
}

/** What a rule can see of another session: all but the names of its keys and frames, which a fresh run shares with none. */
const VISIBLE: Readonly<Partial<Record<PropertyKey, (e: Conn) => unknown>>> = {
  id: (e) => e.id,
  phase: (e) => e.phase,
  round: (e) => e.round,
  confirmed: (e) => e.confirmed,
  order: (e) => e.order,
  exchanges: ({ exchanges }) =>
    exchanges.map(({ header, body }) => `${header.round}:${body.kind === 'data' ? body.values : ''}`).join(),
  sent: (e) => e.sent.map((f) => f.header.opcode).join(),
}
const seenBy = (e: Conn): string =>
  Object.values(VISIBLE)
    .map((see) => see!(e))
    .join(' ')

/** What was found in a play by what its rules read of the sessions before it, field by field. */
interface Read {
  field: { readonly conn: number; readonly name: PropertyKey } | null
  readonly next: Map<unknown, Read>
  found: string | null | undefined // undefined: it depends on what is read next
}
const unread = (): Read => ({ field: null, next: new Map(), found: undefined })
const visibleIn = ({ conn, name }: NonNullable<Read['field']>, ends: readonly Conn[]): unknown =>
  VISIBLE[name]!(ends[conn]!)

/** `start`: of all plays that begin alike, with so many connections. */
const remembered = (
  start: Read,
  ends: readonly Conn[],
  play: (watched: readonly Conn[]) => string | null,
): string | null => {
  let at: Read | undefined = start
  while (at?.field) at = at.next.get(visibleIn(at.field, ends))
  if (at?.found !== undefined) return at.found
  let reading = start
  const done = new Set<string>()
  const get = (e: Conn, name: PropertyKey): unknown => {
    const key = `${e.at.n} ${String(name)}`
    if (VISIBLE[name] !== undefined && !done.has(key)) {
      done.add(key)
      reading.field ??= { conn: e.at.n, name }
      const value = visibleIn(reading.field, ends)
      const next = reading.next.get(value) ?? unread()
      reading.next.set(value, next)
      reading = next
    }
    return e[name as keyof Conn]
  }
  const found = play(ends.map((e) => new Proxy(e, { get })))
  reading.found = found
  return found
}

const COMPLETES = { violated: null, witnessed: false }

/** Worked out once for each side. */
const onceFor = <S extends Clients | Conns, T>(make: (side: S) => T): { of(side: S): T } => {
  const known: T[] = [] // by number
  return { of: (side) => (known[side.n] ??= make(side)) }
}

/**
 * No rule of PROTOCOL looks at both sides, and what concerns a client run concerns it alone (tests show both). So what
 * becomes of a fresh run follows from how it starts and from what the server sees of its connections: each such pair is
 * judged once, and played once for all connections that agree in what the rules read of them. Every power may have been
 * used before. Excused: a server full of confirmed sessions.
 */
export const freshRunCompletes = (m: Model): StateProperty => {
  const { context, scope } = m
  const { setup } = context
  const honest = setup.keyring.filter((id) => !setup.insiders.includes(id))
  const names = new Context(setup) // in which equal starts have equal names
  const starts = new Interned<number>()
  const sights = new Interned<number>()
  const judged = new PairTable() // (start, server) -> 0 excused, 1 completes, 2 + n stops at places[n]
  const places: string[] = []
  const plays: Read[][] = [] // by start, and by how many connections there are

  const startOf = (side: Clients, id: number): number => {
    const { at, phase, round, keys, hello, sent, failing } = client.connect(names, side.ends, id).after.at(-1)!
    const name = `${at.n} ${id} ${phase} ${round} ${keys} ${hello?.id} ${sent.map((f) => f.id)} ${failing}`
    return starts.of(name, (n) => n)
  }

  const startsOf = onceFor((side: Clients) => honest.map((id) => startOf(side, id)))
  const servers = onceFor((side: Conns) => sights.of(side.ends.map(seenBy).join('; '), (n) => n))
  const play = (start: number, clients: Clients, conns: Conns, id: number): number => {
    const full = conns.ends.filter((e) => e.confirmed).length >= setup.limits.connections
    plays[start] ??= []
    plays[start][conns.ends.length] ??= unread()
    const read = plays[start][conns.ends.length]!
    // Tables that go on from those of the model and are dropped: what only a fresh run needs is no part of the search.
    const stops = (ends: readonly Conn[]): string | null =>
      new Fresh(new Context(setup, context), clients.ends, ends).stopsAt(id, scope.rounds)
    const place = full ? null : remembered(read, conns.ends, stops)
    return place !== null ? 1 + places.push(`a fresh run of client ${id} stops at ${place}`) : full ? 0 : 1
  }

  return {
    invariant: L2,
    witness: L2.witness.says,
    check({ clients, conns }) {
      const started = startsOf.of(clients)
      const seen = servers.of(conns)
      let witnessed = false
      for (let i = 0; i < honest.length; i++) {
        let verdict = judged.get(started[i]!, seen)
        if (verdict === undefined) {
          verdict = play(started[i]!, clients, conns, honest[i]!)
          judged.add(started[i]!, seen, verdict)
          witnessed ||= verdict === 1 && conns.ends.some((e) => e.confirmed && e.id === honest[i])
        }
        if (verdict >= 2) return { violated: places[verdict - 2]!, witnessed }
      }
      return witnessed ? { violated: null, witnessed } : COMPLETES
    },
  }
}
