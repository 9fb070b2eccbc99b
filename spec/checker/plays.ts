/**
 * What moves do to their side, worked out by the rules of spec/model once for all sides that agree in what the rules look
 * at: the endpoint that a move feeds, and what was read of the others while it was worked out.
 */
import type { Event } from '../events.ts'
import type { Verdict } from '../model/checks.ts'
import type { Frame } from '../model/state.ts'
import { isControl } from '../opcodes.ts'
import type { Client, Clients, Conn, Conns, Endpoints, Segment } from './endpoints.ts'
import type { Move } from './moves.ts'
import { Pairs, PairTable } from './pairs.ts'
import type { ServerRules } from './rules.ts'

type Endpoint = Client | Conn
type Side = Clients | Conns

/** One part of a move: the endpoints that are other ones than before the move, when it begins and when it has ended. */
interface Part {
  readonly before: readonly Endpoint[]
  readonly after: readonly Endpoint[]
  readonly events: readonly Event[]
}

/** One outcome of a move. Equal for all sides that have the same `pins`. */
export interface Play {
  readonly n: number
  readonly move: Move
  readonly client: boolean // its side
  readonly costs: boolean // as its move does
  readonly leads: boolean
  /** The endpoints of its side that are the same wherever it is possible, as bits; 31 and more are not told. */
  readonly pins: number
  readonly parts: readonly Part[]
  readonly after: readonly Endpoint[]
  readonly whole: boolean // of one part
  /** Its side before and after it, and the state of the judge, where it was looked at last: most often that is asked again. */
  lastSide: Side | null
  lastAfter: Side | null
  lastState: number
  lastNext: number
}

/** Plays by what was read: of the endpoint `at`, this field; `at` -1: nothing more, and these are the plays. */
export interface Reading {
  at: number
  field: keyof Conn
  readonly next: Map<unknown, Reading>
  /** It begins with an endpoint that the move concerns alone. */
  readonly alone: boolean
  plays: readonly Play[]
}

const unread = (alone = false): Reading => ({ at: -1, field: 'n', next: new Map(), alone, plays: [] })

/** Read as they are; whatever else is read of an endpoint, all of it counts as read. */
const SMALL: ReadonlySet<PropertyKey> = new Set(['id', 'phase', 'round', 'order', 'confirmed', 'failing'])
const NAMES: ReadonlySet<PropertyKey> = new Set(['at', 'n']) // say which endpoint it is, and nothing of it

interface Parts {
  readonly ends: Endpoints
  readonly serverRules: ServerRules
  readonly connections: number // PROTOCOL §7: the limit
  verdicts(e: Endpoint, f: Frame): readonly Verdict[]
  playWhole(side: Side, m: Move): readonly (readonly Segment[])[]
}

export class Plays {
  readonly #m: Parts
  #numbered = 0
  readonly #alone = { client: new PairTable(), server: new PairTable() } // (endpoint, move)
  readonly #readings: Reading[] = []
  readonly #readingsAmong = new Map<string, Reading>()
  readonly #onSides = { client: new Pairs<readonly Play[]>(), server: new Pairs<readonly Play[]>() } // (side, move)

  constructor(m: Parts) {
    this.#m = m
  }

  get size(): number {
    return this.#numbered
  }

  of(side: Side, m: Move): readonly Play[] {
    return this.at(this.readingOf(side, m), side, m)
  }

  /** The plays of a move on a side whose reading is known. */
  at(reading: Reading, side: Side, m: Move): readonly Play[] {
    if (reading.at < 0 && reading.plays.length > 0) return reading.plays
    const known = this.#onSides[side.kind]
    return known.get(side.n, m.n) ?? known.put(side.n, m.n, this.#among(reading, side, m))
  }

  #among(reading: Reading, side: Side, m: Move): readonly Play[] {
    let r = reading
    while (r.at >= 0) {
      const next = r.next.get((side.ends[r.at] as Conn)[r.field])
      if (next === undefined) return this.#read(reading, side, m)
      r = next
    }
    return r.plays.length > 0 ? r.plays : this.#read(reading, side, m)
  }

  /** Where plays of a move on sides with this endpoint, or on sides of this length, begin to be looked for. */
  readingOf(side: Side, m: Move): Reading {
    const n = this.#aloneAt(side, m)
    if (n === null) {
      const name = `${side.kind} ${side.ends.length} ${this.#target(side, m)?.n} ${m.n}`
      let reading = this.#readingsAmong.get(name)
      if (reading === undefined) {
        reading = unread()
        this.#readingsAmong.set(name, reading)
      }
      return reading
    }
    const e = this.#endpoint(side, n)
    const known = this.#alone[side.kind].get(e.n, m.n)
    if (known !== undefined) return this.#readings[known]!
    this.#alone[side.kind].add(e.n, m.n, this.#readings.length)
    return this.#readings[this.#readings.push(unread(true)) - 1]!
  }

