/** Stored schedules played again: one of them drawn for a person, or all of the corpus compared with what is stored. */

import { attackProblem } from './attack/attack-file.ts'
import { examine } from './examine.ts'
import type { Stored } from './schedule-file.ts'
import { CORPUS, defended, difference, readStored, storedNames } from './stored.ts'
import type { System } from './system.ts'
import type { Paint } from './terminal/text.ts'
import { ladder } from './trace/ladder.ts'
import { sideBySide } from './trace/side-by-side.ts'
import { TWIN } from './twin.ts'

/** `code` is an exit code; `lines` go to standard output, or for code 2 to standard error. */
export interface Replayed {
  readonly code: 0 | 1 | 2
  readonly lines: readonly string[]
}

export const replay = (name: string, system: System, paint: Paint): Replayed => {
  const file = readStored(name, name)
  if (file.kind === 'bad') return { code: 2, lines: [file.why] }
  const { says, schedule, violates } = file.value
  const findings = examine(schedule, system)
  const shown = findings.find((f) => f.invariant === violates[0]) ?? findings[0]
  const odd = difference(file.value, findings)
  const attack = schedule.mode === 'literal' && violates.length > 0
  const lines = [
    `${says} (mode ${schedule.mode}, powers ${schedule.powers}, seed ${schedule.seed})`,
    ...ladder(schedule, system, shown),
    ...(findings.some((f) => f.invariant === TWIN.id) ? sideBySide(schedule, system) : []),
    ...findings.map((f) => paint(`violated: ${f.invariant} at action ${f.step}: ${f.why}`, 'yellow')),
    ...(findings.length === 0 ? [paint('nothing violated', 'green')] : []),
    ...(odd === null
      ? violates.length > 0
        ? [`as stored: it violates ${violates.join(', ')}${attack ? ' in literal' : ''}`]
        : []
      : [paint(`${name}: ${odd}`, 'red')]),
  ]
  // What literal mode is known for is no news; a violation in bound is one, whether stored or not.
  return { code: odd !== null || (schedule.mode === 'bound' && findings.length > 0) ? 1 : 0, lines }
}

/** How a stored schedule differs from what it must show; null: it does not. */
const oddity = (name: string, stored: Stored, system: System, own: boolean): string | null => {
  if (!own) return defended(stored, system)
  if (stored.attack !== undefined) return attackProblem(name, stored, system)
  const asStored = difference(stored, examine(stored.schedule, system))
  return asStored ?? (stored.schedule.mode === 'literal' ? defended(stored, system) : null)
}

/** What a stored schedule came to. */
export interface Compared {
  readonly name: string
  readonly path: string // from the repository's root
  readonly stored: Stored
  /** How it differs from what it must show; null: not at all. */
  readonly odd: string | null
}

/**
 * Every stored schedule, one after another; or why a file cannot be read. `own`: the implementation is src/, which must
 * show what is stored; another must withstand the same schedules in bound.
 */
export function* compareCorpus(
  system: System,
  own: boolean,
): Generator<Compared | { readonly path: string; readonly bad: string }> {
  for (const name of storedNames()) {
    const path = `corpus/schedules/${name}`
    const file = readStored(path, new URL(name, CORPUS))
    yield file.kind === 'bad'
      ? { path, bad: file.why }
      : { name, path, stored: file.value, odd: oddity(name, file.value, system, own) }
  }
}

/** The corpus, before anything random. */
export const replayCorpus = (system: System, own: boolean, command: string, paint: Paint): Replayed => {
  const lines: string[] = []
  let [count, failed] = [0, 0]
  for (const c of compareCorpus(system, own)) {
    if ('bad' in c) return { code: 2, lines: [c.bad] }
    count++
    if (c.odd === null) continue
    failed++
    lines.push(paint(`${c.path}: ${c.odd}`, 'red'), `  replay: ${command} --replay ${c.path}`)
  }
  return { code: failed > 0 ? 1 : 0, lines: [...lines, `${count} stored schedules replayed, ${failed} differ`] }
}
