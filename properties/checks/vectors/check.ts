/** The published vectors: made anew by the reference, and played against src and the reference. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { MODES } from '../../../spec/language.ts'
import { referenceParty } from '../../harness/parties/reference.ts'
import { lostBy, runPool } from '../../harness/process/pool.ts'
import { table as markdown } from '../../harness/report/markdown.ts'
import type { Problem } from '../../harness/report/outcome.ts'
import { n, printable, right, table } from '../../harness/terminal/text.ts'
import { type Context, check } from '../check.ts'
import { conversations } from './conversations.ts'
import { type FileJson, FORMAT, format } from './format.ts'
import { FOLDER, playFile, vectorFile } from './play.ts'
import { situations } from './situations.ts'

const PATIENCE_MS = 120_000 // for a file, however loaded the machine
const MEMORY_MB = 1_024

/** What src does otherwise than these files say, or that its process was lost over one: told by file. */
const playedBySrc = async (names: readonly string[], { processes, signal }: Context) => {
  const told = new Map<string, readonly { readonly kind: 'failed' | 'error'; readonly text: string }[]>()
  const pool = { worker: new URL('./worker.ts', import.meta.url), patienceMs: PATIENCE_MS, memoryMb: MEMORY_MB }
  await runPool<string, readonly string[]>(
    names,
    { ...pool, processes, signal },
    {
      done(fate, name) {
        const failed = (text: string) => ({ kind: 'failed', text: `src: ${text}` }) as const
        const lost = (why: string) => ({ kind: 'error', text: `src: there is no answer: ${printable(why)}` }) as const
        told.set(name, fate.kind === 'done' ? fate.result.map(failed) : [lost(lostBy(fate))])
      },
    },
  )
  return told
}

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
const COLUMNS = ['file', ...right('KiB', 'conversations', 'cases')]

export const vectors = check({
  name: 'vectors',
  asks: 'Are the published vectors what the reference makes, and do the implementation and the reference play them',
  options: z.strictObject({}),
  notes: `Makes corpus/vectors/*.json anew, and plays them against src and the reference.
Exit codes: 0 written, 1 src or the reference plays something else, 2 usage, \
4 a process in which src plays was lost.`,
  schema,
  async run(_, c) {
    const files: FileFigures[] = []
    const problems: Problem[] = []
    for (const [name, text] of vectorFiles()) {
      const path = new URL(name, FOLDER)
      const written = !existsSync(path) || readFileSync(path, 'utf8') !== text
      if (written) writeFileSync(path, text)
      const file = vectorFile(name)
      for (const problem of playFile(file, referenceParty))
        problems.push({ kind: 'failed', text: `the reference: ${problem}`, at: `corpus/vectors/${name}` })
      const { conversations: whole = [], situations: rejecting = [] } = file
      const cases = rejecting.reduce((sum, s) => sum + s.cases.length, 0)
      const kib = Math.ceil(text.length / 1_024)
      files.push({ name, kib, conversations: whole.length + rejecting.length, cases, written })
      c.progress(files.length, 0, 'files')
    }
    const names = files.map((f) => f.name)
    const told = await playedBySrc(names, c)
    for (const name of names)
      for (const problem of told.get(name)!) problems.push({ ...problem, at: `corpus/vectors/${name}` })
    return { figures: { files }, problems }
  },
  summary: ({ files }) => `${count(files, 'conversations')} conversations and ${count(files, 'cases')} invalid frames`,
  text: ({ files }) =>
    table(
      [...COLUMNS, ''],
      files.map((f) => [...row(f), f.written ? 'written: it was something else' : 'unchanged']),
    ),
  sections: ({ files }) => [{ title: 'Published vectors', body: markdown(COLUMNS, files.map(row)) }],
})
