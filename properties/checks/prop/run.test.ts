import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loader } from '../../harness/process/programs.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

const WIDE = { cwd: ROOT, env: { ...process.env, COLUMNS: '300' } }

/** The command as a user starts it. */
const command = (script: string, ...args: string[]): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(process.execPath, [...loader([]), join(ROOT, 'properties', script), ...args], WIDE, (e, out, err) =>
      resolve({ code: e ? Number(e.code) : 0, out, err }),
    )
  })
const prop = (...args: string[]): Promise<Ran> => command('checks/prop/run.ts', ...args)
const scratch = (name: string, text: string): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'gauntlet-')), name)
  writeFileSync(file, text)
  return file
}
const stored = (name: string): string => readFileSync(join(ROOT, 'corpus/schedules', name), 'utf8')

describe('npm run prop', () => {
  it('prints the same bytes for the same seed, whatever the processes did', async () => {
    const asked = ['--runs', '80', '--seed', '9', '--mode', 'bound', '--profile', 'replay,faults']
    const [a, b] = await Promise.all([prop(...asked), prop(...asked)])
    expect(a.code).toBe(0)
    expect(a.out).toBe(b.out)
    expect(a.out).toMatch(/\d+ stored schedules replayed, 0 differ/)
  })

  it('judges one invariant, one mode, one profile when asked', async () => {
    const r = await prop('--runs', '50', '--only', 'C1', '--mode', 'bound', '--profile', 'tamper')
    expect(r.code).toBe(0)
    expect(r.out).toMatch(/^C1 .*50 .*holds/m)
    expect(r.out).not.toMatch(/^A2 /m)
  })

  it('plays under model cryptography, and says what that cannot show', async () => {
    const asked = [
      '--crypto',
      'model',
      '--runs',
      '16',
      '--mode',
      'literal',
      '--profile',
      'replay',
      '--chunk',
      '0',
      '--no-explain',
    ]
    const r = await prop(...asked, '--verbose')
    expect(r).toMatchObject({ code: 0, err: '' })
    expect(r.out).toMatch(/^KAT .* 0 .*not observable/m)
    expect(r.out).toMatch(/^A8 .* 16 .*violated as expected/m)
    expect(r.out).toMatch(/^as expected: 16 schedules, .* literal, model cryptography$/m)
    const [, found, shown] =
      /KAT, A9, TWIN ask about bytes .* of (\d+) counterexamples real cryptography shows (\d+)$/m.exec(r.out)!
    expect(Number(found)).toBeGreaterThan(0)
    expect(shown).toBe(found)
    const bad = await prop(...asked, '--party', 'reference')
    expect(bad).toMatchObject({ code: 2, err: expect.stringContaining('expected real beside --party') })
  })

  it('plays an exhaustive scope whole', async () => {
    const r = await prop('--scope', 'lengths', '--mode', 'bound', '--only', 'C1,TWIN')
    expect(r.code).toBe(0)
    expect(r.out).toMatch(/^C1 .* 801 .*holds/m)
    expect(r.out).toMatch(/^TWIN .* 5\d .*holds/m)
    expect(r.out).toContain('as expected: 801 schedules, scopes lengths, bound')
  })

  it('finds the faults of the toy in examples/, and says what it cannot see', async () => {
    const r = await prop(
      '--party',
      'properties/examples/toy.ts',
      '--runs',
      '96',
      '--mode',
      'bound',
      '--profile',
      'tamper,insider',
      '--only',
      'S4,KAT',
    )
    expect(r.code).toBe(1)
    expect(r.out).toMatch(/^S4 .*violated/m)
    expect(r.out).toMatch(/^KAT .*not observable/m)
    expect(r.out).toMatch(/^failed: 37 stored schedules replayed, \d+ differ \(listed first\)$/m)
    expect(r.out).toMatch(/^red .*; what failed, above \(1\)$/m)
    const replay = /replay: npm run prop -- (.*S4-bound-[0-9a-f]{8}\.json)$/m.exec(r.out)![1]!
    const again = await prop(...replay.split(' '))
    expect(again).toMatchObject({ code: 1, err: '' })
    expect(again.out).toMatch(/^violated: S4 at action \d+: s\d+ /m)
  })

  it('compares two implementations, and finds where they differ with a line that shows it again', async () => {
    const harness = (file: string) => JSON.stringify(pathToFileURL(join(ROOT, 'properties/harness', file)))
    const mutant = scratch(
      'mutant.mjs',
      `import { partyOf } from ${harness('parties/src.ts')}
       import { loadVariant } from ${harness('process/variants.ts')}
       const find = "if (header.round < expected.round) return 'stale-round'"
       const replace = find.replace('stale', 'future')
       export const party = partyOf(await loadVariant([{ file: 'src/checks.ts', find, replace }]))`,
    )
    const asked = ['--runs', '24', '--profile', 'replay', '--mode', 'bound']
    const [same, other] = await Promise.all([
      prop('--party', 'src', '--twin', 'reference', ...asked),
      prop('--party', mutant, '--twin', 'src', ...asked),
    ])
    expect(same.code).toBe(0)
    expect(same.out).toContain('not comparable: told (only src reports it)')
    expect(same.out).toContain('as expected: src and reference: no difference, of 24')
    expect(other.code).toBe(1)
    expect(other.out).toMatch(/^violation: mutant and src differ in bound: .*future-round; src: .*stale-round/m)
    expect(other.out).toMatch(/^ {2}≠ .*: future-round +.*: stale-round$/m)
    const line = /replay: npm run prop -- (.*\.json)$/m.exec(other.out)![1]!.split(' ')
    const again = await prop(...line)
    expect(again).toMatchObject({ code: 1, err: '' })
    expect(again.out).toMatch(/^mutant and src differ at action \d: /m)
    const mended = await prop(...line.map((word) => (word === mutant ? 'reference' : word)))
    expect(mended.code).toBe(0)
    expect(mended.out).toMatch(/^no difference between reference and src$/m)
  })

  it.each([
    [['--twin', 'src', '--only', 'A2'], /^--only: expected none beside a twin, where no invariant is judged, got A2/],
    [['--twin', 'src', '--twin-cmd', 'true'], /^--twin-cmd: expected none beside --twin, got true/],
    [
      ['--twin', 'nowhere.ts'],
      /^nowhere\.ts: expected a TypeScript or JavaScript file that exports a party, got no such file/,
    ],
  ])('%j is a usage error', async (argv, why) => {
    const r = await prop(...argv)
    expect([r.code, r.out]).toEqual([2, ''])
    expect(r.err).toMatch(why)
  })

  it('replays a literal attack as expected: exit 0, with its ladder', async () => {
    const r = await prop('--replay', 'corpus/schedules/session-replay.json')
    expect(r.code).toBe(0)
    expect(r.out).toContain('✗ A2: s1 accepted a DATA that was accepted before')
    expect(r.out).toContain('as stored: it violates A2 in literal')
  })

  it('exits 1 on a schedule that does not show what is stored about it', async () => {
    const file = scratch('bound.json', stored('session-replay.json').replace('"literal"', '"bound"'))
    const r = await prop('--replay', file)
    expect(r.code).toBe(1)
    expect(r.out).toContain('no longer violates A2')
  })

  it.each([
    [['--runs', 'many'], '--runs: expected an integer 1..10000000, got many'],
    [['--seed', '-1'], "Option '--seed' expects a value, after = if it starts with a dash"],
    [['--only', 'Z9'], '--only: expected one of F1'],
    [['--mode', 'loose'], '--mode: expected one of bound, literal, got loose'],
    [['--profile', 'none'], '--profile: expected one of replay'],
    [['--replay', 'nowhere.json'], 'nowhere.json: expected a readable file, got ENOENT'],
    [['--scope', 'universe'], '--scope: expected one of flips, '],
    [['--scopes', '--runs', '9'], '--runs: expected none beside a scope, which is played whole, got 9'],
    [
      ['--party', 'nowhere.ts'],
      'nowhere.ts: expected a TypeScript or JavaScript file that exports a party, got no such file',
    ],
    [['--frobnicate'], "Unknown option '--frobnicate'"],
  ])('%j is a usage error in one line', async (args, why) => {
    const r = await prop(...args)
    expect(r.code).toBe(2)
    expect(r.err).toContain(why)
    expect(r.err.trimEnd().split('\n')).toHaveLength(1)
  })

  it('names the field of a malformed or stale schedule', async () => {
    const bad = await prop('--replay', scratch('bad.json', stored('session-replay.json').replace('"connect"', '"fly"')))
    expect(bad).toMatchObject({ code: 2, out: '' })
    expect(bad.err).toMatch(/bad\.json: schedule\.actions\[0\]\.do: .*got "fly"\n$/)
    const old = await prop(
      '--replay',
      scratch('old.json', stored('session-replay.json').replace('"version": 1', '"version": 0')),
    )
    expect(old.err).toMatch(/schedule\.version: expected 1, got 0\n$/)
  })
})

describe('npm run promote', () => {
  it('refuses what it cannot read, and a name that is taken', async () => {
    expect((await command('tools/promote.ts')).code).toBe(2)
    expect((await command('tools/promote.ts', 'nowhere.json')).err).toContain('expected a readable file')
    const file = scratch('session-replay.json', stored('session-replay.json'))
    const taken = await command('tools/promote.ts', file)
    expect(taken.code).toBe(2)
    expect(taken.err).toContain('expected a new name')
    expect(existsSync(file)).toBe(true)
  })
})
