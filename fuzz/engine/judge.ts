/** One input at a time, without a search: what replay, regression runs and minimising use. */
import type { Replacement } from '../../properties/harness/variants.ts'
import { faultOf } from './fault.ts'
import { Input } from './input.ts'
import { type Loaded, loadGuided } from './loaded.ts'
import type { Verdict } from './messages.ts'
import type { Note, Target } from './target.ts'

/** Executes inputs as the search does: in the same place in memory, with loops limited. Never throws. */
export const judgeOf = (target: Target, { src, counts }: Pick<Loaded, 'src' | 'counts'>) => {
  const oracle = target.oracle(src, counts)
  return (data: Uint8Array, note: Note = () => {}): Verdict => {
    counts?.fill(0)
    try {
      oracle(Input.holding(data), note)
      return { fault: null, detail: '' }
    } catch (error) {
      return { fault: faultOf(error), detail: error instanceof Error ? error.message : String(error) }
    }
  }
}

export const judgeWith = async (target: Target, replacements: readonly Replacement[] = []) =>
  judgeOf(target, await loadGuided(target, replacements))
