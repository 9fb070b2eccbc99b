/** What many schedules showed, in a form that can be merged in any order, and the verdict on it. */
import { cellName, cellOf, coverings } from '../../../spec/checker/lockstep/cells.ts'
import { type Event, endName, type FrameId, type Phase } from '../../../spec/events.ts'
import type { End, Mode, Schedule } from '../../../spec/language.ts'
import { OP } from '../../../spec/opcodes.ts'
import { CHECKS, type Check } from '../judging/examine.ts'
import { type System, shows } from '../world/system.ts'
import { type Breach, KindCounter, type Kinds, mergeKinds, type Where } from './causes.ts'
import { mergeShown, Novelty, type Shown } from './novelty.ts'
import { Reach } from './reach.ts'

/** What one mode showed of one invariant. */
export interface Tally {
  readonly judged: number // schedules
  readonly witnesses: number // events
  readonly broken: number // schedules
  readonly notObservable: boolean
  /** The first schedule that broke it, in normal form. */
  readonly first: { readonly chunk: number; readonly schedule: Schedule } | null
  /** The ways in which it broke. */
  readonly kinds: Kinds
}
type Tallies = Readonly<Record<Mode, Readonly<Record<string, Tally>>>>

/** How the schedules are distributed; a generator's distribution is part of the result. */
export interface Distribution {
  readonly schedules: number
  readonly lengths: Readonly<Record<string, number>> // actions that had an effect -> schedules
  readonly rounds: Readonly<Record<string, number>> // highest round completed since the handshake -> schedules
  readonly reasons: Readonly<Record<string, number>>
  readonly accepted: number
}

export interface Result {
  readonly tallies: Tallies
  readonly distribution: Readonly<Record<string, Distribution>> // by bias or scope
  readonly cells: Readonly<Record<Mode, Readonly<Record<string, number>>>> // model cell -> verdicts
  readonly reached: Readonly<Record<Mode, Readonly<Record<string, number>>>> // cell of scale (reach.ts) -> times
  readonly shown: Readonly<Record<string, Shown>> // by bias or scope
}

type Emitting = Pick<System, 'emits' | 'lacks'>

const none: Tally = { judged: 0, witnesses: 0, broken: 0, notObservable: false, first: null, kinds: {} }

const emptyTally = (system: Emitting): Readonly<Record<string, Tally>> =>
  Object.fromEntries(CHECKS.map((c) => [c.id, { ...none, notObservable: !shows(system, c) }]))

export const emptyResult = (system: Emitting): Result => ({
  tallies: { bound: emptyTally(system), literal: emptyTally(system) },
  distribution: {},
  cells: { bound: {}, literal: {} },
  reached: { bound: {}, literal: {} },
  shown: {},
})

const addCounts = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>) => {
  const sum: Record<string, number> = { ...a }
  for (const [k, n] of Object.entries(b)) sum[k] = (sum[k] ?? 0) + n
  return Object.fromEntries(Object.entries(sum).sort(([x], [y]) => (x < y ? -1 : 1))) // whatever came first
}

const mergeTally = (a: Tally, b: Tally): Tally => ({
  judged: a.judged + b.judged,
  witnesses: a.witnesses + b.witnesses,
  broken: a.broken + b.broken,
  notObservable: a.notObservable,
  first: a.first === null || (b.first !== null && b.first.chunk < a.first.chunk) ? b.first : a.first,
  kinds: mergeKinds(a.kinds, b.kinds),
})

const mergeTallies = (a: Readonly<Record<string, Tally>>, b: Readonly<Record<string, Tally>>) =>
  Object.fromEntries(Object.entries(a).map(([id, t]) => [id, mergeTally(t, b[id] ?? none)]))

