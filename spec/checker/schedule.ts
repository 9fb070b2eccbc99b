/** Paths of the model as schedules, so that what was found among terms can be tried on bytes. */
import { LIMITS, SCHEDULE_VERSION, type Schedule } from '../language.ts'
import { type Scope, setupOf } from '../model/scope.ts'
import type { Move } from './moves.ts'

/** Timers are the one thing that does not carry over exactly: `advance` moves the clocks of all endpoints. */
export const scheduleOf = (scope: Scope, path: readonly Move[]): Schedule => {
  const { keyring, insiders, challenge, startRound } = setupOf(scope)
  const { unconfirmedPerId } = scope
  return {
    version: SCHEDULE_VERSION,
    seed: 1,
    mode: scope.mode,
    powers: scope.powers,
    setup: {
      clients: keyring,
      insiders,
      challenge,
      startRound,
      limits: unconfirmedPerId === LIMITS.unconfirmedPerId ? {} : { unconfirmedPerId },
    },
    actions: path.flatMap((move) => move.deeds.map((deed) => deed.action)),
  }
}
