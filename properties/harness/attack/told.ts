/** Whether a stored attack is told right: what it says of either mode against what memory shows. */
import { play } from '../play.ts'
import type { Stored } from '../schedule-file.ts'
import { difference } from '../stored.ts'
import type { System } from '../system.ts'
import { disagreement, performHere } from './perform.ts'
import { asAttack } from './read.ts'

/**
 * `file`: relative to corpus/schedules. Null: it goes in both modes as it says. By the monitors alone: attacks are many
 * and every run begins with them.
 */
export const mistold = (file: string, stored: Stored, system: System): string | null => {
  const attack = asAttack(`corpus/schedules/${file}`, stored)
  if (attack.kind === 'bad') return attack.why
  for (const mode of ['bound', 'literal'] as const) {
    const odd = disagreement(performHere(attack.value, mode, system))
    if (odd !== null) return odd
  }
  return difference(stored, play(stored.schedule, system).findings)
}
