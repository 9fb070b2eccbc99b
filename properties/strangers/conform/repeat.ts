/** What a card says of a case, and the plays that it takes to say it. */
import type { Closing } from './exchange.ts'
import type { Case, Class, Judged, Verdict } from './verdicts.ts'

export interface Row {
  readonly id: string
  readonly verdict: Verdict
  readonly class: Class
  /** Where it is another than that of the case. */
  readonly invariant?: string
  readonly observed: string
  /** What crossed in the play that decided, where the case did not end well: drawn, a line each. */
  readonly exchange: readonly string[]
  /** Where the frame that was accepted differs from one that should be. */
  readonly difference: string | null
  /** Null: no connection was asked. */
  readonly closing: Closing | null
}

/** One play, and what crossed in it. */
export type Played = Judged & Pick<Row, 'exchange' | 'difference' | 'closing'>

const PLAYS = 3 // of a case that failed

/** Played again where it failed, unless that ended the stranger: what does not show every time is not charged. */
export const repeated = async (
  c: Pick<Case, 'id' | 'class'>,
  play: (attempt: number) => Promise<Played>,
): Promise<Row> => {
  const first = await play(0)
  const plays = [first]
  for (let i = 1; i < PLAYS && first.verdict === 'failed' && !first.fatal; i++) plays.push(await play(i))
  const other = first.fatal ? undefined : plays.find((p) => p.verdict !== first.verdict)
  if (other === undefined) return rowOf(c, first)
  const observed = `nondeterministic: ${first.observed} — and again: ${other.observed}`
  const exchange = [...first.exchange, '— again —', ...other.exchange]
  return {
    id: c.id,
    verdict: 'inconclusive',
    class: c.class,
    observed,
    exchange,
    difference: null,
    closing: first.closing,
  }
}

/** Of one play that decides. */
export const rowOf = (c: Pick<Case, 'id' | 'class'>, played: Played): Row => {
  const { verdict, observed, class: as = c.class, exchange, difference, closing } = played
  return {
    ...{ id: c.id, verdict, class: as, observed },
    exchange: verdict === 'ok' ? [] : exchange,
    difference: verdict === 'failed' ? difference : null,
    closing,
    ...(played.invariant !== undefined && { invariant: played.invariant }),
  }
}

/** Of none. */
export const notPlayed = (
  c: Pick<Case, 'id' | 'class'>,
  verdict: 'unsupported' | 'inconclusive',
  why: string,
): Row => ({ id: c.id, verdict, class: c.class, observed: why, exchange: [], difference: null, closing: null })
