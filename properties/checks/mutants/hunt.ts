/** Plays schedules on a mutant until something fires, and then some more to see what else does. */
import type { Event } from '../../../spec/events.ts'
import type { Mode, Schedule } from '../../../spec/language.ts'
import { NOBLE, withPrimitives } from '../../../spec/reference/primitives.ts'
import { explain } from '../../harness/explain/explain.ts'
import type { Explanation } from '../../harness/explain/text.ts'
import { actions } from '../../harness/generate/arbitraries.ts'
import { EVERYTHING } from '../../harness/generate/biases.ts'
import { isExpected, violation } from '../../harness/judging/examine.ts'
import type { Finding } from '../../harness/judging/monitors.ts'
import { applies, Prober, SHARES } from '../../harness/judging/probing.ts'
import { TWIN } from '../../harness/judging/twin.ts'
import type { Mutant } from '../../harness/mutants/mutant.ts'
import { mutantSystems, type WorldName } from '../../harness/mutants/systems.ts'
import { shrink } from '../../harness/schedules/shrink.ts'
import { thrown } from '../../harness/terminal/text.ts'
import { normalise, type Played, play } from '../../harness/world/play.ts'
import { remembering } from '../../harness/world/remembering.ts'
import type { System } from '../../harness/world/system.ts'
import { type Drawn, digestOf, expectedOf, type Stream } from './stream.ts'

export interface Kill {
  readonly schedules: number // played up to and including the one that killed
  readonly source: string // profile or scope
  readonly invariant: string // one of the first that fired, the expected one if it did
  /** In normal form; made in the world that was played first. */
  readonly minimal: {
    readonly schedule: Schedule
    readonly why: string
    /** Of the rule that is missing, where it was asked for. */
    readonly explanation?: Explanation
  } | null
}

/** What one world showed. */
export interface Hunt {
  readonly kill: Kill | null
  readonly played: number
  /** Invariant -> schedules in which it fired, and in which nothing fired before it. */
  readonly fired: Readonly<Record<string, number>>
  readonly first: Readonly<Record<string, number>>
  readonly ms: number // up to the first kill, or until the budget was used up
}
export type Hunts = Partial<Readonly<Record<WorldName, Hunt>>>

export interface Plan {
  readonly worlds: readonly WorldName[]
  readonly budget: number // schedules per world; the rare ones come on top
  readonly explain?: boolean // the minimal counterexample
  readonly after: number // schedules after the first kill, and on until the expected invariant was among the first
}

/** Where a hunt is; `bias`: or scope. */
export interface At {
  readonly schedule: number // from 0
  readonly bias: string
  readonly mode: Mode
}

/** Called before every schedule; may wait. */
export type Beat = (at: At) => Promise<void>

/** Of the reference and the tracker: every mutant is played on the same schedules, and most of its frames are the same. */
const MEMORY = remembering(NOBLE, 65_536)

const PROBED = SHARES.filter((s) => s.probe !== TWIN)
const probesOf = (s: Schedule, system: System, nth: number) =>
  PROBED.filter(({ probe, every, at }) => nth % every === at && applies(probe, s.powers, system))

const UNMADE = 'no session could be made'

/** A mutant that cannot even be constructed has no world in which it could be watched: that too is F1. */
const played = (playing: () => Played): Pick<Played, 'findings'> => {
  try {
    return playing()
  } catch (e) {
    const why = `${UNMADE}: ${thrown(e, false)}`
    return { findings: [{ invariant: 'F1', step: 0, why }] }
  }
}

interface Judged {
  readonly fired: readonly Finding[]
  readonly first: readonly Finding[]
}

/** TWIN is asked on every schedule, the other probes on their share of them. */
const judged = (s: Schedule, system: System, nth: number, expected: string): Judged => {
  const events: Event[] = []
  const { names, replay, length } = new Prober(system)
  const { findings } = played(() => play(s, system, (e) => events.push(e), names))
  const unmade = findings.find((f) => f.why.startsWith(UNMADE))
  if (unmade !== undefined) return { fired: [unmade], first: [unmade] }
  const all: Finding[] = [...findings]
  if (digestOf(events) !== expected) all.push({ invariant: TWIN.id, step: 0, why: 'differs from the reference' })
  for (const { probe } of probesOf(s, system, nth)) {
    const { violated } = probe.check(s, events, replay, length)
    if (violated !== null) all.push({ invariant: probe.id, ...violated })
  }
  // What literal mode is known for kills nobody.
  const fired = all.filter((f) => !isExpected(f.invariant, s.mode))
  // Probes compare whole plays: they come last, whatever the step they name.
  const watched = fired.filter((f) => findings.includes(f))
  const earliest = Math.min(...watched.map((f) => f.step))
  return { fired, first: watched.length > 0 ? watched.filter((f) => f.step === earliest) : fired }
}

const breaks = (invariant: string, s: Schedule, system: System): boolean => {
  if (invariant !== TWIN.id) return violation(invariant, s, system) !== undefined
  const events: Event[] = []
  play(s, system, (e) => events.push(e))
  return digestOf(events) !== expectedOf(s)
}

