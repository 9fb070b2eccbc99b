/** The report page of a run of the gate: from the same answers as REPORT.md. */
import { type Page, together } from '../harness/page/parts.ts'
import { decide } from './decide.ts'
import { problemsOf, type ReportInput } from './report.ts'

/** `since`: what is other than in an earlier report; null: none was given. */
export const pageOf = (input: ReportInput, since: Page['since']): Page => {
  const { subject, run, profile, seed } = input
  const problems = problemsOf(input)
  const { exit, says } = decide(problems, subject.again, '', subject.says)
  const ran = subject.order.flatMap((name) => run.ran.find((r) => r.name === name) ?? [])
  return {
    title: subject.title,
    says: run.partial ? 'the run was stopped before every stage was done' : says,
    verdict: run.partial ? 'partial' : exit === 0 ? 'pass' : 'fail',
    made: `${subject.made} (profile ${profile.name}, seed ${seed})`,
    stages: subject.stages.map((s) => {
      const r = run.ran.find((x) => x.name === s.name)
      const why = profile.leavesOut.includes(s.name) ? `not in profile ${profile.name}` : ''
      return { name: s.name, asks: s.asks, status: r?.status ?? 'not run', summary: r?.answer?.summary ?? why }
    }),
    problems,
    since,
    notCovered: subject.notCovered,
    parts: together(ran.flatMap((r) => r.answer?.page ?? [])),
  }
}
