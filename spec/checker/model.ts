/**
 * The fast form of spec/model/model.ts, which a test compares it with, and powers I and L. A state is never changed, and
 * equal states have equal numbers.
 */
import type { Event } from '../events.ts'
import { withinBoundary } from '../model/model.ts'
import { isControl } from '../opcodes.ts'
import { Adversary } from './adversary.ts'
import { Context } from './context.ts'
import type { State } from './endpoints.ts'
import { type Client, type Clients, type Conn, type Conns, Endpoints, type SideStep } from './endpoints.ts'
import { type Effect, type Move, type MovePart, Moves } from './moves.ts'
import { ClientRules, ServerRules } from './rules.ts'
import { type Scope, setupOf } from './scope.ts'
import { PairTable } from './tables.ts'

/** One part of a move as it was played, seen from the side it concerns: that side before and after, and the events. */
export interface Segment {
  readonly before: Clients | Conns
  readonly after: Clients | Conns
  readonly events: readonly Event[]
}

/** What a move makes of the side it concerns. */
export interface Outcome {
  readonly after: Clients | Conns
  readonly segments: readonly Segment[]
  /** Outcomes that concern one endpoint alone, and are equal to it, have the same number here; -1 for others. */
  readonly alone: number
  /** That endpoint; -1 where there are several. */
  readonly target: number
}

/** A forged frame is announced before it arrives. */
const sealedFirst = (part: MovePart, effect: Effect): readonly Event[] =>
  part.action.do === 'seal' && effect.do === 'receive'
    ? [
        {
          on: 'sealed',
          to: effect.at,
          frame: effect.frame.id,
          header: effect.frame.header,
          body: effect.frame.shows,
        },
      ]
    : []

const afterAll = (side: Clients | Conns, segments: readonly Segment[]): Clients | Conns =>
  segments.at(-1)?.after ?? side

export class Model {
  readonly scope: Scope
  readonly context: Context
  readonly ends: Endpoints
  readonly clientRules: ClientRules
  readonly serverRules: ServerRules
  readonly moves: Moves
  readonly adversary: Adversary
  /** (endpoint, move) -> position of its plays. */
  readonly #alones = { client: new PairTable(), server: new PairTable() }
  readonly #plays: (readonly (readonly Segment[])[])[] = []

  constructor(scope: Scope) {
    this.scope = scope
    this.context = new Context(setupOf(scope))
    this.ends = new Endpoints(this.context)
    this.clientRules = new ClientRules(this.context, this.ends)
    this.serverRules = new ServerRules(this.context, this.ends)
    this.moves = new Moves(this.context)
    this.adversary = new Adversary(this)
  }

  initStates(): readonly State[] {
    return [{ clients: this.ends.clients([]), conns: this.ends.conns([]), taken: this.adversary.nothingTaken }]
  }

  /** Every move the scope allows. */
  actions(s: State): readonly Move[] {
    return this.adversary.moves(s)
  }

  /** All states that a move can lead to; more than one only for the garbage event (spec/model/checks.ts). */
  next(s: State, m: Move): readonly State[] {
    return this.play(m.side === 'client' ? s.clients : s.conns, m).map((o) => this.apply(s, m, o))
  }

  /** The state after one outcome of a move. */
  apply(s: State, m: Move, o: Outcome): State {
    const taken = this.adversary.after(s.taken, m)
    return m.side === 'client'
      ? { clients: o.after as Clients, conns: s.conns, taken }
      : { clients: s.clients, conns: o.after as Conns, taken }
  }

  /** Plays a move on the side it concerns: no rule of the protocol looks at both sides. */
  play(side: Clients | Conns, m: Move): readonly Outcome[] {
    const n = this.#alone(side, m)
    if (n !== null) return this.#locally(side, m, n)
    return this.playWhole(side, m).map((segments) => ({
      after: afterAll(side, segments),
      segments,
      alone: -1,
      target: -1,
    }))
  }

