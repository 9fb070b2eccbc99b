import { describe, expect, test } from 'vitest'
import { parseExplore } from './options.ts'

const scopeOf = (...argv: string[]) => {
  const parsed = parseExplore(argv)
  if ('bad' in parsed) throw new Error(parsed.bad)
  return parsed.scopes
}

describe('explore options', () => {
  test('a scope with everything', () => {
    const [s] = scopeOf(
      '--scope',
      '2x2x3x1',
      '--powers',
      'F,N,I',
      '--runs',
      'concurrent',
      '--mode',
      'literal',
      '--half-open',
      '2',
    )
    expect(s).toMatchObject({
      clients: 2,
      runs: 2,
      connections: 3,
      rounds: 1,
      powers: 'NIF',
      concurrent: true,
      mode: 'literal',
      unconfirmedPerId: 2,
    })
  })

  test('the gate scopes of both modes without options', () => {
    expect(new Set(scopeOf().map((s) => s.mode))).toEqual(new Set(['literal', 'bound']))
    expect(scopeOf('--profile', 'long').length).toBeGreaterThan(1)
  })

  test('bounds', () => {
    expect(parseExplore(['--states', '100', '--memory', '512'])).toMatchObject({
      limits: { states: 100, bytes: 2 ** 29 },
    })
  })

  test.each([
    [
      ['--scope', '1x2x3'],
      'scope: expected clients x runs x connections x rounds, each 1..9, such as 1x2x3x2, got "1x2x3"',
    ],
    [['--scope', '1x1x1x1', '--powers', 'NX'], '--powers: expected letters of N,I,L,F, got NX'],
    [
      ['--scope', '1x1x1x1', '--powers', 'I'],
      '--powers: expected 2 clients in --scope for power I (the last is the insider), got 1',
    ],
    [['--mode', 'literal'], '--mode: expected together with --scope, got it alone'],
    [['--scope', '1x1x1x1', '--runs', 'both'], '--runs: expected one of sequential, concurrent, got both'],
    [['--profile', 'huge'], '--profile: expected one of gate, long, got huge'],
    [['--states', 'many'], '--states: expected an integer from 1, got many'],
  ])('%j is refused in one line', (argv, why) => {
    expect(parseExplore(argv)).toEqual({ bad: why })
  })

  test('an option that is none', () => {
    expect(parseExplore(['--depth', '3'])).toMatchObject({ bad: expect.stringContaining('--depth') })
  })
})
