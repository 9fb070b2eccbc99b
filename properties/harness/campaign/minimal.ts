/** From the first schedule that broke an invariant to a minimal one, drawn. */
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Mode, Schedule } from '../../../spec/language.ts'
import { actions } from '../generate/arbitraries.ts'
import { EVERYTHING } from '../generate/biases.ts'
import { examine, violation } from '../judging/examine.ts'
import type { Finding } from '../judging/monitors.ts'
import { SHARES, SPEC } from '../judging/probing.ts'
import { TWIN } from '../judging/twin.ts'
import { writeWhole } from '../process/files.ts'
import { printStored, type Stored } from '../schedules/schedule-file.ts'
import { shrink } from '../schedules/shrink.ts'
import { ladder } from '../trace/ladder.ts'
import { mermaid } from '../trace/mermaid.ts'
import { sideBySide } from '../trace/side-by-side.ts'
import { trace } from '../trace/trace.ts'
import { play } from '../world/play.ts'
import type { System } from '../world/system.ts'
import { causes, kindOf, telling } from './causes.ts'
import { isRed, type Row } from './tally.ts'

export interface Counterexample {
  readonly invariant: string
  readonly schedule: Schedule
  readonly why: string
  readonly ladder: readonly string[]
  /** What else of the same cause it breaks. */
  readonly also: readonly { readonly invariant: string; readonly why: string }[]
}

/** `diagram`: Mermaid. */
export type Minimal = Counterexample & { readonly diagram: string }

/** A way in which an invariant breaks. */
export interface Shown {
  readonly invariant: string
  readonly kind: string
  readonly why: string
}

/** One for several of one cause. `missed`: those that it does not show; `shows`: all that it breaks. */
export type Hunted = Minimal & { readonly missed: readonly Broken[]; readonly shows: readonly Shown[] }

/** An invariant that breaks. `kind`: in this way (causes.ts); null: in any. */
export interface Broken {
  readonly invariant: string
  readonly kind: string | null
}

/** What is to be made small: the first must break, the others of the same cause with it. */
export interface Suspected {
  readonly broken: readonly [Broken, ...Broken[]]
  /** Of which each breaks one of them, in normal form. */
  readonly schedules: readonly Schedule[]
}

/** They differ from whatever is odd, on shares of the schedules that have few in common. */
const SECOND_OPINIONS: ReadonlySet<string> = new Set([SPEC.id, TWIN.id])

/**
 * What broke, arranged by what seems to have one cause: first what is asked before the second opinions, which have more to say
 * where nothing else shows it. What literal is known for is no fault: each stands alone.
 */
export const suspects = (broken: readonly Row[]): readonly (Suspected & { readonly row: Row })[] => {
  const alone = (row: Row) => ({
    row,
    broken: [{ invariant: row.invariant.id, kind: null }] as const,
    schedules: [row.tally.first!.schedule],
  })
  const red = (r: Row): boolean => isRed(r.verdict) && Object.keys(r.tally.kinds).length > 0
  const of = (mode: Mode) => {
    const symptoms = broken
      .filter((r) => r.mode === mode && red(r))
      .flatMap((r) =>
        Object.entries(r.tally.kinds).map(([kind, counts]) => ({ of: r, id: r.invariant.id, kind, counts })),
      )
    // What was not asked for, and escaped, is told beside what was.
    const asked = (s: (typeof symptoms)[number]): number => Number(s.of.tally.notObservable)
    const groups = causes(symptoms).map((g) => [...g].sort((a, b) => asked(a) - asked(b)))
    const second = groups.filter(([s]) => SECOND_OPINIONS.has(s!.id))
    return [...groups.filter((g) => !second.includes(g)), ...(second.length > 0 ? [second.flat()] : [])].map(
      (group) => {
        // Where it breaks in one way only, the smallest schedule may be of another.
        const [first, ...others] = group.map((s): Broken => {
          const only = Object.keys(s.of.tally.kinds).length === 1
          return { invariant: s.id, kind: only ? null : s.kind }
        })
        return {
          row: group[0]!.of,
          broken: [first!, ...others] as const,
          schedules: group.map((s) => s.counts.first.schedule),
        }
      },
    )
  }
  return [...broken.filter((r) => !red(r)).map(alone), ...of('bound'), ...of('literal')]
}

