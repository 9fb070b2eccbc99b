/**
 * The protocol as an executable specification, written from PROTOCOL.md: initStates, actions, next, withinBoundary,
 * format; the properties are the monitors of spec/invariants. Pure: a state is never changed, and equal states have
 * equal numbers.
 */
import type { Event } from './events.ts'
import { endName } from './events.ts'
import type { Side } from './language.ts'
import { Adversary } from './model/adversary.ts'
import { ClientRules, type Clients } from './model/client.ts'
import { Context } from './model/context.ts'
import { Endpoints } from './model/endpoint.ts'
import { type Act, type Move, Moves } from './model/moves.ts'
import { type Scope, setupOf } from './model/scope.ts'
import { type Conns, ServerRules } from './model/server.ts'
import type { Step } from './model/step.ts'
import type { Taken } from './model/taken.ts'

/** The network is not in it: it is the set of all frames that the endpoints ever sent. */
export interface State {
  readonly clients: Clients
  readonly conns: Conns
  /** What the adversary has used up so far: faults, its one leak, and the powers beyond N and F. */
  readonly taken: Taken
}

/** One deed of a move as it was played: the state around it, and its events. */
export interface Scene {
  readonly before: State
  readonly after: State
  readonly events: readonly Event[]
}

export interface Outcome {
  readonly state: State
  readonly scenes: readonly Scene[]
}

export class Model {
  readonly scope: Scope
  readonly context: Context
  readonly ends: Endpoints
  readonly clientRules: ClientRules
  readonly serverRules: ServerRules
  readonly moves = new Moves()
  readonly adversary: Adversary

  constructor(scope: Scope) {
    this.scope = scope
    this.context = new Context(setupOf(scope))
    this.ends = new Endpoints(this.context)
    this.clientRules = new ClientRules(this.context, this.ends)
    this.serverRules = new ServerRules(this.context, this.ends)
    this.adversary = new Adversary(this)
  }

  initStates(): readonly State[] {
    return [{ clients: this.ends.clients([]), conns: this.ends.conns([]), taken: this.adversary.nothingTaken }]
  }

  /** Every move the scope allows. */
  actions(s: State): readonly Move[] {
    return this.adversary.moves(s)
  }

  /** All outcomes of a move; more than one only for the garbage event (spec/model/checks.ts). */
  next(s: State, m: Move): readonly Outcome[] {
    const taken = this.adversary.after(s.taken, m)
    let outcomes: readonly Outcome[] = [{ state: s, scenes: [] }]
    for (const deed of m.deeds) {
      outcomes = outcomes.flatMap((o) =>
        this.#deed(o.state, m.side, deed.acts).map((played) => {
          const state = { ...played.state, taken }
          const step: Event = { on: 'step', step: 0, action: deed.action, target: deed.target }
          const events = [step, ...played.events, { on: 'settled', step: 0 } as const]
          return { state, scenes: [...o.scenes, { before: played.before, after: state, events }] }
        }),
      )
    }
    return outcomes
  }

  /**
   * Whether to go on from a state. Not from one with a connection that ended before it had a session: that changed
   * nothing else (PROTOCOL §6, §7), so whatever can follow can follow without it.
   */
  withinBoundary(s: State): boolean {
    return s.conns.ends.every((e) => e.hello !== null || e.phase !== 'TERMINATED')
  }

  /** One line: every endpoint with its phase and round. */
  format(s: State): string {
    const ends = [...s.clients.ends, ...s.conns.ends]
    const shown = ends.map(
      (e) => `${endName(e.at)} ${e.phase} r${e.round}${'confirmed' in e && e.confirmed ? ' confirmed' : ''}`,
    )
    return shown.length === 0 ? 'nothing yet' : shown.join(' · ')
  }

  /** Several acts in a row; `before` already knows a connection that the first act opened. */
  #deed(
    s: State,
    side: Side,
    acts: readonly Act[],
  ): readonly { before: State; state: State; events: readonly Event[] }[] {
    let paths: readonly { before: State; state: State; events: readonly Event[] }[] = [
      { before: s, state: s, events: [] },
    ]
    for (const act of acts)
      paths = paths.flatMap((p) =>
        side === 'client'
          ? this.#clientAct(p.state.clients, act).map((step) => {
              const state = { ...p.state, clients: step.after }
              return { before: p.before, state, events: [...p.events, ...step.events] }
            })
          : this.#serverAct(p.state.conns, act).map((step) => {
              const state = { ...p.state, conns: step.after }
              return { before: act.do === 'open' ? state : p.before, state, events: [...p.events, ...step.events] }
            }),
      )
    return paths
  }

  #clientAct(side: Clients, act: Act): readonly Step<Clients['ends'][number]>[] {
    const rules = this.clientRules
    switch (act.do) {
      case 'connect':
        return [rules.connect(side, act.id)]
      case 'submit':
        return [rules.submit(side, act.run, act.values)]
      case 'finish':
        return [rules.finish(side, act.run)]
      case 'receive':
        return rules.receive(side, act.at.n, act.frame)
      case 'drop':
        return [rules.drop(side, act.at.n, act.by)]
      case 'failNext':
        return [rules.failNext(side, act.at.n)]
      case 'open':
      case 'restart':
        return [{ after: side, events: [] }]
    }
  }

  #serverAct(side: Conns, act: Act): readonly Step<Conns['ends'][number]>[] {
    const rules = this.serverRules
    switch (act.do) {
      case 'open':
        return [rules.open(side)]
      case 'receive':
        return rules.receive(side, act.at.n, act.frame)
      case 'drop':
        return [rules.drop(side, act.at.n, act.by)]
      case 'failNext':
        return [rules.failNext(side, act.at.n)]
      case 'restart':
        return [rules.restart(side)]
      case 'connect':
      case 'submit':
      case 'finish':
        return [{ after: side, events: [] }]
    }
  }
}
