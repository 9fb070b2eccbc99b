/** Every target there is. */
import type { Target } from '../engine/target.ts'
import { catalogue } from './catalogue.ts'
import { dialect } from './dialect.ts'
import { frame } from './frame.ts'
import { keyring } from './keyring.ts'
import { client, session } from './live.ts'
import { padding } from './padding.ts'
import { payload } from './payload.ts'
import { schedule } from './schedule.ts'
import { sequence, sequenceModel } from './sequence.ts'
import { stream } from './stream.ts'

export const TARGETS: readonly Target[] = [
  ...[frame, padding, stream, payload],
  ...[session, client, sequence, sequenceModel],
  ...[keyring, schedule, dialect, catalogue],
]
export const TARGET_NAMES: readonly string[] = TARGETS.map((t) => t.name)

/** The target of that name; a name that was not checked is a bug. */
export const targetNamed = (name: string): Target => {
  const found = TARGETS.find((t) => t.name === name)
  if (found === undefined) throw new Error(`target: expected one of ${TARGET_NAMES.join(', ')}, got ${name}`)
  return found
}
