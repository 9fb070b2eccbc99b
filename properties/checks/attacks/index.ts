/** What the command, the tests and the gate need of the attacks. */
import type { Mode } from '../../../spec/language.ts'
import type { AttackResult, NamedAttack } from '../../harness/attack/perform.ts'
import { performOverTcp } from './arena.ts'

export { readAttacks } from '../../harness/attack/attack-file.ts'
export {
  type AttackOutcome,
  type AttackResult,
  type AttackStep,
  disagreement,
  type NamedAttack,
} from '../../harness/attack/perform.ts'

/**
 * Plays attacks one after another over real sockets, each against a server of its own in this mode. `done` hears of
 * each as it ends. Rejects where a schedule cannot be played over sockets, and where no port can be had.
 */
export const runAttacks = async (
  mode: Mode,
  attacks: readonly NamedAttack[],
  done: (r: AttackResult) => void = () => {},
): Promise<readonly AttackResult[]> => {
  const results: AttackResult[] = []
  for (const a of attacks) {
    const result = await performOverTcp(a, mode)
    results.push(result)
    done(result)
  }
  return results
}
