/** An exhaustive scope: every schedule of a small, exactly counted set. */
import type { Action, End, FrameRef, Mode, Powers, Schedule, Setup } from '../../../../spec/language.ts'

export interface Scope {
  readonly says: string
  /** Everything but the mode. Lazy, deterministic, without randomness. */
  schedules(mode: Mode): Iterable<Omit<Schedule, 'mode'>>
  /** Probes that every schedule gets; the others get their share. */
  readonly probes?: readonly string[]
}

export const client = (n: number): End => ({ side: 'client', n })
export const server = (n: number): End => ({ side: 'server', n })
export const sentBy = (by: End, nth: number): FrameRef => ({ by, nth })
export const pass = (frame: FrameRef, to: End): Action => ({ do: 'deliver', frame, to })

const SEED = 1 // of the schedules; any other shows the same

export const schedule = (
  powers: Powers,
  setup: Partial<Setup>,
  actions: readonly Action[],
): Omit<Schedule, 'mode'> => ({
  version: 1,
  seed: SEED,
  powers,
  setup: { clients: [1], insiders: [], challenge: 'fresh', startRound: 1, limits: {}, ...setup },
  actions,
})

/** Run `n` of client `index` with its connection: both ACTIVE, in round 1. */
export const handshake = (n: number, index = 0): readonly Action[] => [
  { do: 'connect', client: index },
  pass(sentBy(client(n), 0), server(n)),
  pass(sentBy(server(n), 0), client(n)),
]
