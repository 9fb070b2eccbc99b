/** A forked process that exhausts the scopes it is sent, and judges the claims of a mode in them if it is asked to. */
import { ATTACKS } from '../../../spec/checker/attacks.ts'
import { type Explored, explore, type Judged, type Progress } from '../../../spec/checker/explore.ts'
import { brief, scheduleOf } from '../../../spec/checker/paths.ts'
import { expected, outOfReach, type Scope, sizeOf } from '../../../spec/checker/scope.ts'
import { CLAIMS, judgeClaim, type Verdict } from '../../../spec/claims.ts'
import { type Tied, tie } from '../../../spec/proof/tie.ts'
import { referenceSystem } from '../parties/reference.ts'
import { serve } from '../process/pool.ts'
import { modelLadder } from '../trace/ladder.ts'
import { mermaid } from '../trace/mermaid.ts'
import { trace } from '../trace/trace.ts'
import type { Answer, ExploredFigures, Job, Note, TiedFigures } from './figures.ts'

const NOTE_MS = 200
const attackIds = new Set(ATTACKS.map((a) => a.id))

const scopeText = (s: Scope): string =>
  [
    s.mode,
    sizeOf(s),
    `powers ${s.powers.split('').join(',')}`,
    s.concurrent ? 'concurrent runs' : 'sequential runs',
    ...(s.idle ? ['idle clients'] : []),
    ...(s.challenge === 'constant' ? ['constant CHALLENGE'] : []),
    ...(s.unconfirmedPerId === 4 ? [] : [`${s.unconfirmedPerId} half-open`]),
  ].join(', ')

/** How a verdict stands against PROTOCOL §9 and against what the scope can reach. */
const standing = (j: Judged, s: Scope): ExploredFigures['judged'][number]['standing'] => {
  const want = expected(j.invariant, s)
  if (want === 'holds' && j.verdict === 'violated') return 'unexpected'
  if (want === 'violated' && j.verdict === 'holds') return 'missing'
  if (j.witness === null && outOfReach(j.invariant, s) === null) return 'unwitnessed'
  return 'as expected'
}

const witnessText = (j: Judged, { scope, stopped }: Explored): string => {
  if (j.witness !== null) return `${j.witnessSays}: ${brief(j.witness)}`
  const why = outOfReach(j.invariant, scope)
  return why !== null ? `not here: ${why}` : stopped !== null ? 'not reached yet' : `NEVER: ${j.witnessSays}`
}

const exploredOf = (r: Explored, columns?: number): ExploredFigures => ({
  scope: scopeText(r.scope),
  mode: r.scope.mode,
  states: r.states,
  transitions: r.transitions,
  depth: r.depth,
  stopped: r.stopped,
  judged: r.judged
    .filter((j) => !attackIds.has(j.invariant.id))
    .map((j) => ({
      id: j.invariant.id,
      says: j.invariant.says,
      standing: standing(j, r.scope),
      moves: j.counterexample?.length ?? null,
      why: j.why,
      witnessed: j.witness !== null,
      witness: witnessText(j, r),
      ladder: j.counterexample === null ? [] : [...modelLadder(r.model, j.counterexample, columns)],
    })),
})

const tiedOf = (t: Tied): TiedFigures => ({
  scope: scopeText(t.scope),
  states: t.states,
  transitions: t.transitions,
  stopped: t.stopped,
  possible: t.possible,
  differences: t.differences.map(({ what, why, path }) => ({
    what,
    why,
    moves: path.length,
    ladder: [...modelLadder(t.model, path)],
  })),
})

const verdictOf = (v: Verdict): Answer['verdicts'][number] => ({
  claim: v.claim.n,
  says: v.claim.says,
  mode: v.mode,
  holds: v.holds,
  evidence: v.evidence,
  differs: [...v.differs],
  counterexamples: v.counterexamples.map((c) => c.invariant),
})

/** Each counterexample once, played on the reference: the model's attacks are real. */
const drawnOf = (verdicts: readonly Verdict[], columns?: number): Answer['drawn'] => {
  const all = new Map(verdicts.flatMap((v) => v.counterexamples.map((c) => [c.invariant, c] as const)))
  return [...all.values()].map(({ invariant, found, judged }) => {
    const schedule = scheduleOf(found.scope, judged.counterexample!)
    return {
      invariant,
      mode: found.scope.mode,
      says: judged.invariant.says,
      moves: judged.counterexample!.length,
      why: judged.why,
      ladder: [...modelLadder(found.model, judged.counterexample!, columns)],
      diagram: mermaid(trace(schedule, referenceSystem, { invariant, why: judged.why })),
      schedule,
      attack: attackIds.has(invariant),
    }
  })
}

serve(async ({ scopes, limits, claims, attacks, tied, columns }: Job, beat): Promise<Answer> => {
  let last = 0
  const started = performance.now()
  const progressOf = (done: number) => ({
    limits,
    progress({ states, depth }: Progress): void {
      if (performance.now() - last < NOTE_MS) return
      last = performance.now()
      void beat({ done, states, depth } satisfies Note) // a search cannot wait
    },
  })
  const also = claims === null && !attacks ? [] : ATTACKS
  const explored: Explored[] = []
  const compared: TiedFigures[] = []
  for (const [done, s] of scopes.entries()) {
    const at = { done: done + 1, states: 0, depth: 0 }
    if (tied) {
      compared.push(tiedOf(tie(s, progressOf(done))))
      await beat({ ...at, tied: compared.at(-1)! } satisfies Note)
    } else {
      explored.push(explore(s, { also, ...progressOf(done) }))
      await beat({ ...at, explored: exploredOf(explored.at(-1)!, columns) } satisfies Note)
    }
  }
  const seconds = (performance.now() - started) / 1000
  const verdicts = claims === null ? [] : CLAIMS.map((claim) => judgeClaim(claim, claims, explored))
  return {
    explored: explored.map((r) => exploredOf(r, columns)),
    tied: compared,
    verdicts: verdicts.map(verdictOf),
    drawn: drawnOf(verdicts, columns),
    seconds,
  }
})
