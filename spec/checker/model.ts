/**
 * The fast form of spec/model/model.ts, which a test compares it with, and powers I and L. A state is never changed, and
 * equal states have equal numbers.
 */
import type { Event } from '../events.ts'
import { Adversary } from './adversary.ts'
import { Context } from './context.ts'
import { type Clients, type Conns, Endpoints, type Segment, type SideStep, type State } from './endpoints.ts'
import { type Effect, type Move, type MovePart, Moves } from './moves.ts'
import { Plays } from './plays.ts'
import { ClientRules, ServerRules } from './rules.ts'
import { type Scope, setupOf } from './scope.ts'

export type { Segment }

/** What a move makes of the side it concerns. */
export interface Outcome {
  readonly after: Clients | Conns
  readonly segments: readonly Segment[]
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
  readonly plays: Plays

  constructor(scope: Scope) {
    this.scope = scope
    this.context = new Context(setupOf(scope))
    this.ends = new Endpoints(this.context)
    this.clientRules = new ClientRules(this.context, this.ends)
    this.serverRules = new ServerRules(this.context, this.ends)
    this.moves = new Moves(this.context)
    this.adversary = new Adversary(this)
    this.plays = new Plays({
      ends: this.ends,
      serverRules: this.serverRules,
      connections: this.context.setup.limits.connections,
      verdicts: (e, f) => this.adversary.verdicts(e, f),
      playWhole: (s, m) => this.playWhole(s, m),
    })
  }

  initStates(): readonly State[] {
    return [{ clients: this.ends.clients([]), conns: this.ends.conns([]), taken: this.adversary.nothingTaken }]
  }

  /** Every move the scope allows. */
  actions(s: State): readonly Move[] {
    return this.adversary.options(s).map((o) => o.move)
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
    return this.plays.of(side, m).map((play) => {
      const segments = this.plays.segments(side, play)
      return { after: afterAll(side, segments), segments }
    })
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
    return side.kind === 'client' || side.goesOn
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
