/** Every schedule that ever mattered, and every finding that is still open. */
import { existsSync, readdirSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { z } from 'zod'
import { MODES } from '../../../spec/language.ts'
import { askSystem, type Means } from '../../harness/campaign/players.ts'
import { folderOf, keepIn, type Setting, settingFor } from '../../harness/campaign/setting.ts'
import { partyNamed } from '../../harness/parties/party-file.ts'
import { PARTY_SHAPE } from '../../harness/parties/party-options.ts'
import { typed } from '../../harness/parties/typed.ts'
import { cell, details, table } from '../../harness/report/markdown.ts'
import type { Outcome, Problem } from '../../harness/report/outcome.ts'
import { compareCorpus } from '../../harness/schedules/replay.ts'
import { readStored, replayOf } from '../../harness/schedules/stored.ts'
import { invocationWith } from '../../harness/terminal/invocation.ts'
import { type Context, check } from '../check.ts'

const schema = z.strictObject({
  schedules: z.array(
    z.strictObject({
      name: z.string(),
      says: z.string(),
      mode: z.enum(MODES),
      violates: z.array(z.string()),
      asExpected: z.boolean(),
    }),
  ),
})
type Figures = z.infer<typeof schema>

/** Another system than src is judged in bound alone. */
const corpus = async (s: Pick<Setting, 'party' | 'system'>, c: Context): Promise<Outcome<Figures>> => {
  const problems: Problem[] = []
  const schedules: Figures['schedules'] = []
  for (const one of await compareCorpus({ ...c, party: s.party }, c.progress)) {
    if ('bad' in one) {
      problems.push({ kind: 'failed', text: one.bad, at: one.path })
      continue
    }
    const { name, path, odd } = one
    const { says, schedule, violates } = one.stored
    if (odd !== null) {
      const replay =
        s.party === null ? replayOf(name, null) : keepIn('bound', basename(name, '.json'), one.stored, s, c)
      problems.push({ kind: 'failed', text: `${path}: ${odd}`, at: path, replay })
    }
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
    const path = relative('.', join(folder, f))
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
  const replay = `${invocationWith('prop')}${typed(m.party)} --replay`
  return [...problems].map(([at, text]) => ({ kind: 'open-finding', text, at, replay: `${replay} ${at}` }))
}

export const stored = check({
  name: 'stored',
  asks: 'Do the stored schedules show what they did, and is no finding open',
  options: z.strictObject(PARTY_SHAPE),
  notes: 'Exit codes: 0 as expected, 1 not so, 2 usage.',
  schema,
  async run(o, c) {
    const s = await settingFor(partyNamed(o), [])
    const open = await openFindings(folderOf(s, c), { ...c, party: s.party }) // before what this run finds is added
    const { figures, problems } = await corpus(s, c)
    return { figures, problems: [...problems, ...open] }
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
    const head = ['schedule', 'what happens', 'literal', 'bound']
    const broken = f.schedules.filter((s) => s.mode === 'literal' && s.violates.length > 0).length
    const intro = `Every schedule that ever mattered, replayed before anything else: ${f.schedules.length}, of which ${broken} break something in \`literal\` and must be defended in \`bound\`.`
    return [{ title: 'Stored schedules', body: `${intro}\n\n${details('All of them', table(head, rows))}` }]
  },
})

/** The same of another system than src, which is judged in bound alone. */
export const defendedByParty: typeof stored = {
  ...stored,
  asks: 'Is every stored schedule defended in bound, and no finding open',
  summary: (f) => `${f.schedules.length} schedules, ${f.schedules.filter((s) => !s.asExpected).length} not defended`,
  sections(f) {
    const rows = f.schedules.map((s) => [s.name, cell(s.says), s.asExpected ? 'defended' : '**not defended**'])
    const body = table(['schedule', 'what happens', 'bound'], rows)
    const intro = 'Every schedule that ever mattered, played in `bound`, where none may break an invariant.'
    return [{ title: 'Stored schedules', body: `${intro}\n\n${details('All of them', body)}` }]
  },
}
