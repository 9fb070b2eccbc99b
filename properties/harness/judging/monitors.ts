/** Runs the monitors over the events of one schedule, after every step, and counts what they witnessed. */
import type { Event, Ledger } from '../../../spec/events.ts'
import { type Invariant, isViolated, judges } from '../../../spec/invariants/index.ts'
import type { Powers } from '../../../spec/language.ts'
import { type System, shows } from '../world/system.ts'

export interface Finding {
  readonly invariant: string
  readonly step: number // index of the action that broke it
  readonly why: string
}

/** An invariant as it is asked for one kind of event: its place in the set, and its functions at hand. */
interface Concerned extends Pick<Invariant, 'step'> {
  readonly i: number
  readonly hit: Invariant['witness']['hit']
}

/** The invariants a set of powers is judged by, arranged by the events they look at. */
export class MonitorSet {
  readonly invariants: readonly Invariant[]
  readonly dispatch: Readonly<Record<string, readonly Concerned[]>>

  constructor(all: readonly Invariant[], powers: Powers, system: Pick<System, 'emits' | 'lacks'>) {
    this.invariants = all.filter((i) => judges(i, powers) && shows(system, i))
    const dispatch: Record<string, Concerned[]> = {}
    for (const [i, invariant] of this.invariants.entries())
      for (const on of invariant.needs) {
        dispatch[on] ??= []
        dispatch[on].push({ i, hit: invariant.witness.hit, step: invariant.step })
      }
    this.dispatch = dispatch
  }
}

export class Monitors {
  readonly findings: Finding[] = []
  /** Witness hits, by position in the set. */
  readonly hits: number[]
  readonly #monitorSet: MonitorSet
  readonly #states: unknown[]
  readonly #broken: boolean[]

  /** `base`: monitors of the same set that these go on from and leave as they are; their findings are their own. */
  constructor(monitorSet: MonitorSet, base: Monitors | null = null) {
    this.#monitorSet = monitorSet
    this.#states = base === null ? monitorSet.invariants.map((i) => i.start) : [...base.#states]
    this.#broken = base === null ? monitorSet.invariants.map(() => false) : [...base.#broken]
    this.hits = monitorSet.invariants.map(() => 0)
  }

  observe(e: Event, l: Ledger): void {
    const concerned = this.#monitorSet.dispatch[e.on]
    if (concerned === undefined) return
    const states = this.#states
    for (let k = 0; k < concerned.length; k++) {
      const { i, hit, step } = concerned[k]!
      if (hit(e, l)) this.hits[i]!++
      if (this.#broken[i]) continue // only its first violation counts
      const next = step(states[i], e, l)
      if (next === states[i]) continue
      states[i] = next
      if (!isViolated(next)) continue
      this.#broken[i] = true
      this.findings.push({ invariant: this.#monitorSet.invariants[i]!.id, step: l.step, why: next.violated })
    }
  }
}