  /**
   * The endpoint that a move concerns alone: nothing else on its side has a say in it or is touched. That is every frame
   * and wish of a client run, and at the server every frame that is refused by its checks, or ends its session. The last
   * effect of a move tells: a theft before it has none, and a connection is opened for the frame that follows.
   */
  #aloneAt(side: Side, m: Move): number | null {
    const effect = m.parts.at(-1)!.effects.at(-1)!
    switch (effect.do) {
      case 'connect':
      case 'open':
      case 'restart':
        return null
      case 'submit':
      case 'finish':
        return effect.run
      case 'drop':
        return effect.at.n
      case 'failNext':
        return side.kind === 'client' ? effect.at.n : null
      case 'receive': {
        const { at, frame } = effect
        if (side.kind === 'client') return at.n
        if (at.n >= this.#m.connections) return null // opening it displaces another (PROTOCOL §7)
        const verdicts = this.#m.verdicts(this.#endpoint(side, at.n), frame)
        return verdicts.some((v) => v.kind === 'accepted') && !isControl(frame.header.opcode) ? null : at.n
      }
    }
  }

  /** The endpoint, or the connection that is accepted next. */
  #endpoint(side: Side, n: number): Endpoint {
    return side.ends[n] ?? this.#m.serverRules.next(n)
  }

  #target(side: Side, m: Move): Endpoint | undefined {
    const effect = m.parts.at(-1)!.effects.at(-1)!
    return 'at' in effect ? side.ends[effect.at.n] : undefined
  }

  /** Works it out on this side, and remembers it by what was read. */
  #read(reading: Reading, side: Side, m: Move): readonly Play[] {
    const [alone, target] = [this.#aloneAt(side, m), this.#target(side, m)]
    let r = reading
    let pins = 0
    const pin = (n: number): void => {
      if (n < 31) pins |= 1 << n
    }
    const done = new Set<string>()
    if (alone !== null) pin(alone)
    if (target !== undefined) pin(target.at.n)
    const read = (e: Endpoint, key: PropertyKey): void => {
      const field = (SMALL.has(key) ? key : 'n') as Reading['field']
      if (NAMES.has(key) || done.has(`${e.at.n} n`) || done.has(`${e.at.n} ${field}`)) return
      done.add(`${e.at.n} ${field}`)
      if (field === 'n') pin(e.at.n)
      if (r.at < 0) {
        r.at = e.at.n
        r.field = field
      }
      const value = (e as Conn)[field]
      let next = r.next.get(value)
      if (next === undefined) {
        next = unread()
        r.next.set(value, next)
      }
      r = next
    }
    const get = (e: Endpoint, key: PropertyKey): unknown => {
      read(e, key)
      return e[key as keyof Endpoint]
    }
    const watched = (e: Endpoint): Endpoint => new Proxy(e, { get })
    const ends = alone !== null ? side.ends : side.ends.map((e) => (e === target ? e : watched(e)))
    const loose = { kind: side.kind, n: -1, ends } as Side
    const others = (s: Side): readonly Endpoint[] => s.ends.filter((e, i) => e !== ends[i])
    const plays = this.#m.playWhole(loose, m).map((segments): Play => {
      const parts = segments.map((x) => ({ before: others(x.before), after: others(x.after), events: x.events }))
      for (const { after } of parts) for (const e of after) pin(e.at.n)
      return {
        n: this.#numbered++,
        move: m,
        client: m.side === 'client',
        costs: m.costs,
        leads: m.leads,
        pins,
        parts,
        after: parts.at(-1)?.after ?? [],
        whole: parts.length === 1,
        lastSide: null,
        lastAfter: null,
        lastState: -1,
        lastNext: -1,
      }
    })
    r.plays = plays // after all was read
    return plays
  }

  /** The side after a play. */
  after(side: Side, p: Play): Side {
    if (p.lastSide === side) return p.lastAfter!
    p.lastSide = side
    p.lastAfter = this.#m.ends.with(side, p.after)
    return p.lastAfter
  }

  /** A play as it is on a side. */
  segments(side: Side, { parts }: Play): readonly Segment[] {
    const { ends } = this.#m
    return parts.map(({ before, after, events }) => ({
      before: ends.with(side, before),
      after: ends.with(side, after),
      events,
    }))
  }
}
