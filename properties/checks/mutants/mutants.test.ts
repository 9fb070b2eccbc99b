import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../harness/judging/examine.ts'
import { FAMILIES, MUTANTS, OUTER } from '../../harness/mutants/catalogue.ts'
import { parseCatalogue, readCatalogue } from '../../harness/mutants/catalogue-file.ts'
import { type Mutant, SOAK, sidesOf } from '../../harness/mutants/mutant.ts'
import { recordsOf } from '../../harness/mutants/records.ts'
import { parseOptions } from '../../harness/terminal/options.ts'
import { huntByTests, isForTests, type Tested } from './by-tests.ts'
import { mutants } from './check.ts'
import { furtherBudget, type Hunts, huntAll } from './hunt.ts'
import { huntEach, type Outcome } from './pool.ts'
import { complaints, curve, matrix } from './print.ts'
import { Stream } from './stream.ts'
import { isRed, type Row, toothless, verdictOf } from './verdict.ts'

const ROOT = new URL('../../../', import.meta.url)
const stream = new Stream(7)
const named = (id: string): Mutant => MUTANTS.find((m) => m.id === id)!
const plan = { worlds: ['both', 'one'], budget: 300, after: 40 } as const
const hunted = async (m: Mutant, over: { readonly budget?: number } = {}): Promise<Row> => {
  const outcome: Outcome = { kind: 'hunted', hunts: await huntAll(m, stream, { ...plan, ...over }) }
  return { mutant: m, outcome, verdict: verdictOf(m, outcome, true) }
}
const swap = (file: string, find: string, replace: string) => ({ file: `src/${file}.ts`, find, replace })
const same: Mutant = {
  id: 'same',
  bug: 'none',
  replacements: [swap('frame', 'MIN_FRAME = CIPHERTEXT_AT + 16', 'MIN_FRAME = CIPHERTEXT_AT + 8 + 8')],
  expect: 'C1',
}

describe('the catalogue', () => {
  it('holds at least 90 mutants, every id once', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(90)
    const ids = [...MUTANTS, ...OUTER].map((m) => m.id)
    expect(ids.filter((id, i) => ids.indexOf(id) < i)).toEqual([])
  })

  it('names invariants that exist', () => {
    const ids = new Set(CHECKS.map((c) => c.id))
    expect(MUTANTS.filter((m) => m.expect === null || !ids.has(m.expect)).map((m) => m.id)).toEqual([])
  })

  it('applies: every text occurs exactly once, and no replacement leaves the source as it was', () => {
    const series = recordsOf(new URL('properties/harness/mutants/curve.txt', ROOT))
    for (const m of [...MUTANTS, ...OUTER, ...series]) {
      const changed = new Map<string, string>()
      for (const { file, find, replace } of m.replacements) {
        const source = changed.get(file) ?? readFileSync(new URL(file, ROOT), 'utf8')
        expect(source.split(find).length - 1, `${m.id}: ${find}`).toBe(1)
        expect(find, m.id).not.toBe(replace)
        changed.set(
          file,
          source.replace(find, () => replace),
        )
      }
    }
  })
})

