/** From a counterexample to its cause: what of it is essential, which rule is missing, where it was decided, what to do. */
import type { Schedule } from '../../../spec/language.ts'
import { violation } from '../examine.ts'
import { play } from '../play.ts'
import type { System } from '../system.ts'
import { essential } from './essential.ts'
import { rank } from './ranking.ts'
import { RULES } from './rules.ts'
import type { Explanation } from './text.ts'
import { decided } from './where.ts'

const SHOWN = 3 // rules

const quiet = (act: () => void): void => {
  try {
    act()
  } catch {
    // a party that cannot be made: no branch of it decided anything
  }
}

/**
 * `fresh` makes another instance of a system that runs src/, to see which of its branches were taken; null: nothing is said
 * of that. `alive` is called at each play. Deterministic.
 */
export const explain = async (
  schedule: Schedule,
  system: System,
  invariant: string,
  fresh: (() => Promise<System>) | null = null,
  alive: () => void = () => {},
): Promise<Explanation> => {
  const breaks = (s: Schedule): boolean => {
    alive()
    try {
      return violation(invariant, s, system) !== undefined
    } catch {
      return true // as the schedule itself
    }
  }
  const { step, rules } = await rank(schedule, system, invariant)
  const { notes, neighbour } = essential(schedule, system, breaks)
  const again = async () => {
    const other = await fresh!()
    return (s: Schedule): void => quiet(() => play(s, other))
  }
  return {
    notes: [...notes],
    differs: step,
    rules: rules.slice(0, SHOWN).map(({ rule, explained }) => ({ rule, ...RULES[rule], explained })),
    where: neighbour === null || fresh === null ? [] : [...(await decided(again, schedule, neighbour))],
  }
}
