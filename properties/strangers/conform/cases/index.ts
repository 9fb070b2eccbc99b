/** Every case, in the order in which they are played. */
import type { Trial } from '../trial.ts'
import type { Case } from '../verdicts.ts'
import { ALTERED } from './altered.ts'
import { DEPARTURES } from './departures.ts'
import { FIRST_FRAMES } from './first.ts'
import { FLOODS } from './floods.ts'
import { INSIDER } from './insider.ts'
import { KEYS } from './keys.ts'
import { SESSIONS } from './sessions.ts'
import { TIMERS } from './timers.ts'
import { WORLD } from './world.ts'

const LATE_ROUNDS = 6
/** What a server that is strict at first is asked again later. */
const ASKED_LATE = [
  'altered/tag-last',
  'replay/data',
  'insider/round-before',
  'insider/round-after',
  'insider/padding-inconsistent',
  'elsewhere/data-on-the-connection-of-y',
]

const EARLY: readonly Case[] = [
  ...WORLD,
  ...FIRST_FRAMES,
  ...ALTERED,
  ...INSIDER,
  ...KEYS,
  ...SESSIONS,
  ...DEPARTURES,
  ...FLOODS,
]

const LATE = EARLY.filter((c) => ASKED_LATE.includes(c.id)).map((c) => ({
  ...c,
  id: `late/${c.id.split('/')[1]}`,
  says: `after ${LATE_ROUNDS} rounds, ${c.says}`,
  advice: `It is refused in the first rounds, and not later. ${c.advice}`,
  play: (t: Trial) => {
    t.rounds = LATE_ROUNDS
    return c.play(t)
  },
}))

export const CASES: readonly Case[] = [...EARLY, ...LATE, ...TIMERS]

/** Those that take seconds of waiting, and are played beside the others. */
export const isSlow = (c: Case): boolean => TIMERS.includes(c)
