/**
 * What of a counterexample is essential: each value of it is varied within its type, each variation is played on the same
 * system and judged by the same invariant. Small domains are tried whole, of others a sample; which it was is said.
 */
import type { Schedule } from '../../../spec/language.ts'
import { Prober } from '../probing.ts'
import type { System } from '../system.ts'
import { plural } from '../terminal/text.ts'
import type { Breaks } from './breaking.ts'
import { type Dimension, dimensionsOf } from './variations.ts'

/** `step`: the index of the action, null: of the setup. */
export interface Note {
  readonly step: number | null
  readonly text: string
}

export interface Essential {
  readonly notes: readonly Note[]
  /** A schedule that differs in one value and no longer breaks the invariant: the one closest to the break. */
  readonly neighbour: Schedule | null
}

const LISTED = 4

const some = (names: readonly string[]): string =>
  names.length <= LISTED ? names.join(', ') : `${names.slice(0, LISTED).join(', ')} and ${names.length - LISTED} more`

/** In words; null: nothing to say. */
const said = (d: Dimension, does: readonly string[], doesNot: readonly string[]): string | null => {
  const tried = does.length + doesNot.length
  const how = d.all && tried === d.others.length ? '' : ` (${tried} tried)`
  if (does.length === tried) return `${d.any}${how}`
  if (does.length === 0) return d.none === null ? null : `${d.none}${how}`
  if (doesNot.length === 1 && does.length > 1) return `${d.any} but ${some(doesNot)}${how}`
  return `${d.what}: also ${some(does)}, not every other${how}`
}

const SAMPLE = 8

/** Of a domain that takes too long as a whole. */
const sampled = (d: Dimension): Dimension => {
  const every = Math.ceil(d.others.length / SAMPLE)
  return every === 1 ? d : { ...d, all: false, others: d.others.filter((_, i) => i % every === 0) }
}

const MOST_WORK = 2_000 // events, over all variations

/** `breaks`: whether a variation still breaks the invariant, which takes so many `plays`. Deterministic. */
export const essential = (s: Schedule, system: System, plays: number, breaks: Breaks): Essential => {
  const events = new Prober(system).replay(s)
  const cost = plays * events.length
  const dimensions = dimensionsOf(s, system, events)
  let left = MOST_WORK
  let skipped = 0
  let lost = 0
  let neighbour: { readonly step: number; readonly schedule: Schedule } | null = null
  const notes: Note[] = []
  for (const whole of dimensions) {
    if (whole.others.length === 0) continue
    const d = whole.others.length * cost <= left ? whole : sampled(whole)
    if (d.others.length * cost > left) {
      skipped++
      continue
    }
    left -= d.others.length * cost
    const does: string[] = []
    const doesNot: string[] = []
    for (const { name, schedule } of d.others) {
      const still = breaks(schedule)
      if (still === null) lost++
      else if (still) does.push(name)
      else {
        doesNot.push(name)
        if (d.step !== null && d.step >= (neighbour?.step ?? -1)) neighbour = { step: d.step, schedule }
      }
    }
    if (does.length + doesNot.length === 0) continue
    const text = said(d, does, doesNot)
    if (text !== null) notes.push({ step: d.step, text })
  }
  if (lost > 0) notes.push({ step: null, text: `${plural(lost, 'variation')} could not be played to the end` })
  if (skipped > 0) notes.push({ step: null, text: `${skipped} values were not varied: it is too long` })
  notes.sort((a, b) => (a.step ?? -1) - (b.step ?? -1))
  return { notes, neighbour: neighbour?.schedule ?? null }
}
