/** Plays a schedule on a world, action by action, and keeps what was effectively done. */
import type { Event } from '../../spec/events.ts'
import type { Action, Schedule } from '../../spec/language.ts'
import { prepare } from './actions.ts'
import { Faithful } from './faithful.ts'
import type { System } from './system.ts'
import { type NameTable, newNames } from './wire.ts'
import { World } from './world.ts'

export class Player {
  readonly world: World
  /** The primitive actions that had an effect, macros expanded, frames named by origin. */
  readonly executed: Action[] = []
  readonly #schedule: Schedule
  readonly #faithful: Faithful

  /** `base`: a world at rest from which to go on (world.ts). */
  constructor(
    schedule: Schedule,
    system: System,
    observe: (e: Event) => void,
    names: NameTable = newNames(),
    base: World | null = null,
  ) {
    this.#schedule = schedule
    this.world = new World(schedule, system, observe, names, base)
    this.#faithful = new Faithful(this)
  }

  /** Yields after each action, so that a driver over real sockets can wait for quiet; in memory there is nothing to wait for. */
  *play(actions: readonly Action[] = this.#schedule.actions): Generator<'settle', void> {
    for (const [i, action] of actions.entries()) yield* this.step(i, action)
  }

  /** Plays one action, macros included, as the `i`-th of the schedule. */
  *step(i: number, action: Action): Generator<'settle', void> {
    this.world.ledger.step = i
    if (action.do === 'converse') yield* this.#faithful.converse(action)
    else yield* this.act(action)
  }

  /** Plays one primitive action and emits its events, from `step` to `settled`. */
  *act(action: Action): Generator<'settle', void> {
    const { world } = this
    const run = prepare(world, action)
    if (run === null) return
    const target = run.target ?? null
    if (target !== null) world.touch(target)
    this.executed.push(run.action)
    world.emit({ on: 'step', step: world.ledger.step, action: run.action, target: target?.at ?? null })
    try {
      run.apply()
    } catch (error) {
      const at = target?.at ?? { side: 'server', n: 0 }
      world.emit({ on: 'fault', at, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) })
    }
    yield 'settle'
    world.poll()
    world.flush()
    for (const e of world.ledger.clients) world.commit(e)
    for (const e of world.ledger.servers) world.commit(e)
    const memory = target === null ? null : world.parties[target.at.side].memory?.(target.at)
    if (target !== null && memory) world.emit({ on: 'memory', at: target.at, ...memory })
    world.emit({ on: 'settled', step: world.ledger.step })
  }
}