describe('mutants of what the harness replaces', () => {
  const hunted = async (...mutants: readonly Mutant[]) => {
    const outcomes = new Map<Mutant, Tested>()
    const { signal } = new AbortController()
    await huntByTests(mutants, 2, signal, (m, t) => outcomes.set(m, t))
    return mutants.map((m) => outcomes.get(m)!)
  }
  const outer = OUTER.find((m) => m.id === 'turns-newest-first')!

  it('are at least 25, and each names a test file that is there, or soak', () => {
    expect(OUTER.length).toBeGreaterThanOrEqual(25)
    const isThere = (m: Mutant): boolean => m.expect === SOAK || existsSync(new URL(m.expect!, ROOT))
    expect(OUTER.filter((m) => !isForTests(m) || !isThere(m))).toEqual([])
    expect(MUTANTS.filter(isForTests)).toEqual([])
    expect(isForTests({ ...outer, expect: null })).toBe(true)
    expect(isForTests({ ...same, expect: null })).toBe(false)
  })

  it('are killed by that file, which says which test failed; what does not load is not killed', async () => {
    const killed = await hunted(outer)
    expect(killed).toEqual([
      {
        kind: 'tested',
        by: outer.expect,
        test: 'what many peers send at once is worked on over many turns, in the order of arrival',
      },
    ])
    expect(verdictOf(outer, killed[0]!, true)).toBe('killed')
    const broken = { ...outer, replacements: [swap('net/turns', 'export class Turns', 'export klass Turns')] }
    const gone = { ...outer, replacements: [swap('net/turns', 'export class Terns', '')] }
    expect((await hunted(broken, gone)).map((t) => t.kind)).toEqual(['broken', 'inapplicable'])
  })

  it('are killed by a soak where they show under load alone', async () => {
    const leaking = OUTER.find((m) => m.expect === SOAK)!
    const broken = { ...leaking, replacements: [swap('net/turns', 'export class Turns', 'export klass Turns')] }
    const [leak, unable] = await hunted(leaking, broken)
    expect(unable!.kind).toBe('broken') // a soak that does not begin notices nothing
    expect(leak).toMatchObject({ kind: 'tested', by: SOAK })
    expect(leak).toHaveProperty('test', expect.stringMatching(/memory/))
  })

  it('are red when every test passes, or another than the expected fails', () => {
    const tested = (by: string | null): Tested => ({ kind: 'tested', by, test: by && 'a test' })
    expect(verdictOf(outer, tested(null), true)).toBe('SURVIVED')
    expect(verdictOf(outer, tested('src/net/time.test.ts'), true)).toBe('OTHERS FIRST')
    expect(verdictOf({ ...outer, expect: null }, tested('src/net/time.test.ts'), true)).toBe('killed')
    const row: Row = { mutant: outer, outcome: tested('src/net/x.test.ts'), verdict: 'OTHERS FIRST' }
    expect(complaints([row], (t) => t)[0]).toContain(
      'expected src/net/turns.test.ts to fail, got src/net/x.test.ts: a test',
    )
    expect(matrix([row], (t) => t)).toMatch(/\nturns-newest-first +tests +src\/net\/x\.test\.ts$/)
  })
})

describe('a hunt', () => {
  const few = ['tag-half', 'padding-long', 'iv-zero', 'no-supersession', 'second-data', 'error-not-sent']

  it.each(few)('kills %s, and the expected invariant is among the first', async (id) => {
    const row = await hunted(named(id))
    expect(row.verdict).toBe('killed')
  })

  it('does not kill the implementation as it is, in either world, with the rare schedules at the end', async () => {
    const row = await hunted(same, { budget: 400 })
    expect(row.verdict).toBe('SURVIVED')
    expect(complaints([row], (t) => t)[0]).toBe('SURVIVED: same (none): nothing fired in 572 and 572 schedules')
  })

  it('shows by the rare schedules what draws seldom do, by the expected invariant', async () => {
    for (const id of ['padding-17', 'response-is-data', 'order-restarts']) {
      const { verdict, outcome, mutant } = await hunted(named(id), { budget: 1 })
      expect(verdict).toBe('killed')
      expect(outcome).toMatchObject({ hunts: { both: { kill: { source: 'rare', invariant: mutant.expect } } } })
    }
  })

  it('shows the same for the same seed', async () => {
    const timeless = (hunts: Hunts) => JSON.stringify(hunts, (key, value) => (key === 'ms' ? 0 : (value as unknown)))
    const [a, b] = [
      await huntAll(named('tag-unchecked'), stream, plan),
      await huntAll(named('tag-unchecked'), new Stream(7), plan),
    ]
    expect(timeless(a)).toBe(timeless(b))
  })

  it('goes on in a further world as long as its verdict is open, and then for ten times what the kill took', () => {
    const kill = (schedules: number) => ({ schedules, source: 'replay', invariant: 'C1', minimal: null })
    const left = (schedules: number | null, ...first: readonly string[]) =>
      furtherBudget(named('tag-half'), 3_000, {
        kill: schedules === null ? null : kill(schedules),
        played: 0,
        fired: {},
        first: Object.fromEntries(first.map((id) => [id, 1])),
        ms: 0,
      })
    expect([left(null), left(7, 'KAT'), left(7, 'C1'), left(70, 'KAT', 'C1'), left(400, 'C1')]).toEqual([
      3_000, 3_000, 300, 700, 3_000,
    ])
  })

  it('plays a mutant of one side against the reference on the other only', () => {
    expect(sidesOf(named('second-data'))).toEqual(['client'])
    expect(sidesOf(named('no-supersession'))).toEqual(['server'])
    expect(sidesOf(named('tag-half'))).toEqual(['client', 'server'])
  })
})

