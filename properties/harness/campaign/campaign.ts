/** Many schedules, random or of an exhaustive scope, as independent chunks: any number of processes gives the same result. */
import fc from 'fast-check'
import type { Mode, Schedule } from '../../../spec/language.ts'
import type { Probe } from '../../../spec/probes/probes.ts'
import { schedules } from '../generate/arbitraries.ts'
import { BIASES } from '../generate/biases.ts'
import { SCOPES, scopeSchedules } from '../generate/scopes/scopes.ts'
import { applies, Prober, SHARES } from '../judging/probing.ts'
import { TWIN } from '../judging/twin.ts'
import { type Job, monitorSetFor, type Played, playAll } from '../world/play.ts'
import { nthSeed } from '../world/rng.ts'
import { playable, type System } from '../world/system.ts'
import { type Breach, telling } from './causes.ts'
import { Counter, type Result } from './tally.ts'

/** `seed` is fast-check's, derived from the run's; `from` is the index of the first schedule. */
export type Chunk = { readonly index: number; readonly mode: Mode; readonly runs: number } & (
  | { readonly profile: string; readonly seed: number }
  | { readonly scope: string; readonly from: number }
)

export const CHUNK = 250

/** The budget and the seed that the floors of witnesses were set for. */
export const DEFAULT_RUNS = 24_000
export const DEFAULT_SEED = 20_261_123

/** `runs` random schedules spread evenly over modes and profiles. */
export const plan = (
  seed: number,
  runs: number,
  modes: readonly Mode[],
  profiles: readonly string[],
): readonly Chunk[] => {
  const cells = modes.flatMap((mode) => profiles.map((profile) => ({ mode, profile })))
  const chunks: Chunk[] = []
  for (const [i, cell] of cells.entries()) {
    let left = Math.floor(runs / cells.length) + (i < runs % cells.length ? 1 : 0)
    while (left > 0) {
      const index = chunks.length
      chunks.push({ index, ...cell, seed: nthSeed(seed, index), runs: Math.min(CHUNK, left) })
      left -= CHUNK
    }
  }
  return chunks
}

/** Every schedule of these scopes; `first`: the index of the first chunk. */
export const planScopes = (scopes: readonly string[], modes: readonly Mode[], first = 0): readonly Chunk[] => {
  const chunks: Chunk[] = []
  for (const scope of scopes)
    for (const mode of modes) {
      const { length } = scopeSchedules(scope, mode)
      for (let from = 0; from < length; from += CHUNK)
        chunks.push({ index: first + chunks.length, mode, runs: Math.min(CHUNK, length - from), scope, from })
    }
  return chunks
}

/** The probes that the nth schedule of a chunk gets. In a scope that is TWIN on its share, and what the scope asks for. */
export const due = (chunk: Chunk, nth: number, schedule: Schedule, system: System): readonly Probe[] => {
  const wanted = 'scope' in chunk ? [TWIN.id] : SHARES.map((s) => s.probe.id)
  const always = 'scope' in chunk ? (SCOPES[chunk.scope]!.probes ?? []) : []
  return SHARES.flatMap(({ probe, every, at }) => {
    const mine = always.includes(probe.id) || (wanted.includes(probe.id) && nth % every === at)
    return mine && applies(probe, schedule.powers, system) ? [probe] : []
  })
}

/** What is told while a chunk is played, for whoever may not live to see its result. */
export interface Telling {
  /** Before each schedule is played; from 0. */
  mark?(nth: number): void
  /** Of the first schedule of the chunk that breaks an invariant, in normal form. */
  found?(id: string, schedule: Schedule): void
}

/** Schedules that are played at once where the system can: enough that lines of a program hold many calls. */
export const AT_ONCE = 50

interface Due extends Job {
  readonly nth: number
  readonly probes: readonly Probe[]
  readonly prober: Prober
}

/** Plays one schedule after another, or several at once, with every monitor, and with each probe on its share of them. */
class Campaign {
  readonly counter = new Counter()
  readonly #chunk: Chunk
  readonly #system: System
  readonly #only: ReadonlySet<string> | null
  #prober: Prober
  /** Schedules seen, whether they were played or not. */
  seen = 0
  #due: Due[] = []

  readonly #tell: Telling

  constructor(chunk: Chunk, system: System, only: ReadonlySet<string> | null, tell: Telling) {
    this.#chunk = chunk
    this.#only = only
    this.#tell = tell
    this.#system = system
    this.#prober = new Prober(system)
  }