const shown = ({ invariant, why }: Finding): Shown => ({ invariant, kind: kindOf(telling(invariant, why)), why })

const isOf = (b: Broken, s: Shown): boolean => s.invariant === b.invariant && (b.kind === null || s.kind === b.kind)

/** How one of these shows it. */
export const shownBy = (b: Broken, all: readonly Shown[]): Shown | undefined => all.find((s) => isOf(b, s))

/** What of it a schedule breaks; probes are asked in their order, until one of what `must` break does not. */
const brokenBy = (s: Schedule, system: System, all: readonly Broken[], must: boolean): readonly Broken[] => {
  const probed = (b: Broken): boolean => SHARES.some((p) => p.probe.id === b.invariant)
  const findings = all.every(probed) ? [] : play(s, system).findings.map(shown)
  const shows = all.filter((b) => !probed(b) && shownBy(b, findings) !== undefined)
  if (must && shows.length < all.filter((b) => !probed(b)).length) return shows
  for (const b of all.filter(probed)) {
    const f = violation(b.invariant, s, system)
    if (f !== undefined && isOf(b, shown(f))) shows.push(b)
    else if (must) break
  }
  return shows
}

/** Of its schedules those that break the first of what is suspected. */
export const showing = ({ broken: [first], schedules }: Suspected, system: System): readonly Schedule[] =>
  schedules.filter((s) => brokenBy(s, system, [first], true).length > 0)

/**
 * One small schedule for all that one schedule breaks of what is suspected to have one cause. System, power and mode stay
 * what they were. `alive`: called at each try. `columns`: what the drawing fits.
 */
export const minimalOf = (
  suspected: Suspected,
  system: System,
  alive: () => void = () => {},
  columns?: number,
): Hunted => {
  const { broken, schedules } = suspected
  const [first, ...others] = broken
  const tried = showing(suspected, system).map((s) => ({ s, others: brokenBy(s, system, others, false) }))
  const none = { s: schedules[0]!, others: [] }
  const { s: found, others: beside } = tried.reduce(
    (a, b) => (b.others.length > a.others.length ? b : a),
    tried[0] ?? none,
  )
  const together = [first, ...beside]
  const breaks = (s: Schedule): boolean => {
    alive()
    return brokenBy(s, system, together, true).length === together.length
  }
  const small = shrink(found, breaks, actions(EVERYTHING))
  const schedule = { ...small, actions: play(small, system).executed }
  const shows = examine(schedule, system).map(shown)
  const finding = violation(first.invariant, schedule, system)
  const why = finding?.why ?? 'not reproducible after normalising'
  const also = together.slice(1).map(({ invariant }) => {
    const f = shows.find((s) => s.invariant === invariant)
    return { invariant, why: f?.why ?? 'not reproducible after normalising' }
  })
  const aside = first.invariant === TWIN.id ? sideBySide(schedule, system) : []
  const diagram = mermaid(trace(schedule, system, { invariant: first.invariant, why }))
  const drawn = [...ladder(schedule, system, finding, columns), ...aside]
  const missed = others.filter((b) => !together.includes(b))
  return { invariant: first.invariant, schedule, why, diagram, ladder: drawn, also, missed, shows }
}

type Suspect = ReturnType<typeof suspects>[number]

/**
 * The counterexamples of what broke, one for each cause and for whatever none of the others shows; `ask` makes each small,
 * in their order. What another one shows is told there.
 */
