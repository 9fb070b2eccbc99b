/** What a person sees of an exploration and of the claims. Text only; the caller prints it. */

import { expected, outOfReach } from '../../../spec/checker/expectations.ts'
import type { Explored, Judged } from '../../../spec/checker/explore.ts'
import { notCarried } from '../../../spec/checker/judge.ts'
import { brief } from '../../../spec/checker/paths.ts'
import type { Verdict } from '../../../spec/claims.ts'
import { INVARIANTS } from '../../../spec/invariants/index.ts'
import { type Scope, sizeOf } from '../../../spec/model/scope.ts'
import { modelLadder } from '../../harness/trace/model.ts'
import type { Paint } from '../prop/print.ts'

const n = (x: number): string => x.toLocaleString('en-US')

export const scopeText = (s: Scope): string =>
  [
    s.mode,
    sizeOf(s),
    `powers ${s.powers.split('').join(',')}`,
    s.concurrent ? 'concurrent runs' : 'sequential runs',
    ...(s.challenge === 'constant' ? ['constant CHALLENGE'] : []),
    ...(s.unconfirmedPerId === 4 ? [] : [`${s.unconfirmedPerId} half-open`]),
  ].join(', ')

export type Standing = 'as expected' | 'unexpected' | 'missing' | 'unwitnessed'

/** How a verdict stands against PROTOCOL §9 and against what the scope can reach. */
export const standing = (j: Judged, s: Scope): Standing => {
  const want = expected(j.invariant, s)
  if (want === 'holds' && j.verdict === 'violated') return 'unexpected'
  if (want === 'violated' && j.verdict === 'holds') return 'missing'
  if (j.witness === null && outOfReach(j.invariant, s) === null) return 'unwitnessed'
  return 'as expected'
}

const witnessText = (j: Judged, s: Scope, stopped: boolean): string => {
  if (j.witness !== null) return `${j.witnessSays}: ${brief(j.witness)}`
  const why = outOfReach(j.invariant, s)
  return why !== null ? `not here: ${why}` : stopped ? 'not reached yet' : `NEVER: ${j.witnessSays}`
}

const row = (j: Judged, r: Explored, paint: Paint): string => {
  const how = standing(j, r.scope)
  const red = how === 'unexpected' || how === 'missing' || (how === 'unwitnessed' && r.stopped === null)
  const verdict = j.verdict === 'violated' ? `violated in ${j.counterexample!.length} moves` : 'holds'
  const text = how === 'missing' ? 'holds, but should be violated' : verdict
  const coloured = paint(text.padEnd(24), red ? 'red' : j.verdict === 'violated' ? 'yellow' : 'green')
  return `${paint(j.invariant.id.padEnd(5), 'bold')} ${coloured} ${j.invariant.says}\n${paint(`      ${witnessText(j, r.scope, r.stopped !== null)}`, 'dim')}`
}

export const exploredText = (r: Explored, seconds: number, paint: Paint): string => {
  const stop = r.stopped === null ? 'exhausted' : `stopped: bound on ${r.stopped} reached, what follows is partial`
  const found = r.judged.filter((j) => j.verdict === 'violated')
  return [
    paint(scopeText(r.scope), 'bold'),
    `${n(r.states)} states, ${n(r.transitions)} transitions, depth ${r.depth}, ${stop}; ${seconds.toFixed(1)} s, ${n(Math.round(r.states / seconds))} states/s`,
    ...r.judged.map((j) => row(j, r, paint)),
    ...found.flatMap((j) => ['', `${j.invariant.id}: ${j.why}`, ...modelLadder(r.model, j.counterexample!)]),
    '',
  ].join('\n')
}

/** Which invariants no scope judges by its monitor, and why. */
export const notCarriedText = (): string =>
  INVARIANTS.flatMap((i) => {
    const why = notCarried(i)
    return why === null ? [] : [`not carried: ${i.id}, ${why}`]
  }).join('\n')

export const claimText = (v: Verdict, paint: Paint): string => {
  const name = `${String(v.claim.n).padStart(2)} ${v.mode.padEnd(8)} ${v.claim.says}`
  const verdict = v.holds ? paint(v.evidence, 'green') : `${paint('false', 'yellow')}: ${v.evidence}`
  return [`${paint(name, 'bold')}: ${verdict}`, ...v.differs.map((d) => paint(`   ${d}`, 'red'))].join('\n')
}

/** The ladders of a claim that is false, shortest ones of the attacks first. */
export const claimLadders = (v: Verdict): string =>
  v.counterexamples
    .map((c) =>
      [
        `${c.invariant} (${c.judged.counterexample!.length} moves): ${c.judged.why}`,
        ...modelLadder(c.found.model, c.judged.counterexample!),
      ].join('\n'),
    )
    .join('\n')
