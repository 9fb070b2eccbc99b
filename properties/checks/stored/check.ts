/** Every schedule that ever mattered, and every finding that is still open. */
import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { z } from 'zod'
import { examine } from '../../harness/examine.ts'
import { cell, details, table } from '../../harness/markdown.ts'
import type { Outcome, Problem } from '../../harness/outcome.ts'
import { srcSystem } from '../../harness/parties/party-file.ts'
import { breathe, ROOT } from '../../harness/programs.ts'
import { compareCorpus } from '../../harness/replay.ts'
import { difference, readStored, storedNames } from '../../harness/stored.ts'
import type { System } from '../../harness/system.ts'
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
  const total = storedNames().length
  for (const s of compareCorpus(srcSystem, true)) {
    c.progress(schedules.length, total, 'stored schedules')
    await breathe()
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

/** What earlier runs left behind and still breaks: in bound anything, in literal what is not expected there. */
export const openFindings = (folder: string, system: System): readonly Problem[] => {
  const files = existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith('.json')) : []
  return files.sort().flatMap((f): readonly Problem[] => {
    const path = relative(ROOT, join(folder, f))
    const file = readStored(path, join(folder, f))
    if (file.kind === 'bad') return [] // of another kind, judged by the check that made it
    const odd = difference({ ...file.value, violates: [] }, examine(file.value.schedule, system))
    return odd === null
      ? []
      : [{ kind: 'open-finding', text: `${path}: still ${odd}`, at: path, replay: replayOf(path) }]
  })
}

export const stored = check({
  name: 'stored',
  asks: 'Do the stored schedules show what they did, and is no finding open',
  options: z.strictObject({}),
  notes: 'Exit codes: 0 as expected, 1 not so, 2 usage.',
  schema,
  async run(_, c) {
    const { figures, problems } = await corpus(c)
    return { figures, problems: [...problems, ...openFindings(join(c.out, 'findings'), srcSystem)] }
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
