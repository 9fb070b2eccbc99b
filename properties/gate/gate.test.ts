import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { hiddenPath } from '../harness/process/needs.ts'
import { loader, ROOT } from '../harness/process/programs.ts'

const GATE = [...loader([]), join(ROOT, 'properties/gate/run.ts')]
const scratch = (): string => mkdtempSync(join(tmpdir(), 'gauntlet-gate-'))
const read = (folder: string, file: string): string => readFileSync(join(folder, file), 'utf8')

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** The command as a user starts it. */
const gate = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [...GATE, ...args], { cwd: ROOT, env: { ...process.env, ...env } }, (e, out, err) =>
      resolve({ code: e ? Number(e.code) : 0, out, err }),
    )
  })

/** Of the workflow, what this machine has done already. */
const DONE = ['npm ci', '.ci/programs']

/** The exit codes of the shell steps of a job of the workflow, one after the other as they stand. */
const steps = async (job: string, env: Readonly<Record<string, string>>): Promise<readonly number[]> => {
  const text = readFileSync(join(ROOT, '.github/workflows/ci.yml'), 'utf8')
  const [, body] = new RegExp(`^  ${job}:\\n((?: {4}.*\\n|\\n)+)`, 'm').exec(text)!
  const lines = [...body!.matchAll(/^ +(?:- )?run: (.*)$/gm)].map(([, line]) => line!).filter((l) => !DONE.includes(l))
  const codes: number[] = []
  for (const line of lines)
    codes.push(
      await new Promise((resolve) => {
        const child = spawn('bash', ['-e', '-c', line], { cwd: ROOT, env: { ...process.env, ...env }, stdio: 'ignore' })
        child.on('close', (code) => resolve(code ?? -1))
      }),
    )
  return codes
}

/** Whole runs of the gate in processes of their own, on whatever is left of the machine. */
const PATIENCE = { timeout: 900_000 }

describe('npm run gate', PATIENCE, () => {
  it('passes in profile tiny on a machine without further programs, leaves a report.json that the schema beside it accepts, and in the shares of the workflow makes the same bytes', async () => {
    const a = scratch()
    const first = await gate(['--profile', 'tiny', '--out', a], { PATH: hiddenPath(scratch()) })
    expect(first.out.trimEnd().split('\n').at(-1)).toMatch(/^pass: /)
    expect(first.code).toBe(0)
    const made = ['REPORT.md', 'report.json', 'index.html'].map((file) => read(a, file))
    rmSync(a, { recursive: true })
    const env = { PROFILE: 'tiny', OUT: a, FUZZ_SECONDS: '1', GITHUB_STEP_SUMMARY: join(scratch(), 'summary') }
    const shares = await Promise.all([1, 2, 3, 4].map((i) => steps('shard', { ...env, SHARD: String(i) })))
    expect(shares.flat()).toEqual([0, 0, 0, 0])
    expect(existsSync(join(a, 'REPORT.md'))).toBe(false)
    expect(await steps('gate', env)).toEqual([0, 0])
    expect(['REPORT.md', 'report.json', 'index.html'].map((file) => read(a, file))).toEqual(made)
    expect(readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8')).toBe(made[0])
    expect(await steps('fuzz', { ...env, SHARD: '4' })).toEqual([0])
    const other = await gate(['--profile', 'pr', '--merge', a, '--out', scratch()])
    expect(other).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^\S*piece-1-of-4.json: expected profile pr, got tiny/),
    })
    const schema = JSON.parse(read(a, 'report.schema.json'))
    expect(z.fromJSONSchema(schema).safeParse(JSON.parse(read(a, 'report.json')))).toMatchObject({ success: true })
    expect(read(a, 'junit.xml')).toMatch(/<testsuite name="prop" tests="\d\d+" failures="0"/)
    expect(read(a, 'junit.xml')).toContain('<testcase classname="gate.prop" name="A2 in bound"></testcase>')
  })

  it('exits 2 with one line on standard error when it is used wrongly', async () => {
    const r = await gate(['--profile', 'huge'])
    expect(r).toMatchObject({ code: 2, out: '' })
    expect(r.err).toBe(
      '--profile: expected one of pr, full, tiny, got huge (npm run gate -- --help lists the options)\n',
    )
  })

  it('leaves a report marked partial when it is interrupted, and exits 3', async () => {
    const out = scratch()
    const child = spawn(process.execPath, [...GATE, '--profile', 'tiny', '--only', 'prop', '--out', out], { cwd: ROOT })
    const code = await new Promise((resolve) => {
      child.stdout.once('data', () => child.kill('SIGINT')) // it says when the stage begins
      child.on('close', resolve)
    })
    expect(code).toBe(3)
    expect(read(out, 'REPORT.partial.md')).toContain('**PARTIAL')
    expect(existsSync(join(out, 'REPORT.md'))).toBe(false)
    expect(JSON.parse(read(out, 'report.json'))).toMatchObject({ partial: true, verdict: 'fail', exit: 3 })
  })
})
