/** A finding of the fuzzer becomes a regression: from then on it is executed before everything else. */
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { noteBeside, scheduleBeside } from './engine/finding.ts'
import { nameOf, readInput, regressionFolder, removeFile, StoreError, saveInput, shown } from './engine/store.ts'
import { TARGET_NAMES } from './targets/index.ts'

export type Promoted = { readonly kind: 'ok'; readonly to: string } | { readonly kind: 'bad'; readonly why: string }

/** Whether a file is one of the two files of a fuzz finding, rather than a schedule. */
export const isFuzzFinding = (file: string): boolean =>
  file.endsWith('.bin') || TARGET_NAMES.some((name) => new RegExp(`^${name}-[0-9a-f]{12}\\.json$`).test(basename(file)))

/** `file`: the input of a finding or the note beside it. Moves the input to corpus/TARGET/regressions; the note goes. */
export const promoteFinding = (file: string, folderOf: (target: string) => string = regressionFolder): Promoted => {
  const input = file.replace(/\.json$/, '.bin')
  const note = noteBeside(input)
  if (note === null || !TARGET_NAMES.includes(note.target))
    return { kind: 'bad', why: `${file}: expected a finding of the fuzzer with its note beside it, got none` }
  try {
    const data = readInput(input)
    if (nameOf(data) !== note.sha1)
      return { kind: 'bad', why: `${file}: expected the input that its note names, got another (sha1 ${nameOf(data)})` }
    const to = saveInput(folderOf(note.target), data)
    for (const path of [input, input.replace(/\.bin$/, '.json'), scheduleBeside(input)])
      if (existsSync(path)) removeFile(path)
    return { kind: 'ok', to: shown(to) }
  } catch (e) {
    if (e instanceof StoreError) return { kind: 'bad', why: e.message }
    throw e
  }
}