describe('the verdict', () => {
  const kill = { schedules: 1, source: 'replay', invariant: 'C1', minimal: null }
  const outcome = (first: Record<string, number>, dead = true): Outcome => ({
    kind: 'hunted',
    hunts: { both: { kill: dead ? kill : null, played: 1, fired: first, first, ms: 0 } },
  })
  const m = named('tag-half')

  it('asks for the expected invariant first, unless the catalogue says why not', () => {
    expect(verdictOf(m, outcome({ C1: 1 }), true)).toBe('killed')
    expect(verdictOf(m, outcome({ KAT: 1 }), true)).toBe('OTHERS FIRST')
    expect(verdictOf(m, outcome({ KAT: 1 }), false)).toBe('killed')
    expect(verdictOf({ ...m, instead: 'reason' }, outcome({ KAT: 1 }), true)).toBe('killed, others first')
  })

  it('is red for survivors, for equivalents that are killed, for mutants that do not apply', () => {
    expect(verdictOf(m, outcome({}, false), true)).toBe('SURVIVED')
    expect(verdictOf({ ...m, equivalent: 'reason' }, outcome({ C1: 1 }), true)).toBe('NOT EQUIVALENT')
    expect(verdictOf({ ...m, equivalent: 'reason' }, outcome({}, false), true)).toBe('equivalent')
    expect(verdictOf(m, { kind: 'inapplicable', why: '' }, true)).toBe('DOES NOT APPLY')
    expect(verdictOf(m, { kind: 'stuck' }, true)).toBe('killed')
    expect(
      ['SURVIVED', 'NOT EQUIVALENT', 'DOES NOT APPLY', 'OTHERS FIRST'].every((v) => isRed(v as Row['verdict'])),
    ).toBe(true)
    expect(['killed', 'equivalent', 'killed, others first'].some((v) => isRed(v as Row['verdict']))).toBe(false)
  })

  it('adds up what was first in both worlds', () => {
    const hunt = (first: Record<string, number>) => ({ kill, played: 1, fired: first, first, ms: 0 })
    const both: Outcome = { kind: 'hunted', hunts: { both: hunt({ KAT: 2 }), one: hunt({ KAT: 3, F1: 1 }) } }
    const [text] = complaints([{ mutant: m, outcome: both, verdict: 'OTHERS FIRST' }], (t) => t)
    expect(text).toMatch(/which were KAT 5, F1 1$/)
  })

  it('lists the invariants that no mutant makes fire first', () => {
    const row: Row = { mutant: m, outcome: outcome({ C1: 1, F1: 2 }), verdict: 'killed' }
    expect(toothless([row])).not.toContain('C1')
    expect(toothless([row])).toContain('A2')
    expect(
      matrix([row], (t) => t)
        .split('\n')
        .at(-1),
    ).toMatch(/^tag-half +C1 +1 +.*●/)
  })
})

describe('the pool', () => {
  it('reports what does not apply, what does not load, what never ends, and what ends its process', async () => {
    const endless = {
      ...same,
      id: 'endless',
      replacements: [
        swap(
          'frame',
          '    let at = 0\n    while (at < chunk',
          '    let at = 0\n    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)\n    while (at < chunk',
        ),
      ],
    }
    const gone = { ...same, id: 'gone', replacements: [swap('frame', 'no such text', '')] }
    const broken = {
      ...same,
      id: 'broken',
      replacements: [swap('frame', 'MIN_FRAME = CIPHERTEXT_AT', 'MIN_FRAME = (')],
    }
    const exits = {
      ...same,
      id: 'exits',
      replacements: [swap('primitives', "mac, frame)) return 'bad-tag'", 'mac, frame)) process.exit(0)')],
    }
    const found = new Map<string, Outcome>()
    await huntEach(
      [endless, gone, exits, broken].map((mutant) => ({
        mutant,
        plan: { ...plan, budget: mutant === exits ? 40 : 3 },
      })),
      { processes: 1, seed: 7, patienceMs: 15_000 },
      (m, o) => found.set(m.id, o),
    )
    expect(found.get('endless')).toEqual({ kind: 'stuck' })
    expect(found.get('gone')).toMatchObject({ kind: 'inapplicable', why: expect.stringContaining('found it 0 times') })
    expect(found.get('broken')).toMatchObject({ kind: 'broken' })
    const outcome = found.get('exits')!
    expect(outcome).toMatchObject({
      kind: 'ended',
      how: expect.stringMatching(/ended with code 0 on schedule \d+, bias /),
    })
    const row: Row = { mutant: exits, outcome, verdict: verdictOf(exits, outcome, true) }
    expect(row.verdict).toBe('PROCESS ENDED')
    expect(complaints([row], (t) => t)[0]).toMatch(/^PROCESS ENDED: exits \(none\): process ended with code 0 on /)
  })
})

