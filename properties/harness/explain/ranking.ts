/**
 * Which rule is missing: the schedule is played on the reference, on the reference without each rule in turn, and what
 * the system did is compared with all of them, event by event.
 */
import { type Event, endName } from '../../../spec/events.ts'
import type { Action, End, Schedule } from '../../../spec/language.ts'
import { ownSides } from '../judging/pair.ts'
import { comparable } from '../judging/twin.ts'
import { referenceParty, referenceSystem } from '../parties/reference.ts'
import type { PlayLedger } from '../world/ledger.ts'
import { Player } from '../world/play.ts'
import { type System, systemOf } from '../world/system.ts'
import { newNames } from '../world/wire.ts'
import type { Differing } from './differing.ts'
import { evidence } from './evidence.ts'
import { omissions, unbound } from './omitted.ts'
import { BY_INVARIANT, type RuleId } from './rules.ts'

/** A rule that may be missing. */
interface Candidate {
  readonly rule: RuleId
  /** Share of the events of the system that the reference without this rule shows too, 0..1; null: not tried. */
  readonly explained: number | null
}

interface Ranking {
  /** The action at which system and reference first differ; null: they do the same. */
  readonly step: number | null
  /** The most likely first. */
  readonly rules: readonly Candidate[]
  /** How many ways of leaving a rule out were not tried, because that would have taken too long. */
  readonly untried: number
}

/** What is compared of an event, as text. */
type Told = readonly string[]

const bare = (e: Event): unknown => {
  switch (e.on) {
    case 'accepted':
      return [e.on, e.at, e.header]
    case 'rejected':
      return [e.on, e.at, e.header]
    case 'ended':
      return [e.on, e.at, e.by]
    default:
      return null
  }
}

const unusual = (_: string, v: unknown): unknown =>
  typeof v === 'number' && (!Number.isFinite(v) || Object.is(v, -0)) ? `${Object.is(v, -0) ? '-0' : v}` : v

/** `bytes`: all of it, else what a system with random bytes of its own has in common with another. Null: nothing. */
const wordsOf = (e: Event, bytes: boolean): string | null => {
  const it = bytes ? e : bare(e)
  return it === null ? null : JSON.stringify(it, unusual)
}

const toldOf = (events: readonly Event[], bytes: boolean): Told =>
  comparable(events).flatMap((e) => wordsOf(e, bytes) ?? [])

/** Counts how many events come as in `own` before the first that differs. */
class Agreement {
  readonly #own: Told
  readonly #bytes: boolean
  #at = 0
  over = false

  constructor(own: Told, bytes: boolean) {
    this.#own = own
    this.#bytes = bytes
  }

