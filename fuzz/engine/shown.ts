/** What a schedule shows without the fuzzer. */
import { examine, isExpected } from '../../properties/harness/examine.ts'
import type { System } from '../../properties/harness/system.ts'
import { wordsOf } from '../../properties/harness/terminal/text.ts'
import type { Schedule } from '../../spec/language.ts'

/** What a schedule shows on a system, played from its beginning by `prop`'s own means. */
export const shownBy = (s: Schedule, system: System): readonly string[] => {
  let found: readonly string[]
  try {
    found = examine(s, system).map((f) => f.invariant)
  } catch (e) {
    return [`no world: ${wordsOf(e)}`]
  }
  return [...new Set(found)].filter((id) => !isExpected(id, s.mode))
}
