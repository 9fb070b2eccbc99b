/** One schedule, one pair of parties, one verdict. */
import type { Event } from '../../../spec/events.ts'
import { F1 } from '../../../spec/invariants/framing.ts'
import { INVARIANTS } from '../../../spec/invariants/index.ts'
import type { Action, End, Powers, Schedule } from '../../../spec/language.ts'
import { type Finding, MonitorSet, Monitors } from '../judging/monitors.ts'
import { prepare } from './actions.ts'
import { Faithful } from './faithful.ts'
import type { PlayLedger } from './ledger.ts'
import type { System, Wait } from './system.ts'
import { memoryOf } from './views.ts'
import { type NameTable, newNames } from './wire.ts'
import { World } from './world.ts'

export interface Played {
  readonly findings: readonly Finding[]
  /** Of each finding: how many primitive actions had begun when it broke. */
  readonly moments: readonly number[]
  readonly hits: readonly number[]
  readonly monitorSet: MonitorSet
  /** The primitive actions that had an effect, in the normal form in which schedules are stored. */
  readonly executed: readonly Action[]
  readonly ledger: PlayLedger
}

/** Benches depend on little, so they are made once. `only`: these invariants by id; null: all. */
const monitorSets = new Map<string, MonitorSet>()
export const monitorSetFor = (
  powers: Powers,
  system: Pick<System, 'emits' | 'lacks'>,
  only: ReadonlySet<string> | null = null,
): MonitorSet => {
  const name = [powers, ...system.emits, '', ...system.lacks, '', ...(only ?? ['all'])].join(' ')
  const known =
    monitorSets.get(name) ??
    new MonitorSet(only === null ? INVARIANTS : INVARIANTS.filter((i) => only.has(i.id)), powers, system)
  monitorSets.set(name, known)
  return known
}

const playing = (
  schedule: Schedule,
  system: System,
  also?: (e: Event) => void,
  names: NameTable = newNames(),
  monitorSet: MonitorSet = monitorSetFor(schedule.powers, system),
): { readonly steps: Iterator<Wait>; readonly played: () => Played } => {
  const monitors = new Monitors(monitorSet)
  const escaped: Finding[] = []
  const moments: number[] = []
  let begun = 0
  let escapedAt = 0
  const player: Player = new Player(
    schedule,
    system,
    (e) => {
      if (e.on === 'step') begun++
      monitors.observe(e, player.world.ledger)
      while (moments.length < monitors.findings.length) moments.push(begun)
      if (e.on === 'fault' && escaped.length === 0 && !F1.needs.every((need) => system.emits.has(need))) {
        escaped.push({ invariant: F1.id, step: player.world.ledger.step, why: `an exception escaped: ${e.error}` })
        escapedAt = begun
      }
      also?.(e)
    },
    names,
  )
  const played = (): Played => ({
    findings: [...monitors.findings, ...escaped],
    moments: [...moments, ...escaped.map(() => escapedAt)],
    hits: monitors.hits,
    monitorSet,
    executed: player.executed,
    ledger: player.world.ledger,
  })
  return { steps: player.play(), played }
}

/**
 * Plays in memory. An exception that escapes is a finding of F1 even where the system reports too little for F1 to judge
 * it. `also` sees every event after the monitors have. `names`: where frames and keys get their
 * names.
 */
export const play = (...asked: Parameters<typeof playing>): Played => {
  const { steps, played } = playing(...asked)
  while (!steps.next().done); // in memory nothing needs waiting for
  return played()
}

/** What is to be played together with others, and where its events go. */
export interface Job {
  readonly schedule: Schedule
  readonly events: Event[]
  readonly names: NameTable
  readonly monitorSet: MonitorSet
}

/** Plays each, at the same time where the system can. One that breaks something is played again by itself, and that counts. */
export const playAll = (jobs: readonly Job[], system: System): readonly Played[] => {
  const run = ({ schedule, events, names, monitorSet }: Job) =>
    playing(schedule, system, (e) => events.push(e), names, monitorSet)
  const all: ReturnType<typeof run>[] = []
  const start = (job: Job) => () => {
    const one = run(job)
    all.push(one)
    return one.steps
  }
  const together = jobs.length > 1 && system.together?.(jobs.map(start)) === null
  return jobs.map((job, i) => {
    const played = together ? all[i]!.played() : null
    if (played?.findings.length === 0) return played
    job.events.length = 0
    return play(job.schedule, system, (e) => job.events.push(e), job.names, job.monitorSet)
  })
}

/** The schedule as it is stored and shrunk: macros expanded, frames named by origin, actions without effect dropped. */
export const normalise = (schedule: Schedule, system: System): Schedule => ({
  ...schedule,
  actions: play(schedule, system).executed,
})

/** Plays a schedule on a world, action by action, and keeps what was effectively done. */
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
  *play(actions: readonly Action[] = this.#schedule.actions): Generator<Wait, void> {
    for (const [i, action] of actions.entries()) yield* this.step(i, action)
  }

  /** Plays one action, macros included, as the `i`-th of the schedule. */
  *step(i: number, action: Action): Generator<Wait, void> {
    this.world.ledger.step = i
    if (action.do === 'converse') yield* this.#faithful.converse(action)
    else yield* this.act(action)
  }

  /** Plays one primitive action and emits its events, from `step` to `settled`. */
  *act(action: Action): Generator<Wait, void> {
    const { world } = this
    const run = prepare(world, action)
    if (run === null) return
    const target = run.target ?? null
    if (target !== null) world.touch(target)
    this.executed.push(run.action)
    world.emit({ on: 'step', step: world.ledger.step, action: run.action, target: target?.at ?? null })
    const { client, server } = world.parties
    const ahead = client.foretell !== undefined || server.foretell !== undefined
    try {
      for (const { calls, act } of run.steps) {
        if (ahead) {
          for (const [side, call] of calls ?? []) world.parties[side].foretell?.(call)
          yield calls === undefined ? 'untold' : 'told'
        }
        act()
      }
    } catch (error) {
      const started: End = { side: 'client', n: world.ledger.clients.length - 1 }
      const at = target?.at ?? (action.do === 'connect' ? started : { side: 'server', n: 0 })
      world.fault(at, error)
    }
    yield 'settle'
    world.poll()
    world.flush()
    for (const e of world.ledger.clients) world.commit(e)
    for (const e of world.ledger.servers) world.commit(e)
    const asked = target ?? (action.do === 'connect' ? world.ledger.clients.at(-1) : undefined)
    const memory = asked && world.ask(asked.at, () => memoryOf(world.parties[asked.at.side].memory?.(asked.at)), null)
    if (asked && memory) world.emit({ on: 'memory', at: asked.at, ...memory })
    world.emit({ on: 'settled', step: world.ledger.step })
  }
}
