/**
 * The monitors of spec/invariants carried through a state space. A monitor is a fold over events; between two moves its
 * state is a small number here, and how an outcome changes that number is remembered, so that a monitor runs once for
 * each thing that can happen to it rather than once for each transition.
 */
import type { Event } from '../events.ts'
import { INVARIANTS, type Invariant, isViolated } from '../invariants/index.ts'
import { seenBefore } from '../model/step.ts'
import type { Clients, Conns } from './endpoints.ts'
import { type ModelLedger, REACH } from './ledger.ts'
import type { Scene } from './model.ts'
import { PairTable } from './tables.ts'

/** What the model's events can tell. */
const EMITTED: ReadonlySet<Event['on']> = new Set<Event['on']>([
  'step',
  'settled',
  'opened',
  'submitted',
  'delivered',
  'sealed',
  'sent',
  'unsent',
  'accepted',
  'rejected',
  'committed',
  'ended',
  'primitive',
  'fault', // never: nothing throws among terms
])

/** Not carried although their events exist, with the reason: what they are about does not exist among terms. */
const NOT_CARRIED: Readonly<Record<string, string>> = {
  A9: 'asked of the adversary’s knowledge instead of the bytes (spec/checker/secrecy.ts)',
  B5: 'about times; here a timer fires at any moment',
  C4: 'about the bytes of IVs; a name here is fresh by construction',
  R5: 'likewise (spec/checker/secrecy.ts)',
  G7: 'about the last bit of a sum; the model adds with the same exact-sum.ts as the monitor',
}

/** Why an invariant is not carried; null: it is. */
export const notCarried = (i: Invariant): string | null => {
  const missing = i.needs.filter((n) => !EMITTED.has(n))
  return NOT_CARRIED[i.id] ?? (missing.length > 0 ? `the model has no event "${missing.join('", "')}"` : null)
}

export const CARRIED: readonly Invariant[] = INVARIANTS.filter((i) => notCarried(i) === null)

/** One outcome of a move, by number. */
export interface Happening {
  readonly n: number
  /** Equal for outcomes that concern one endpoint alone in the same way; -1: not alone. */
  readonly alone: number
  /** The endpoint that it concerns alone, or -1. */
  readonly target: number
  /** Groups (bits) known to stay in their first state. */
  idle: number
}

export interface Finds {
  violated(i: Invariant, why: string): void
  witnessed(i: Invariant): void
  /** Plays an outcome again: keeping the events of all of them would cost too much. */
  scenes(h: Happening): readonly Scene[]
}

/** Every move begins so: after it nothing may depend on how the last one ended. */
const NEXT: Event = { on: 'step', step: 0, action: { do: 'advance', ms: 0 }, target: null }

/** How a state changes; `open`: the monitors (bits) that depended on more than what identifies the change. */
interface Change {
  readonly next: readonly unknown[]
  readonly open: number
}

/** Monitors carried as one number: all that keep no history between moves, or one that does. */
class Group {
  readonly index: number
  readonly monitors: readonly Invariant[]
  /** Monitors whose witness is still looked for, as bits. */
  #sought = -1
  /** Of the latest fold: the monitors (bits) that asked about more than one endpoint, and about both sides. */
  #beyondEnd = 0
  #beyondSide = 0
  readonly #dispatch: Readonly<Partial<Record<Event['on'], readonly number[]>>>
  readonly #byDigest = new Map<string, number>()
  readonly #states: (readonly unknown[])[] = []
  /** Next states, or -1 - c for change number c, by what a change may depend on. */
  readonly #alone = new PairTable() // (state, endpoint and move)
  readonly #aside = new PairTable() // (state, outcome on one side)
  readonly #across = new PairTable() // (change, other side)
  readonly #changes: Change[] = []

