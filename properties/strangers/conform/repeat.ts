/** What a card says of each case, and the plays that it takes to say it. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Closing, Keyed } from './exchange.ts'
import type { Case, Class, Judged, Verdict } from './verdicts.ts'

/** What every run of conform has. */
export interface Common extends Keyed {
  readonly seed: number
  readonly signal: AbortSignal
  progress(done: number, total: number): void
}

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

export interface Rows {
  readonly rows: readonly Row[]
  /** Why it ended before its end; null: it did not. */
  readonly stopped: string | null
}

/** One play, and what crossed in it. */
export type Played = Judged & Pick<Row, 'exchange' | 'difference' | 'closing'>

const PLAYS = 3 // of a case that failed
const CASE_MS = 90_000

/** What a play comes to; of one that does not end nothing is known. */
export const inTime = async (play: Promise<Judged>): Promise<Judged> => {
  const late = new AbortController()
  const tooLong: Judged = { verdict: 'inconclusive', observed: 'the case does not end' }
  try {
    return await Promise.race([play, pause(CASE_MS, tooLong, late)])
  } finally {
    late.abort()
  }
}

type Asked = Pick<Case, 'id' | 'class' | 'slow' | 'unsupported'>

/**
 * All cases of a run: `play` gives the row of one, one after the other; `beside` plays one that is slow, meanwhile.
 * `stopped`: why no more can be played, but for an abort; null: they can. `disturbed`: what was played beside the others
 * was, by them, and is played again.
 */
export const playAll = async <C extends Asked>(
  cases: readonly C[],
  { followers, progress, signal }: Common,
  of: {
    stopped(): string | null
    play(c: C): Promise<Row>
    beside(c: C): Promise<Played>
    disturbed?(): boolean
  },
): Promise<Rows> => {
  const rows = new Map<string, Row>()
  const put = (row: Row): void => {
    rows.set(row.id, row)
    progress(rows.size, cases.length)
  }
  const stopping = (): string | null => of.stopped() ?? (signal.aborted ? 'interrupted' : null)
  let stopped: string | null = null
  const slow = cases.filter((c) => c.slow)
  const beside = slow.map((c) => of.beside(c))
  for (const c of cases.filter((d) => !d.slow)) {
    stopped = stopping()
    if (stopped !== null) break
    const why = c.unsupported?.(followers.dialect) ?? null
    put(why === null ? await of.play(c) : notPlayed(c, 'unsupported', why))
  }
  const first = await Promise.all(beside)
  const disturbed = slow.length > 0 && of.disturbed?.() === true
  if (disturbed) stopped ??= stopping()
  const last = disturbed && stopped === null ? await Promise.all(slow.map((c) => of.beside(c))) : first
  for (const [i, c] of slow.entries()) put(rowOf(c, last[i]!))
  stopped ??= of.stopped() // an abort that left nothing out stopped nothing
  return { rows: cases.map((c) => rows.get(c.id) ?? notPlayed(c, 'inconclusive', `not played: ${stopped}`)), stopped }
}

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
const rowOf = (c: Pick<Case, 'id' | 'class'>, played: Played): Row => {
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
const notPlayed = (c: Pick<Case, 'id' | 'class'>, verdict: 'unsupported' | 'inconclusive', why: string): Row => ({
  id: c.id,
  verdict,
  class: c.class,
  observed: why,
  exchange: [],
  difference: null,
  closing: null,
})