  /**
   * The endpoint that a move concerns alone: nothing else on its side has a say in it or is touched. That is every frame
   * and wish of a client run, and at the server every frame that is refused by its checks, or ends its session. The last
   * effect of a move tells: a theft before it has none, and a connection is opened for the frame that follows.
   */
  #alone(side: Clients | Conns, m: Move): number | null {
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
        if (at.n >= this.context.setup.limits.connections) return null // opening it displaces another (PROTOCOL §7)
        const verdicts = this.adversary.verdicts(this.#endpoint(side, at.n), frame)
        return verdicts.some((v) => v.kind === 'accepted') && !isControl(frame.header.opcode) ? null : at.n
      }
    }
  }

  /** The endpoint, or the connection that is accepted next. */
  #endpoint(side: Clients | Conns, n: number): Client | Conn {
    return side.ends[n] ?? this.serverRules.next(n)
  }

  /** What `playWhole` gives, worked out once for each endpoint and move. */
  #locally(side: Clients | Conns, m: Move, n: number): readonly Outcome[] {
    const e = this.#endpoint(side, n)
    const table = this.#alones[side.kind]
    const known = table.get(e.n, m.n)
    const plays = known === undefined ? this.playWhole(side, m) : this.#plays[known]!
    const first = known ?? this.#plays.length
    if (known === undefined) {
      table.add(e.n, m.n, first)
      this.#plays.push(plays)
    }
    return plays.map((segments, i) => {
      const mine = segments.map((s) => ({
        before: this.#with(side, n, s.before.ends[n]),
        after: this.#with(side, n, s.after.ends[n]),
        events: s.events,
      }))
      return { after: afterAll(side, mine), segments: mine, alone: first * 4 + i, target: n }
    })
  }

  #with(side: Clients | Conns, n: number, e: Client | Conn | undefined): Clients | Conns {
    if (side.ends[n] === e) return side
    return side.kind === 'client'
      ? this.ends.clients(side.ends.with(n, e as Client))
      : this.ends.conns(n === side.ends.length ? [...side.ends, e as Conn] : side.ends.with(n, e as Conn))
  }

  /** The segments of each outcome, by the rules alone: what `play` remembers is compared with this by a test. */
  playWhole(side: Clients | Conns, m: Move): readonly (readonly Segment[])[] {
    let outcomes: readonly (readonly Segment[])[] = [[]]
    for (const part of m.parts)
      outcomes = outcomes.flatMap((segments) =>
        this.#part(afterAll(side, segments), part).map((segment) => [...segments, segment]),
      )
    return outcomes
  }

  withinBoundary(s: State): boolean {
    return this.continues(s.conns)
  }

  continues(side: Clients | Conns): boolean {
    return side.kind === 'client' || withinBoundary({ conns: side.ends })
  }

  /** `before` already knows a connection that the part opened. */
  #part(side: Clients | Conns, part: MovePart): readonly Segment[] {
    let segments: readonly Segment[] = [
      { before: side, after: side, events: [{ on: 'step', step: 0, action: part.action, target: part.target }] },
    ]
    for (const effect of part.effects)
      segments = segments.flatMap((segment) =>
        this.#effect(segment.after, effect).map((step) => ({
          before: effect.do === 'open' ? step.after : segment.before,
          after: step.after,
          events: [...segment.events, ...sealedFirst(part, effect), ...step.events],
        })),
      )
    return segments.map((segment) => ({ ...segment, events: [...segment.events, { on: 'settled', step: 0 }] }))
  }

  #effect(side: Clients | Conns, effect: Effect): readonly (SideStep<Clients> | SideStep<Conns>)[] {
    return side.kind === 'client' ? this.#clientEffect(side, effect) : this.#serverEffect(side, effect)
  }

  #clientEffect(side: Clients, effect: Effect): readonly SideStep<Clients>[] {
    const rules = this.clientRules
    switch (effect.do) {
      case 'connect':
        return [rules.connect(side, effect.id)]
      case 'submit':
        return [rules.submit(side, effect.run, effect.values)]
      case 'finish':
        return [rules.finish(side, effect.run)]
      case 'receive':
        return rules.receive(side, effect.at.n, effect.frame)
      case 'drop':
        return [rules.drop(side, effect.at.n, effect.timer === null ? 'close' : 'timer')]
      case 'failNext':
        return [rules.failNext(side, effect.at.n)]
      case 'open':
      case 'restart':
        return [{ after: side, events: [] }]
    }
  }

  #serverEffect(side: Conns, effect: Effect): readonly SideStep<Conns>[] {
    const rules = this.serverRules
    switch (effect.do) {
      case 'open':
        return [rules.open(side)]
      case 'receive':
        return rules.receive(side, effect.at.n, effect.frame)
      case 'drop':
        return [rules.drop(side, effect.at.n, effect.timer === null ? 'close' : 'timer')]
      case 'failNext':
        return [rules.failNext(side, effect.at.n)]
      case 'restart':
        return [rules.restart(side)]
      case 'connect':
      case 'submit':
      case 'finish':
        return [{ after: side, events: [] }]
    }
  }
}