it('what a bug costs that begins beyond 2^k is a point of a curve; what was not hunted is none', () => {
  const hunted = (k: number, schedules: Record<string, number | null>) => ({ id: `many-rounds:2^${k}`, schedules })
  const all = [hunted(3, { both: 1_700 }), hunted(4, { both: null }), hunted(5, {}), { id: 'tag-half', schedules: {} }]
  expect(curve(all)).toEqual([['many rounds', '2^3 1,700, 2^4 –']])
})

describe('a catalogue file', () => {
  const text = (over: object = {}): string =>
    JSON.stringify([
      { id: 'mine', bug: 'text', replacements: [{ file: 'src/frame.ts', find: 'a', replace: '' }], ...over },
    ])

  it('is read; what is expected may be left open', () => {
    expect(parseCatalogue('m.json', text())).toMatchObject({ kind: 'ok', value: [{ id: 'mine', expect: null }] })
    expect(parseCatalogue('m.json', text({ expect: 'C1' }))).toMatchObject({ kind: 'ok' })
    const records = join(mkdtempSync(join(tmpdir(), 'catalogue-')), 'mine.txt')
    const read = (said: string) => {
      writeFileSync(records, said)
      return readCatalogue(records)
    }
    expect(read('mine - a bug\nin src/frame.ts\n-a\n')).toMatchObject({ kind: 'ok', value: [{ expect: null }] })
    for (const bad of ['# none\n', 'mine Z9 a bug\nin src/frame.ts\n-a\n', 'mine - a bug\nin package.json\n-a\n'])
      expect(read(bad).kind).toBe('bad') // judged as JSON is
  })

  it.each([
    ['no JSON', '[', /^m\.json: expected JSON, got /],
    ['no list', '{}', /^m\.json: the file: expected array, got \{\}/],
    ['an empty list', '[]', /^m\.json: the file: expected at least one mutant, got \[\]/],
    ['no bug', text({ bug: '' }), /^m\.json: \[0\]\.bug: expected some text, got ""/],
    [
      'a file elsewhere',
      text({ replacements: [{ file: '../x.ts', find: 'a', replace: '' }] }),
      /^m\.json: \[0\]\.replacements\[0\]\.file: expected a file such as src\/frame\.ts, got "\.\.\/x\.ts"/,
    ],
    ['an unknown invariant', text({ expect: 'Z9' }), /^m\.json: \[0\]\.expect: .*got "Z9"/],
    ['an unknown field', text({ worlds: 1 }), /^m\.json: \[0\]: .*got the unknown "worlds"/],
    [
      'an id twice',
      `[${text().slice(1, -1)},${text().slice(1, -1)}]`,
      /^m\.json: expected every id once, got mine twice/,
    ],
  ])('with %s is refused in one line', (_, file, why) => {
    const parsed = parseCatalogue('m.json', file)
    expect(parsed.kind === 'bad' && parsed.why).toMatch(why)
  })
})

describe('the options', () => {
  it('have defaults', () => {
    expect(parseOptions(mutants, [])).toMatchObject({ options: { world: null, budget: 3_000, after: 200 } })
    expect(parseOptions(mutants, ['--world', 'one', '--only', 'tag,iv-zero'])).toMatchObject({
      options: { world: 'one', only: 'tag,iv-zero' },
    })
  })

  it.each([
    [['--world', 'two'], '--world: expected one of both, one, got two'],
    [['--budget', '0'], '--budget: expected an integer 1..1000000, got 0'],
    [['--seed', '-1'], /seed/],
    [['--colour'], /^Unknown option '--colour'/],
  ])('%j is refused', (argv, why) => {
    expect(() => parseOptions(mutants, argv)).toThrow(why)
  })
})

it('every family has mutants', () => {
  for (const [family, all] of Object.entries(FAMILIES)) expect(all.length, family).toBeGreaterThanOrEqual(3)
})
