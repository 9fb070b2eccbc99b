/** From the first schedule that broke an invariant to a minimal one, drawn. */
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Mode, Schedule } from '../../../spec/language.ts'
import { violation } from '../examine.ts'
import { writeWhole } from '../files.ts'
import { actions } from '../generate/arbitraries.ts'
import { EVERYTHING } from '../generate/biases.ts'
import type { Finding } from '../monitors.ts'
import { play } from '../play.ts'
import { SPEC } from '../probing.ts'
import { printStored, type Stored } from '../schedule-file.ts'
import { shrink } from '../shrink.ts'
import type { System } from '../system.ts'
import { ladder } from '../trace/ladder.ts'
import { mermaid } from '../trace/mermaid.ts'
import { sideBySide } from '../trace/side-by-side.ts'
import { trace } from '../trace/trace.ts'
import { TWIN } from '../twin.ts'
import { causes, kindOf } from './causes.ts'
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

/** What broke, arranged by what seems to have one cause. What literal is known for is no fault: each stands alone. */
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
        const broken = group.map((s): Broken => {
          const only = Object.keys(s.of.tally.kinds).length === 1
          return { invariant: s.id, kind: only ? null : s.kind }
        })
        const [first, ...others] = broken.filter((b, i) => broken.findIndex((o) => o.invariant === b.invariant) === i)
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

const shownOf = (b: Broken, s: Schedule, system: System): Finding | undefined => {
  const f = violation(b.invariant, s, system)
  return f !== undefined && (b.kind === null || kindOf(f.why) === b.kind) ? f : undefined
}

/** Of its schedules those that break the first of what is suspected. */
export const showing = ({ broken: [first], schedules }: Suspected, system: System): readonly Schedule[] =>
  schedules.filter((s) => shownOf(first, s, system) !== undefined)

/**
 * One small schedule for all that one schedule breaks of what is suspected to have one cause; `missed`: the others.
 * System, power and mode stay what they were. `alive`: called at each try. `columns`: what the drawing fits.
 */
export const minimalOf = (
  suspected: Suspected,
  system: System,
  alive: () => void = () => {},
  columns?: number,
): Minimal & { readonly missed: readonly Broken[] } => {
  const { broken, schedules } = suspected
  const [first, ...others] = broken
  const shows = (s: Schedule) => [first, ...others.filter((b) => shownOf(b, s, system) !== undefined)]
  const tried = showing(suspected, system)
  const found = tried.reduce((a, b) => (shows(b).length > shows(a).length ? b : a), tried[0] ?? schedules[0]!)
  const together = shows(found)
  const breaks = (s: Schedule): boolean => {
    alive()
    return together.every((b) => shownOf(b, s, system) !== undefined)
  }
  const small = shrink(found, breaks, actions(EVERYTHING))
  const schedule = { ...small, actions: play(small, system).executed }
  const finding = violation(first.invariant, schedule, system)
  const why = finding?.why ?? 'not reproducible after normalising'
  const also = together.slice(1).map(({ invariant }) => {
    const f = violation(invariant, schedule, system)
    return { invariant, why: f?.why ?? 'not reproducible after normalising' }
  })
  const aside = first.invariant === TWIN.id ? sideBySide(schedule, system) : []
  const diagram = mermaid(trace(schedule, system, { invariant: first.invariant, why }))
  const drawn = [...ladder(schedule, system, finding, columns), ...aside]
  const missed = others.filter((b) => !together.includes(b))
  return { invariant: first.invariant, schedule, why, diagram, ladder: drawn, also, missed }
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
