/**
 * Mutants as text, a paragraph each, as in catalogue/*.txt:
 *
 *     padding-zero C3 a padding of 0 bytes is accepted
 *     covers 0 accepted
 *     breaks padding
 *     in src/primitives.ts
 *     -if (p < 1 || p > BLOCK) return null
 *     +if (p > BLOCK) return null
 *
 * The first line has the id, the invariant that must be among the first to fire (`-`: no opinion) and the bug. `covers`,
 * `breaks`, `equivalent` and `instead` are the fields of Mutant by those names. After `in FILE` come replacements: the text to find
 * (`-`) and what takes its place (`+`; none: nothing), every line behind its sign; a text that ends with a line break ends
 * with an empty line. An empty line ends a paragraph; one that begins with `#` is a comment.
 *
 * A second line `for k FROM TO` (and a step, where it is not 1) makes a mutant for each k: `2^k` is the number wherever it
 * stands, and the id ends with `:2^` and k.
 */
import { readText } from '../process/files.ts'
import type { Mutant } from './mutant.ts'

type Edit = { readonly file: string; readonly find: string[]; readonly replace: string[] }

/** One paragraph. Throws an Error that names the mutant, what is expected and what was got. */
const record = (paragraph: string): Mutant => {
  const [head, ...lines] = paragraph.split('\n')
  const [, id, expect, bug] = /^(\S+) (\S+) (.+)$/.exec(head!) ?? []
  if (id === undefined || expect === undefined || bug === undefined)
    throw new Error(`mutant: expected "ID INVARIANT BUG", got ${JSON.stringify(head)}`)
  const fail = (why: string): never => {
    throw new Error(`mutant ${id}: expected ${why}`)
  }
  const covers: string[] = []
  let breaks: readonly string[] = []
  const notes: { equivalent?: string; instead?: string } = {}
  const edits: Edit[] = []
  let file: string | null = null
  let fresh = true // whether a text to find comes next
  for (const line of lines) {
    const text = line.slice(line.indexOf(' ') + 1)
    const last = edits.at(-1)
    if (line.startsWith('in ')) {
      file = text
      fresh = true
    } else if (line.startsWith('-')) {
      if (file === null) return fail(`"in FILE" first, got ${JSON.stringify(line)}`)
      if (last === undefined || fresh || last.replace.length > 0)
        edits.push({ file, find: [line.slice(1)], replace: [] })
      else last.find.push(line.slice(1))
      fresh = false
    } else if (line.startsWith('+')) {
      if (last === undefined || fresh) return fail(`a text to find before ${JSON.stringify(line)}`)
      last.replace.push(line.slice(1))
    } else if (line.startsWith('covers ')) covers.push(text)
    else if (line.startsWith('breaks ')) breaks = text.split(' ')
    else if (line.startsWith('equivalent ')) notes.equivalent = text
    else if (line.startsWith('instead ')) notes.instead = text
    else return fail(`covers, breaks, equivalent, instead, in, - or +, got ${JSON.stringify(line)}`)
  }
  if (edits.length === 0) return fail('a replacement')
  return {
    id,
    bug,
    replacements: edits.map((e) => ({ file: e.file, find: e.find.join('\n'), replace: e.replace.join('\n') })),
    expect: expect === '-' ? null : expect,
    ...notes,
    ...(covers.length > 0 ? { covers } : {}),
    ...(breaks.length > 0 ? { breaks } : {}),
  }
}

const SERIES = /^for k (\d+) (\d+)(?: (\d+))?\n/m

/** The paragraphs that a paragraph stands for. */
const series = (paragraph: string): readonly string[] => {
  const [line, from, to, step = 1] = SERIES.exec(paragraph) ?? []
  if (line === undefined) return [paragraph]
  const length = Math.floor((Number(to) - Number(from)) / Number(step)) + 1
  return Array.from({ length }, (_, i) => {
    const k = Number(from) + i * Number(step)
    const text = paragraph.replace(line, '').replaceAll('2^k', String(2 ** k))
    return text.replace(/^\S+/, (id) => `${id}:2^${k}`)
  })
}

/** The mutants of a text. Throws as `record` does. */
export const parseRecords = (text: string): readonly Mutant[] =>
  text
    .trimEnd()
    .split('\n\n')
    .filter((p) => !p.startsWith('#'))
    .flatMap(series)
    .map(record)

/** The mutants of a file. Throws as `record` does. */
export const recordsOf = (file: string | URL): readonly Mutant[] => parseRecords(readText(file))

/** The mutants of catalogue/`name`.txt. */
export const family = (name: string): readonly Mutant[] =>
  recordsOf(new URL(`./catalogue/${name}.txt`, import.meta.url))
