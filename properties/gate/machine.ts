/** A run of the gate for machines: report.json, times.json, JUnit XML, annotations of GitHub Actions. */
import { z } from 'zod'
import { type Case, PROBLEM_KINDS, type Problem } from '../harness/report/outcome.ts'
import { xmlText } from '../harness/report/xml.ts'
import { decide } from './decide.ts'
import { problemsOf, type ReportInput } from './report.ts'
import type { Ran, Stage } from './runner.ts'

const VERSION = 2

const problem = z.strictObject({
  kind: z.enum(PROBLEM_KINDS),
  text: z.string(),
  replay: z.string().optional(),
  at: z.string().optional(),
  about: z.string().optional(),
})

const stage = z.strictObject({
  name: z.string(),
  asks: z.string(),
  status: z.enum(['pass', 'red', 'error', 'not run']),
  summary: z.string().nullable(),
  problems: z.array(problem),
})

const schemaOf = (stages: readonly Stage[]) =>
  z.strictObject({
    version: z.literal(VERSION),
    /** How an implementation on trial is typed; null: it is this commit. */
    party: z.string().nullable(),
    profile: z.enum(['pr', 'full', 'tiny']),
    seed: z.int(),
    partial: z.boolean(),
    verdict: z.enum(['pass', 'fail']),
    exit: z.union([z.literal(0), z.literal(1), z.literal(3), z.literal(4)]),
    problems: z.array(problem),
    stages: z.array(stage),
    /** By stage; a stage that did not get to an answer has none. */
    figures: z.strictObject(Object.fromEntries(stages.map((s) => [s.name, s.schema.optional()]))),
  })

export const reportJsonSchema = (stages: readonly Stage[]): unknown =>
  z.toJSONSchema(schemaOf(stages), { io: 'output' })

export interface Circumstances {
  readonly started: Date
  readonly seconds: number
}

/** The same bytes for the same commit, profile and seed: times are in times.json. */
export const reportJson = ({ subject, profile, seed, run }: ReportInput): unknown => {
  const problems = problemsOf({ subject, run })
  const { exit } = decide(problems, subject.again)
  return {
    version: VERSION,
    party: subject.party,
    profile: profile.name,
    seed,
    partial: run.partial,
    verdict: exit === 0 ? 'pass' : 'fail',
    exit,
    problems,
    stages: run.ran.map((r) => ({
      name: r.name,
      asks: r.asks,
      status: r.status,
      summary: r.answer?.summary ?? null,
      problems: r.problems,
    })),
    figures: Object.fromEntries(run.ran.flatMap((r) => (r.answer === null ? [] : [[r.name, r.answer.figures]]))),
  }
}

/** What differs from run to run. Of pieces that were put together, the times of that alone. */
export const timesJson = (ran: readonly Ran[], { started, seconds }: Circumstances): unknown => ({
  version: VERSION,
  node: process.versions.node,
  started: started.toISOString(),
  seconds,
  stages: Object.fromEntries(ran.map((r) => [r.name, { seconds: r.seconds, measured: r.answer?.measured ?? {} }])),
})

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

/** Problems as annotations of GitHub Actions: they appear beside the line, and in the summary of the run. */
export const annotation = (p: Problem): string => {
  const [file, line] = p.at?.split(':') ?? []
  const place = file === undefined ? [] : [`file=${property(file)}`, ...(line === undefined ? [] : [`line=${line}`])]
  const properties = [...place, `title=${property(p.kind)}`].join(',')
  return `::error ${properties}::${data(p.replay === undefined ? p.text : `${p.text}\nreplay: ${p.replay}`)}`
}

const failed = (r: Ran, p: Problem, name = p.text): string => {
  const tag = p.kind === 'error' ? 'error' : 'failure'
  const more = [p.at, p.replay].filter((x) => x !== undefined).join('\n')
  return `    <testcase classname="gate.${r.name}" name="${xmlText(name)}"><${tag} type="${p.kind}" message="${xmlText(p.text)}">${xmlText(more)}</${tag}></testcase>`
}

const passed = (r: Ran): string => {
  const skipped = r.status === 'not run' ? '<skipped/>' : ''
  return `    <testcase classname="gate.${r.name}" name="${xmlText(r.asks)}" time="${r.seconds.toFixed(3)}">${skipped}</testcase>`
}

const problemOf = (r: Ran, { name }: Case): Problem | undefined => r.problems.find((p) => p.about === name)

/** Where no problem is about a red case, another tells of it (one cause, one finding). */
const ofCase = (r: Ran, c: Case): string => {
  const { name, red } = c
  const problem = problemOf(r, c)
  if (problem === undefined && red === null)
    return `    <testcase classname="gate.${r.name}" name="${xmlText(name)}"></testcase>`
  return failed(r, problem ?? { kind: 'failed', text: red ?? '' }, name)
}

const suite = (r: Ran): string => {
  const known = r.answer?.cases ?? []
  const told = new Set(known.map((c) => problemOf(r, c)))
  const others = r.problems.filter((p) => !told.has(p))
  const alone = known.length + others.length === 0
  const cases = [...known.map((c) => ofCase(r, c)), ...others.map((p) => failed(r, p)), ...(alone ? [passed(r)] : [])]
  const errors = cases.filter((c) => c.includes('</error>')).length
  const failures = cases.filter((c) => c.includes('</failure>')).length
  const skipped = r.status === 'not run' ? 1 : 0
  return [
    `  <testsuite name="${r.name}" tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="${r.seconds.toFixed(3)}">`,
    ...cases,
    '  </testsuite>',
  ].join('\n')
}

/**
 * JUnit XML: a suite for each stage; in it a case for each question that its check asks, and for each problem that is
 * about none of them; one case for a stage without any.
 */
export const junit = (ran: readonly Ran[]): string =>
  ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites name="gate">', ...ran.map(suite), '</testsuites>', ''].join(
    '\n',
  )
