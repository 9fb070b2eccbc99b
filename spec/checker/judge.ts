/**
 * The monitors of spec/invariants carried through a state space. A monitor is a fold over events; between two moves its
 * state is a small number here, and how a play changes that number is remembered, so that a monitor runs once for
 * each thing that can happen to it rather than once for each transition.
 */
import type { Event } from '../events.ts'
import { INVARIANTS, type Invariant, isViolated } from '../invariants/index.ts'
import { Digests } from './digests.ts'
import type { Clients, Conns, Segment } from './endpoints.ts'
import { type ModelLedger, REACH } from './ledger.ts'
import { PairTable } from './pairs.ts'
import type { Play } from './plays.ts'
import { Numbered } from './tables.ts'

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

/** Which state the history shows while an event is judged (spec/events.ts: `accepted` still shows what was there before). */
const seenBefore = (e: Event): boolean =>
  e.on === 'step' || e.on === 'sealed' || e.on === 'delivered' || e.on === 'primitive' || e.on === 'accepted'

export interface Finds {
  violated(i: Invariant, why: string): void
  witnessed(i: Invariant): void
  /** What happens in a play on this side: keeping it for all of them would cost too much. */
  segments(side: Clients | Conns, p: Play): readonly Segment[]
}

/** Where a play happens: its side before, and the other one; `spot` numbers the play on its side. */
interface Place {
  spot(): number
  readonly own: Clients | Conns
  readonly other: Clients | Conns
}

