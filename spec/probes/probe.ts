/** An invariant that one play cannot show: it needs the same schedule played again, changed or by others. */
import type { Event, FrameId } from '../events.ts'
import type { Action, Powers, Schedule } from '../language.ts'

/**
 * Who takes a side in a further play: the system under test, the reference in its place, or the system restored from a
 * snapshot of itself before every input.
 */
export type Implementation = 'system' | 'reference' | 'restored'
export interface Pairing {
  readonly client: Implementation
  readonly server: Implementation
}

/** Plays a schedule, by default with the system on both sides. Equal bytes have equal names in all plays of one probe. */
export type Replay = (s: Schedule, pairing?: Pairing) => readonly Event[]

export interface Probed {
  /** How often it came to what `witness` says. */
  readonly reached: number
  /** The first difference; `step` is an index into the actions of the schedule probed. */
  readonly violated: { readonly step: number; readonly why: string } | null
}

/** The fields that probes share with monitors (spec/invariants) mean the same. */
export interface Probe {
  readonly id: string
  readonly says: string
  readonly powers: Powers
  readonly needs: readonly Event['on'][]
  /**
   * What it asks of a system beside events: snapshots, an order of what one action causes at both sides, real bytes, and
   * that it draws its random bytes from the harness.
   */
  readonly asks?: readonly ('fork' | 'order' | 'bytes' | 'rng')[]
  readonly literal: 'holds' | 'violated'
  readonly witness: { readonly says: string; readonly floor: number }
  /** `first`: the events of playing `s`. `length`: of a frame that occurs in them, bytes. */
  check(s: Schedule, first: readonly Event[], play: Replay, length: (frame: FrameId) => number): Probed
}

/** The actions as they were carried out: macros expanded, frames and endpoints named by origin. */
export const carriedOut = (events: readonly Event[]): readonly Action[] =>
  events.flatMap((e) => (e.on === 'step' ? [e.action] : []))

/** How many client runs and connections were opened. */
export const opened = (events: readonly Event[]): { readonly runs: number; readonly connections: number } => {
  const all = events.filter((e) => e.on === 'opened')
  const runs = all.filter((e) => e.at.side === 'client').length
  return { runs, connections: all.length - runs }
}
