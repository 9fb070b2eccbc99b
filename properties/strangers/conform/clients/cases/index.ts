/** Every case for a client, in the order in which they are played. */
import type { ClientCase } from '../strike.ts'
import { FRAMES } from './frames.ts'
import { RUNS, TIMERS } from './runs.ts'

export const CLIENT_CASES: readonly ClientCase[] = [...RUNS, ...FRAMES, ...TIMERS]

/** Those that take seconds of waiting, and are played beside the others. */
export const isOverdue = (c: ClientCase): boolean => TIMERS.includes(c)
