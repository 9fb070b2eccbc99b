/** The `attacks` command, apart from the process around it. */

import { listText } from '../../harness/attack/attack-text.ts'
import type { NamedAttack } from '../../harness/attack/perform.ts'
import type { Parsed } from '../../harness/schedule-file.ts'
import { command, perform, type Screen } from '../../harness/terminal/command.ts'
import { runForPerson } from '../check.ts'
import { attacksOf, chosenAttacks } from './check.ts'

export const attacksCommand = (all: Parsed<readonly NamedAttack[]>) =>
  command({
    ...attacksOf(all),
    async run(o, screen, files) {
      if (!o.list) return runForPerson(attacksOf(all, files), o, screen)
      screen.say(listText(chosenAttacks(o, files, all)))
      return 0
    },
  })

/** Resolves with the exit code. */
export const attacks = (
  argv: readonly string[],
  all: Parsed<readonly NamedAttack[]>,
  screen: Omit<Screen, 'progress'>,
): Promise<number> => perform(attacksCommand(all), argv, { progress: () => ({ show() {}, clear() {} }), ...screen })
