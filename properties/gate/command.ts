/** Programs that stages start: with an IPC channel for progress, stopped with the run. */
import { fork, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface Finished {
  readonly code: number | null
  readonly output: string // stdout and stderr as they came
}

export interface Options {
  readonly signal: AbortSignal
  message?(m: unknown): void
}

/** Runs a JavaScript file of a package in node_modules, in the repository's root. */
export const runScript = (file: string, args: readonly string[], o: Options): Promise<Finished> =>
  new Promise((resolve, reject) => {
    const child = fork(`${ROOT}node_modules/${file}`, args, {
      cwd: ROOT,
      execArgv: [],
      silent: true,
      signal: o.signal,
      env: { ...process.env, NO_COLOR: '1' },
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

/** Runs a native program, in the repository's root. */
export const runProgram = (file: string, args: readonly string[], o: Options): Promise<Finished> =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: ROOT, signal: o.signal, env: { ...process.env, NO_COLOR: '1' } })
    let output = ''
    const collect = (text: Buffer): void => {
      output += text.toString()
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })

const forkedMessage = z.union([
  z.strictObject({ kind: z.literal('progress'), done: z.number(), total: z.number() }),
  z.strictObject({ kind: z.literal('answer'), value: z.unknown() }),
])
export type ForkedMessage = z.infer<typeof forkedMessage>

/** Runs a TypeScript file of ours in a process of its own, so that the overview and Ctrl-C stay alive; its answer is data. */
export const runForked = <T>(
  file: URL,
  args: readonly string[],
  schema: z.ZodType<T>,
  o: { readonly signal: AbortSignal; progress(done: number, total: number): void },
): Promise<T> =>
  new Promise((resolve, reject) => {
    const child = fork(file, args, {
      cwd: ROOT,
      execArgv: ['--import', 'tsx'],
      signal: o.signal,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    let errors = ''
    let answer: T | undefined
    child.stderr?.on('data', (text: Buffer) => {
      errors += text.toString()
    })
    child.on('message', (m) => {
      const parsed = forkedMessage.parse(m)
      if (parsed.kind === 'progress') o.progress(parsed.done, parsed.total)
      else answer = schema.parse(parsed.value)
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (answer !== undefined) return resolve(answer)
      const why = errors.split('\n').find((l) => /^\w*Error/.test(l)) ?? errors.trim().split('\n').at(-1)
      reject(new Error(`a process ended with code ${code} and no answer: ${why}`))
    })
  })

/** The other side of `runForked`. */
export const tellParent = (m: ForkedMessage): void => void process.send?.(m)

/** Lets the overview draw and Ctrl-C be heard between pieces of work that take long. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
