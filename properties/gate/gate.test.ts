import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { hiddenPath } from '../harness/needs.ts'
import { ROOT } from '../harness/programs.ts'

const GATE = ['--import', 'tsx', join(ROOT, 'properties/gate/run.ts')]
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

/** Whole runs of the gate in processes of their own, on whatever is left of the machine. */
const PATIENCE = { timeout: 300_000 }

describe('npm run gate', PATIENCE, () => {
  it('passes in profile tiny, with identical bytes on a machine without further programs, and leaves a report.json that the schema beside it accepts', async () => {
    const [a, b] = [scratch(), scratch()]
    const [first, second] = await Promise.all([
      gate(['--profile', 'tiny', '--out', a]),
      gate(['--profile', 'tiny', '--out', b], { PATH: hiddenPath(scratch()) }),
    ])
    expect(first.out.trimEnd().split('\n').at(-1)).toMatch(/^pass: /)
    expect([first.code, second.code]).toEqual([0, 0])
    expect(read(a, 'REPORT.md')).toBe(read(b, 'REPORT.md'))
    const page = (folder: string): string => read(folder, 'index.html').replaceAll(relative(ROOT, folder), 'OUT')
    expect(page(a)).toBe(page(b))
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
