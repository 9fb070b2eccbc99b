/** Every schedule that ever mattered, and every finding that is still open. */
import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { z } from 'zod'
import { askSystem, type Means } from '../../harness/campaign/players.ts'
import { cell, details, table } from '../../harness/markdown.ts'
import type { Outcome, Problem } from '../../harness/outcome.ts'
import { ROOT } from '../../harness/programs.ts'
import { compareCorpus } from '../../harness/replay.ts'
import { readStored } from '../../harness/stored.ts'
import { type Context, check } from '../check.ts'

const schema = z.strictObject({
  schedules: z.array(
    z.strictObject({
      name: z.string(),
      says: z.string(),
      mode: z.enum(['bound', 'literal']),
      violates: z.array(z.string()),
      asExpected: z.boolean(),
    }),
  ),
})
type Figures = z.infer<typeof schema>

const replayOf = (path: string): string => `npm run prop -- --replay ${path}`

const corpus = async (c: Context): Promise<Outcome<Figures>> => {
  const problems: Problem[] = []
  const schedules: Figures['schedules'] = []
  for (const s of await compareCorpus({ ...c, party: null }, c.progress)) {
    if ('bad' in s) {
      problems.push({ kind: 'failed', text: s.bad, at: s.path })
      continue
    }
    const { name, path, odd } = s
    const { says, schedule, violates } = s.stored
    if (odd !== null) problems.push({ kind: 'failed', text: `${path}: ${odd}`, at: path, replay: replayOf(path) })
    schedules.push({ name, says, mode: schedule.mode, violates: [...violates], asExpected: odd === null })
  }
  return { figures: { schedules }, problems }
}

/**
 * What earlier runs left behind and still breaks: in bound anything, in literal what is not expected there. A file that
 * cannot be read is one too: it was a finding once.
 */
export const openFindings = async (folder: string, m: Means): Promise<readonly Problem[]> => {
  const names = existsSync(folder) ? readdirSync(folder) : []
  // Beside an input of the fuzzer lies its note: the check that made them judges both.
  const files = names.filter((f) => f.endsWith('.json') && !names.includes(f.replace(/json$/, 'bin'))).sort()
  const problems = new Map<string, string>()
  const asked = files.flatMap((f) => {
    const path = relative(ROOT, join(folder, f))
    const file = readStored(path, join(folder, f))
    if (file.kind === 'ok') return [{ path, stored: file.value }]
    problems.set(path, `${file.why}; a finding that cannot be read is no finding that is gone`)
    return []
  })
  await askSystem('open', asked, m, (answer, { stored }) => {
    const { path } = asked.find((a) => a.stored === stored)!
    if (answer.kind !== 'ok') problems.set(path, `${path}: the system does not survive it: ${answer.why}`)
    else if (answer.value !== null) problems.set(path, `${path}: still ${answer.value}`)
  })
  return [...problems].map(([at, text]) => ({ kind: 'open-finding', text, at, replay: replayOf(at) }))
}

export const stored = check({
  name: 'stored',
  asks: 'Do the stored schedules show what they did, and is no finding open',
  options: z.strictObject({}),
  notes: 'Exit codes: 0 as expected, 1 not so, 2 usage.',
  schema,
  async run(_, c) {
    const { figures, problems } = await corpus(c)
    return { figures, problems: [...problems, ...(await openFindings(join(c.out, 'findings'), { ...c, party: null }))] }
  },
  summary: (f) => `${f.schedules.length} schedules, ${f.schedules.filter((s) => !s.asExpected).length} differ`,
  sections(f) {
    const rows = f.schedules.map((s) => {
      const inBound = s.mode === 'literal' ? 'defended' : 'holds'
      const inLiteral = s.mode === 'literal' ? `breaks ${s.violates.join(', ')}` : ''
      return [
        `[${s.name}](corpus/schedules/${s.name})`,
        cell(s.says),
        inLiteral,
        s.asExpected ? inBound : '**differs**',
      ]
    })
    const head = [{ head: 'schedule' }, { head: 'what happens' }, { head: 'literal' }, { head: 'bound' }]
    const broken = f.schedules.filter((s) => s.mode === 'literal' && s.violates.length > 0).length
    const intro = `Every schedule that ever mattered, replayed before anything else: ${f.schedules.length}, of which ${broken} break something in \`literal\` and must be defended in \`bound\`.`
    return [{ title: 'Stored schedules', body: `${intro}\n\n${details('All of them', table(head, rows))}` }]
  },
})
