/** The published vectors: made anew by the reference, and played against src and the reference. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { MODES } from '../../../spec/language.ts'
import { table as markdown } from '../../harness/markdown.ts'
import { referenceParty } from '../../harness/parties/reference.ts'
import { srcParty } from '../../harness/parties/src.ts'
import { n, table } from '../../harness/terminal/text.ts'
import { check } from '../check.ts'
import { conversations } from './conversations.ts'
import { type FileJson, FORMAT, format } from './format.ts'
import { FOLDER, playFile, vectorFile } from './play.ts'
import { situations } from './situations.ts'

const PLAYERS = { src: srcParty, 'the reference': referenceParty }

/** The files of corpus/vectors/, made by the reference, the same bytes every time: name -> text. */
export function vectorFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const mode of MODES) {
    const add = (name: string, file: Pick<FileJson, 'about' | 'conversations' | 'situations'>): unknown => {
      const { about, ...played } = file
      return files.set(`${mode}-${name}.json`, `${format({ format: FORMAT, about, mode, ...played })}\n`)
    }
    for (const { name, ...family } of conversations(mode)) add(name, family)
    for (const side of ['server', 'client'] as const) {
      const about = `frames that a ${side} must reject, each with the reason, and what it answers`
      add(`rejected-by-${side}`, { about, situations: situations(side, mode) })
    }
  }
  return files
}

const fileSchema = z.strictObject({
  name: z.string(),
  kib: z.number(),
  conversations: z.number(),
  cases: z.number(),
  written: z.boolean(), // it was not what the reference makes
})
const schema = z.strictObject({ files: z.array(fileSchema) })
type FileFigures = z.infer<typeof fileSchema>

const count = (files: readonly FileFigures[], what: 'conversations' | 'cases'): string =>
  n(files.reduce((sum, f) => sum + f[what], 0))

const row = (f: FileFigures): string[] => [f.name, n(f.kib), n(f.conversations), n(f.cases)]
const COLUMNS = [{ head: 'file' }, ...['KiB', 'conversations', 'cases'].map((head) => ({ head, right: true }))]

export const vectors = check({
  name: 'vectors',
  asks: 'Are the published vectors what the reference makes, and do the implementation and the reference play them',
  options: z.strictObject({}),
  notes: `Makes corpus/vectors/*.json anew, and plays them against src and the reference.
Exit codes: 0 written, 1 src or the reference plays something else, 2 usage.`,
  schema,
  async run(_, c) {
    const files: FileFigures[] = []
    const problems: { kind: 'failed'; text: string; at: string }[] = []
    for (const [name, text] of vectorFiles()) {
      const path = new URL(name, FOLDER)
      const written = !existsSync(path) || readFileSync(path, 'utf8') !== text
      if (written) writeFileSync(path, text)
      const file = vectorFile(name)
      for (const [who, party] of Object.entries(PLAYERS))
        for (const problem of playFile(file, party))
          problems.push({ kind: 'failed', text: `${who}: ${problem}`, at: `corpus/vectors/${name}` })
      const { conversations: whole = [], situations: rejecting = [] } = file
      const cases = rejecting.reduce((sum, s) => sum + s.cases.length, 0)
      const kib = Math.ceil(text.length / 1_024)
      files.push({ name, kib, conversations: whole.length + rejecting.length, cases, written })
      c.progress(files.length, 0, 'files')
    }
    return { figures: { files }, problems }
  },
  summary: ({ files }) => `${count(files, 'conversations')} conversations and ${count(files, 'cases')} invalid frames`,
  text: ({ files }) =>
    table(
      [...COLUMNS, { head: '' }],
      files.map((f) => [...row(f), f.written ? 'written: it was something else' : 'unchanged']),
    ),
  sections: ({ files }) => [{ title: 'Published vectors', body: markdown(COLUMNS, files.map(row)) }],
})
