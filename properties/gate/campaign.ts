/** What random and exhaustive schedules have in common as stages: the figures of a campaign, and its problems. */
import { join, relative } from 'node:path'
import { z } from 'zod'
import type { Mode, Schedule } from '../../spec/language.ts'
import type { Chunk } from '../harness/campaign/campaign.ts'
import { minimal, save } from '../harness/campaign/counterexample.ts'
import { playAll } from '../harness/campaign/pool.ts'
import { type Distribution, emptyResult, merge, type Result } from '../harness/campaign/tally.ts'
import { isRed, type Row, rows } from '../harness/campaign/verdict.ts'
import { srcSystem } from '../harness/parties/systems.ts'
import { scheduleSchema } from '../harness/schedule-file.ts'
import { mermaid } from '../harness/trace/mermaid.ts'
import { trace } from '../harness/trace/trace.ts'
import { breathe, ROOT } from './command.ts'
import type { Context, Outcome, Problem } from './stage.ts'

export const MODES: readonly Mode[] = ['bound', 'literal']

const counts = z.record(z.string(), z.int())

const judged = z.strictObject({
  schedules: z.int(),
  witnesses: z.int(),
  verdict: z.enum([
    'holds',
    'violated',
    'violated as expected',
    'not violated',
    'unreached',
    'not observable',
    'not reached',
    'not run',
  ]),
})

export const campaignSchema = z.strictObject({
  invariants: z.array(
    z.strictObject({
      id: z.string(),
      says: z.string(),
      powers: z.string(),
      witness: z.string(),
      floor: z.int(),
      bound: judged,
      literal: judged,
    }),
  ),
  counterexamples: z.array(
    z.strictObject({
      invariant: z.string(),
      mode: z.enum(['bound', 'literal']),
      why: z.string(),
      expected: z.boolean(),
      diagram: z.string().describe('Mermaid'),
      schedule: scheduleSchema as unknown as z.ZodType<Schedule>, // the same, with readonly fields
    }),
  ),
  /** By generator profile, or by scope. */
  distribution: z.record(
    z.string(),
    z.strictObject({ schedules: z.int(), accepted: z.int(), lengths: counts, rounds: counts, reasons: counts }),
  ),
})
export type Campaign = z.infer<typeof campaignSchema>

/** Every schedule of these chunks, in as many processes as the context allows. */
export const playChunks = async (chunks: readonly Chunk[], c: Context): Promise<Result> => {
  const total = chunks.reduce((sum, chunk) => sum + chunk.runs, 0)
  let result = emptyResult(srcSystem)
  let played = 0
  c.progress(0, total, 'schedules')
  await playAll(chunks, c.processes, null, (r, chunk) => {
    result = merge(result, r)
    played += chunk.runs
    c.progress(played, total, 'schedules')
  })
  return result
}

const problemOf = (r: Row, replay: string | undefined, why: string): Problem | null => {
  const { id, says, witness } = r.invariant
  const extra = replay === undefined ? {} : { replay }
  switch (r.verdict) {
    case 'violated':
      return { kind: 'violation', text: `${id} in ${r.mode}: ${says}; expected to hold, got: ${why}`, ...extra }
    case 'not violated':
      return {
        kind: 'expectation-missing',
        text: `${id} in ${r.mode}: expected to be violated (PROTOCOL §9), and no counterexample was found`,
      }
    case 'unreached':
      return {
        kind: 'floor',
        text: `${id} in ${r.mode}: ${witness.says}: expected at least ${witness.floor} times, got ${r.tally.witnesses}`,
      }
    case 'holds':
    case 'violated as expected':
    case 'not observable':
    case 'not reached':
    case 'not run':
      return null
  }
}

const judgedOf = (r: Row): z.infer<typeof judged> => ({
  schedules: r.tally.judged,
  witnesses: r.tally.witnesses,
  verdict: r.verdict,
})

const distributionOf = (d: Distribution): Campaign['distribution'][string] => ({
  schedules: d.schedules,
  accepted: d.accepted,
  lengths: { ...d.lengths },
  rounds: { ...d.rounds },
  reasons: { ...d.reasons },
})

/** `floors`: whether this is the budget that floors and expected violations were set for. */
export const judgeCampaign = async (result: Result, floors: boolean, c: Context): Promise<Outcome<Campaign>> => {
  const all = rows(result, MODES, null, floors)
  const problems: Problem[] = []
  const counterexamples: Campaign['counterexamples'] = []
  for (const r of all) {
    const { id } = r.invariant
    let replay: string | undefined
    let why = ''
    if (r.tally.first !== null) {
      await breathe() // shrinking takes its time
      const found = minimal(id, r.tally.first.schedule, srcSystem)
      const expected = !isRed(r.verdict)
      replay = `npm run prop -- --replay ${relative(ROOT, save(found, join(c.out, 'findings')))}`
      why = found.why
      const diagram = mermaid(trace(found.schedule, srcSystem, found))
      counterexamples.push({ invariant: id, mode: r.mode, why, expected, diagram, schedule: found.schedule })
    }
    const problem = problemOf(r, replay, why)
    if (problem !== null) problems.push(problem)
  }
  const invariants = [...new Set(all.map((r) => r.invariant))].map((i) => {
    const of = (mode: Mode): Row => all.find((r) => r.invariant === i && r.mode === mode)!
    return {
      id: i.id,
      says: i.says,
      powers: i.powers,
      witness: i.witness.says,
      floor: i.witness.floor,
      bound: judgedOf(of('bound')),
      literal: judgedOf(of('literal')),
    }
  })
  return {
    figures: {
      invariants,
      counterexamples,
      distribution: Object.fromEntries(
        Object.entries(result.distribution).map(([name, d]) => [name, distributionOf(d)]),
      ),
    },
    problems,
  }
}
