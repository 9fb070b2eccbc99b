/** Runs probes: which of them on which share of the schedules, and the further plays they ask for. */
import { Lockstep } from '../../../spec/checker/lockstep.ts'
import type { Event, FrameId } from '../../../spec/events.ts'
import { judges } from '../../../spec/invariants/index.ts'
import type { Powers, Schedule } from '../../../spec/language.ts'
import { type Implementation, type Pairing, PROBES, type Probe, type Replay } from '../../../spec/probes/probes.ts'
import type { MakeParty } from '../parties/party.ts'
import { referenceParty } from '../parties/reference.ts'
import { restored } from '../parties/restored.ts'
import { Player } from '../world/play.ts'
import { KEYRING_IDS } from '../world/rng.ts'
import { playable, type System, shows, systemOf } from '../world/system.ts'
import { newNames } from '../world/wire.ts'
import { TWIN } from './twin.ts'

/** Verdicts are what the model is asked about most; a rejection without a reason it cannot judge. */
const verdict = (e: Event): boolean => e.on === 'accepted' || (e.on === 'rejected' && e.reason !== null)

export const SPEC: Probe = {
  id: 'SPEC',
  says: 'after every step, verdicts, frames, plaintexts, phases and rounds are among the model’s outcomes',
  powers: 'NILF',
  needs: ['accepted', 'rejected', 'committed', 'ended'],
  literal: 'holds',
  witness: { says: 'a verdict on a frame was compared with the model', floor: 5_000 },
  check(s, first, _play, length) {
    const lockstep = new Lockstep(s, KEYRING_IDS, length)
    let reached = 0
    for (const e of first) {
      if (verdict(e)) reached++
      const d = lockstep.observe(e)
      if (d === null) continue
      const [saw, ...allowed] = [d.saw, ...d.allowed].map((text) => text || 'nothing')
      return { reached, violated: { step: d.step, why: `saw ${saw}; the model allows ${allowed.join(' or ')}` } }
    }
    return { reached, violated: null }
  },
}

/** A probe plays a schedule several times, so only the nth schedules of a chunk with n ≡ `at` (mod `every`) get it. */
export interface Share {
  readonly probe: Probe
  readonly every: number
  readonly at: number
}

const at = (id: string): Probe => PROBES.find((p) => p.id === id)!

export const SHARES: readonly Share[] = [
  { probe: SPEC, every: 4, at: 2 },
  { probe: TWIN, every: 16, at: 0 },
  { probe: at('F2'), every: 24, at: 5 },
  { probe: at('G6'), every: 24, at: 11 },
  { probe: at('L3'), every: 24, at: 17 },
  { probe: at('S8'), every: 24, at: 22 },
]

/** Whether the system can report what the probe looks at, and the probe promises anything against these powers. */
export const applies = (p: Probe, powers: Powers, system: System): boolean => judges(p, powers) && shows(system, p)

const playing = (who: Implementation, own: MakeParty): MakeParty => {
  switch (who) {
    case 'system':
      return own
    case 'reference':
      return referenceParty
    case 'restored':
      return restored(own)
  }
}

const paired = new WeakMap<System, Map<string, System>>()
const pairedOf = (system: System, pairing: Pairing): System => {
  const known = paired.get(system) ?? new Map<string, System>()
  paired.set(system, known)
  const name = `${pairing.client} ${pairing.server}`
  const made = known.get(name) ?? {
    ...systemOf(name, playing(pairing.client, system.client), playing(pairing.server, system.server)),
    lacks: system.lacks, // or the worlds that are compared would not be asked for the same
  }
  known.set(name, made)
  return made
}

const KEPT = 8 // plays that are remembered: related schedules ask for the same variations

/** The further plays of one schedule, or of several related ones: equal bytes have equal names in all of them. */
export class Prober {
  readonly names = newNames()
  readonly #system: System
  readonly #memo = new Map<string, readonly Event[]>()

  constructor(system: System) {
    this.#system = system
  }

  readonly length = (frame: FrameId): number => this.names.frames.bytes(frame).length

  readonly replay: Replay = (s, pairing = { client: 'system', server: 'system' }) => {
    const asked = JSON.stringify([pairing.client, pairing.server, s])
    const known = this.#memo.get(asked)
    if (known !== undefined) return known
    const events: Event[] = []
    const ownOnly = pairing.client === 'system' && pairing.server === 'system'
    const system = ownOnly ? this.#system : pairedOf(this.#system, pairing)
    for (const _ of new Player(s, system, (e) => events.push(e), this.names).play());
    this.#memo.set(asked, events)
    if (this.#memo.size > KEPT) this.#memo.delete(this.#memo.keys().next().value!)
    return events
  }
}

/** A probe on one schedule, for itself. */
export const probe = (p: Probe, asked: Schedule, system: System): ReturnType<Probe['check']> => {
  const schedule = playable(asked, system)
  const { replay, length } = new Prober(system)
  return p.check(schedule, replay(schedule), replay, length)
}
