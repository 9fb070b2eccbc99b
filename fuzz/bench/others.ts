/** Other fuzzers on the same planted bugs, where they run on this machine. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endGroup } from '../../properties/harness/process/programs.ts'
import { saveInput } from '../engine/store.ts'
import { writeEntry } from '../entries.ts'
import { targetNamed } from '../targets/index.ts'
import { type Planted, TRIAL } from './planted.ts'

export interface Other {
  readonly name: string
  /** Found in this many seconds of wall time; null: not within the limit. */
  find(planted: Planted, limitMs: number): Promise<number | null>
}

const COMMANDS = [
  { name: 'Jazzer.js', command: 'jazzer', args: (entry: string, corpus: string) => [entry, corpus, '--sync'] },
  { name: 'jsfuzz', command: 'jsfuzz', args: (entry: string, corpus: string) => [entry, corpus] },
] as const

const CRASHED = /crash was written|Uncaught Exception|==\d+== ERROR|timeout|out of memory/i

/** Runs a command and what it starts, as a group that ends together: a worker that hangs would outlive its parent. */
const within = (
  limitMs: number,
  cwd: string,
  command: string,
  args: readonly string[],
): Promise<{ readonly said: string; readonly missing: boolean }> => {
  const child = spawn(command, args, { cwd, detached: true })
  const end = (): boolean => endGroup(child.pid)
  return new Promise((resolve) => {
    let said = ''
    const timer = setTimeout(end, limitMs)
    for (const out of [child.stdout, child.stderr]) out.on('data', (text: Buffer) => (said += text.toString()))
    child.on('error', (e) => {
      clearTimeout(timer)
      resolve({ said: e.message, missing: 'code' in e && e.code === 'ENOENT' })
    })
    child.on('exit', () => {
      clearTimeout(timer)
      end()
    })
    child.on('close', () => resolve({ said, missing: false }))
  })
}

const attempt = async (
  { command, args }: (typeof COMMANDS)[number],
  planted: Planted,
  limitMs: number,
): Promise<{ readonly said: string; readonly seconds: number; readonly missing: boolean }> => {
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-bench-'))
  try {
    await writeEntry(planted.target, folder, planted.replacements)
    for (const data of targetNamed(planted.target).seeds()) saveInput(join(folder, 'corpus'), data)
    const started = performance.now()
    const ran = await within(limitMs, folder, command, args(`./${planted.target}.cjs`, 'corpus'))
    return { ...ran, seconds: (performance.now() - started) / 1_000 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Those that find a bug nobody could miss, and why the others do not. */
export const othersHere = async (): Promise<{ readonly run: readonly Other[]; readonly why: readonly string[] }> => {
  const run: Other[] = []
  const why: string[] = []
  for (const tool of COMMANDS) {
    const { said, missing } = await attempt(tool, TRIAL, 20_000)
    if (missing) why.push(`${tool.name}: not installed (no command ${tool.command} on PATH)`)
    else if (!CRASHED.test(said)) why.push(`${tool.name}: does not run here: ${reason(said)}`)
    else
      run.push({
        name: tool.name,
        find: async (planted, limitMs) => {
          const { said: output, seconds } = await attempt(tool, planted, limitMs)
          return CRASHED.test(output) ? seconds : null
        },
      })
  }
  return { run, why }
}

const reason = (said: string): string =>
  said
    .split('\n')
    .find((line) => /error|version|not found/i.test(line))
    ?.trim() ?? 'it says nothing'
