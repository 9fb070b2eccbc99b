/**
 * The protocol as an executable specification, written from PROTOCOL.md: initStates, actions, next, withinBoundary,
 * format; the properties are the monitors of spec/invariants. Pure: a state is never changed, and equal states have
 * equal numbers.
 */

import type { Event } from '../events.ts'
import { endName } from '../events.ts'
import { ClientRules } from '../model/client.ts'
import { type Scope, setupOf } from '../model/scope.ts'
import { ServerRules } from '../model/server.ts'
import type { Step } from '../model/step.ts'
import { isControl } from '../opcodes.ts'
import { Adversary } from './adversary.ts'
import { Context } from './context.ts'
import { type Client, type Clients, type Conn, type Conns, Endpoints, replace } from './endpoints.ts'
import { type Act, type Deed, type Move, Moves } from './moves.ts'
import type { State } from './state.ts'
import { PairTable } from './tables.ts'

/** One deed of a move as it was played, seen from the side it concerns: that side before and after, and the events. */
export interface Scene {
  readonly before: Clients | Conns
  readonly after: Clients | Conns
  readonly events: readonly Event[]
}

/** What a move makes of the side it concerns. */
export interface Outcome {
  readonly after: Clients | Conns
  readonly scenes: readonly Scene[]
  /** Outcomes that concern one endpoint alone, and are equal to it, have the same number here; -1 for others. */
  readonly alone: number
  /** That endpoint; -1 where there are several. */
  readonly target: number
}

/** A forged frame is announced before it arrives. */
const sealedFirst = (deed: Deed, act: Act): readonly Event[] =>
  deed.action.do === 'seal' && act.do === 'receive'
    ? [{ on: 'sealed', to: act.at, frame: act.frame.id, header: act.frame.header, body: act.frame.sent!.body }]
    : []

const afterAll = (side: Clients | Conns, scenes: readonly Scene[]): Clients | Conns => scenes.at(-1)?.after ?? side

export class Model {
  readonly scope: Scope
  readonly context: Context
  readonly ends: Endpoints
  readonly clientRules: ClientRules
  readonly serverRules: ServerRules
  readonly moves = new Moves()
  readonly adversary: Adversary
  /** (endpoint, move) -> position of its plays. */
  readonly #alones = { client: new PairTable(), server: new PairTable() }
  readonly #plays: (readonly (readonly Scene[])[])[] = []

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
    const target = this.#alone(side, m)
    if (target === null)
      return this.#play(side, m).map((scenes) => ({ after: afterAll(side, scenes), scenes, alone: -1, target: -1 }))
    return this.#locally(side, m, target)
  }

  /**
   * The endpoint that a move concerns alone: nothing else on its side has a say in it or is touched. That is every frame
   * and wish of a client run, and at the server every frame that is refused by its checks, or ends its session.
   */
  #alone(side: Clients | Conns, m: Move): number | null {
    const act = m.deeds[0]!.acts[0]
    if (m.deeds[0]!.acts.length !== 1 || act === undefined) return null
    switch (act.do) {
      case 'connect':
      case 'open':
      case 'restart':
        return null
      case 'submit':
      case 'finish':
        return act.run
      case 'drop':
        return act.at.n
      case 'failNext':
        return side.kind === 'client' ? act.at.n : null
      case 'receive': {
        const e = side.ends[act.at.n]!
        const answered = 'order' in e && this.adversary.verdicts(e, act.frame).some((v) => v.kind === 'accepted')
        return answered && !isControl(act.frame.header.opcode) ? null : act.at.n
      }
    }
  }

  /** The same, worked out once for each endpoint and move. */
  #locally(side: Clients | Conns, m: Move, n: number): readonly Outcome[] {
    const e = side.ends[n]!
    const table = this.#alones[side.kind]
    const known = table.get(e.n, m.n)
    const plays = known === undefined ? this.#play(side, m) : this.#plays[known]!
    const first = known ?? this.#plays.length
    if (known === undefined) {
      table.add(e.n, m.n, first)
      this.#plays.push(plays)
    }
    return plays.map((scenes, i) => {
      const mine = scenes.map((s) => ({
        before: this.#with(side, n, s.before.ends[n]!),
        after: this.#with(side, n, s.after.ends[n]!),
        events: s.events,
      }))
      return { after: afterAll(side, mine), scenes: mine, alone: first * 4 + i, target: n }
    })
  }

  #with(side: Clients | Conns, n: number, e: Client | Conn): Clients | Conns {
    if (side.ends[n] === e) return side
    return side.kind === 'client'
      ? this.ends.clients(replace(side.ends, n, e as Client))
      : this.ends.conns(replace(side.ends, n, e as Conn))
  }

  /** The scenes of each outcome. */
  #play(side: Clients | Conns, m: Move): readonly (readonly Scene[])[] {
    let outcomes: readonly (readonly Scene[])[] = [[]]
    for (const deed of m.deeds)
      outcomes = outcomes.flatMap((scenes) =>
        this.#deed(afterAll(side, scenes), deed).map((scene) => [...scenes, scene]),
      )
    return outcomes
  }

  /**
   * Whether to go on from a state. Not from one with a connection that ended before it had a session: that changed
   * nothing else (PROTOCOL §6, §7), so whatever can follow can follow without it.
   */
  withinBoundary(s: State): boolean {
    return this.continues(s.conns)
  }

  continues(side: Clients | Conns): boolean {
    const last = side.ends.at(-1)
    return last === undefined || last.at.side === 'client' || last.hello !== null || last.phase !== 'TERMINATED'
  }

  /** One line: every endpoint with its phase and round. */
  format(s: State): string {
    const ends = [...s.clients.ends, ...s.conns.ends]
    const shown = ends.map(
      (e) => `${endName(e.at)} ${e.phase} r${e.round}${'confirmed' in e && e.confirmed ? ' confirmed' : ''}`,
    )
    return shown.length === 0 ? 'nothing yet' : shown.join(' · ')
  }

  /** `before` already knows a connection that the deed opened. */
  #deed(side: Clients | Conns, deed: Deed): readonly Scene[] {
    let scenes: readonly Scene[] = [
      { before: side, after: side, events: [{ on: 'step', step: 0, action: deed.action, target: deed.target }] },
    ]
    for (const act of deed.acts)
      scenes = scenes.flatMap((scene) =>
        this.#act(scene.after, act).map((step) => ({
          before: act.do === 'open' ? step.after : scene.before,
          after: step.after,
          events: [...scene.events, ...sealedFirst(deed, act), ...step.events],
        })),
      )
    return scenes.map((scene) => ({ ...scene, events: [...scene.events, { on: 'settled', step: 0 }] }))
  }

  #act(side: Clients | Conns, act: Act): readonly (Step<Clients> | Step<Conns>)[] {
    return side.kind === 'client' ? this.#clientAct(side, act) : this.#serverAct(side, act)
  }

  #clientAct(side: Clients, act: Act): readonly Step<Clients>[] {
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

  #serverAct(side: Conns, act: Act): readonly Step<Conns>[] {
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
