/** Programs that checks start in the repository's root: with an IPC channel for progress, stopped with the run. */
import { fork } from 'node:child_process'
import { createRequire } from 'node:module'
import { extname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** A program beside the module at `url`: source, or compiled as that module is. */
export const beside = (name: string, url: string): URL => new URL(`./${name}${extname(url)}`, url)

const COMPILED = extname(import.meta.url) === '.js'
const START = new URL('../start.mjs', import.meta.url).href

/**
 * The arguments that let a process of ours understand TypeScript. The compiled package needs none for itself; somebody's
 * module in TypeScript (`files`) is loaded by the tsx of their project, where there is one.
 */
export const loader = (files: readonly string[]): readonly string[] => {
  if (!COMPILED) return ['--import', START]
  if (!files.some((f) => /\.[cm]?tsx?$/.test(f))) return []
  try {
    return ['--import', pathToFileURL(createRequire(resolve('package.json')).resolve('tsx')).href]
  } catch {
    return []
  }
}

interface Finished {
  readonly code: number | null
  readonly output: string // stdout and stderr as they came
}

export interface Options {
  readonly signal: AbortSignal
  message?(m: unknown): void
}

/** Ends a process that was started as `detached`, and all that it started; false: nothing is there, or it left its group. */
export const endGroup = (pid: number | undefined): boolean => {
  try {
    return pid !== undefined && process.kill(-pid, 'SIGKILL')
  } catch {
    return false
  }
}

/** Runs a JavaScript file of a package in node_modules, in the repository's root. */
export const runScript = (file: string, args: readonly string[], o: Options): Promise<Finished> =>
  new Promise((resolve, reject) => {
    const child = fork(`${ROOT}node_modules/${file}`, args, {
      cwd: ROOT,
      execArgv: [],
      silent: true,
      signal: o.signal,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
    })
    let output = ''
    const collect = (text: Buffer): void => {
      output += text.toString()
    }
    child.stdout?.on('data', collect)
    child.stderr?.on('data', collect)
    child.on('message', (m) => o.message?.(m))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
