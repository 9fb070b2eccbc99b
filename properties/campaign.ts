/** Many random schedules as a list of independent chunks, so that any number of processes gives the same result. */
import fc from 'fast-check'
import { INVARIANTS } from '../spec/invariants/index.ts'
import type { Mode, Schedule } from '../spec/language.ts'
import { schedules } from './arbitraries.ts'
import { play } from './play.ts'
import { PROFILES } from './profiles.ts'
import type { System } from './system.ts'

export interface Chunk {
  readonly index: number
  readonly mode: Mode
  readonly profile: string
  readonly seed: number // of fast-check, derived from the run's seed
  readonly runs: number
}

/** What one mode showed of one invariant. */
export interface Tally {
  readonly judged: number // schedules
  readonly witnesses: number // events
  readonly broken: number // schedules
  readonly notObservable: boolean
  /** The first schedule that broke it, in normal form. */
  readonly first: { readonly chunk: number; readonly schedule: Schedule } | null
}
export type Tallies = Readonly<Record<Mode, Readonly<Record<string, Tally>>>>

/** How the generated schedules are distributed; a generator's distribution is part of the result. */
export interface Distribution {
  readonly schedules: number
  readonly rounds: Readonly<Record<string, number>> // highest round completed since the handshake -> schedules
  readonly reasons: Readonly<Record<string, number>>
  readonly accepted: number
}

export interface Result {
  readonly tallies: Tallies
  readonly distribution: Readonly<Record<string, Distribution>> // by profile
}

const CHUNK = 250

/** A number that differs for every chunk and depends on nothing but the seed and the index (Weyl sequence). */
const chunkSeed = (seed: number, index: number): number => (seed + Math.imul(index + 1, 0x9e3779b9)) | 0

/** `runs` schedules spread evenly over modes and profiles. */
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
      chunks.push({ index, ...cell, seed: chunkSeed(seed, index), runs: Math.min(CHUNK, left) })
      left -= CHUNK
    }
  }
  return chunks
}

const none: Tally = { judged: 0, witnesses: 0, broken: 0, notObservable: false, first: null }

const emptyTally = (system: System): Readonly<Record<string, Tally>> =>
  Object.fromEntries(
    INVARIANTS.map((i) => [i.id, { ...none, notObservable: !i.needs.every((n) => system.emits.has(n)) }]),
  )

export const emptyResult = (system: System): Result => ({
  tallies: { bound: emptyTally(system), literal: emptyTally(system) },
  distribution: {},
})

const addCounts = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>) => {
  const sum: Record<string, number> = { ...a }
  for (const [k, n] of Object.entries(b)) sum[k] = (sum[k] ?? 0) + n
  return sum
}

const mergeTally = (a: Tally, b: Tally): Tally => ({
  judged: a.judged + b.judged,
  witnesses: a.witnesses + b.witnesses,
  broken: a.broken + b.broken,
  notObservable: a.notObservable,
  first: a.first === null || (b.first !== null && b.first.chunk < a.first.chunk) ? b.first : a.first,
})

const mergeTallies = (a: Readonly<Record<string, Tally>>, b: Readonly<Record<string, Tally>>) =>
  Object.fromEntries(Object.entries(a).map(([id, t]) => [id, mergeTally(t, b[id] ?? none)]))

/** Does not depend on the order in which results arrive. */
export const merge = (a: Result, b: Result): Result => {
  const profiles = new Set([...Object.keys(a.distribution), ...Object.keys(b.distribution)])
  const distribution: Record<string, Distribution> = {}
  for (const p of [...profiles].sort()) {
    const [x, y] = [a.distribution[p], b.distribution[p]]
    distribution[p] =
      x && y
        ? {
            schedules: x.schedules + y.schedules,
            rounds: addCounts(x.rounds, y.rounds),
            reasons: addCounts(x.reasons, y.reasons),
            accepted: x.accepted + y.accepted,
          }
        : (x ?? y)!
  }
  return {
    tallies: {
      bound: mergeTallies(a.tallies.bound, b.tallies.bound),
      literal: mergeTallies(a.tallies.literal, b.tallies.literal),
    },
    distribution,
  }
}

/** Plays the chunk's schedules. fast-check generates; findings are collected, not thrown, so that the budget is a count. */
export const runChunk = (chunk: Chunk, system: System): Result => {
  const judged = new Map<string, number>()
  const witnesses = new Map<string, number>()
  const broken = new Map<string, number>()
  const first = new Map<string, Tally['first']>()
  const rounds: Record<string, number> = {}
  const reasons: Record<string, number> = {}
  let accepted = 0
  let count = 0
  const bump = (m: Map<string, number>, id: string, by: number): unknown => m.set(id, (m.get(id) ?? 0) + by)
  const one = (schedule: Schedule): void => {
    let deepest = 0
    const completed = new Map<string, number>()
    const played = play(schedule, system, (e) => {
      if (e.on === 'rejected') reasons[e.reason ?? 'unknown'] = (reasons[e.reason ?? 'unknown'] ?? 0) + 1
      if (e.on !== 'accepted') return
      accepted++
      if (e.header.opcode !== 40) return
      const n = (completed.get(String(e.at.n)) ?? 0) + 1
      completed.set(String(e.at.n), n)
      deepest = Math.max(deepest, n)
    })
    count++
    rounds[deepest] = (rounds[deepest] ?? 0) + 1
    for (const [i, invariant] of played.bench.invariants.entries()) {
      bump(judged, invariant.id, 1)
      bump(witnesses, invariant.id, played.hits[i]!)
    }
    for (const f of played.findings) {
      bump(broken, f.invariant, 1)
      if (!first.has(f.invariant))
        first.set(f.invariant, { chunk: chunk.index, schedule: { ...schedule, actions: played.executed } })
    }
  }
  const profile = PROFILES[chunk.profile]!
  const details = fc.check(
    fc.property(schedules(profile, chunk.mode), (s) => one(s)),
    { seed: chunk.seed, numRuns: chunk.runs },
  )
  if (details.failed || count !== chunk.runs)
    throw new Error(`chunk ${chunk.index} played ${count} of ${chunk.runs} schedules`, { cause: details.errorInstance })
  const empty = emptyResult(system)
  const tallies = Object.fromEntries(
    Object.entries(empty.tallies[chunk.mode]).map(([id, t]): [string, Tally] => [
      id,
      {
        ...t,
        judged: judged.get(id) ?? 0,
        witnesses: witnesses.get(id) ?? 0,
        broken: broken.get(id) ?? 0,
        first: first.get(id) ?? null,
      },
    ]),
  )
  return {
    tallies: { ...empty.tallies, [chunk.mode]: tallies },
    distribution: { [chunk.profile]: { schedules: count, rounds, reasons, accepted } },
  }
}
