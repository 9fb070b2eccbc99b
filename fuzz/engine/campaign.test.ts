import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parseOptions } from '../../properties/harness/terminal/options.ts'
import { FUZZ_USAGE, type Options, optionsOf } from '../options.ts'
import { padding } from '../targets/padding.ts'
import { campaign, type Folders, type Result } from './campaign.ts'
import type { Found } from './finding.ts'
import { nameOf, readFolder, readInput } from './store.ts'
import { type JobStart, probe, type Status } from './supervisor.ts'

const folder = mkdtempSync(join(tmpdir(), 'gauntlet-fuzz-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const given = (...argv: string[]): Options => {
  const parsed = parseOptions(FUZZ_USAGE, argv)
  if (parsed === 'help') throw new Error('expected options, got --help')
  return optionsOf(parsed.options)
}

const foldersIn = (name: string): Folders => ({
  from: [],
  found: join(folder, name, 'found'),
  findings: join(folder, name, 'findings'),
  work: join(folder, name, 'work'),
})

const run = async (folders: Folders, argv: readonly string[], more: Partial<JobStart> = {}) => {
  const found: Found[] = []
  const options = given('--target', 'padding', ...argv)
  const watcher = { status: () => {}, found: (f: Found) => found.push(f) }
  return { found, result: campaign('padding', options, folders, watcher, new AbortController().signal, more) }
}

/** Stopped when it has come so far, however long that takes. */
const runUntil = (folders: Folders, argv: readonly string[], far: (status: Status) => boolean): Promise<Result> => {
  const enough = new AbortController()
  const status = (s: Status): void => {
    if (far(s)) enough.abort()
  }
  const options = given('--target', 'padding', '--time', '600', ...argv)
  return campaign('padding', options, folders, { status, found: () => {} }, enough.signal)
}

// A regular expression is no loop that instrumentation could count: only the watchdog can stop this.
const BACKTRACKING = {
  file: 'src/primitives.ts',
  find: 'const p = padded[padded.length - 1] ?? 0',
  replace: `const p = padded[padded.length - 1] ?? 0
  if (p === 13) /^(a+)+$/.test('a'.repeat(40) + 'b')`,
}

describe('a campaign', () => {
  it('with a count and a seed does the same every time, and saves what it found', async () => {
    const [a, b] = [foldersIn('a'), foldersIn('b')]
    const results: Result[] = []
    for (const folders of [a, b]) results.push(await (await run(folders, ['--runs', '3000', '--seed', '5'])).result)
    expect(results[1]).toEqual(results[0])
    expect(results[0]!.executions).toBe(3_000 + padding.seeds().length)
    expect(results[0]!.findings).toEqual([])
    expect(results[0]!.coverage.map((c) => c.file)).toEqual(['src/primitives.ts'])
    const saved = readFolder(a.found)
    expect(saved.length).toBeGreaterThan(50)
    for (const { path, data } of saved) expect(path.endsWith(nameOf(data))).toBe(true)
    expect(readdirSync(b.found)).toEqual(readdirSync(a.found))
  })

  it('starts from what is there, and stopped early loses nothing', async () => {
    const folders = foldersIn('stopped')
    const stopped = await runUntil(folders, [], (s) => s.corpus > 100)
    expect(stopped.troubles).toEqual([])
    expect(readFolder(folders.found).length + padding.seeds().length).toBeGreaterThanOrEqual(stopped.corpus)
    const second = await (await run({ ...folders, from: [folders.found] }, ['--runs', '1'])).result
    expect(second.features).toBeGreaterThanOrEqual(stopped.features) // its one execution may show something new
    const options = given('--target', 'padding', '--time', '600')
    const watcher = { status() {}, found() {} }
    const none = await campaign('padding', options, foldersIn('late'), watcher, AbortSignal.abort())
    expect([none.executions, none.troubles]).toEqual([padding.seeds().length, []]) // no search
  })

  it('with several processes exchanges what they find', async () => {
    const folders = foldersIn('jobs')
    const { troubles, findings } = await runUntil(folders, ['--jobs', '2'], (s) => s.corpus > 100)
    expect(troubles).toEqual([])
    expect(findings).toEqual([])
    expect(readFolder(folders.found).length).toBeGreaterThan(50)
  })

  it('kills a process whose input does not end, keeps that input, and goes on', async () => {
    const folders = foldersIn('hang')
    const argv = ['--runs', '2000', '--limit', '300']
    const { result, found } = await run(folders, argv, { replacements: [BACKTRACKING] })
    const { findings } = await result
    expect(found.map((f) => f.lines[0])).toEqual(['padding hang: does not end'])
    expect(findings).toEqual(found)
    const data = readInput(found[0]!.path)
    expect([data.at(-1), 16 - (data.length % 16)]).toContain(13) // as it is, or once it is padded
    const note: { readonly execution: number } = JSON.parse(
      readFileSync(found[0]!.path.replace('.bin', '.json'), 'utf8'),
    )
    expect(note).toMatchObject({ target: 'padding', kind: 'hang', sha1: nameOf(data), bytes: data.length })
    const again = await probe('padding', data, 1_000, [BACKTRACKING])
    expect(again.fault).toEqual({ kind: 'hang', reason: 'does not end', frames: [] })
    expect((await probe('padding', data, 5_000)).fault).toBeNull()
    // As the last of the run it is a finding, and not given up.
    const runs = String(note.execution - padding.seeds().length)
    const last = await run(foldersIn('hang-last'), ['--runs', runs, '--limit', '300'], { replacements: [BACKTRACKING] })
    expect(await last.result).toMatchObject({ findings: [{ signature: found[0]!.signature }], troubles: [] })
  })

  it('ends where an input that does not end cannot be recorded', async () => {
    const folders = foldersIn('unrecorded')
    const hangFile = join(folders.work, 'x'.repeat(254)) // no room for what is appended while it is written
    const { result } = await run(folders, ['--runs', '2000', '--limit', '300'], {
      replacements: [BACKTRACKING],
      hangFile,
    })
    expect((await result).troubles).toEqual([expect.stringMatching(/^the fuzzing process of padding died \(SIGKILL\)/)])
  })

  it('takes a process that the terminal interrupted for one that was told to stop', async () => {
    const replace = `${BACKTRACKING.find}
  if (p === 13) {
    process.removeAllListeners('SIGINT')
    process.kill(process.pid, 'SIGINT')
  }`
    const { result } = await run(foldersIn('interrupted'), ['--runs', '2000'], {
      replacements: [{ ...BACKTRACKING, replace }],
    })
    expect(await result).toMatchObject({ findings: [], troubles: [], digest: '' })
  })

  it('says what its process died of: at once, or of what an execution left to throw later', async () => {
    const ends = async (name: string, find: string, replace: string) => {
      const replacements = [{ file: BACKTRACKING.file, find, replace: `${find}\n${replace}` }]
      return (await (await run(foldersIn(name), ['--runs', '2000'], { replacements })).result).troubles
    }
    const { find } = BACKTRACKING
    expect(await ends('unloaded', 'const BLOCK = 16', "throw new Error('not today')")).toEqual([
      'the fuzzing process of padding died: not today',
    ])
    expect(await ends('late', find, "if (p === 13) setTimeout(() => { throw new Error('too late') }, 1)")).toEqual([
      'an execution left something that threw later: too late',
    ])
  })

  it('says which folder cannot be written to', async () => {
    const folders = { ...foldersIn('blocked'), found: '/dev/null/found' }
    const { result } = await run(folders, ['--runs', '500'])
    const { troubles } = await result
    expect(troubles).toHaveLength(1)
    expect(troubles[0]).toMatch(/^\/dev\/null\/found: expected a folder to write to, got E/)
    expect(existsSync(folders.found)).toBe(false)
  })
})