  one(asked: Schedule): void {
    const schedule = playable(asked, this.#system)
    const only = this.#only
    const nth = this.seen
    const monitorSet = monitorSetFor(schedule.powers, this.#system, only)
    const probes = due(this.#chunk, this.seen++, schedule, this.#system).filter((p) => only?.has(p.id) ?? true)
    if (only !== null && monitorSet.invariants.length + probes.length === 0) return // nothing wanted judges it
    // Schedules of a scope are related: one prober remembers what they have in common.
    if (!('scope' in this.#chunk)) this.#prober = new Prober(this.#system)
    const prober = this.#prober
    this.#due.push({ nth, schedule, events: [], names: prober.names, monitorSet, probes, prober })
    // Those of a scope share names, so they are played in turn.
    if ('scope' in this.#chunk || this.#system.together === undefined || this.#due.length === AT_ONCE) this.played()
  }

  /** Plays and judges what is due. */
  played(): void {
    const due = this.#due
    this.#due = []
    if (due[0] !== undefined) this.#tell.mark?.(due[0].nth)
    for (const [i, played] of playAll(due, this.#system).entries()) this.#judge(due[i]!, played)
  }

  #judge({ nth, schedule, events, probes, prober }: Due, played: Played): void {
    const { counter } = this
    this.#tell.mark?.(nth)
    counter.begin(schedule)
    for (const e of events) counter.see(e, prober.length)
    counter.ended(played.executed.length)
    for (const [i, { id }] of played.monitorSet.invariants.entries()) counter.judged(id, played.hits[i]!)
    const breaches: Breach[] = played.findings.map((f, i) => ({ id: f.invariant, why: f.why, at: played.moments[i]! }))
    for (const p of probes) {
      const { reached, violated } = p.check(schedule, events, prober.replay, prober.length)
      counter.judged(p.id, reached)
      // It compares whole plays, so nothing breaks later.
      if (violated !== null) breaches.push({ id: p.id, why: telling(p.id, violated.why), at: Number.POSITIVE_INFINITY })
    }
    if (breaches.length === 0) return
    const normal = { ...schedule, actions: played.executed }
    const judged = [...played.monitorSet.invariants, ...probes].map((c) => c.id)
    const where = { chunk: this.#chunk.index, nth: nth + 1, schedule: normal }
    for (const id of counter.broken(breaches, judged, where)) this.#tell.found?.(id, normal)
  }
}

/**
 * Findings are collected, not thrown, so that the budget is a count. `only`: judges these, and plays only the schedules
 * that one of them judges; null: all.
 */
export const runChunk = (
  chunk: Chunk,
  system: System,
  only: ReadonlySet<string> | null = null,
  tell: Telling = {},
): Result => {
  const campaign = new Campaign(chunk, system, only, tell)
  const cause = 'scope' in chunk ? wholly(chunk, campaign) : randomly(chunk, campaign)
  campaign.played()
  const { counter, seen } = campaign
  if (seen !== chunk.runs || cause !== null)
    throw new Error(`chunk ${chunk.index} reached ${seen} of ${chunk.runs} schedules`, { cause })
  return counter.result(system, chunk.mode, 'scope' in chunk ? chunk.scope : chunk.profile, chunk.index)
}

type ScopeChunk = Extract<Chunk, { scope: string }>
type RandomChunk = Extract<Chunk, { profile: string }>

const wholly = (chunk: ScopeChunk, campaign: Campaign): null => {
  const all = scopeSchedules(chunk.scope, chunk.mode)
  for (const s of all.slice(chunk.from, chunk.from + chunk.runs)) campaign.one(s)
  return null
}

/** fast-check generates. Returns what it caught. */
const randomly = (chunk: RandomChunk, campaign: Campaign): unknown =>
  fc.check(
    fc.property(schedules(BIASES[chunk.profile]!, chunk.mode), (s) => campaign.one(s)),
    { seed: chunk.seed, numRuns: chunk.runs, endOnFailure: true },
  ).errorInstance

/** The first `runs` schedules of a chunk. */
export const schedulesOf = (chunk: Chunk, runs = chunk.runs): readonly Schedule[] =>
  'scope' in chunk
    ? scopeSchedules(chunk.scope, chunk.mode).slice(chunk.from, chunk.from + runs)
    : fc.sample(schedules(BIASES[chunk.profile]!, chunk.mode), { seed: chunk.seed, numRuns: runs })

/** The schedule `nth` of a chunk, from 0. */
export const scheduleOf = (chunk: Chunk, nth: number): Schedule => schedulesOf(chunk, nth + 1)[nth]!

interface Drawing {
  /** How many, over all biases. */
  readonly runs: number
  readonly seed: number
  readonly mode?: Mode // default: bound
  /** Names of BIASES; default: all. */
  readonly biases?: readonly string[]
}

/** Random schedules, the same for the same options. Throws a RangeError where there is no such bias. */
export const drawSchedules = ({ runs, seed, mode = 'bound', biases = Object.keys(BIASES) }: Drawing) => {
  const odd = biases.find((b) => !Object.hasOwn(BIASES, b))
  if (odd !== undefined) throw new RangeError(`biases: expected some of ${Object.keys(BIASES).join(', ')}, got ${odd}`)
  return plan(seed, runs, [mode], biases).flatMap((chunk) => schedulesOf(chunk))
}
