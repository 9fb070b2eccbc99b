/** What of a campaign needs somebody's attention, as problems: what broke or was missing, and chunks that were lost. */
import { relative } from 'node:path'
import type { Mode } from '../../../spec/language.ts'
import type { Problem } from '../report/outcome.ts'
import { type Chunk, scheduleOf } from './campaign.ts'
import { type Minimal, saveStored } from './minimal.ts'
import type { Setting } from './setting.ts'
import type { Row } from './tally.ts'

/** The one over which a chunk was lost, in a file of its own; '' where it cannot be had. */
const lostSchedule = (chunk: Chunk, at: number, folder: string): string => {
  try {
    const stored = { says: 'the system does not survive it', violates: [], schedule: scheduleOf(chunk, at) }
    return `, saved as ${relative('.', saveStored('lost', stored, folder))}`
  } catch {
    return ''
  }
}

/** `at`: the schedule over which it was lost, from 0; null: nobody knows. */
export const lostProblem = (
  chunk: Chunk,
  why: string,
  at: number | null,
  s: Pick<Setting, 'again'>,
  folder: string,
): Problem => {
  const what = 'scope' in chunk ? `scope ${chunk.scope}` : `bias ${chunk.profile}, seed ${chunk.seed}`
  const from = 'scope' in chunk ? chunk.from : 0
  const where = at === null ? '' : ` at schedule ${from + at}${lostSchedule(chunk, at, folder)}`
  return {
    kind: 'error',
    text: `chunk ${chunk.index} (${chunk.mode}, ${what}, schedules ${from}..${from + chunk.runs - 1}) is lost${where}: ${why}`,
    ...(s.again !== undefined && { replay: s.again(chunk) }),
  }
}

const alsoText = (also: Minimal['also']): string =>
  also.length === 0 ? '' : `; the same schedule breaks ${also.map((a) => `${a.invariant} (${a.why})`).join(', ')}`

/** As a case of JUnit is called. */
export const caseName = (id: string, mode: Mode): string => `${id} in ${mode}`

/** `small`: of what broke. */
export const problemOf = (r: Row, replay: string | undefined, small: Minimal | null): Problem | null => {
  const { id, says, witness } = r.invariant
  const extra = { about: caseName(id, r.mode), ...(replay === undefined ? {} : { replay }) }
  switch (r.verdict) {
    case 'violated':
      return {
        kind: 'violation',
        text: `${id} in ${r.mode}: ${says}; expected to hold, got: ${small?.why}${alsoText(small?.also ?? [])}`,
        ...extra,
      }
    case 'not violated':
      return {
        kind: 'expectation-missing',
        text: `${id} in ${r.mode}: expected to be violated (PROTOCOL §9), and no counterexample was found`,
        ...extra,
      }
    case 'unreached':
      return {
        kind: 'floor',
        text: `${id} in ${r.mode}: ${witness.says}: expected at least ${witness.floor} times, got ${r.tally.witnesses}`,
        ...extra,
      }
    case 'holds':
    case 'violated as expected':
    case 'not observable':
    case 'not reached':
    case 'not run':
      return null
  }
}
