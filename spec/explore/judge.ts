/**
 * The monitors of spec/invariants carried through a state space. A monitor is a fold over events; between two moves its
 * state is a small number here, and how a move changes that number is remembered, so that a monitor runs once for each
 * thing that can happen to it rather than once for each transition.
 */
import type { Event } from '../events.ts'
import { INVARIANTS, type Invariant, isViolated } from '../invariants/index.ts'
import type { Side } from '../language.ts'
import type { Clients } from '../model/client.ts'
import type { ModelLedger } from '../model/ledger.ts'
import type { Conns } from '../model/server.ts'
import { seenBefore } from '../model/step.ts'
import type { Outcome } from '../model.ts'
import { PairTable } from './tables.ts'

/** What the model's events can tell; C4's and L1's events it does not emit. */
const EMITTED: ReadonlySet<Event['on']> = new Set<Event['on']>([
  'step',
  'settled',
  'opened',
  'submitted',
  'delivered',
  'sealed',
  'sent',
  'accepted',
  'rejected',
  'committed',
  'ended',
  'primitive',
])

/** Not carried, with the reason: what they are about does not exist among terms. */
export const NOT_CARRIED: Readonly<Record<string, string>> = {
  L1: 'a faithful conversation is a path here, not an event',
  G7: 'about the last bit of a sum; terms have no bits',
}

export const CARRIED: readonly Invariant[] = INVARIANTS.filter(
  (i) => !(i.id in NOT_CARRIED) && i.needs.every((n) => EMITTED.has(n)),
)

/** An outcome with a number, and the side on which it happened. */
export interface Numbered extends Outcome {
  readonly n: number
  readonly side: Side
}

/** The side on which nothing happens. */
export type Other = Clients | Conns

export interface Finds {
  violated(i: Invariant, why: string): void
  witnessed(i: Invariant): void
}

/** Before the next move begins nothing may depend on how the last one ended: every step starts with this event. */
const NEXT: Event = { on: 'step', step: 0, action: { do: 'advance', ms: 0 }, target: null }

/** Monitors carried as one number: all that keep no history between steps, or one that does. */
export class Group {
  readonly index: number
  readonly monitors: readonly Invariant[]
  readonly powers: string
  readonly #byDigest = new Map<string, number>()
  readonly #states: (readonly unknown[])[] = []
  /** (state, outcome) -> next state, or -1 - p: depends on the other side too, as pair number p. */
  readonly #table = new PairTable()
  /** (pair number, other side) -> next state. */
  readonly #across = new PairTable()
  #pairs = 0

  constructor(index: number, monitors: readonly Invariant[]) {
    this.index = index
    this.monitors = monitors
    this.powers = monitors[0]!.powers
    this.#number(monitors.map((m) => m.start))
  }

  #number(states: readonly unknown[]): number {
    const name = states.map(digest).join('\n')
    let n = this.#byDigest.get(name)
    if (n === undefined) {
      n = this.#states.length
      this.#byDigest.set(name, n)
      this.#states.push(states)
    }
    return n
  }

  step(state: number, o: Numbered, side: Other, l: ModelLedger, finds: Finds): number {
    const other = side.n
    const known = this.#table.get(state, o.n)
    if (known !== undefined) {
      if (known >= 0) return known
      const across = this.#across.get(-1 - known, other)
      if (across !== undefined) return across
      const next = this.#fold(state, o, side, l, finds)
      this.#across.add(-1 - known, other, next)
      return next
    }
    l.across = false
    const next = this.#fold(state, o, side, l, finds)
    if (l.across) {
      this.#table.add(state, o.n, -1 - this.#pairs)
      this.#across.add(this.#pairs++, other, next)
    } else this.#table.add(state, o.n, next)
    return next
  }

  #fold(state: number, o: Numbered, other: Other, l: ModelLedger, finds: Finds): number {
    const states = this.monitors.map((m, i) => {
      let s = this.#states[state]![i]
      for (const scene of o.scenes)
        for (const e of scene.events) {
          if (!m.needs.includes(e.on)) continue
          const seen = seenBefore(e) ? scene.before : scene.after
          l.look(o.side, seen, other)
          if (m.witness.hit(e, l)) finds.witnessed(m)
          const next = m.step(s, e, l)
          if (isViolated(next)) finds.violated(m, next.violated)
          else s = next // after a violation the fold goes on from where it was
        }
      if (!m.needs.includes('step')) return s
      const next = m.step(s, NEXT, l)
      return isViolated(next) ? s : next
    })
    return this.#number(states)
  }
}

/** All monitors that a scope is judged by. A row of numbers, one for each group, is their state. */
export class Judge {
  readonly groups: readonly Group[]

  constructor(monitors: readonly Invariant[]) {
    const plain = new Map<string, Invariant[]>()
    const keeping: Invariant[][] = []
    for (const m of monitors) {
      const kept = m.start === null ? plain.get(m.powers) : undefined
      if (kept !== undefined) kept.push(m)
      else if (m.start === null) plain.set(m.powers, [m])
      else keeping.push([m])
    }
    this.groups = [...plain.values(), ...keeping].map((g, i) => new Group(i, g))
  }

  /** A monitor promises nothing against powers it does not name: it is carried until such a power is used. */
  carried(powers: string): readonly Group[] {
    return this.groups.filter((g) => [...powers].every((p) => g.powers.includes(p)))
  }
}

/** Equal states of a monitor have equal digests, whatever the order in which sets and maps were filled. */
const digest = (x: unknown): string => {
  if (x instanceof Set) return `{${[...x].map(digest).sort().join(',')}}`
  if (x instanceof Map)
    return `{${[...x]
      .map(([k, v]) => `${digest(k)}:${digest(v)}`)
      .sort()
      .join(',')}}`
  if (Array.isArray(x)) return `[${x.map(digest).join(',')}]`
  if (typeof x === 'object' && x !== null)
    return `{${Object.entries(x)
      .map(([k, v]) => `${k}:${digest(v)}`)
      .sort()
      .join(',')}}`
  return JSON.stringify(x) ?? 'undefined'
}
