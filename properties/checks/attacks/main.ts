/** The `attacks` command, apart from the process around it. */

import { attackText, listText, summaryText } from '../../harness/attack/attack-text.ts'
import type { Parsed } from '../../harness/schedule-file.ts'
import type { Paint } from '../prop/print.ts'
import { disagreement, type NamedAttack, runAttacks } from './index.ts'
import { parseAttackOptions, USAGE } from './options.ts'

export interface Screen {
  say(text: string): void
  complain(text: string): void
  readonly paint: Paint
}

/** Resolves with the exit code. */
export const attacks = async (
  argv: readonly string[],
  all: Parsed<readonly NamedAttack[]>,
  { say, complain, paint }: Screen,
): Promise<0 | 1 | 2> => {
  if (all.kind === 'bad') {
    complain(all.why)
    return 2
  }
  const options = parseAttackOptions(argv, all.value)
  if (options.kind === 'bad') {
    complain(`${options.why} (npm run attacks -- --help lists the options)`)
    return 2
  }
  if (options.value === 'help') {
    say(USAGE)
    return 0
  }
  const { mode, attacks: chosen, list } = options.value
  if (list) {
    say(listText(chosen))
    return 0
  }
  say(`mode ${mode}. Clients c0, c1 are on the left, connections s0, s1 of a real server on the right, the attacker is`)
  say('between them. Lines with » are its doing.')
  const results = await runAttacks(mode, chosen, (r) => say(`\n${attackText(r, paint)}`))
  say(`\n${summaryText(results, paint)}`)
  return results.some((r) => disagreement(r) !== null) ? 1 : 0
}
