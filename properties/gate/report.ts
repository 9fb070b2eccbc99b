/** REPORT.md: a function of what the stages answered, and of nothing else. No times, no dates, no machine. */
import { cell, table } from '../harness/markdown.ts'
import type { Problem, Section } from '../harness/outcome.ts'
import { decide } from './decide.ts'
import type { Profile } from './profiles.ts'
import type { Run } from './runner.ts'
import { REPORT_ORDER, STAGES } from './stages.ts'

export interface ReportInput {
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

const verdict = ({ run, profile }: ReportInput): string => {
  const problems = run.ran.flatMap((r) => r.problems)
  const d = decide(problems, profile.name)
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

const stageTable = ({ run, profile }: ReportInput): string => {
  const rows = STAGES.map((s) => {
    const r = run.ran.find((x) => x.name === s.name)
    const why = profile.leavesOut.includes(s.name) ? `not in profile ${profile.name}` : ''
    return [
      `\`${s.name}\``,
      `${s.asks}?`,
      r === undefined ? STATUS['not run'] : STATUS[r.status],
      r?.answer?.summary ?? why,
    ]
  })
  return table([{ head: 'stage' }, { head: 'question' }, { head: '' }, { head: 'answer' }], rows)
}

const sections = ({ run }: ReportInput): readonly Section[] =>
  REPORT_ORDER.flatMap((name) => run.ran.find((r) => r.name === name)?.answer?.sections ?? [])

export const report = (input: ReportInput): string => {
  const problems = input.run.ran.flatMap((r) => r.problems)
  const all: readonly Section[] = [
    ...(problems.length === 0 ? [] : [{ title: 'Problems', body: problemLines(problems) }]),
    ...sections(input),
    { title: 'What is not covered', body: NOT_COVERED },
  ]
  const contents = all.map((s) => `[${s.title}](#${anchor(s.title)})`).join(' · ')
  return [
    '# Gauntlet: what can be believed',
    verdict(input),
    `Profile \`${input.profile.name}\`, seed ${input.seed}. Made by \`npm run gate\`; the same commit makes the same bytes, so the difference is the news.`,
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

/** What no stage says anything about. Fixed text: what is not promised stands next to what is. */
export const NOT_COVERED = [
  'Cryptography itself: AES, SHA-256 and HMAC are taken to be what they claim; the model treats them as ideal.',
  'Timing and other side channels of the machine. That tags are compared in constant time is checked by reading, not by measuring.',
  'Forward secrecy against the master key, healing after a leak, protection from dropping or delaying, availability of the handshake, traffic analysis, lies of authenticated clients, and anything at all once the IV generator repeats: PROTOCOL §9 does not claim them.',
  'Schedules longer, conversations deeper, and more clients at once than the figures above show; sessions of 2^32 rounds are reached by starting them there.',
  'Node, the operating system and real networks beyond the loopback interface.',
  'Implementations other than `src/`: run your own with `npm run prop -- --party FILE`.',
]
  .map((line) => `- ${line}`)
  .join('\n')
