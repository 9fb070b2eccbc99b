/** A forked process that exhausts the scopes in which the claims are judged in one mode. */

import { ATTACKS } from '../../spec/checker/attacks.ts'
import { type Explored, explore } from '../../spec/checker/explore.ts'
import { scheduleOf } from '../../spec/checker/schedule.ts'
import { CLAIM_SCOPES, CLAIMS, judgeClaim, type Verdict } from '../../spec/claims.ts'
import { scopeText, standing } from '../checks/explore/print.ts'
import { srcSystem } from '../harness/parties/systems.ts'
import { mermaid } from '../harness/trace/mermaid.ts'
import { trace } from '../harness/trace/trace.ts'
import { tellParent } from './command.ts'
import { type Answer, mode as modeSchema } from './model.ts'

const mode = modeSchema.parse(process.argv[2])
const attacks = new Set(ATTACKS.map((a) => a.id))

const exploredOf = (r: Explored): Answer['explored'][number] => ({
  scope: scopeText(r.scope),
  mode,
  states: r.states,
  transitions: r.transitions,
  depth: r.depth,
  stopped: r.stopped,
  judged: r.judged
    .filter((j) => !attacks.has(j.invariant.id))
    .map((j) => ({
      id: j.invariant.id,
      says: j.invariant.says,
      standing: standing(j, r.scope),
      moves: j.counterexample?.length ?? null,
      why: j.why,
      witnessed: j.witness !== null,
    })),
})

const verdictOf = (v: Verdict): Answer['verdicts'][number] => ({
  claim: v.claim.n,
  says: v.claim.says,
  mode,
  holds: v.holds,
  evidence: v.evidence,
  differs: [...v.differs],
  counterexamples: v.counterexamples.map((c) => c.invariant),
})

/** Each counterexample once, played on src: the model's attacks are real. */
const drawnOf = (verdicts: readonly Verdict[]): Answer['drawn'] => {
  const all = new Map(verdicts.flatMap((v) => v.counterexamples.map((c) => [c.invariant, c] as const)))
  return [...all.values()].map(({ invariant, found, judged }) => ({
    invariant,
    says: judged.invariant.says,
    moves: judged.counterexample!.length,
    why: judged.why,
    diagram: mermaid(trace(scheduleOf(found.scope, judged.counterexample!), srcSystem, { invariant, why: judged.why })),
    attack: attacks.has(invariant),
  }))
}

const total = CLAIM_SCOPES[mode].length
const explored = CLAIM_SCOPES[mode].map((s, i) => {
  tellParent({ kind: 'progress', done: i, total })
  return explore(s, { also: ATTACKS })
})
const verdicts = CLAIMS.map((claim) => judgeClaim(claim, mode, explored))
const value: Answer = {
  explored: explored.map(exploredOf),
  verdicts: verdicts.map(verdictOf),
  drawn: drawnOf(verdicts),
}
tellParent({ kind: 'answer', value })
process.disconnect()
