/** Plays an attack on a system, in memory or elsewhere, and says from what the monitors saw how it went. */
import { type Event, endName, type FrameId } from '../../../spec/events.ts'
import { INVARIANTS, type Invariant } from '../../../spec/invariants/index.ts'
import type { Action, Mode } from '../../../spec/language.ts'
import { type Finding, MonitorSet, Monitors } from '../judging/monitors.ts'
import type { Attack, Stored } from '../schedules/schedule-file.ts'
import { drawing } from '../trace/ladder.ts'
import { Player } from '../world/play.ts'
import type { System, Wait } from '../world/system.ts'
import { type FrameLine, frameBook } from './frames.ts'
import { GOALS, unjudged } from './goals.ts'

export interface NamedAttack extends Stored {
  readonly name: string
  readonly attack: Attack
}

/**
 * UNTRIED: nothing the attacker did reached anybody, or the system shows too little to tell. Never expected: what was
 * not put to the test was not blocked.
 */
export type AttackOutcome = 'BLOCKED' | 'SUCCEEDED' | 'UNTRIED'

/** One action of the schedule, and what came of it. */
export interface AttackStep {
  readonly action: Action
  readonly strike: boolean // the attacker's doing
  readonly acted: boolean // false: there was nothing to act on
  readonly ends: readonly string[] // the endpoints that took part: c0, s1
  readonly lastSent: FrameId | null
  readonly lines: readonly string[] // drawn
}

export interface AttackResult {
  readonly name: string
  readonly n: number
  readonly title: string
  readonly says: string // what the attacker does
  readonly claim: number // of PROTOCOL §9
  readonly known: Attack['known']
  readonly mode: Mode
  readonly outcome: AttackOutcome
  readonly expected: 'BLOCKED' | 'SUCCEEDED'
  readonly why: string // what was expected, in one line with the paragraph of PROTOCOL
  /** The goals that were reached, in the words of their monitors. */
  readonly reached: readonly Finding[]
  /** Invariants that must hold in this mode and did not, whether they are goals or not. */
  readonly broken: readonly Finding[]
  /** The goals that decided, and those for which the system shows too little; with the reason, where it is a stranger. */
  readonly judgedBy: readonly string[]
  readonly notObservable: readonly string[]
  /** The server speaks another dialect: what cannot be told of it is no disagreement. */
  readonly stranger: boolean
  readonly frames: readonly FrameLine[] // those that the attacker delivered
  readonly clients: readonly number[] // of the schedule, by index
  readonly steps: readonly AttackStep[]
}

/** How it differs from what the mode predicts; null: not at all. */
export const disagreement = (r: AttackResult): string | null => {
  const untold = r.stranger && r.outcome === 'UNTRIED'
  if (r.outcome !== r.expected && !untold) return `${r.name} in ${r.mode}: expected ${r.expected}, got ${r.outcome}`
  const ids = r.broken.map((f) => f.invariant)
  return ids.length === 0
    ? null
    : `${r.name} in ${r.mode}: expected every invariant of this mode to hold, got violated ${ids.join(', ')}`
}

/** Of a party with a generator of its own C4 tells half, that no IV comes twice: no attack is BLOCKED by that alone. */
const monitorsFor = ({ lacks, dialect }: System): readonly Invariant[] =>
  GOALS.filter(
    (g) => !(lacks.has('rng') && g.id === 'C4') && (dialect === undefined || unjudged(g.id, dialect) === null),
  )

/** Whether this must hold in this mode. Goals that are no invariants need not: each attack says what is expected. */
export const mustHold = (id: string, mode: Mode): boolean =>
  INVARIANTS.some((i) => i.id === id && (mode === 'bound' || i.literal === 'holds'))

interface Notes {
  acted: boolean
  readonly ends: Set<string>
  lastSent: FrameId | null
}

/**
 * Yields whenever the driver is to wait until the system is quiet; in memory there is nothing to wait for. `columns`:
 * what every line of a drawing fits into.
 */
export function* perform(a: NamedAttack, mode: Mode, system: System, columns?: number): Generator<Wait, AttackResult> {
  const { attack } = a
  const schedule = { ...a.schedule, mode }
  const monitorSet = new MonitorSet(monitorsFor(system), schedule.powers, system)
  const monitors = new Monitors(monitorSet)
  const drawn = drawing(schedule, columns)
  const notes = schedule.actions.map((): Notes => ({ acted: false, ends: new Set(), lastSent: null }))
  const involved = new Set<FrameId>()
  const ofClients = new Set<string>() // of a stranger: first broken by a client, and clients are ours
  let tried = false
  const observe = (e: Event): void => {
    const { ledger } = player.world
    const known = monitors.findings.length
    monitors.observe(e, ledger)
    if (system.dialect !== undefined && 'at' in e && e.at.side === 'client')
      for (const f of monitors.findings.splice(known)) ofClients.add(f.invariant)
    drawn.see(e)
    const note = notes[ledger.step]!
    note.acted ||= e.on === 'step'
    if (e.on === 'opened' || e.on === 'submitted' || e.on === 'accepted') note.ends.add(endName(e.at))
    if (e.on === 'sent') note.lastSent = e.frame
    if (!attack.strikes.includes(ledger.step)) return
    if (e.on === 'delivered' && e.frame !== null) involved.add(e.frame)
    // a frame reached somebody; or, where the attacker only holds frames back, somebody's patience ended
    tried ||= e.on === 'delivered' || (e.on === 'ended' && e.by === 'timer')
  }
  const player: Player = new Player(schedule, system, observe)
  yield* player.play()

  const observable = new Set(monitorSet.invariants.map((i) => i.id).filter((id) => !ofClients.has(id)))
  const shown = (id: string): string => {
    if (system.dialect === undefined) return id
    return `${id} (${unjudged(id, system.dialect) ?? (ofClients.has(id) ? 'a client of ours broke it first' : 'the network does not show it')})`
  }
  const judgedBy = attack.goals.filter((g) => observable.has(g))
  const reached = monitors.findings.filter((f) => judgedBy.includes(f.invariant))
  const { outcome: expected, why } = attack.expect[mode]
  return {
    name: a.name,
    n: attack.n,
    title: attack.title,
    says: a.says,
    claim: attack.claim,
    known: attack.known,
    mode,
    outcome: !tried || judgedBy.length === 0 ? 'UNTRIED' : reached.length > 0 ? 'SUCCEEDED' : 'BLOCKED',
    expected,
    why,
    reached,
    broken: monitors.findings.filter((f) => mustHold(f.invariant, mode)),
    judgedBy,
    notObservable: attack.goals.filter((g) => !observable.has(g)).map(shown),
    stranger: system.dialect !== undefined,
    frames: frameBook(player.world, involved),
    clients: schedule.setup.clients,
    steps: schedule.actions.map((action, i) => ({
      action,
      strike: attack.strikes.includes(i),
      acted: notes[i]!.acted,
      ends: [...notes[i]!.ends],
      lastSent: notes[i]!.lastSent,
      lines: drawn.lines.flatMap((l) => (l.step === i ? [l.text] : [])),
    })),
  }
}

/** In memory, where nothing needs waiting for. */
export const performHere = (a: NamedAttack, mode: Mode, system: System): AttackResult => {
  const playing = perform(a, mode, system)
  for (;;) {
    const next = playing.next()
    if (next.done) return next.value
  }
}
