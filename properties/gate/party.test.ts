import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loader, ROOT } from '../harness/process/programs.ts'
import { parseOptions } from '../harness/terminal/options.ts'
import { recordedScreen } from '../harness/terminal/testkit.ts'
import { USAGE } from './options.ts'
import { partyGate, partyOptions } from './party.ts'

const TOY = 'properties/examples/toy.ts'
/** A server whose timers never fire. */
const TIMELESS = `import { changed, referenceParty } from '${ROOT}properties/harness/parties/index.ts'
export const server = (host, setup) => changed(referenceParty(host, setup), { tick() {} })`
const scratch = (): string => mkdtempSync(join(tmpdir(), 'gauntlet-party-'))

/** The command as a user starts it; resolves with its exit code and what it leaves in a folder of its own. */
const gate = async (...args: readonly string[]) => {
  const out = scratch()
  const run = [...loader([]), 'properties/gate/run.ts', '--profile', 'tiny', '--out', out, ...args]
  const code = await new Promise((resolve) =>
    execFile(process.execPath, run, { cwd: ROOT }, (e) => resolve(e ? Number(e.code) : 0)),
  )
  return { code, read: (file: string): string => readFileSync(join(out, file), 'utf8') }
}
const given = (...args: readonly string[]) => {
  const parsed = parseOptions(USAGE, args)
  if (parsed === 'help') throw new Error('help')
  return parsed.options
}

describe('the gate of somebody else’s implementation', { timeout: 300_000 }, () => {
  it('is red about a server with faults, and leaves a report about it, for people and for machines', async () => {
    const file = join(scratch(), 'timeless.mts')
    writeFileSync(file, TIMELESS)
    const { code, read } = await gate('--party', file, '--mode', 'bound', '--only', 'prop')
    expect(code).toBe(1)
    const report = read('REPORT.md')
    expect(report).toMatch(/^# Gauntlet: what can be believed of timeless\n\n\*\*FAIL \(exit code 1\)/)
    expect(report).toMatch(/\| \*\*B3\*\* \| .* \| memory \|/) // not observable, and why
    expect(report).toMatch(/<b>B5<\/b> in bound, \d+ actions: [\s\S]*✗ B5: /) // with its ladder
    expect(report).toMatch(/npm run prop -- --party \S+timeless\.mts --replay \S+B5-bound-\w+\.json/)
    for (const stage of ['stored', 'attacks', 'scopes', 'prop']) expect(report).toContain(`| \`${stage}\` |`)
    for (const ours of ['`mutants`', '`fuzz`', '`claims`', 'REPORT.md', '`src/`', '](corpus'])
      expect(report).not.toContain(ours)
    const schema = z.fromJSONSchema(JSON.parse(read('report.schema.json')))
    expect(schema.safeParse(JSON.parse(read('report.json')))).toMatchObject({ success: true })
    expect(JSON.parse(read('report.json'))).toMatchObject({ exit: 1, party: `--party ${file}` })
    expect(read('junit.xml')).toMatch(/<testcase classname="gate\.prop" name="B5 in bound"><failure type="violation"/)
  })

  it('is green about a right one, as a program in another process too', async () => {
    const adapter = 'node --import tsx properties/examples/adapter.mjs'
    const [here, there] = await Promise.all([
      gate('--party', 'reference', '--only', 'attacks'),
      gate('--party-cmd', adapter, '--only', 'attacks'),
    ])
    expect([here.code, there.code]).toEqual([0, 0])
    expect(here.read('REPORT.md')).toContain('**PASS: nothing that could be observed is wrong.**')
    expect(here.read('REPORT.md')).toContain('So 6 of 55 invariants are **not observable**')
    expect(there.read('REPORT.md')).toMatch(/^# Gauntlet: what can be believed of adapter\n/)
  })

  it('exits with 4 where it does not survive what is played, and says so in the report', async () => {
    const file = join(scratch(), 'quits.mjs')
    writeFileSync(
      file,
      'export const server = () => ({ emits: [], open() {}, receive() { process.exit(0) }, close() {}, tick() {}, view: () => null })',
    )
    const { code, read } = await gate('--party', file, '--mode', 'bound', '--only', 'attacks')
    expect(code).toBe(4)
    expect(read('REPORT.md')).toContain(
      '**FAIL (exit code 4): it does not survive what was played, or the harness failed.**',
    )
    expect(read('REPORT.md')).toContain('the system does not survive it: its process ended with code 0')
  })

  it.each([
    [
      ['--party', 'nowhere.ts'],
      'nowhere.ts: expected a TypeScript or JavaScript file that exports a party, got no such file',
    ],
    [
      ['--party', TOY, '--only', 'claims'],
      '--only: expected stages of --party, stored, attacks, scopes, prop, got claims',
    ],
    [
      ['--party', TOY, '--mode', 'literal', '--only', 'stored', '--out', scratch()],
      '--only: expected a stage of this run,',
    ],
    [['--party', TOY, '--out', ROOT], '--out: expected a folder other than those of this repository’s own report'],
    [['--party', TOY, '--out', 'reports/../reports'], '--out: expected a folder other than those of this'],
  ])('%j is refused', async (args, why) => {
    const { screen } = recordedScreen()
    const refused = async () =>
      partyGate(partyOptions(given(...args)), { ...screen, progress: () => ({ show() {}, clear() {} }) })
    await expect(refused()).rejects.toThrow(why)
  })

  it.each([
    [['--mode', 'bound'], '--mode: expected --party or --party-cmd with it, got bound alone'],
    [['--party', TOY, '--update'], '--update: expected profile pr with its own seed and all stages'],
    [['--party', TOY, '--party-cmd', 'x'], '--party-cmd: expected none beside --party, got x'],
    [['--side', 'server'], '--side: expected --party-cmd with it, got server alone'],
  ])('%j is refused by the parser', (args, why) => {
    expect(() => given(...args)).toThrow(why)
  })
})
