/** Every case, in the order in which they are played: against a server, and against a client. */
import { FRAMES } from '../clients/cases/frames.ts'
import { RUNS, TIMERS } from '../clients/cases/runs.ts'
import type { ClientCase } from '../clients/strike.ts'
import type { Trial } from '../trial.ts'
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
  'replay/data',
  'insider/round-before',
  'insider/round-after',
  'insider/padding-inconsistent',
  'elsewhere/data-on-the-connection-of-y',
]

const EARLY: readonly Case[] = [WORLD, FIRST_FRAMES, ALTERED, INSIDER, KEYS, SESSIONS, DEPARTURES].flat()

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

export const CASES: readonly Case[] = [...EARLY, ...LATE, ...IDLE]

export const CLIENT_CASES: readonly ClientCase[] = [...RUNS, ...FRAMES, ...TIMERS]
