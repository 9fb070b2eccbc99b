/** Paths of the model: the events on them, their moves in a few words, and the schedule to try on bytes what was found among terms. */
import { type Event, endName } from '../events.ts'
import type { Action, Pick } from '../language.ts'
import { LIMITS, SCHEDULE_VERSION, type Schedule } from '../language.ts'
import type { State } from './endpoints.ts'
import type { Model } from './model.ts'
import type { Move } from './moves.ts'
import { type Scope, setupOf } from './scope.ts'

/** What happens in each move; of several outcomes the first. */
export const eventsOf = (m: Model, path: readonly Move[]): readonly (readonly Event[])[] => {
  let s: State = m.initStates()[0]!
  return path.map((move) => {
    const outcome = m.play(move.side === 'client' ? s.clients : s.conns, move)[0]!
    s = m.apply(s, move, outcome)
    return outcome.segments.flatMap((segment) => segment.events)
  })
}

const originText = (p: Pick): string => (typeof p === 'object' && 'by' in p ? `${endName(p.by)}.${p.nth}` : 'a frame')

/** A move in a few characters: where a frame comes from and goes to, or what happens. */
const briefly = (a: Action): string => {
  switch (a.do) {
    case 'connect':
      return `client ${a.client + 1} starts`
    case 'submit':
      return `c${a.run} submits`
    case 'finish':
      return `c${a.run} finishes`
    case 'deliver':
      return `${originText(a.frame)}→${endName(a.to)}`
    case 'continue':
      return `the rest→${endName(a.to)}`
    case 'inject':
      return a.hex === '' ? `${endName(a.to)} opens` : `junk→${endName(a.to)}`
    case 'seal':
      return `forged→${endName(a.to)}`
    case 'close':
      return `${endName(a.at)} dies`
    case 'failSend':
      return `${endName(a.at)} cannot send`
    case 'leak':
      return `${endName(a.at)} leaks`
    case 'advance':
      return 'timer'
    case 'restart':
      return 'restart'
    case 'converse':
      return `client ${a.client + 1} converses`
  }
}

export const brief = (path: readonly Move[]): string =>
  path.map((m) => m.parts.map((d) => briefly(d.action)).join('+')).join(', ')

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
    actions: path.flatMap((move) => move.parts.map((part) => part.action)),
  }
}
