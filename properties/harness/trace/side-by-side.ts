/** Two worlds that played one schedule, next to each other where they first differ. */
import { eventText, fieldsOf } from '../../../spec/event-text.ts'
import type { Event } from '../../../spec/events.ts'
import type { Schedule } from '../../../spec/language.ts'
import { Prober } from '../judging/probing.ts'
import { comparable, firstDifference, TWINS } from '../judging/twin.ts'
import type { System } from '../world/system.ts'

const AROUND = 3 // events of context on either side
const WIDTH = 52

/** Lines without colour: two worlds by name next to each other around `at`, the index of the first difference. */
export const twoColumns = (
  [left, right]: readonly [string, string],
  [own, other]: readonly [readonly Event[], readonly Event[]],
  at: number,
): readonly string[] => {
  const lines = [`  ${left.padEnd(WIDTH)}  ${right}`]
  for (let i = Math.max(0, at - AROUND); i <= at + AROUND; i++) {
    if (i > at && own[i] === undefined && other[i] === undefined) break
    lines.push(`${i === at ? '≠' : ' '} ${eventText(own[i]).slice(0, WIDTH).padEnd(WIDTH)}  ${eventText(other[i])}`)
  }
  return [...lines, ...fieldsOf(own[at], other[at]).map((d) => `  ${d}`)]
}

/** The system on the left, the first other world that differs on the right; none where all agree. */
export const sideBySide = (schedule: Schedule, system: System): readonly string[] => {
  const { replay } = new Prober(system)
  const own = comparable(replay(schedule))
  for (const { name, ...pairing } of TWINS) {
    const other = comparable(replay(schedule, pairing))
    const at = firstDifference(own, other)
    if (at === null) continue
    return twoColumns([system.name, name], [own, other], at)
  }
  return []
}
