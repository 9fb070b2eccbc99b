/** `npm run promote -- FILE`: a finding becomes a regression in corpus/, replayed first by every run from then on. */
import { existsSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { isFuzzFinding, type Promoted, promoteFinding } from '../../fuzz/engine/finding.ts'
import { removeFile, StoreError, shown, writeWhole } from '../../fuzz/engine/store.ts'
import { printStored, type Stored } from '../harness/schedules/schedule-file.ts'
import { CORPUS, readStored } from '../harness/schedules/stored.ts'
import { command, main } from '../harness/terminal/command.ts'
import { UsageError } from '../harness/terminal/options.ts'
import { printable } from '../harness/terminal/text.ts'

/** What is expected of it from now on: `literal` keeps its attacks, `bound` must hold, so a bug's schedule must pass. */
export const promoted = (s: Stored): Stored => (s.schedule.mode === 'literal' ? s : { ...s, violates: [] })

/** Writes the new file whole before the old one goes, so that nothing is lost whatever fails, on any file system. */
const promoteSchedule = (file: string, folder: string): Promoted => {
  const stored = readStored(file, file)
  if (stored.kind === 'bad') return stored
  const name = basename(file)
  const to = join(folder, name)
  if (!relative(folder, file).startsWith('..'))
    return { kind: 'bad', why: `${file}: expected a finding, got a schedule that is stored already` }
  if (!name.endsWith('.json')) return { kind: 'bad', why: `${file}: expected a name that ends with .json` }
  if (existsSync(to))
    return { kind: 'bad', why: `${to}: expected a new name, got one that exists: rename ${file} first` }
  try {
    writeWhole(folder, name, printStored(promoted(stored.value)))
    removeFile(file)
  } catch (e) {
    if (e instanceof StoreError) return { kind: 'bad', why: e.message }
    throw e
  }
  return { kind: 'ok', to: shown(to) }
}

/** A schedule of the properties, or an input of the fuzzer. `schedules`: the folder that keeps the former. */
export const promoteFile = (file: string, schedules: string = fileURLToPath(CORPUS)): Promoted =>
  isFuzzFinding(file) ? promoteFinding(file) : promoteSchedule(file, schedules)

export const promote = command({
  name: 'promote',
  options: z.strictObject({}),
  rest: {
    value: 'FILE',
    says: 'a finding: a file of reports/findings, or one from elsewhere in the form of these',
    needed: true,
  },
  notes: `Moves a schedule (.json) to corpus/schedules, and an input of the fuzzer (.bin, with the note beside it) to \
corpus/TARGET/regressions. Every run replays them first from then on; commit them.
Exit codes: 0 promoted, 2 it cannot be.`,
  run(_, { say }, [file]) {
    const done = promoteFile(file!)
    if (done.kind === 'bad') throw new UsageError(done.why)
    say(`${printable(done.to)} will be replayed by every run`)
    return 0
  },
})

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(promote)