  observe = (e: Event): void => {
    if (this.over || comparable([e]).length === 0) return
    const words = wordsOf(e, this.#bytes)
    if (words === null) return
    if (words === this.#own[this.#at]) this.#at++
    else this.over = true
  }

  /** One more event than there should be is half of one. */
  get count(): number {
    return this.over && this.#at === this.#own.length ? this.#at - 0.5 : this.#at
  }
}

class Stage {
  readonly #names = newNames()
  readonly #schedule: Schedule

  constructor(schedule: Schedule) {
    this.#schedule = schedule
  }

  play(system: System): { readonly events: readonly Event[]; readonly ledger: PlayLedger } {
    const events: Event[] = []
    const player = new Player(this.#schedule, system, (e) => events.push(e), this.#names)
    for (const _ of player.play());
    return { events: comparable(events), ledger: player.world.ledger }
  }

  /** How far a system does what `own` tells: it is played up to where it does otherwise. */
  agreed(own: Told, bytes: boolean, system: System): number {
    const agreement = new Agreement(own, bytes)
    const player = new Player(this.#schedule, system, agreement.observe, this.#names)
    for (const _ of player.play()) if (agreement.over) break
    return agreement.count
  }

  bytes = (frame: string): Uint8Array => this.#names.frames.bytes(frame as never)
  key = (name: string): Uint8Array => this.#names.keys.bytes(name as never)
}

const stepsOf = (events: readonly Event[]): readonly (readonly Event[])[] => {
  const steps: Event[][] = []
  for (const e of events) {
    if (e.on === 'step') steps.push([])
    steps.at(-1)?.push(e)
  }
  return steps
}

/** The keys that `at` seals with before a step: those of its last view, else the initial ones. */
const keysBefore = (stage: Stage, before: readonly Event[], step: readonly Event[], ledger: PlayLedger, at: End) => {
  const last = before.findLast((e) => e.on === 'committed' && endName(e.at) === endName(at))
  const opened = [...before, ...step].find((e) => e.on === 'opened' && endName(e.at) === endName(at))
  const all =
    last?.on === 'committed'
      ? last.view.keys?.map(stage.key)
      : at.side === 'client' && opened?.on === 'opened' && opened.id !== null
        ? ledger.start(opened.id).keys
        : undefined
  const from = at.side === 'client' ? 0 : 2
  return all === undefined ? null : { enc: all[from]!, mac: all[from + 1]! }
}

const first = <T>(all: readonly T[]): T[] => [...new Set(all)]

/** Null: not even a session could be made. */
const made = <T>(play: () => T): T | null => {
  try {
    return play()
  } catch {
    return null
  }
}

const MOST_WORK = 10_000 // events, over all that is tried
const FEWEST = 5 // omissions, however long the schedule

const NOTHING: Action = { do: 'advance', ms: 0 }
const actionOf = (step: readonly Event[] | undefined): Action | null =>
  step?.[0]?.on === 'step' ? step[0].action : null

const untried = (rules: readonly RuleId[]): readonly Candidate[] => rules.map((rule) => ({ rule, explained: null }))

/**
 * What is not wrong in `literal`, which omits the two steps of session binding: with which of them alone missing the
 * reference in `bound` accepts, rejects and ends as much of it. Keys differ in the two modes, so no bytes are compared.
 */
const bound = async (
  schedule: Schedule,
  own: readonly Event[],
  known: readonly RuleId[],
): Promise<readonly Candidate[]> => {
  const stage = new Stage({ ...schedule, mode: 'bound' })
  const told = toldOf(own, false)
  const score = (party: typeof referenceParty): number =>
    stage.agreed(told, false, systemOf('bound', party, party)) / Math.max(1, told.length)
  const right = score(referenceParty)
  const steps = new Map<RuleId, Candidate>()
  const tried = (await unbound()).map((o) => ({ ...o, explained: score(o.party) }))
  const alone = tried.some((o) => o.rules.length === 1 && o.explained > right)
  for (const { rules, explained } of tried.filter((o) => !alone || o.rules.length === 1))
    for (const rule of rules) {
      const better = explained > Math.max(right, steps.get(rule)?.explained ?? 0)
      if (better || !steps.has(rule)) steps.set(rule, { rule, explained: better ? explained : null })
    }
  const both = [...steps.values()].sort((a, b) => (b.explained ?? 0) - (a.explained ?? 0))
  return [...both, ...untried(known.filter((r) => !steps.has(r)))]
}

/** `invariant`: what broke. Deterministic. */
export const rank = async (schedule: Schedule, system: System, invariant: string): Promise<Ranking> => {
  const stage = new Stage(schedule)
  const own = made(() => stage.play(system))
  if (own === null)
    return { step: null, untried: 0, rules: untried(['master-key', 'client-ids', ...(BY_INVARIANT[invariant] ?? [])]) }
  const right = stage.play(referenceSystem)
  const bytes = !system.lacks.has('rng')
  const told = toldOf(own.events, bytes)
  const whole = new Agreement(told, bytes)
  for (const e of right.events) whole.observe(e)
  const base = whole.count
  const known = BY_INVARIANT[invariant] ?? []
  if (base === told.length)
    return {
      step: null,
      untried: 0,
      rules: schedule.mode === 'literal' ? await bound(schedule, own.events, known) : untried(known),
    }
  const [a, b] = [stepsOf(own.events), stepsOf(right.events)]
  const differing = (step: readonly Event[], i: number): boolean =>
    JSON.stringify(step, unusual) !== JSON.stringify(b[i], unusual)
  const at = Math.max(0, a.findIndex(differing))
  const before = b.slice(0, at).flat()
  const d: Differing = {
    action: actionOf(b[at]) ?? actionOf(a[at]) ?? NOTHING,
    own: a[at] ?? [],
    right: b[at] ?? [],
    before,
    bytes: stage.bytes,
    key: stage.key,
    keys: (end) => keysBefore(stage, before, b[at] ?? [], right.ledger, end),
  }
  const signs = evidence(d, schedule.mode)
  const best = new Map<RuleId, number>()
  const sides = ownSides(system)
  const likely = (r: RuleId): number => {
    const i = signs.indexOf(r)
    return i < 0 ? 100 + (known.includes(r) ? known.indexOf(r) : 50) : i
  }
  const likelier = (rules: readonly RuleId[]): number => Math.min(...rules.map(likely))
  const all = [...(await omissions())].sort((x, y) => likelier(x.rules) - likelier(y.rules))
  const most = Math.max(FEWEST, Math.floor(MOST_WORK / own.events.length))
  for (const { id, rules, party } of all.slice(0, most)) {
    const make = (side: 'client' | 'server') => (sides.includes(side) ? party : referenceParty)
    const score = stage.agreed(told, bytes, systemOf(id, make('client'), make('server')))
    if (score <= base) continue
    for (const rule of rules) if (score > (best.get(rule) ?? 0)) best.set(rule, score)
  }
  const ranked = first([...best.keys(), ...signs, ...known]).sort(
    (x, y) => (best.get(y) ?? base) - (best.get(x) ?? base) || likely(x) - likely(y),
  )
  return {
    step: at,
    untried: Math.max(0, all.length - most),
    rules: ranked.map((rule) => {
      const score = best.get(rule)
      return { rule, explained: score === undefined ? null : score / told.length }
    }),
  }
}
