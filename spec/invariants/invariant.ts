/** What an invariant is: a fold over events that may say "violated", and a witness that proves it was put to the test. */
import type { Event, Ledger } from '../events.ts'
import type { Powers } from '../language.ts'

export interface Violated {
  readonly violated: string
}

/**
 * `S` is small plain data and `step` is pure, so that the explorer can carry and compare it. Ids follow ADVERSARY:
 * F framing, C crypto, S state machine, R ratchet, A agreement, I isolation, G aggregation, B resources,
 * O uniformity, L liveness.
 */
export interface Invariant<S = unknown> {
  readonly id: string
  readonly says: string
  /** The powers it must survive, beside N and F which every one must. */
  readonly powers: Powers
  /** The events `step` and the witness look at; a party that cannot report one leaves it "not observable". */
  readonly needs: readonly Event['on'][]
  /** It asks about bytes that real cryptography makes, or about timers: where there are none it is "not observable". */
  readonly asks?: readonly ('bytes' | 'advance')[]
  /** What is expected in `literal` mode (PROTOCOL §9); `bound` always holds. */
  readonly literal: 'holds' | 'violated'
  readonly witness: {
    readonly says: string
    /** How often the default seed and budget must reach it. */
    readonly floor: number
    hit(e: Event, l: Ledger): boolean
  }
  readonly start: S
  step(s: S, e: Event, l: Ledger): S | Violated
}

type Usual = Pick<Invariant, 'powers' | 'literal'>
type Start<S> = Pick<Invariant<S>, 'start'>

/** Unless it says otherwise, an invariant survives every power, holds in `literal` as well, and remembers nothing. */
export const define = <S>(
  i: Omit<Invariant<S>, keyof Usual | 'start'> & Partial<Usual> & (S extends null ? Partial<Start<S>> : Start<S>),
): Invariant => ({ powers: 'NIL', literal: 'holds', start: null, ...i })

export const violated = (why: string): Violated => ({ violated: why })
export const isViolated = (s: unknown): s is Violated => typeof s === 'object' && s !== null && 'violated' in s

/** Whether an invariant is judged on a schedule: it promises nothing against powers it does not name. */
export const judges = (i: Pick<Invariant, 'powers'>, powers: Powers): boolean =>
  [...powers].every((p) => p === 'N' || p === 'F' || i.powers.includes(p))

export const plus = <T>(set: ReadonlySet<T>, x: T): ReadonlySet<T> => new Set(set).add(x)
export const without = <T>(set: ReadonlySet<T>, x: T): ReadonlySet<T> => {
  const copy = new Set(set)
  copy.delete(x)
  return copy
}
