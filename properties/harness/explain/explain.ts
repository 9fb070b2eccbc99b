/** From a counterexample to its cause: what of it is essential, which rule is missing, where it was decided, what to do. */
import type { Schedule } from '../../../spec/language.ts'
import { CHECKS } from '../judging/examine.ts'
import { Player } from '../world/play.ts'
import type { System } from '../world/system.ts'
import { breaking, type Essential, essential } from './essential.ts'
import { rank } from './ranking.ts'
import { RULES } from './rules.ts'
import { type Explanation, lostExplanation } from './text.ts'
import { decided } from './where.ts'

const SHOWN = 3 // rules
const NOT_UNDERSTOOD =
  'the adapter crashed, did not answer or was not understood, which is no rule of PROTOCOL: see adapter-check and spec/ADAPTER.md'
const ESCAPED = 'an exception escaped, and none does where the reference is without a rule: see where it was thrown'
const PROBED = 4 // plays of a probe: a world of its own, and others to compare with

/** A party that cannot even be made has no values to vary. */
const varied = (...of: Parameters<typeof essential>): Essential => {
  try {
    return essential(...of)
  } catch {
    return { notes: [{ step: null, text: 'nothing was varied: it cannot be played to its end' }], neighbour: null }
  }
}

const quiet = (act: () => void): void => {
  try {
    act()
  } catch {
    // a party that cannot be made: no branch of it decided anything
  }
}

/** The first exception that escaped from the system; null: none. */
const escaped = (schedule: Schedule, system: System): string | null => {
  let error: string | null = null
  quiet(() => {
    const all = new Player(schedule, system, (e) => {
      if (e.on === 'fault') error ??= e.error
    })
    for (const _ of all.play());
  })
  return error
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
  const error = escaped(schedule, system)
  if (error?.startsWith('AdapterError: ')) return lostExplanation(NOT_UNDERSTOOD)
  const { step, rules, untried } = await rank(schedule, system, invariant)
  if (error !== null && (rules[0]?.explained ?? null) === null) return lostExplanation(ESCAPED)
  const plays = CHECKS.find((c) => c.id === invariant)?.asks === undefined ? 1 : PROBED
  const { notes, neighbour } = varied(schedule, system, plays, breaking(schedule, system, invariant, alive))
  const again = async () => {
    const other = await fresh!()
    return (s: Schedule): void =>
      quiet(() => {
        for (const _ of new Player(s, other, () => {}).play());
      })
  }
  return {
    notes: [
      ...notes,
      ...(untried === 0
        ? []
        : [{ step: null, text: `${untried} ways of leaving a rule out were not tried: it is too long` }]),
    ],
    differs: step,
    rules: rules.slice(0, SHOWN).map(({ rule, explained }) => ({ rule, ...RULES[rule], explained })),
    where: neighbour === null || fresh === null ? [] : [...(await decided(again, schedule, neighbour))],
  }
}