/** `alive`: called before each schedule that is tried. */
const minimal = (invariant: string, drawn: Schedule, system: System, alive: () => void): Kill['minimal'] => {
  const nothing: Schedule = { ...drawn, actions: [] }
  const [unmade] = played(() => play(nothing, system)).findings
  if (unmade !== undefined) return { schedule: nothing, why: unmade.why }
  const stillBreaks = (t: Schedule): boolean => {
    alive()
    return breaks(invariant, t, system)
  }
  const small = shrink(normalise(drawn, system), stillBreaks, actions(EVERYTHING))
  const schedule = normalise(small, system)
  return { schedule, why: violation(invariant, schedule, system)?.why ?? 'not reproducible once minimal' }
}

const bump = (counts: Record<string, number>, findings: readonly Finding[]): void => {
  for (const { invariant } of findings) counts[invariant] = (counts[invariant] ?? 0) + 1
}

const hunt = async (
  m: Mutant,
  systems: readonly System[],
  stream: Stream,
  budget: number,
  after: number | null, // null: stop at the first kill, and do not shrink it
  silent: Set<Drawn>, // schedules on which nothing fires: those of a world before, and then of this one
  rare: readonly Drawn[], // played last, while nothing or not the expected invariant has fired
  beat: Beat,
): Promise<Hunt> => {
  const fired: Record<string, number> = {}
  const first: Record<string, number> = {}
  const started = performance.now()
  let kill: Kill | null = null
  let ms = 0
  let n = 0
  let end = budget
  const missing = (): boolean => after !== null && after > 0 && m.expect !== null && first[m.expect] === undefined
  function* asked(): Generator<Drawn> {
    for (; n < end || (kill !== null && missing() && n < budget); n++) yield stream.at(n)
    for (let i = 0; i < rare.length && (kill === null || missing()); i++, n++) yield rare[i]!
  }
  for (const drawn of asked()) {
    const { schedule, source } = drawn
    const system = systems[n % systems.length]!
    const nth = Math.floor(n / systems.length)
    if (silent.has(drawn) && probesOf(schedule, system, nth).length === 0) continue
    const at = { schedule: n, bias: source, mode: schedule.mode }
    await beat(at)
    const shown = withPrimitives(MEMORY, () => judged(schedule, system, nth, stream.expected(drawn)))
    bump(fired, shown.fired)
    bump(first, shown.first)
    if (shown.fired.length === 0) silent.add(drawn)
    if (kill !== null || shown.first.length === 0) continue
    ms = performance.now() - started
    const { invariant } = shown.first.find((f) => f.invariant === m.expect) ?? shown.first[0]!
    kill = {
      schedules: n + 1,
      source,
      invariant,
      minimal:
        after === null ? null : withPrimitives(MEMORY, () => minimal(invariant, schedule, system, () => void beat(at))),
    }
    end = n + 1 + (after ?? 0)
  }
  return { kill, played: n, fired, first, ms: kill === null ? performance.now() - started : ms }
}

/** Makes the system of a kill anew, each time another instance. */
export const freshOf =
  (m: Mutant, world: WorldName, { schedules }: Kill) =>
  async (): Promise<System> => {
    const all = (await mutantSystems(m))[world]
    return all[(schedules - 1) % all.length]!
  }

/** With the reason for which its counterexample breaks what it breaks. */
const explained = async (hunt: Hunt, m: Mutant, world: WorldName): Promise<Hunt> => {
  const { kill } = hunt
  if (kill === null || kill.minimal === null) return hunt
  const { invariant, minimal } = kill
  const fresh = freshOf(m, world, kill)
  const explanation = await explain(minimal.schedule, await fresh(), invariant, fresh)
  return { ...hunt, kill: { ...kill, minimal: { ...minimal, explanation } } }
}

/** Nothing is left to tell of it but how soon it dies elsewhere. */
const stands = (m: Mutant, { kill, first }: Hunt): boolean =>
  kill !== null && (m.expect === null || first[m.expect] !== undefined)

const LEAST = 300
const TIMES = 10

/**
 * Schedules for a world after another. Where the mutant was killed, with the expected invariant among the first, its verdict
 * stands, and all that is left to tell is how soon it dies here too: ten times as many tell that. More would be spent on
 * what cannot show here, since the reference tells less of itself than `src`: no erasures, no memory.
 */
export const furtherBudget = (m: Mutant, budget: number, done: Hunt): number =>
  done.kill === null || !stands(m, done) ? budget : Math.min(budget, Math.max(LEAST, TIMES * done.kill.schedules))

/**
 * Where the verdict stands, schedules on which nothing fired are not played in the next world, unless a probe is due: TWIN
 * held, so both sides did what the reference does, and one of them beside the reference does it again.
 *
 * Plays the mutant in each world; what comes after the first kill is played in one of them. Throws VariantError when
 * a replacement no longer matches.
 */
export const huntAll = async (m: Mutant, stream: Stream, plan: Plan, beat: Beat = async () => {}): Promise<Hunts> => {
  const systems = await mutantSystems(m)
  const hunts: Partial<Record<WorldName, Hunt>> = {}
  let { budget } = plan
  let after: number | null = plan.after
  let silent = new Set<Drawn>()
  let { rare } = stream
  for (const world of plan.worlds) {
    const done = await hunt(m, systems[world], stream, budget, after, silent, rare, beat)
    hunts[world] = plan.explain ? await explained(done, m, world) : done
    if (done.kill !== null) after = null
    if (stands(m, done)) rare = []
    else silent = new Set()
    budget = furtherBudget(m, budget, done)
  }
  return hunts
}