/** Does not depend on the order in which results arrive. */
export const merge = (a: Result, b: Result): Result => {
  const names = new Set([...Object.keys(a.distribution), ...Object.keys(b.distribution)])
  const distribution: Record<string, Distribution> = {}
  for (const p of [...names].sort()) {
    const [x, y] = [a.distribution[p], b.distribution[p]]
    distribution[p] =
      x && y
        ? {
            schedules: x.schedules + y.schedules,
            lengths: addCounts(x.lengths, y.lengths),
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
    cells: { bound: addCounts(a.cells.bound, b.cells.bound), literal: addCounts(a.cells.literal, b.cells.literal) },
    reached: {
      bound: addCounts(a.reached.bound, b.reached.bound),
      literal: addCounts(a.reached.literal, b.reached.literal),
    },
    shown: Object.fromEntries([...names].sort().map((p) => [p, mergeShown(a.shown[p], b.shown[p])])),
  }
}

/** With a violation of a chunk of which nothing else is known. */
export const withFound = (r: Result, id: string, chunk: number, schedule: Schedule): Result => {
  const { mode } = schedule
  const found = { ...none, broken: 1, first: { chunk, schedule } }
  const tally = mergeTally(r.tallies[mode][id]!, found)
  return { ...r, tallies: { ...r.tallies, [mode]: { ...r.tallies[mode], [id]: tally } } }
}

/** Counts while schedules of one mode and one bias are played. */
export class Counter {
  readonly #tallies = new Map<string, { -readonly [K in keyof Tally]: Tally[K] }>()
  readonly #lengths: Record<string, number> = {}
  readonly #rounds: Record<string, number> = {}
  readonly #reasons: Record<string, number> = {}
  readonly #cells = new CellCounter()
  readonly #reach = new Reach()
  readonly #kinds = new KindCounter()
  #accepted = 0
  #completed = new Map<number, number>() // by client run, of the schedule being played
  played = 0

  begin(s: Schedule): void {
    this.#reach.begin(s)
  }

  /** To be shown every event of the schedule being played; `length`: of a frame, bytes. */
  readonly see = (e: Event, length: (frame: FrameId) => number): void => {
    this.#cells.see(e)
    this.#reach.see(e)
    if (e.on === 'rejected') {
      if (e.reason === 'bad-tag') this.#reach.alteredLength(length(e.frame!))
      const reason = e.reason ?? 'unknown'
      this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1
    }
    if (e.on !== 'accepted') return
    this.#accepted++
    if (e.header.opcode === OP.RESPONSE) this.#completed.set(e.at.n, (this.#completed.get(e.at.n) ?? 0) + 1)
  }

  /** The schedule ended; this many actions had an effect. */
  ended(actions: number): void {
    this.#lengths[actions] = (this.#lengths[actions] ?? 0) + 1
    const deepest = Math.max(0, ...this.#completed.values())
    this.#rounds[deepest] = (this.#rounds[deepest] ?? 0) + 1
    this.#completed.clear()
    this.#cells.ended()
    this.played++
  }

  judged(id: string, witnesses: number): void {
    const t = this.#of(id)
    t.judged++
    t.witnesses += witnesses
  }

  /** What one schedule broke, of what was judged on it. Returns the ids that were not broken before. */
  broken(breaches: readonly Breach[], judged: readonly string[], at: Where): readonly string[] {
    this.#kinds.broken(breaches, judged, at)
    return breaches.flatMap(({ id }) => {
      const t = this.#of(id)
      t.broken++
      const first = t.first === null
      t.first ??= { chunk: at.chunk, schedule: at.schedule }
      return first ? [id] : []
    })
  }

  result(system: Emitting, mode: Mode, name: string, chunk: number): Result {
    const empty = emptyResult(system)
    const mine = [...this.#tallies].map(([id, t]) => [
      id,
      { ...t, notObservable: empty.tallies[mode][id]!.notObservable, kinds: this.#kinds.of(id) },
    ])
    const distribution = {
      schedules: this.played,
      lengths: this.#lengths,
      rounds: this.#rounds,
      reasons: this.#reasons,
      accepted: this.#accepted,
    }
    return {
      tallies: { ...empty.tallies, [mode]: { ...empty.tallies[mode], ...Object.fromEntries(mine) } },
      distribution: { [name]: distribution },
      cells: { ...empty.cells, [mode]: this.#cells.counts },
      reached: { ...empty.reached, [mode]: this.#reach.counts },
      shown: { [name]: this.#cells.novelty.shown(mode, chunk) },
    }
  }

  #of(id: string): { -readonly [K in keyof Tally]: Tally[K] } {
    const known = this.#tallies.get(id) ?? { ...none }
    this.#tallies.set(id, known)
    return known
  }
}

/** Counts cells while schedules are played. */
class CellCounter {
  readonly counts: Record<string, number> = {}
  readonly novelty = new Novelty()
  readonly #phases = new Map<string, Phase>()

  see(e: Event): void {
    switch (e.on) {
      case 'committed':
        this.#phases.set(endName(e.at), e.view.phase)
        return
      case 'accepted':
        this.#count(e.at, e.header.opcode, 'accepted')
        return
      case 'rejected':
        if (e.reason !== null) this.#count(e.at, e.header?.opcode ?? null, e.reason)
        return
      default:
        return
    }
  }

  /** A schedule ended. */
  ended(): void {
    this.#phases.clear()
    this.novelty.ended()
  }

  #count(at: End, opcode: number | null, verdict: Parameters<typeof cellOf>[0]['verdict']): void {
    const end = endName(at)
    const cell = cellName(cellOf({ at, phase: this.#phases.get(end) ?? 'INIT', opcode, verdict }))
    this.counts[cell] = (this.counts[cell] ?? 0) + 1
    this.novelty.see(end, cell)
  }
}

/** The reachable cells of a mode, each with how often it was exercised. */
export const coverage = (r: { readonly cells: Readonly<Record<Mode, Readonly<Record<string, number>>>> }, mode: Mode) =>
  coverings(mode).map(({ cell: at }) => ({ cell: cellName(at), at, times: r.cells[mode][cellName(at)] ?? 0 }))

/** From tallies to a decision: what each invariant came to in each mode, and whether that is what was expected. */
export const VERDICTS = [
  'holds',
  'violated', // and it should hold
  'violated as expected', // literal, PROTOCOL §9
  'not violated', // literal: expected to be, and was not found
  'unreached', // the witness stayed below its floor
  'not observable', // the party cannot report what it needs
  'not reached', // no floor is judged, but nothing ever put it to the test
  'not run',
] as const
export type Verdict = (typeof VERDICTS)[number]

export interface Row {
  readonly invariant: Check
  readonly mode: Mode
  readonly tally: Tally
  readonly verdict: Verdict
}

const verdictOf = (i: Check, mode: Mode, t: Tally, floors: boolean): Verdict => {
  const expected = mode === 'literal' && i.literal === 'violated'
  if (t.broken > 0) return expected ? 'violated as expected' : 'violated'
  if (t.notObservable) return 'not observable'
  if (t.judged === 0) return 'not run'
  if (floors && t.witnesses < i.witness.floor) return 'unreached'
  if (expected && floors) return 'not violated'
  return t.witnesses === 0 ? 'not reached' : 'holds'
}

/** Broken though it cannot be observed: an exception that escaped, which is shown whatever was asked for. */
const escaped = (r: Result, id: string, modes: readonly Mode[]): boolean =>
  modes.some((mode) => r.tallies[mode][id]?.notObservable && r.tallies[mode][id].broken > 0)

/** Floors, and the expected violations, are judged for the default seed and budget only: `floors`. */
export const rows = (r: Result, modes: readonly Mode[], only: ReadonlySet<string> | null, floors: boolean): Row[] =>
  CHECKS.filter((i) => only === null || only.has(i.id) || escaped(r, i.id, modes)).flatMap((invariant) =>
    modes.map((mode) => {
      const tally = r.tallies[mode][invariant.id]!
      return { invariant, mode, tally, verdict: verdictOf(invariant, mode, tally, floors) }
    }),
  )

export const isRed = (v: Verdict): boolean => v === 'violated' || v === 'not violated' || v === 'unreached'
