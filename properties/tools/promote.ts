/** `npm run promote -- FILE`: a finding becomes a regression in corpus/, replayed first by every run from then on. */
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { isFuzzFinding, type Promoted, promoteFinding } from '../../fuzz/engine/finding.ts'
import { printStored, type Stored } from '../harness/schedule-file.ts'
import { CORPUS, readStored } from '../harness/stored.ts'
import { command, main } from '../harness/terminal/command.ts'
import { UsageError } from '../harness/terminal/options.ts'

/** What is expected of it from now on: `literal` keeps its attacks, `bound` must hold, so a bug's schedule must pass. */
export const promoted = (s: Stored): Stored => (s.schedule.mode === 'literal' ? s : { ...s, violates: [] })

const promoteSchedule = (file: string): Promoted => {
  const stored = readStored(file, file)
  if (stored.kind === 'bad') return stored
  const to = fileURLToPath(new URL(basename(file), CORPUS))
  if (existsSync(to))
    return { kind: 'bad', why: `${to}: expected a new name, got one that exists: rename ${file} first` }
  writeFileSync(file, printStored(promoted(stored.value)))
  renameSync(file, to)
  return { kind: 'ok', to: `corpus/schedules/${basename(file)}` }
}

/** A schedule of the properties, or an input of the fuzzer. */
export const promoteFile = (file: string): Promoted =>
  isFuzzFinding(file) ? promoteFinding(file) : promoteSchedule(file)

const promote = command({
  name: 'promote',
  options: z.strictObject({}),
  rest: { value: 'FILE', says: 'a finding: a file of reports/findings' },
  notes: 'Exit codes: 0 promoted, 2 usage.',
  run(_, { say }, [file, ...more]) {
    if (file === undefined || more.length > 0)
      throw new UsageError('npm run promote -- FILE: expected one file of reports/findings')
    const done = promoteFile(file)
    if (done.kind === 'bad') throw new UsageError(done.why)
    say(`${done.to} will be replayed by every run`)
    return 0
  },
})

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(promote)
