/** One schedule, one pair of parties, one verdict. */
import type { Event } from '../../spec/events.ts'
import { INVARIANTS } from '../../spec/invariants/index.ts'
import type { Action, Powers, Schedule } from '../../spec/language.ts'
import type { PlayLedger } from './ledger.ts'
import { Bench, type Finding, Judge } from './monitors.ts'
import { Player } from './player.ts'
import type { System } from './system.ts'
import { type NameTable, newNames } from './wire.ts'

export interface Played {
  readonly findings: readonly Finding[]
  readonly hits: readonly number[]
  readonly bench: Bench
  /** The primitive actions that had an effect, in the normal form in which schedules are stored. */
  readonly executed: readonly Action[]
  readonly ledger: PlayLedger
}

/** Benches depend on little, so they are made once. `only`: these invariants by id; null: all. */
const benches = new Map<string, Bench>()
export const benchFor = (
  powers: Powers,
  emits: ReadonlySet<Event['on']>,
  only: ReadonlySet<string> | null = null,
): Bench => {
  const name = [powers, ...emits, '', ...(only ?? ['all'])].join(' ')
  const known =
    benches.get(name) ?? new Bench(only === null ? INVARIANTS : INVARIANTS.filter((i) => only.has(i.id)), powers, emits)
  benches.set(name, known)
  return known
}

/** Plays in memory. `also` sees every event after the monitors have. `names`: where frames and keys get their names. */
export const play = (
  schedule: Schedule,
  system: System,
  also?: (e: Event) => void,
  names: NameTable = newNames(),
  bench: Bench = benchFor(schedule.powers, system.emits),
): Played => {
  const judge = new Judge(bench)
  const player: Player = new Player(
    schedule,
    system,
    (e) => {
      judge.observe(e, player.world.ledger)
      also?.(e)
    },
    names,
  )
  for (const _ of player.play()); // in memory nothing needs waiting for
  return { findings: judge.findings, hits: judge.hits, bench, executed: player.executed, ledger: player.world.ledger }
}

/** The schedule as it is stored and shrunk: macros expanded, frames named by origin, actions without effect dropped. */
export const normalise = (schedule: Schedule, system: System): Schedule => ({
  ...schedule,
  actions: play(schedule, system).executed,
})