  constructor(index: number, monitors: readonly Invariant[]) {
    this.index = index
    this.monitors = monitors
    const dispatch: Partial<Record<Event['on'], number[]>> = {}
    for (const [i, m] of monitors.entries())
      for (const on of m.needs) {
        dispatch[on] ??= []
        dispatch[on].push(i)
      }
    this.#dispatch = dispatch
    this.#number(
      0,
      monitors.map((m) => m.start),
    )
  }

  step(state: number, h: Happening, other: Clients | Conns, l: ModelLedger, finds: Finds): number {
    if (state === 0 && (h.idle & (1 << this.index)) !== 0) return 0
    let known = h.alone < 0 ? undefined : this.#alone.get(state, h.alone)
    if (known === undefined || known < 0) {
      const sofar = known
      known = this.#aside.get(state, h.n)
      if (known === undefined) return this.#judge(state, h, sofar, other, l, finds)
      if (known < 0) {
        const change = -1 - known
        const across = this.#across.get(change, other.n)
        if (across !== undefined) return across
        const next = this.#again(state, change)
        this.#fold(next, this.#changes[change]!.open, h, other, l, finds)
        const n = this.#number(state, next)
        this.#across.add(change, other.n, n)
        return n
      }
    }
    if (state === 0 && known === 0) h.idle |= 1 << this.index
    return known
  }

  /** `sofar`: the change that is known from outcomes concerning the same endpoint alone, if any. */
  #judge(
    state: number,
    h: Happening,
    sofar: number | undefined,
    other: Clients | Conns,
    l: ModelLedger,
    finds: Finds,
  ): number {
    const next = sofar === undefined ? [...this.#states[state]!] : this.#again(state, -1 - sofar)
    const which = sofar === undefined ? -1 : this.#changes[-1 - sofar]!.open
    this.#fold(next, which, h, other, l, finds)
    const n = this.#number(state, next)
    const change = (open: number): number => (open === 0 ? n : -this.#changes.push({ next, open }))
    const beyondSide = this.#beyondSide
    if (h.alone >= 0 && sofar === undefined) {
      this.#alone.add(state, h.alone, change(this.#beyondEnd))
      if (this.#beyondEnd === 0) return n
    }
    const aside = change(beyondSide)
    this.#aside.add(state, h.n, aside)
    if (aside < 0) this.#across.add(-1 - aside, other.n, n)
    return n
  }

  #again(state: number, change: number): unknown[] {
    const { next, open } = this.#changes[change]!
    return next.map((x, i) => ((open & (1 << i)) === 0 ? x : this.#states[state]![i]))
  }

  /** Folds the events into the states of some monitors (bits), in place, and notes who looked how far. */
  #fold(states: unknown[], which: number, h: Happening, other: Clients | Conns, l: ModelLedger, finds: Finds): void {
    this.#beyondEnd = 0
    this.#beyondSide = 0
    for (const scene of finds.scenes(h))
      for (const e of scene.events) {
        const concerned = this.#dispatch[e.on]
        if (concerned === undefined) continue
        l.look(seenBefore(e) ? scene.before : scene.after, other, h.target)
        for (const i of concerned) if ((which & (1 << i)) !== 0) this.#one(states, i, e, l, finds)
      }
    for (const i of this.#dispatch.step ?? [])
      if ((which & (1 << i)) !== 0) {
        const next = this.monitors[i]!.step(states[i], NEXT, l)
        if (!isViolated(next)) states[i] = next
      }
  }

  #one(states: unknown[], i: number, e: Event, l: ModelLedger, finds: Finds): void {
    const m = this.monitors[i]!
    l.reach = 0
    if ((this.#sought & (1 << i)) !== 0 && m.witness.hit(e, l)) {
      this.#sought &= ~(1 << i)
      finds.witnessed(m)
    }
    const next = m.step(states[i], e, l)
    if (isViolated(next))
      finds.violated(m, next.violated) // the fold goes on from where it was
    else states[i] = next
    if (l.reach <= REACH.target) return
    // At the end of a move on the other side, a monitor without history that looks at this side alone sees what it saw
    // at the end of the move that brought this side about.
    if (e.on === 'settled' && l.reach === REACH.other && m.start === null) return
    this.#beyondEnd |= 1 << i
    if ((l.reach & REACH.other) !== 0) this.#beyondSide |= 1 << i
  }

  /** The number of these states, most often that of the state before. */
  #number(before: number, states: readonly unknown[]): number {
    if (this.#states[before]?.every((x, i) => x === states[i])) return before
    const name = states.map(digest).join('\n')
    let n = this.#byDigest.get(name)
    if (n === undefined) {
      n = this.#states.length
      this.#byDigest.set(name, n)
      this.#states.push(states)
    }
    return n
  }
}

/** All monitors that a scope is judged by; their state is a row of numbers, one for each group. */
export class Judge {
  readonly groups: readonly Group[]
  readonly #carried = new Map<string, readonly Group[]>()

  constructor(monitors: readonly Invariant[]) {
    const kinds = new Map<string, Invariant[]>()
    for (const m of monitors) {
      const kind = `${m.powers} ${m.start === null ? '' : m.start instanceof Map ? m.id : 'keeps'}`
      const alike = kinds.get(kind)
      if (alike === undefined || alike.length === 31) kinds.set(kind, [m])
      else alike.push(m)
    }
    this.groups = [...kinds.values()].map((g, i) => new Group(i, g))
  }

  /** A monitor promises nothing against powers it does not name: it is carried until such a power is used. */
  carried(powers: string): readonly Group[] {
    let carried = this.#carried.get(powers)
    if (carried === undefined) {
      carried = this.groups.filter((g) => [...powers].every((p) => g.monitors[0]!.powers.includes(p)))
      this.#carried.set(powers, carried)
    }
    return carried
  }
}

/** Equal states of a monitor have equal digests, whatever the order in which sets and maps were filled. */
function digest(x: unknown): string {
  if (typeof x !== 'object' || x === null) return typeof x === 'string' ? JSON.stringify(x) : String(x)
  const parts: string[] = []
  if (x instanceof Set) for (const v of x) parts.push(digest(v))
  else if (x instanceof Map) for (const [k, v] of x) parts.push(`${digest(k)}:${digest(v)}`)
  else if (Array.isArray(x)) return `[${x.map(digest).join(',')}]`
  else for (const k in x) parts.push(`${k}:${digest((x as Record<string, unknown>)[k])}`)
  return `{${parts.sort().join(',')}}`
}
