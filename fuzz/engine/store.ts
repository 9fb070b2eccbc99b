/** Folders of raw inputs named by their SHA-1, as libFuzzer, AFL and Jazzer keep them, so that corpora travel. */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { readBytes, writeWhole as write } from '../../properties/harness/process/files.ts'
import { ROOT } from '../../properties/harness/process/programs.ts'
import { UsageError } from '../../properties/harness/terminal/options.ts'

/** A folder or file that cannot be used; the message names it, what was wanted and what the system said. */
export class StoreError extends UsageError {
  override readonly name = 'StoreError'
}

export interface Stored {
  readonly path: string
  readonly data: Uint8Array
}

/** The committed inputs of a target. */
export const corpusFolder = (target: string): string => join(ROOT, 'corpus', target)
/** Inputs of bugs that were found once; nothing removes them. */
export const regressionFolder = (target: string): string => join(corpusFolder(target), 'regressions')
/** What runs on this machine have found so far. */
export const foundFolder = (target: string): string => join(ROOT, 'reports/corpus', target)

export const nameOf = (data: Uint8Array): string => createHash('sha1').update(data).digest('hex')

/** As a person in the repository would type it. */
export const shown = (path: string): string => {
  const name = relative(process.cwd(), path)
  return name.startsWith('..') ? path : name
}

const guarded = <T>(path: string, wanted: string, action: () => T): T => {
  try {
    return action()
  } catch (e) {
    throw new StoreError(`${shown(path)}: expected ${wanted}, got ${e instanceof Error ? e.message : String(e)}`)
  }
}

const filesIn = (folder: string): readonly string[] =>
  guarded(folder, 'a readable folder', () => {
    try {
      const entries = readdirSync(folder, { withFileTypes: true })
      const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      return files.map((entry) => entry.name).sort()
    } catch (e) {
      if (e instanceof Error && 'code' in e && e.code === 'ENOENT') return [] // nothing kept yet
      throw e
    }
  })

export const readInput = (path: string): Uint8Array =>
  guarded(path, 'a readable file', () => new Uint8Array(readBytes(path)))

/** In the order of their names; a folder that does not exist holds nothing. `known`: names not to read again. */
export const readFolder = (folder: string, known: ReadonlySet<string> = new Set()): readonly Stored[] =>
  filesIn(folder)
    .filter((name) => !known.has(name))
    .map((name) => ({ path: join(folder, name), data: readInput(join(folder, name)) }))

export const makeFolder = (folder: string): void =>
  guarded(folder, 'a folder to write to', () => void mkdirSync(folder, { recursive: true }))

/** Whole or not at all: a killed process leaves no half file, and two may write the same. Returns the path. */
export const writeWhole = (folder: string, name: string, content: Uint8Array | string): string =>
  guarded(folder, 'a folder to write to', () => {
    const path = join(folder, name)
    write(path, content)
    return path
  })

export const saveInput = (folder: string, data: Uint8Array): string => writeWhole(folder, nameOf(data), data)

export const removeFile = (path: string): void => guarded(path, 'a file to remove', () => rmSync(path))
