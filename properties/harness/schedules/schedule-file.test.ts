import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Schedule } from '../../../spec/language.ts'
import { parseStored, printStored, type Stored } from './schedule-file.ts'
import { CORPUS, difference, readStored, storedNames } from './stored.ts'

const schedule: Schedule = {
  version: 1,
  seed: 5,
  mode: 'literal',
  powers: 'NI',
  setup: { clients: [1, 2], insiders: [2], challenge: 'fresh', startRound: 1, limits: { unconfirmedPerId: 2 } },
  actions: [
    { do: 'connect', client: 0 },
    { do: 'deliver', frame: { by: { side: 'client', n: 0 }, nth: 0 }, to: { side: 'server', n: 0 }, cuts: [3] },
    { do: 'submit', run: 0, values: [1, 'NaN', '-0'] },
  ],
}
const stored: Stored = { says: 'an example', violates: ['A2'], schedule }

describe('stored schedules', () => {
  it('come back as they were written', () => {
    expect(parseStored('x', printStored(stored))).toEqual({ kind: 'ok', value: stored })
    expect(
      printStored(stored)
        .split('\n')
        .filter((l) => l.includes('"do"')),
    ).toHaveLength(3)
  })

  it('may be bare: then everything must hold', () => {
    const parsed = parseStored('x', JSON.stringify(schedule))
    expect(parsed).toEqual({ kind: 'ok', value: { says: 'x', violates: [], schedule } })
  })

  it('are told of what they break beside what is stored', () => {
    const broken = (...ids: readonly string[]) => ids.map((invariant) => ({ invariant, step: 0, why: '' }))
    expect(difference(stored, broken('A2'))).toBeNull()
    expect(difference(stored, broken('S4', 'A2'))).toBe('violates S4, beside A2 as stored')
    expect(difference({ ...stored, violates: [] }, broken('S4'))).toBe('violates S4')
  })

  it('are all readable, and written as the printer writes them', () => {
    for (const name of storedNames()) {
      const text = readFileSync(new URL(name, CORPUS), 'utf8')
      const parsed = parseStored(name, text)
      expect(parsed.kind, name).toBe('ok')
      if (parsed.kind === 'ok') expect(printStored(parsed.value)).toBe(text)
    }
  })

  const change = (f: (s: Record<string, unknown>) => void): string => {
    const copy = structuredClone(stored) as unknown as { schedule: Record<string, unknown> }
    f(copy.schedule)
    return JSON.stringify(copy)
  }

  it.each([
    ['no JSON', '{', /^x: expected JSON, got /],
    [
      'stale version',
      change((s) => {
        s.version = 7
      }),
      'x: schedule.version: expected 1, got 7',
    ],
    [
      'bad mode',
      change((s) => {
        s.mode = 'loose'
      }),
      /^x: schedule\.mode: .*"bound"\|"literal".*got "loose"$/,
    ],
    [
      'bad action',
      change((s) => {
        s.actions = [{ do: 'fly' }]
      }),
      /^x: schedule\.actions\[0\]\.do: .*got "fly"$/,
    ],
    [
      'bad hex',
      change((s) => {
        s.actions = [{ do: 'inject', to: { side: 'server', n: 0 }, hex: 'abc' }]
      }),
      /^x: schedule\.actions\[0\]\.hex: expected lower-case hex.*got "abc"$/,
    ],
    [
      'unknown field',
      change((s) => {
        s.speed = 1
      }),
      /^x: schedule: .*got the unknown "speed"$/,
    ],
    [
      'missing field',
      change((s) => {
        delete s.seed
      }),
      /^x: schedule\.seed: expected number, got nothing$/,
    ],
    [
      'powers out of order',
      change((s) => {
        s.powers = 'FN'
      }),
      /^x: schedule\.powers: expected N, then .*got "FN"$/,
    ],
    ['list', '[]', /^x: the file: expected object, got \[\]$/],
  ] as const)('%s is one line naming field, expectation and value', (_, text, why) => {
    const parsed = parseStored('x', text)
    expect(parsed.kind).toBe('bad')
    if (parsed.kind === 'bad') {
      expect(parsed.why).toMatch(why)
      expect(parsed.why).not.toContain('\n')
    }
  })
})

describe('what JSON.parse would let pass, or overflow on', () => {
  const bare = (over = '', action = ''): string =>
    `{"version": 1, "seed": 1, "mode": "bound", "powers": "N", "setup": {"clients": [1], "insiders": [], "challenge": "fresh", "startRound": 1, "limits": {}}, ${over}"actions": [${action}]}`
  const stored = (violates: string): string => `{"says": "", "violates": ${violates}, "schedule": ${bare()}}`
  const why = (text: string): string => {
    const parsed = parseStored('f.json', text)
    return parsed.kind === 'ok' ? 'ok' : parsed.why
  }

  it.each([
    ['a key twice', bare('"seed": 2, '), /^f\.json: expected JSON, got "seed" twice in one object$/],
    ['a key twice, escaped', bare('"s\\u0065ed": 2, '), /got "seed" twice in one object$/],
    [
      'deep nesting',
      bare(`"x": ${'['.repeat(100_000)}${']'.repeat(100_000)}, `),
      /got more than 64 levels of nesting$/,
    ],
    ['a number that is too large', bare('', '{"do": "advance", "ms": 1e400}'), /ms: .*got Infinity$/],
    ['an invariant that does not exist', stored('["Z9"]'), /^f\.json: violates\[0\]: .*got "Z9"$/],
    ['controls', bare('"\\u001b[2J\\u202e": 1, '), /^[\x20-\x7e…]*$/],
    ['100,000 rounds', bare('', '{"do": "converse", "client": 0, "rounds": 100000}'), /at most 1000 rounds/],
    [
      'as many in pieces',
      bare('', Array(101).fill('{"do": "converse", "client": 0, "rounds": 10}').join()),
      /at most 1000 rounds/,
    ],
  ])('%s is refused in one line', (_, text, expected) => {
    expect(why(text)).toMatch(expected)
  })

  it.each([
    ['a byte order mark', `\ufeff${bare()}`],
    [
      'a long inject',
      bare('', `{"do": "inject", "to": {"side": "server", "n": 0}, "hex": "${'00'.repeat(5_000_000)}"}`),
    ],
    ['an invariant', stored('["A2", "TWIN"]')],
  ])('%s is read', (_, text) => {
    expect(why(text)).toBe('ok')
  })

  it('a device is not read for ever', () => {
    const read = readStored('/dev/zero', '/dev/zero')
    expect(read).toEqual({ kind: 'bad', why: '/dev/zero: expected a readable file, got more than 32 MiB' })
  })
})