export const hunt = async <F extends Hunted>(
  broken: readonly Row[],
  ask: (all: readonly Suspect[]) => Promise<readonly F[]>,
): Promise<readonly (F & { readonly row: Row })[]> => {
  const found: (F & { readonly row: Row; also: Minimal['also'] })[] = []
  const unshown = ({ row, broken: all, schedules }: Suspect): readonly Suspect[] => {
    const red = found.filter((f) => f.row.mode === row.mode && isRed(f.row.verdict))
    const left = all.filter((b) => {
      const by = red.find((f) => shownBy(b, f.shows) !== undefined)
      const told = by?.invariant === b.invariant || by?.also.some((a) => a.invariant === b.invariant)
      if (by !== undefined && !told) by.also = [...by.also, { invariant: b.invariant, why: shownBy(b, by.shows)!.why }]
      return by === undefined
    })
    const [first, ...others] = left
    if (first === undefined) return []
    const of = broken.find((r) => r.mode === row.mode && r.invariant.id === first.invariant)!
    return [{ row: of, broken: [first, ...others], schedules }]
  }
  const isSecond = (s: Suspect): boolean => isRed(s.row.verdict) && SECOND_OPINIONS.has(s.broken[0].invariant)
  let waiting = suspects(broken)
  let asked = waiting.filter((s) => !isSecond(s))
  waiting = waiting.filter(isSecond)
  while (asked.length + waiting.length > 0) {
    const small = asked.length === 0 ? [] : await ask(asked)
    for (const [i, f] of small.entries()) {
      const { row } = asked[i]!
      const same = found.find((o) => o.row === row && isDeepStrictEqual(o.schedule, f.schedule))
      if (same === undefined) found.push({ ...f, row })
      else same.also = [...same.also, ...f.also.filter((a) => !same.also.some((b) => b.invariant === a.invariant))]
    }
    const missed = small.flatMap((f, i) => {
      const [first, ...others] = f.missed
      return first === undefined ? [] : [{ ...asked[i]!, broken: [first, ...others] as const }]
    })
    asked = [...missed, ...waiting].flatMap(unshown)
    waiting = []
  }
  return found
}

/** Shrinks for one invariant. `found`: in normal form. */
export const minimal = (invariant: string, found: Schedule, system: System): Minimal =>
  minimalOf({ broken: [{ invariant, kind: null }], schedules: [found] }, system)

const HASH = 8 // hexadecimal digits

/** Writes it under `folder`, in a file named after what it is and does, and returns the path. May throw. */
export const saveStored = (what: string, stored: Stored, folder: string): string => {
  const hash = createHash('sha256').update(JSON.stringify(stored.schedule)).digest('hex').slice(0, HASH)
  const file = join(folder, `${what}-${stored.schedule.mode}-${hash}.json`)
  writeWhole(file, printStored(stored))
  return file
}

type Told = Omit<Counterexample, 'ladder'>

const storedOf = ({ invariant, schedule, why, also }: Told): Stored => ({
  says: `${invariant}: ${why}`,
  violates: [...new Set([invariant, ...also.map((a) => a.invariant)])],
  schedule,
})

export const save = (c: Told, folder: string): string => saveStored(c.invariant, storedOf(c), folder)

const early = new Map<string, string>() // what was kept, and where

/** Not minimal yet: so that it is not lost with this process. Once for each invariant and mode. */
export const keepEarly = (invariant: string, schedule: Schedule, folder: string): void => {
  const what = `${folder} ${invariant} ${schedule.mode}`
  if (early.has(what)) return
  const stored = { says: `${invariant}: found by a run that did not end`, violates: [invariant], schedule }
  try {
    early.set(what, saveStored(`early-${invariant}`, stored, folder))
  } catch {
    early.set(what, '') // said where the counterexample cannot be saved either
  }
}

/** All that was kept early has been judged, or left in a piece. */
export const dropEarly = (): void => {
  for (const file of early.values()) if (file !== '') rmSync(file, { force: true })
  early.clear()
}

/** What `save` writes. */
export const fileOf = (c: Told): string => printStored(storedOf(c))
