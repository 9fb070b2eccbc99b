/** Whether variations of a schedule still break an invariant: what they have in common with it is played once. */
import type { Schedule } from '../../../spec/language.ts'
import { CHECKS, violation } from '../examine.ts'
import { Monitors } from '../monitors.ts'
import { monitorSetFor, Player } from '../play.ts'
import type { System } from '../system.ts'
import { type NameTable, newNames } from '../wire.ts'
import type { World } from '../world.ts'

/** A world at rest, what has been seen of it, and whether the invariant is broken by then. */
interface Moment {
  readonly world: World
  readonly monitors: Monitors
  readonly names: NameTable
  readonly broken: boolean
}

/** Null: the variation could not be played to its end. */
export type Breaks = (variation: Schedule) => boolean | null

const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

/** `alive` is called at each play. */
export const breaking = (s: Schedule, system: System, invariant: string, alive: () => void): Breaks => {
  const set = monitorSetFor(s.powers, system, new Set([invariant]))
  const before: (Moment | null)[] = [null] // the world before each action; null: a new one
  let forks = CHECKS.find((c) => c.id === invariant)?.asks === undefined && set.invariants.length > 0

  /** Plays `actions` from the `at`-th on. */
  const onFrom = (from: Moment | null, v: Schedule, at: number, to: number): Moment => {
    const names = newNames(from?.names)
    const monitors = new Monitors(set, from?.monitors)
    const player: Player = new Player(
      v,
      system,
      (e) => monitors.observe(e, player.world.ledger),
      names,
      from?.world ?? null,
    )
    let broken = from?.broken ?? false
    for (let i = at; i < to && !broken; i++) {
      for (const _ of player.step(i, v.actions[i]!));
      broken = monitors.findings.length > 0
    }
    return { world: player.world, monitors, names, broken }
  }

  /** The last world that a variation has in common with the schedule. */
  const common = (v: Schedule): number => {
    const { actions, ...rest } = v
    const { actions: own, ...all } = s
    if (!same(rest, all)) return 0
    const at = own.findIndex((a, i) => !same(a, actions[i]))
    const shared = at < 0 ? own.length : at
    for (let i = before.length; i <= shared; i++) before.push(onFrom(before[i - 1]!, s, i - 1, i))
    return shared
  }

  const forked = (v: Schedule): boolean => {
    const at = common(v)
    return onFrom(before[at]!, v, at, v.actions.length).broken
  }

  return (v) => {
    alive()
    try {
      return forks ? forked(v) : violation(invariant, v, system) !== undefined
    } catch {
      if (!forks) return null
    }
    forks = false // it offers no forks, or does not survive one: each variation is played whole
    try {
      return violation(invariant, v, system) !== undefined
    } catch {
      return null
    }
  }
}
