/** Every case, in the order in which they are played. */
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

export const CASES: readonly Case[] = [
  ...WORLD,
  ...FIRST_FRAMES,
  ...ALTERED,
  ...INSIDER,
  ...KEYS,
  ...SESSIONS,
  ...DEPARTURES,
  ...FLOODS,
  ...TIMERS,
]

/** Those that take seconds of waiting, and are played beside the others. */
export const isSlow = (c: Case): boolean => TIMERS.includes(c)
