/** Every case, in the order in which they are played: against a server, and against a client. */
import { FRAMES } from '../clients/cases/frames.ts'
import { RUNS, TIMERS } from '../clients/cases/runs.ts'
import type { ClientCase } from '../clients/strike.ts'
import type { Case } from '../verdicts.ts'
import { ALTERED } from './altered.ts'
import { DEPARTURES } from './departures.ts'
import { FIRST_FRAMES } from './first.ts'
import { IDLE } from './idle.ts'
import { INSIDER } from './insider.ts'
import { KEYS } from './keys.ts'
import { SESSIONS } from './sessions.ts'
import { WORLD } from './world.ts'

const LATE_ROUNDS = 6
/** What a server that is strict at first is asked again later. */
const ASKED_LATE = [
  'altered/tag-last',
  'insider/round-before',
  'insider/round-after',
  'insider/padding-inconsistent',
  'replay/data',
  'elsewhere/data-on-the-connection-of-y',
]

const EARLY: readonly Case[] = [WORLD, FIRST_FRAMES, ALTERED, INSIDER, KEYS, SESSIONS, DEPARTURES].flat()

/** What a client that is strict at first is sent again in place of its last answer but one. */
const SENT_LATE = ['answer/tag-last', 'answer/sealed-round-before', 'answer/padding-inconsistent']

const late = <T>(all: readonly Case<T>[], ids: readonly string[], at: string, first: string, wait: (t: T) => void) =>
  ids.map((id) => {
    const c = all.find((early) => early.id === id)!
    return {
      ...c,
      id: `late/${id.split('/')[1]}`,
      says: `${at}, ${c.says}`,
      advice: `It is refused in the ${first}, and not later. ${c.advice}`,
      play(t: T) {
        wait(t)
        return c.play(t)
      },
    }
  })

const LATE = late(EARLY, ASKED_LATE, `after ${LATE_ROUNDS} rounds`, 'first rounds', (t) => {
  t.rounds = LATE_ROUNDS
})
const SENT = late(FRAMES, SENT_LATE, 'in the last round but one', 'first round', (h) => {
  h.round = Math.max(1, h.habits.rounds - 1)
})

export const CASES: readonly Case[] = [...EARLY, ...LATE, ...IDLE]

export const CLIENT_CASES: readonly ClientCase[] = [...RUNS, ...FRAMES, ...SENT, ...TIMERS]
