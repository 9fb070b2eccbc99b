/** Searches of the model in the tab: from the start, or from what was played. */
import { explore, type Progress } from '../../spec/checker/explore.ts'
import { type Followed, follow, pending } from '../../spec/checker/follow.ts'
import { Model } from '../../spec/checker/model.ts'
import { scheduleOf } from '../../spec/checker/paths.ts'
import { isSize, type Scope, scope, sizeOf } from '../../spec/checker/scope.ts'
import { endName } from '../../spec/events.ts'
import type { Schedule } from '../../spec/language.ts'
import type { Standing } from './game.ts'

/** Plain data, for a worker. */
export interface Hunt {
  /** In normal form; what was played so far. */
  readonly schedule: Schedule
  /** Where it has led to, to be compared with the model; null: the search begins before anything happened. */
  readonly from: readonly Standing[] | null
  readonly size: string // 1x2x2x2
  /** The search ends with the shortest attack on it; null: all are judged. */
  readonly goal: string | null
}

export interface Attack {
  readonly id: string
  readonly why: string
  /** From the start, what was played included. */
  readonly schedule: Schedule
}

export interface Hunted {
  readonly scope: string
  readonly states: number
  readonly transitions: number
  readonly depth: number
  /** False: stopped at the bound on states, so what was not found is not decided. */
  readonly exhausted: boolean
  readonly attacks: readonly Attack[]
  /** What was violated before the search began, so that it says nothing of it. */
  readonly before: readonly string[]
  /** Invariants that the search carries beside those. */
  readonly judged: readonly string[]
}

export type Answer = { readonly kind: 'ok'; readonly value: Hunted } | { readonly kind: 'bad'; readonly why: string }

const MOST_STATES = 250_000

const foreign = ({ setup }: Schedule): string | null => {
  const { clients, insiders, startRound, startHello = 0, limits } = setup
  if (clients.some((id, i) => id !== i + 1)) return 'its clients are 1, 2, …'
  if (insiders.some((id) => id !== clients.length)) return 'its insider is the last client'
  if (startRound !== 1 || startHello !== 0) return 'its sessions start in round 1, its server with HELLO 0'
  return Object.keys(limits).some((name) => name !== 'unconfirmedPerId') ? 'of limits it has unconfirmedPerId' : null
}

/** The asked size, grown to what was played: numbers above 9 are no size of the model. */
const sizeFor = ({ schedule: { setup }, from, size }: Hunt): string => {
  const asked = scope(size)
  const played = from ?? []
  const runs = setup.clients.map((id) => played.filter((e) => e.at.side === 'client' && e.client === id).length)
  return sizeOf({
    ...asked,
    clients: Math.max(asked.clients, setup.clients.length),
    runs: Math.max(asked.runs, ...runs),
    connections: Math.max(asked.connections, played.filter((e) => e.at.side === 'server').length),
    rounds: Math.max(asked.rounds, ...played.map((e) => e.round)),
  })
}

const scopeFor = ({ mode, powers, setup, actions }: Schedule, size: string): Scope =>
  scope(size, {
    mode,
    powers: setup.clients.length > 1 ? powers : powers.replace('I', ''),
    challenge: setup.challenge,
    unconfirmedPerId: setup.limits.unconfirmedPerId ?? 4,
    concurrent: actions.some((a, i) => a.do === 'connect' && i > 0),
  })

/** Where the model is not where the system is; null: they agree. */
const apart = ({ state }: Followed, from: readonly Standing[]): string | null => {
  for (const e of from) {
    const mine = (e.at.side === 'client' ? state.clients : state.conns).ends[e.at.n]
    const ended = mine?.phase === 'TERMINATED'
    if (ended !== e.ended) return `${endName(e.at)} has ${e.ended ? '' : 'not '}ended here, and in the model not so`
    if (!ended && e.phase === 'ACTIVE' && mine?.round !== e.round) return `${endName(e.at)} is in another round there`
  }
  return null
}

/** Never throws for what a person can ask. */
export const hunt = (asked: Hunt, progress?: (p: Progress) => void): Answer => {
  const bad = (why: string): Answer => ({ kind: 'bad', why })
  const odd = foreign(asked.schedule)
  if (odd !== null) return bad(`The model cannot start from this setup: ${odd}.`)
  const size = sizeFor(asked)
  if (!isSize(size))
    return bad(`The model is too small: expected clients x runs x connections x rounds, each 1..9, got ${size}.`)
  const s = scopeFor(asked.schedule, size)
  let actions = asked.from === null ? [] : asked.schedule.actions
  if (asked.from !== null) {
    const m = new Model(s)
    const followed = follow(m, actions)
    const { missing } = followed
    if (missing !== null) return bad(`The model cannot follow action ${missing.action + 1}: ${missing.why}.`)
    const why = apart(followed, asked.from)
    if (why !== null) return bad(`The model is not where this system is: ${why}.`)
    actions = [...actions, ...pending(followed.state)]
  }
  const prefix = new Model(s) // to print paths: equal choices have equal actions
  const before = follow(prefix, actions).moves
  const found = explore(s, {
    limits: { states: MOST_STATES, bytes: Number.POSITIVE_INFINITY },
    from: (m) => follow(m, actions).moves,
    ...(asked.goal === null ? {} : { until: asked.goal }),
    ...(progress === undefined ? {} : { progress }),
  })
  const wanted = found.judged.filter(({ invariant }) => asked.goal === null || invariant.id === asked.goal)
  return {
    kind: 'ok',
    value: {
      scope: `${sizeOf(s)}, ${s.mode}, powers ${s.powers}, ${s.concurrent ? 'concurrent' : 'sequential'} runs`,
      states: found.states,
      transitions: found.transitions,
      depth: found.depth,
      exhausted: found.stopped === null,
      attacks: wanted.flatMap(({ invariant, why, counterexample }) =>
        counterexample === null
          ? []
          : [{ id: invariant.id, why, schedule: scheduleOf(s, [...before, ...counterexample]) }],
      ),
      before: found.before,
      judged: wanted.map(({ invariant }) => invariant.id),
    },
  }
}
