/** Every case for a client, in the order in which they are played. */
import type { Host } from '../host.ts'
import type { ClientCase } from '../strike.ts'
import { FRAMES } from './frames.ts'
import { RUNS, TIMERS } from './runs.ts'

/** What a client that is strict at first is sent again in place of its last answer but one. */
const SENT_LATE = ['answer/tag-last', 'answer/sealed-round-before', 'answer/padding-inconsistent']

const LATE = FRAMES.filter((c) => SENT_LATE.includes(c.id)).map((c) => ({
  ...c,
  id: `late/${c.id.split('/')[1]}`,
  says: `in the last round but one, ${c.says}`,
  advice: `It is refused in the first round, and not later. ${c.advice}`,
  play: (h: Host) => {
    h.round = Math.max(1, h.habits.rounds - 1)
    return c.play(h)
  },
}))

export const CLIENT_CASES: readonly ClientCase[] = [...RUNS, ...FRAMES, ...LATE, ...TIMERS]

/** Those that take seconds of waiting, and are played beside the others. */
export const isOverdue = (c: ClientCase): boolean => TIMERS.includes(c)
