/**
 * What of a counterexample is essential: each value of it is varied within its type, each variation is played on the same
 * system and judged by the same invariant. Small domains are tried whole, of others a sample; which it was is said.
 */
import type { Schedule } from '../../../spec/language.ts'
import { CHECKS, violation } from '../judging/examine.ts'
import { Monitors } from '../judging/monitors.ts'
import { Prober } from '../judging/probing.ts'
import { plural } from '../terminal/text.ts'
import { monitorSetFor, Player } from '../world/play.ts'
import type { System } from '../world/system.ts'
import { type NameTable, newNames } from '../world/wire.ts'
import type { World } from '../world/world.ts'
import { type Dimension, dimensionsOf } from './variations.ts'

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

/**
 * Whether variations of a schedule still break an invariant: what they have in common with it is played once. `alive`: called
 * at each play.
 */
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

/** `step`: the index of the action, null: of the setup. */
export interface Note {
  readonly step: number | null
  readonly text: string
}

export interface Essential {
  readonly notes: readonly Note[]
  /** A schedule that differs in one value and no longer breaks the invariant: the one closest to the break. */
  readonly neighbour: Schedule | null
}

const LISTED = 4

const some = (names: readonly string[]): string =>
  names.length <= LISTED ? names.join(', ') : `${names.slice(0, LISTED).join(', ')} and ${names.length - LISTED} more`

/** In words; null: nothing to say. */
const said = (d: Dimension, does: readonly string[], doesNot: readonly string[]): string | null => {
  const tried = does.length + doesNot.length
  const how = d.all && tried === d.others.length ? '' : ` (${tried} tried)`
  if (does.length === tried) return `${d.any}${how}`
  if (does.length === 0) return d.none === null ? null : `${d.none}${how}`
  if (doesNot.length === 1 && does.length > 1) return `${d.any} but ${some(doesNot)}${how}`
  return `${d.what}: also ${some(does)}, not every other${how}`
}

const SAMPLE = 8

/** Of a domain that takes too long as a whole. */
const sampled = (d: Dimension): Dimension => {
  const every = Math.ceil(d.others.length / SAMPLE)
  return every === 1 ? d : { ...d, all: false, others: d.others.filter((_, i) => i % every === 0) }
}

const MOST_WORK = 2_000 // events, over all variations

/** `breaks`: whether a variation still breaks the invariant, which takes so many `plays`. Deterministic. */
export const essential = (s: Schedule, system: System, plays: number, breaks: Breaks): Essential => {
  const events = new Prober(system).replay(s)
  const cost = plays * events.length
  const dimensions = dimensionsOf(s, system, events)
  let left = MOST_WORK
  let skipped = 0
  let lost = 0
  let neighbour: { readonly step: number; readonly schedule: Schedule } | null = null
  const notes: Note[] = []
  for (const whole of dimensions) {
    if (whole.others.length === 0) continue
    const d = whole.others.length * cost <= left ? whole : sampled(whole)
    if (d.others.length * cost > left) {
      skipped++
      continue
    }
    left -= d.others.length * cost
    const does: string[] = []
    const doesNot: string[] = []
    for (const { name, schedule } of d.others) {
      const still = breaks(schedule)
      if (still === null) lost++
      else if (still) does.push(name)
      else {
        doesNot.push(name)
        if (d.step !== null && d.step >= (neighbour?.step ?? -1)) neighbour = { step: d.step, schedule }
      }
    }
    if (does.length + doesNot.length === 0) continue
    const text = said(d, does, doesNot)
    if (text !== null) notes.push({ step: d.step, text })
  }
  if (lost > 0) notes.push({ step: null, text: `${plural(lost, 'variation')} could not be played to the end` })
  if (skipped > 0) notes.push({ step: null, text: `${skipped} values were not varied: it is too long` })
  notes.sort((a, b) => (a.step ?? -1) - (b.step ?? -1))
  return { notes, neighbour: neighbour?.schedule ?? null }
}
