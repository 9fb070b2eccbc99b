/** A path of the model in the same drawing as a played schedule. */

import type { Model } from '../../../spec/checker/model.ts'
import type { Move } from '../../../spec/checker/moves.ts'
import { eventsOf } from '../../../spec/checker/paths.ts'
import { setupOf } from '../../../spec/checker/scope.ts'
import { ladderLine } from './ladder.ts'
import { traceStep } from './trace.ts'

/** Each move with its number; of several outcomes the first. */
export const modelLadder = (m: Model, path: readonly Move[]): readonly string[] => {
  const clients = setupOf(m.scope).keyring
  return eventsOf(m, path).flatMap((events, i) => {
    const steps = events.flatMap((e) => traceStep(e, i, clients) ?? [])
    const lines = steps.flatMap((s) => ladderLine(s) ?? [])
    return lines.map((line, k) => `${(k === 0 ? `${i + 1}` : '').padStart(3)}  ${line}`)
  })
}
