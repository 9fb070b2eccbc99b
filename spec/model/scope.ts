/** How far the model is explored. */

import type { Setup } from '../checker/context.ts'
import { LIMITS, type LimitName, type Mode, type Powers } from '../language.ts'
import type { Rule } from './rules.ts'

export interface Scope {
  readonly mode: Mode
  readonly clients: number
  readonly runs: number // of each client
  readonly connections: number // in all
  readonly rounds: number // in which a client submits
  readonly powers: Powers
  readonly concurrent: boolean // whether runs of a client overlap
  readonly challenge: 'fresh' | 'constant'
  readonly unconfirmedPerId: number
  /** Faults per path (power F): closes, failed sends, timers, restarts. */
  readonly faults: number
  /** Frames accepted under stolen keys per path (power L). */
  readonly forgeries: number
  readonly without: Rule | null
  /** False: frames refused by one endpoint for the same reason and opcode count as one, as the model cannot tell them apart. */
  readonly everyFrame: boolean
}

export const SMALLEST: Scope = {
  mode: 'bound',
  clients: 1,
  runs: 1,
  connections: 1,
  rounds: 1,
  powers: 'N',
  concurrent: false,
  challenge: 'fresh',
  unconfirmedPerId: LIMITS.unconfirmedPerId,
  faults: 1,
  forgeries: 1,
  without: null,
  everyFrame: false,
}

/** "1x2x3x2": clients × runs × connections × rounds. */
export const scope = (size: string, rest: Partial<Scope> = {}): Scope => {
  const parts = size.split(/[x×]/).map(Number)
  if (parts.length !== 4 || !parts.every((p) => Number.isInteger(p) && p >= 1 && p <= 9))
    throw new RangeError(
      `scope: expected clients x runs x connections x rounds, each 1..9, such as 1x2x3x2, got "${size}"`,
    )
  const [clients, runs, connections, rounds] = parts as [number, number, number, number]
  return { ...SMALLEST, clients, runs, connections, rounds, ...rest }
}

export const sizeOf = (s: Scope): string => `${s.clients}x${s.runs}x${s.connections}x${s.rounds}`

/** With power I the last client is the insider: the adversary speaks for it, and it starts no runs of its own. */
export const setupOf = (s: Scope): Setup => {
  const ids = Array.from({ length: s.clients }, (_, i) => i + 1)
  const limits: Record<LimitName, number> = { ...LIMITS, unconfirmedPerId: s.unconfirmedPerId }
  return {
    mode: s.mode,
    keyring: ids,
    insiders: s.powers.includes('I') ? ids.slice(-1) : [],
    challenge: s.challenge,
    startRound: 1,
    limits,
    without: s.without,
  }
}
