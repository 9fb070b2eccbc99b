/** Invariants over a capture: unlike in a schedule, one that broke goes on, since more may break it. */
import type { Event, Ledger } from '../../../spec/events.ts'
import { type Invariant, isViolated } from '../../../spec/invariants/index.ts'

export class CaptureMonitors {
  readonly invariants: readonly Invariant[]
  /** Witness hits, by position. */
  readonly hits: number[]
  readonly #states: unknown[]
  readonly #dispatch = new Map<Event['on'], number[]>()
  readonly #broke: (i: Invariant, why: string) => void

  constructor(invariants: readonly Invariant[], broke: (i: Invariant, why: string) => void) {
    this.invariants = invariants
    this.#states = invariants.map((i) => i.start)
    this.hits = invariants.map(() => 0)
    this.#broke = broke
    for (const [n, i] of invariants.entries())
      for (const on of i.needs) this.#dispatch.set(on, [...(this.#dispatch.get(on) ?? []), n])
  }

  observe(e: Event, l: Ledger): void {
    for (const n of this.#dispatch.get(e.on) ?? []) {
      const i = this.invariants[n]!
      if (i.witness.hit(e, l)) this.hits[n]!++
      const after = i.step(this.#states[n], e, l)
      this.#states[n] = isViolated(after) ? i.start : after
      if (isViolated(after)) this.#broke(i, after.violated)
    }
  }
}
