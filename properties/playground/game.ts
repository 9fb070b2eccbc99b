/** A schedule as the page shows it: played once, judged after every step, with what the adversary holds by now. */
import { endName, type Phase } from '../../spec/events.ts'
import { INVARIANTS } from '../../spec/invariants/index.ts'
import { type End, type FrameRef, type Mode, SCHEDULE_VERSION, type Schedule } from '../../spec/language.ts'
import { isExpected } from '../harness/judging/examine.ts'
import { Monitors } from '../harness/judging/monitors.ts'
import { type Film, Filming } from '../harness/page/film.ts'
import { monitorSetFor, Player } from '../harness/world/play.ts'
import type { System } from '../harness/world/system.ts'
import { newNames } from '../harness/world/wire.ts'

/** A frame that the adversary has seen, and how often it was delivered as it is. */
export interface Held {
  readonly ref: FrameRef
  readonly id: string // of its bytes in the film
  readonly label: string
  readonly delivered: number
}

export interface Standing {
  readonly at: End
  readonly client: number | null
  readonly phase: Phase | 'none'
  readonly round: number
  readonly confirmed: boolean
  readonly ended: boolean
}

export interface Judged {
  readonly id: string
  readonly says: string
  /** How often it was put to the test. */
  readonly witnessed: number
  /** `length`: how many actions it took; `expected`: what literal is known to lack. */
  readonly broken: { readonly why: string; readonly length: number; readonly expected: boolean } | null
}

export interface Game {
  /** In normal form: what had no effect is not in it. */
  readonly schedule: Schedule
  readonly film: Film
  readonly held: readonly Held[]
  readonly ends: readonly Standing[]
  /** Every invariant that these powers leave in force; the broken ones first. */
  readonly judged: readonly Judged[]
}

export const emptySchedule = (mode: Mode, powers = 'N', clients: readonly number[] = [1]): Schedule => ({
  version: SCHEDULE_VERSION,
  seed: 1,
  mode,
  powers,
  setup: {
    clients,
    insiders: powers.includes('I') ? clients.slice(-1) : [],
    challenge: 'fresh',
    startRound: 1,
    limits: {},
  },
  actions: [],
})

/** Plays all of it anew: a play of a few dozen actions takes milliseconds. */
export const gameOf = (asked: Schedule, system: System): Game => {
  const names = newNames()
  const filming = new Filming(asked, names)
  const monitors = new Monitors(monitorSetFor(asked.powers, system))
  const lengths: number[] = []
  const delivered = new Map<string, number>()
  const player: Player = new Player(
    asked,
    system,
    (e) => {
      const { ledger } = player.world
      monitors.observe(e, ledger)
      filming.see(e, ledger)
      if (e.on === 'delivered' && e.frame !== null) delivered.set(e.frame, (delivered.get(e.frame) ?? 0) + 1)
      while (lengths.length < monitors.findings.length) {
        filming.broke(monitors.findings[lengths.length]!)
        lengths.push(player.executed.length)
      }
    },
    names,
  )
  for (const _ of player.play());
  const { film } = filming
  const { ledger, wire } = player.world
  const judged = monitorSetFor(asked.powers, system).invariants.map(({ id, says }, i): Judged => {
    const found = monitors.findings.findIndex((f) => f.invariant === id)
    const why = monitors.findings[found]?.why
    const broken = why === undefined ? null : { why, length: lengths[found]!, expected: isExpected(id, asked.mode) }
    return { id, says, witnessed: monitors.hits[i]!, broken }
  })
  return {
    schedule: { ...asked, actions: player.executed },
    film,
    held: wire.frames.map(({ ref, id }) => ({
      ref,
      id,
      label: film.frames[id]?.label ?? id,
      delivered: delivered.get(id) ?? 0,
    })),
    ends: [...ledger.clients, ...ledger.servers].map((e) => {
      const view = e.view ?? e.expected
      const { phase = 'none', round = 0, confirmed = false } = view ?? {}
      return { at: e.at, client: e.id, phase, round, confirmed, ended: e.ended }
    }),
    judged: [...judged.filter((j) => j.broken !== null), ...judged.filter((j) => j.broken === null)],
  }
}

export const saysOf = (id: string): string => INVARIANTS.find((i) => i.id === id)?.says ?? id

export const nameOfRef = ({ by, nth }: FrameRef): string => `${endName(by)}.${nth}`
