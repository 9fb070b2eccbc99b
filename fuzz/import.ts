/** Corpora and crashes that another engine has left, as libFuzzer names and lays them out. */
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expecting, UsageError } from '../properties/harness/terminal/options.ts'
import { describe, replayCommand } from './engine/finding.ts'
import { foundFolder, nameOf, readFolder, saveInput, shown } from './engine/store.ts'
import { probe } from './engine/supervisor.ts'
import { TARGET_NAMES, targetNamed } from './targets/index.ts'

/** Of libFuzzer: an input that made it stop, or was about to. */
const ARTIFACT = /^(?:crash|timeout|oom|leak|slow-unit)-[0-9a-f]{40}$/

/** Folders below `folder` that are named after a target, as they are or as the artifacts of ClusterFuzzLite are. */
const foldersIn = (folder: string): readonly { readonly target: string; readonly path: string }[] => {
  const all = expecting('--import: expected a readable folder', () =>
    readdirSync(folder, { recursive: true, withFileTypes: true }),
  )
  const folders = all.filter((e) => e.isDirectory()).map((e) => join(e.parentPath, e.name))
  return [folder, ...folders].flatMap((path) => {
    const target = basename(path).replace(/^cifuzz-corpus-/, '')
    return TARGET_NAMES.includes(target) ? [{ target, path }] : []
  })
}

interface Imported {
  readonly target: string
  readonly inputs: number
  /** Longer than the target takes. */
  readonly tooLong: number
  /** What crashes of the other engine do here, a line each. */
  readonly crashes: readonly string[]
  /** How many of them fail here too. */
  readonly failing: number
}

/** Inputs go to what this machine has found; an input that made the other engine stop is executed. Throws a UsageError. */
export const importFrom = async (folder: string, limitMs: number): Promise<readonly Imported[]> => {
  const folders = foldersIn(folder)
  if (folders.length === 0)
    throw new UsageError(`--import: expected a folder named after a target below ${folder}, got none`)
  const done: Imported[] = []
  for (const { target, path } of folders) {
    const all = readFolder(path)
    const fitting = all.filter(({ data }) => data.length <= targetNamed(target).maxBytes)
    const crashes: string[] = []
    let failing = 0
    for (const { path: file, data } of fitting) {
      if (!ARTIFACT.test(basename(file))) {
        saveInput(foundFolder(target), data)
        continue
      }
      const { fault } = await probe(target, data, limitMs)
      if (fault !== null) failing++
      const does =
        fault === null ? 'nothing wrong here' : `${describe(fault)}; ${replayCommand(file)} --target ${target}`
      crashes.push(`${shown(file)}${basename(file).endsWith(nameOf(data)) ? '' : ' (not what its name says)'}: ${does}`)
    }
    const inputs = fitting.length - crashes.length
    done.push({ target, inputs, tooLong: all.length - fitting.length, crashes, failing })
  }
  return done
}