const SETTLED: Event = { on: 'settled', step: 0 }

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
  readonly #digests = new Digests()
  readonly #byDigest = new Map<string, number>()
  readonly #states: (readonly unknown[])[] = []
  /** Next states, or -1 - c for change number c, by what a change may depend on. */
  readonly #alike = new PairTable() // (state, play)
  readonly #aside = new PairTable() // (state, play on one side)
  readonly #across = new PairTable() // (change, other side)
  readonly #changes: Change[] = []
  readonly #none: unknown[]
  /** How far the latest step looked beyond the play: not, at its side, at the other side (REACH). */
  reach = 0

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
    this.#none = monitors.map(() => null)
    this.#number(
      0,
      monitors.map((m) => m.start),
    )
  }

  step(state: number, p: Play, at: Place, l: ModelLedger, finds: Finds): number {
    const alike = this.#alike.get(state, p.n)
    this.reach = 0
    if (alike !== undefined && alike >= 0) return alike
    const aside = this.#aside.get(state, at.spot())
    if (aside === undefined) return this.#judge(state, p, alike, at, l, finds)
    this.reach = REACH.side
    if (aside >= 0) return aside
    this.reach = REACH.other
    const change = -1 - aside
    const across = this.#across.get(change, at.other.n)
    if (across !== undefined) return across
    const next = this.#again(state, change)
    this.#fold(next, this.#changes[change]!.open, p, at, l, finds)
    const n = this.#number(state, next)
    this.#across.add(change, at.other.n, n)
    return n
  }

  /** `sofar`: the change that is known from the same play on other sides, if any. */
  #judge(state: number, p: Play, sofar: number | undefined, at: Place, l: ModelLedger, finds: Finds): number {
    const next = sofar === undefined ? [...this.#states[state]!] : this.#again(state, -1 - sofar)
    const which = sofar === undefined ? -1 : this.#changes[-1 - sofar]!.open
    this.#fold(next, which, p, at, l, finds)
    const n = this.#number(state, next)
    const change = (open: number): number => (open === 0 ? n : -this.#changes.push({ next, open }))
    const beyondSide = this.#beyondSide
    if (sofar === undefined) {
      this.#alike.add(state, p.n, change(this.#beyondEnd))
      if (this.#beyondEnd === 0) return n
    }
    const aside = change(beyondSide)
    this.reach = aside < 0 ? REACH.other : REACH.side
    this.#aside.add(state, at.spot(), aside)
    if (aside < 0) this.#across.add(-1 - aside, at.other.n, n)
    return n
  }

  /**
   * Judges the end of a move by the monitors without history, which is the same for every move that ends with this side
   * and whatever was known before. False: the other side was asked about as well, so that it is to be judged again.
   */
  settle(at: Place, l: ModelLedger, finds: Finds): boolean {
    let alone = true
    for (const i of this.#dispatch.settled ?? [])
      if (this.monitors[i]!.start === null) {
        l.look(at.own, at.other, 0)
        this.#one(this.#none, i, SETTLED, l, finds)
        alone &&= (l.reach & REACH.other) === 0 || l.reach === REACH.other
      }
    return alone
  }

  #again(state: number, change: number): unknown[] {
    const { next, open } = this.#changes[change]!
    return next.map((x, i) => ((open & (1 << i)) === 0 ? x : this.#states[state]![i]))
  }

  /** Folds the events into the states of some monitors (bits), in place, and notes who looked how far. */
  #fold(states: unknown[], which: number, p: Play, { own, other }: Place, l: ModelLedger, finds: Finds): void {
    this.#beyondEnd = 0
    this.#beyondSide = 0
    for (const segment of finds.segments(own, p))
      for (const e of segment.events) {
        const concerned = this.#dispatch[e.on]
        if (concerned === undefined) continue
        l.look(seenBefore(e) ? segment.before : segment.after, other, p.pins)
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
    const before = states[i]
    l.reach = 0
    if ((this.#sought & (1 << i)) !== 0 && m.witness.hit(e, l)) {
      this.#sought &= ~(1 << i)
      finds.witnessed(m)
    }
    const next = m.step(before, e, l)
    if (isViolated(next))
      finds.violated(m, next.violated) // the fold goes on from where it was
    else states[i] = next
    if (l.reach <= REACH.target) return
    // At the end of a move a monitor without history that looks at one side alone sees what is the same at the end of
    // every move that brings it about: `settle` judges that, and what the other side is was judged when it came about.
    const history = m.start !== null || before !== null || states[i] !== null
    if (e.on === 'settled' && !history && (l.reach === REACH.other || (l.reach & REACH.other) === 0)) return
    this.#beyondEnd |= 1 << i
    if ((l.reach & REACH.other) !== 0) this.#beyondSide |= 1 << i
  }

  /** The number of these states, most often that of the state before. */
  #number(before: number, states: readonly unknown[]): number {
    if (this.#states[before]?.every((x, i) => x === states[i])) return before
    const name = states.map((x) => this.#digests.of(x)).join(' ')
    let n = this.#byDigest.get(name)
    if (n === undefined) {
      n = this.#states.length
      this.#byDigest.set(name, n)
      this.#states.push(states)
    }
    return n
  }
}

/** All monitors that a scope is judged by; their states together are one number, in which the powers used are too. */
export class Judge {
  readonly groups: readonly Group[]
  readonly start: number
  readonly #carried = new Map<string, readonly Group[]>()
  readonly #powers: string[] = ['']
  /** By number: the powers used, then the state of each group. */
  readonly #states: Numbered
  readonly #row: Int32Array
  readonly #alike = new PairTable() // (state, play) -> next state; -1: depends on more
  readonly #aside = new PairTable() // (state, play on one side) -> the same
  readonly #spots = new PairTable() // (side, play)
  #numbered = 0
  #latest = { powers: '', n: 0 }
  readonly #settledClients: number[] = [] // by side, powers as bits
  readonly #settledConns: number[] = []

  constructor(monitors: readonly Invariant[]) {
    const kinds = new Map<string, Invariant[]>()
    for (const m of monitors) {
      const kind = `${m.powers} ${m.start === null ? '' : m.start instanceof Map ? m.id : 'keeps'}`
      const alike = kinds.get(kind)
      if (alike === undefined || alike.length === 31) kinds.set(kind, [m])
      else alike.push(m)
    }
    this.groups = [...kinds.values()].map((g, i) => new Group(i, g))
    this.#row = new Int32Array(1 + this.groups.length)
    this.#states = new Numbered(this.#row.length)
    this.start = this.#states.of(this.#row)
  }

  /** The state after a play at this place; `powers`: those that have been used by then. */
  step(
    state: number,
    p: Play,
    powers: string,
    own: Clients | Conns,
    other: Clients | Conns,
    l: ModelLedger,
    finds: Finds,
  ): number {
    if (p.lastState === state) return p.lastNext
    const alike = this.#alike.get(state, p.n)
    if (alike !== undefined && alike >= 0) {
      p.lastState = state
      p.lastNext = alike
      return alike
    }
    const aside = alike === undefined ? undefined : this.#aside.get(state, this.#spot(own, p))
    if (aside !== undefined && aside >= 0) return aside
    const at = { own, other, spot: () => this.#spot(own, p) }
    const next = this.#row.fill(0)
    next[0] = this.#numberOf(powers)
    let reach = 0
    for (const g of this.#carriedUnder(powers)) {
      next[g.index + 1] = g.step(this.#states.at(state, g.index + 1), p, at, l, finds)
      reach |= g.reach
    }
    const n = this.#states.of(next)
    if (alike === undefined) this.#alike.add(state, p.n, reach === 0 ? n : -1)
    if (reach !== 0 && aside === undefined) this.#aside.add(state, at.spot(), (reach & REACH.other) === 0 ? n : -1)
    return n
  }

  /** Judges the end of a move with which this side came about, once. */
  settle(own: Clients | Conns, other: Clients | Conns, powers: string, l: ModelLedger, finds: Finds): void {
    const done = own.kind === 'client' ? this.#settledClients : this.#settledConns
    const bit = 1 << this.#numberOf(powers)
    if (((done[own.n] ?? 0) & bit) !== 0) return
    const at = { own, other, spot: () => -1 }
    let alone = true
    for (const g of this.#carriedUnder(powers)) alone = g.settle(at, l, finds) && alone
    if (alone) done[own.n] = (done[own.n] ?? 0) | bit
  }

  /** A monitor promises nothing against powers it does not name: it is carried until such a power is used. */
  #carriedUnder(powers: string): readonly Group[] {
    let carried = this.#carried.get(powers)
    if (carried === undefined) {
      carried = this.groups.filter((g) => [...powers].every((p) => g.monitors[0]!.powers.includes(p)))
      this.#carried.set(powers, carried)
    }
    return carried
  }

  #numberOf(powers: string): number {
    if (powers === this.#latest.powers) return this.#latest.n
    const known = this.#powers.indexOf(powers)
    this.#latest = { powers, n: known >= 0 ? known : this.#powers.push(powers) - 1 }
    return this.#latest.n
  }

  #spot(side: Clients | Conns, p: Play): number {
    // a play is possible on one side alone, so that the numbers of clients and of connections do not meet
    const known = this.#spots.get(side.n, p.n)
    if (known !== undefined) return known
    this.#spots.add(side.n, p.n, this.#numbered)
    return this.#numbered++
  }
}
