/** The closed sets that a card is written in, and what a case is. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import type { Trial } from './trial.ts'

/** `non-strict`: hardening missed, still safe. `informational`: a choice of the dialect. */
export const VERDICTS = ['ok', 'non-strict', 'informational', 'failed', 'inconclusive', 'unsupported'] as const
export type Verdict = (typeof VERDICTS)[number]

/** Who can do it: anybody on the network, a client with its own key; or it is about availability, or about the protocol itself. */
export const CLASSES = { K: 'keyless', I: 'insider', A: 'availability', P: 'protocol' } as const
export type Class = keyof typeof CLASSES

/** What one play of a case came to. `observed` names no time, no port and no random byte: two runs can be compared. */
export interface Judged {
  readonly verdict: Verdict
  readonly observed: string
  /** Another class than that of the case, where what was seen is of another kind. */
  readonly class?: Class
  /** Likewise. */
  readonly invariant?: string
  /** The server ended over it, which is a failure however seldom it happens. */
  readonly fatal?: true
}

/** `T`: what it plays with, a server (Trial) or a client (clients/host.ts). */
export interface Case<T = Trial> {
  /** `group/name`, stable: expectations and `--only` use it. */
  readonly id: string
  readonly class: Class
  /** Invariant (spec/invariants) and clause of PROTOCOL. */
  readonly invariant: string
  readonly clause: string
  /** What is done, in one line. */
  readonly says: string
  /** For the owner: what an attacker gains, and what to change. */
  readonly advice: string
  /** It takes seconds of waiting, and is played beside the others. */
  readonly slow?: true
  /** Why this dialect cannot be asked; null: it can. */
  unsupported?(d: Dialect): string | null
  play(t: T): Promise<Judged>
}

/** What a case is called, who can do it, and what it would break. */
export const about = (id: string, as: Class, invariant: string, clause: string) => ({
  id,
  class: as,
  invariant,
  clause,
})

export const ok = (observed: string): Judged => ({ verdict: 'ok', observed })
export const failed = (observed: string, as?: Class): Judged =>
  as === undefined ? { verdict: 'failed', observed } : { verdict: 'failed', observed, class: as }
export const inconclusive = (observed: string): Judged => ({ verdict: 'inconclusive', observed })
export const informational = (observed: string): Judged => ({ verdict: 'informational', observed })
export const nonStrict = (observed: string): Judged => ({ verdict: 'non-strict', observed })
