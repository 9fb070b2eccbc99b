/** REPORT.md and the report page: functions of what the stages answered, and of nothing else. No times, no dates, no machine. */
import { type Page, together } from '../harness/page/parts.ts'
import { cell, table } from '../harness/report/markdown.ts'
import type { Problem, Section } from '../harness/report/outcome.ts'
import { decide, type SAYS } from './decide.ts'
import type { Profile } from './profiles.ts'
import type { Ran, Run, Stage } from './runner.ts'

/** What a run of the gate is about, and in what words its report speaks of it. */
export interface Subject {
  readonly title: string
  /** How an implementation on trial is typed; null: it is this commit. */
  readonly party: string | null
  /** The command that makes the report, and what can be said of a second run. */
  readonly made: string
  readonly stable: string
  /** The command of this very run. */
  readonly again: string
  /** What each exit code means. */
  readonly says: typeof SAYS
  /** Every stage, whether or not a profile has it; and the names in the order of the report. */
  readonly stages: readonly Stage[]
  readonly order: readonly string[]
  /** Before those of the stages. */
  readonly sections?: readonly Section[]
  /** After them: what several stages say together. */
  more?(ran: readonly Ran[]): readonly Section[]
  readonly notCovered: readonly string[]
}

export interface ReportInput {
  readonly subject: Subject
  readonly profile: Profile
  readonly seed: number
  readonly run: Run
}

const SHOWN = 20 // problems; report.json has them all

const problemLines = (problems: readonly Problem[]): string => {
  const lines = problems.slice(0, SHOWN).map((p) => {
    const at = p.at === undefined ? '' : ` (\`${p.at}\`)`
    const replay = p.replay === undefined ? '' : `: \`${p.replay}\``
    return `- **${p.kind}**: ${cell(p.text)}${at}${replay}`
  })
  const more = problems.length > SHOWN ? [`- … and ${problems.length - SHOWN} more, in report.json`] : []
  return [...lines, ...more].join('\n')
}

/** In the order of the report. */
export const problemsOf = ({ subject, run }: Pick<ReportInput, 'subject' | 'run'>): readonly Problem[] =>
  subject.order.flatMap((name) => run.ran.find((r) => r.name === name)?.problems ?? [])

const verdict = ({ subject, run }: ReportInput): string => {
  const d = decide(problemsOf({ subject, run }), subject.again, '', subject.says)
  if (run.partial) return '**PARTIAL: the run was stopped before every stage was done.**'
  if (d.exit === 0) return `**PASS: ${d.says}.**`
  return `**FAIL (exit code ${d.exit}): ${d.says}.**`
}

const STATUS = {
  pass: '✓&nbsp;pass',
  red: '✗&nbsp;**red**',
  error: '✗&nbsp;**error**',
  'not run': 'not&nbsp;run',
} as const

const stageTable = ({ subject, run, profile }: ReportInput): string => {
  const rows = subject.stages.map((s) => {
    const r = run.ran.find((x) => x.name === s.name)
    const why = profile.leavesOut.includes(s.name) ? `not in profile ${profile.name}` : ''
    return [
      `\`${s.name}\``,
      `${s.asks}?`,
      r === undefined ? STATUS['not run'] : STATUS[r.status],
      r?.answer?.summary ?? why,
    ]
  })
  return table(['stage', 'question', '', 'answer'], rows)
}

const sections = ({ subject, run }: ReportInput): readonly Section[] =>
  subject.order.flatMap((name) => run.ran.find((r) => r.name === name)?.answer?.sections ?? [])

export const report = (input: ReportInput): string => {
  const { subject } = input
  const problems = problemsOf(input)
  const all: readonly Section[] = [
    ...(problems.length === 0 ? [] : [{ title: 'Problems', body: problemLines(problems) }]),
    ...(subject.sections ?? []),
    ...sections(input),
    ...(subject.more?.(input.run.ran) ?? []),
    { title: 'What is not covered', body: subject.notCovered.map((line) => `- ${line}`).join('\n') },
  ]
  const contents = all.map((s) => `[${s.title}](#${anchor(s.title)})`).join(' · ')
  return [
    `# ${subject.title}`,
    verdict(input),
    `Profile \`${input.profile.name}\`, seed ${input.seed}. Made by \`${subject.made}\`; ${subject.stable}`,
    stageTable(input),
    contents,
    ...all.map((s) => `## ${s.title}\n\n${s.body}`),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n')
}

/** As GitHub makes them of headings. */
const anchor = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

/** The report page. `since`: what is other than in an earlier report; null: none was given. */
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
