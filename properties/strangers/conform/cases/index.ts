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

export const CASES: readonly Case[] = [WORLD, FIRST_FRAMES, ALTERED, INSIDER, KEYS, SESSIONS, DEPARTURES, IDLE].flat()

export const CLIENT_CASES: readonly ClientCase[] = [...RUNS, ...FRAMES, ...TIMERS]
