/**
 * What lets the gate take over a complete run of `npm test` instead of repeating it: a record beside the results, valid
 * for exactly the files, the Node and the installed packages that the run had. Anything else, and the tests run again.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstatSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ROOT } from '../../harness/process/programs.ts'

export const skippedSchema = z.object({
  skipped: z.array(
    z.object({
      file: z.string(), // absolute
      title: z.string(), // of the test alone
      note: z.string().nullable(), // what `context.skip` was told
    }),
  ),
})
export type Skipped = z.infer<typeof skippedSchema>['skipped'][number]

const schema = z.strictObject({ key: z.string(), ...skippedSchema.shape })
type TestRecord = z.infer<typeof schema>

const contents = (path: string): Buffer | string => {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return 'deleted'
  return stat.isSymbolicLink() ? readlinkSync(path) : readFileSync(path)
}

/**
 * SHA-256, in hex, of every file under `root` that git does not ignore, of the installed packages and of Node.
 * `null` where git cannot say which files those are: such a run is never taken over.
 */
export const keyOf = (root: string = ROOT): string | null => {
  let files: readonly string[]
  try {
    files = execFileSync('git', ['ls-files', '-zco', '--exclude-standard'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .toString()
      .split('\0')
      .filter((f) => f !== '')
  } catch {
    return null
  }
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}`)
  for (const f of [...new Set(files), 'node_modules/.package-lock.json'].toSorted()) {
    const content = contents(join(root, f))
    hash.update(`\0${f}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

const fileIn = (folder: string): string => join(folder, 'tests-run.json')

/** Results that are being written belong to no record. */
export const forget = (folder: string): void => rmSync(fileIn(folder), { force: true })

/** To be called when every test file was run and none failed. */
export const remember = (folder: string, record: TestRecord): void =>
  writeFileSync(fileIn(folder), `${JSON.stringify(record)}\n`)

/** The record in `folder`, if it is of the files as they are now. */
export const recall = (folder: string, root: string = ROOT): TestRecord | null => {
  try {
    const record = schema.parse(JSON.parse(readFileSync(fileIn(folder), 'utf8')))
    return record.key === keyOf(root) ? record : null
  } catch {
    return null // none, or not one
  }
}
