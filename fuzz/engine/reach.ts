/**
 * Which of the ways in which the model can judge a frame (spec/checker/lockstep/cells.ts) a search brought about. `prop` plays a
 * schedule for every one of them, so what a search did not reach is a measure of the search.
 */
import { cellName, coverings } from '../../spec/checker/lockstep/cells.ts'
import type { Features } from './features.ts'
import type { Target } from './target.ts'

const CELL_TAGS = 16 // a note of a cell has one of the first tags

/** By name, sorted; null for a target that has no states. */
export const cellsShown = (target: Target, features: Features): readonly string[] | null => {
  const { cell } = target
  if (cell === undefined) return null
  const shown = new Set<string>()
  for (let note = 0; note < 256 * CELL_TAGS; note++) {
    const name = features.hits(note) > 0 ? cell(note >> 8, note & 0xff) : null
    if (name !== null) shown.add(name)
  }
  return [...shown].sort()
}

export interface Reach {
  readonly reached: number
  /** By `prop`: all that the model can reach on the sides that the target feeds. */
  readonly reachable: number
  readonly missed: readonly string[]
}

let all: readonly string[] | null = null

export const reachOf = (shown: readonly string[], target: Target): Reach => {
  all ??= coverings('bound').map((c) => cellName(c.cell)) // the same in both modes
  const due = all.filter((name) => target.feeds === undefined || name.startsWith(target.feeds))
  const missed = due.filter((name) => !shown.includes(name))
  return { reached: due.length - missed.length, reachable: due.length, missed }
}

const LISTED = 6

export const printReach = ({ reached, reachable, missed }: Reach): readonly string[] => {
  const more = missed.length > LISTED ? `, and ${missed.length - LISTED} more` : ''
  const named = missed.length === 0 ? '' : `; not ${missed.slice(0, LISTED).join(', ')}${more}`
  return [`  cells of the model: ${reached} of ${reachable} (prop reaches ${reachable})${named}`]
}
