/** report.json: everything REPORT.md shows, and times. Its JSON Schema is published beside it, as report.schema.json. */
import { z } from 'zod'
import { PROBLEM_KINDS } from '../../harness/outcome.ts'
import { decide } from '../decide.ts'
import type { ReportInput } from '../report/report.ts'
import { STAGES } from '../stages.ts'

const VERSION = 1

const problem = z.strictObject({
  kind: z.enum(PROBLEM_KINDS),
  text: z.string(),
  replay: z.string().optional(),
  at: z.string().optional(),
})

const stage = z.strictObject({
  name: z.string(),
  asks: z.string(),
  status: z.enum(['pass', 'red', 'error', 'not run']),
  summary: z.string().nullable(),
  seconds: z.number(),
  measured: z.record(z.string(), z.number()),
  problems: z.array(problem),
})

export const reportSchema = z.strictObject({
  version: z.literal(VERSION),
  profile: z.enum(['pr', 'full', 'tiny']),
  seed: z.int(),
  partial: z.boolean(),
  verdict: z.enum(['pass', 'fail']),
  exit: z.union([z.literal(0), z.literal(1), z.literal(3), z.literal(4)]),
  node: z.string(),
  started: z.iso.datetime(),
  seconds: z.number(),
  problems: z.array(problem),
  stages: z.array(stage),
  /** By stage; a stage that did not get to an answer has none. */
  figures: z.strictObject(Object.fromEntries(STAGES.map((s) => [s.name, s.schema.optional()]))),
})

export const reportJsonSchema = (): unknown => z.toJSONSchema(reportSchema, { io: 'output' })

export interface Circumstances {
  readonly started: Date
  readonly seconds: number
}

export const reportJson = ({ profile, seed, run }: ReportInput, { started, seconds }: Circumstances): unknown => {
  const problems = run.ran.flatMap((r) => r.problems)
  const { exit } = decide(problems, profile.name)
  return {
    version: VERSION,
    profile: profile.name,
    seed,
    partial: run.partial,
    verdict: exit === 0 ? 'pass' : 'fail',
    exit,
    node: process.versions.node,
    started: started.toISOString(),
    seconds,
    problems,
    stages: run.ran.map((r) => ({
      name: r.name,
      asks: r.asks,
      status: r.status,
      summary: r.answer?.summary ?? null,
      seconds: r.seconds,
      measured: r.answer?.measured ?? {},
      problems: r.problems,
    })),
    figures: Object.fromEntries(run.ran.flatMap((r) => (r.answer === null ? [] : [[r.name, r.answer.figures]]))),
  }
}
