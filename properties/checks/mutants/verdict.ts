/** From what became of a mutant to a decision, and to a file that programs read. */
import { CHECKS } from '../../harness/judging/examine.ts'
import type { Mutant } from '../../harness/mutants/mutant.ts'
import { median } from '../../harness/terminal/text.ts'
import type { Hunt } from './hunt.ts'
import type { Outcome } from './pool.ts'

export type Verdict =
  | 'killed'
  | 'killed, others first' // and the catalogue says why
  | 'equivalent'
  | 'SURVIVED'
  | 'OTHERS FIRST' // killed, but the expected invariant never fired first
  | 'NOT EQUIVALENT' // declared to be, and killed
  | 'PROCESS ENDED' // over it: that is no judgement of any invariant
  | 'DOES NOT APPLY'

export interface Row {
  readonly mutant: Mutant
  readonly outcome: Outcome
  readonly verdict: Verdict
}

export const huntsOf = (o: Outcome): readonly Hunt[] => (o.kind === 'hunted' ? Object.values(o.hunts) : [])

/** `complete`: both worlds were played, and on after a kill, so that every invariant had its chance to fire first. */
export const verdictOf = (m: Mutant, o: Outcome, complete: boolean): Verdict => {
  if (o.kind === 'inapplicable' || o.kind === 'broken') return 'DOES NOT APPLY'
  if (o.kind === 'ended') return 'PROCESS ENDED'
  const killed = o.kind === 'stuck' || huntsOf(o).some((h) => h.kill !== null) || (o.kind === 'tested' && o.by !== null)
  if (m.equivalent !== undefined) return killed ? 'NOT EQUIVALENT' : 'equivalent'
  if (!killed) return 'SURVIVED'
  if (o.kind === 'stuck') return 'killed'
  const { expect } = m
  if (o.kind === 'tested') return expect === null || expect === o.by ? 'killed' : 'OTHERS FIRST'
  if (!complete || expect === null || huntsOf(o).some((h) => (h.first[expect] ?? 0) > 0)) return 'killed'
  return m.instead === undefined ? 'OTHERS FIRST' : 'killed, others first'
}

export const isRed = (v: Verdict): boolean => v === v.toUpperCase()

/** Invariants that fired first on no mutant: nothing proves that they bite. */
export const toothless = (rows: readonly Row[]): readonly string[] => {
  const seen = new Set(rows.flatMap((r) => huntsOf(r.outcome)).flatMap((h) => Object.keys(h.first)))
  return CHECKS.map((c) => c.id).filter((id) => !seen.has(id))
}

interface Budget {
  readonly seed: number
  readonly budget: number
  readonly after: number
}

/** The machine-readable result, the only place that holds times. */
export const resultText = (rows: readonly Row[], { seed, budget, after }: Budget): string => {
  const mutants = rows.map(({ mutant, outcome, verdict }) => ({
    id: mutant.id,
    bug: mutant.bug,
    expect: mutant.expect,
    verdict,
    ...(mutant.equivalent !== undefined && { equivalent: mutant.equivalent }),
    ...(mutant.instead !== undefined && { instead: mutant.instead }),
    ...outcome,
  }))
  return `${JSON.stringify({ seed, budget, after, mutants }, null, 1)}\n`
}

/** ms until half of the killed were, over all worlds. */
export const medianMs = (rows: readonly Row[]): number =>
  median(
    rows
      .flatMap((r) => (r.outcome.kind === 'hunted' ? Object.values(r.outcome.hunts) : []))
      .flatMap((h) => (h.kill === null ? [] : [h.ms])),
  )
