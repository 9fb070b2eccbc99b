/** `npm run promote -- FILE`: a finding becomes a regression in corpus/, replayed first by every run from then on. */
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isFuzzFinding, type Promoted, promoteFinding } from '../../fuzz/promote.ts'
import { printStored, type Stored } from '../harness/schedule-file.ts'
import { CORPUS, readStored } from '../harness/stored.ts'

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

const main = (argv: readonly string[]): number => {
  const fail = (why: string): number => {
    process.stderr.write(`${why}\n`)
    return 2
  }
  const [file, ...rest] = argv
  if (file === undefined || rest.length > 0)
    return fail('npm run promote -- FILE: expected one file of reports/findings')
  const done = promoteFile(file)
  if (done.kind === 'bad') return fail(done.why)
  process.stdout.write(`${done.to} will be replayed by every run\n`)
  return 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2))
