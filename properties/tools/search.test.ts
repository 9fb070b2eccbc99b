import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../harness/process/programs.ts'

const SMALL = ['--runs', '22', '--executions', '100', '--states', '200']
const scratch = (): string => mkdtempSync(join(tmpdir(), 'gauntlet-search-'))
const status = (out: string) => JSON.parse(readFileSync(join(out, 'search/status.json'), 'utf8'))
const schedulesOf = (out: string): readonly string[] => readdirSync(join(out, 'search/schedules')).sort()

/** `until`: killed as soon as it has said this. */
const search = (out: string, turns: number, until?: RegExp): Promise<{ readonly code: number | null; said: string }> =>
  new Promise((resolve) => {
    const args = ['--import', 'tsx', 'properties/tools/search.ts', '--out', out, '--turns', String(turns), ...SMALL]
    const child = spawn(process.execPath, args, { cwd: ROOT })
    let said = ''
    const hear = (text: Buffer): void => {
      said += text
      if (until?.test(said)) child.kill('SIGKILL')
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('close', (code) => resolve({ code, said }))
  })

describe('npm run search', { timeout: 600_000 }, () => {
  it('goes on where it was killed, and has lost nothing', async () => {
    const [whole, cut] = [scratch(), scratch()]
    const killed = search(cut, 4, /turn 2 /) // then it is in turn 3
    expect((await search(whole, 4)).code).toBe(0)
    expect((await killed).code).toBe(null)
    const before = status(cut)
    const kept = schedulesOf(cut)
    expect([3, 4]).toContain(before.curve.length)
    const again = await search(cut, 4)
    expect(again.code).toBe(0)
    expect(again.said).toMatch(/^goes on after [34] turns, with seed \d+$/m)
    const [a, b] = [status(whole), status(cut)]
    expect(b.things).toEqual(a.things)
    expect(b.curve.slice(0, before.curve.length)).toEqual(before.curve)
    const counts = ({ turn, kind, schedules, executions, states }: Record<string, unknown>) => [
      turn,
      kind,
      schedules,
      executions,
      states,
    ]
    expect(b.curve.map(counts)).toEqual(a.curve.map(counts))
    expect(a.curve.map((p: { kind: string }) => p.kind)).toEqual(['prop', 'fuzz', 'explore', 'prop'])
    expect(schedulesOf(cut)).toEqual(schedulesOf(whole))
    expect(schedulesOf(cut)).toEqual(expect.arrayContaining([...kept]))
    expect(existsSync(join(cut, 'corpus'))).toBe(true)
  })

  it('refuses a status that is none, in one line', async () => {
    const out = scratch()
    await search(out, 1)
    writeFileSync(join(out, 'search/status.json'), '{')
    const { code, said } = await search(out, 2)
    expect(code).toBe(2)
    expect(said).toMatch(/^\S*status.json: expected JSON, got .*\n$/)
  })
})
