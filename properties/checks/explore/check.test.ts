import { describe, expect, it, test } from 'vitest'
import { LIMITS } from '../../../spec/checker/explore.ts'
import { scope } from '../../../spec/checker/scope.ts'
import { CLAIM_SCOPES } from '../../../spec/claims.ts'
import { exploreClaims } from '../../harness/model/figures.ts'
import { defaultsOf, OptionError, parseOptions } from '../../harness/terminal/options.ts'
import { explore, FROZEN, problemsOf, tiedProblems } from './check.ts'
import { limitsOf, moreScopesOf, scopesOf, tiedScopesOf } from './options.ts'

const SCOPE = Object.keys(FROZEN)[0]!
type Explored = Parameters<typeof problemsOf>[0]
type Judged = Explored['judged'][number]
const explored = (over: Partial<Explored>): Explored => ({
  scope: SCOPE,
  mode: 'literal',
  ...FROZEN[SCOPE]!,
  stopped: null,
  judged: [],
  ...over,
})
const judged = (standing: Judged['standing']): Judged => ({
  id: 'A2',
  says: 'once',
  standing,
  moves: null,
  why: 'twice',
  witnessed: true,
  witness: 'once',
  ladder: [],
})
const kinds = (over: Partial<Explored>): readonly string[] => problemsOf(explored(over)).map((p) => p.kind)

describe('an explored scope', () => {
  it('is fine with the frozen counts and every verdict as expected', () => {
    expect(kinds({ judged: [judged('as expected')] })).toEqual([])
  })

  it('is red when a count moved, and says from what to what', () => {
    const [p] = problemsOf(explored({ states: 1 }))
    expect(p).toMatchObject({ kind: 'counts-moved' })
    expect(p!.text).toMatch(/^literal, .*: expected 14,640 states, .* got 1 states, /)
  })

  it('is red when nobody froze its counts', () => {
    expect(kinds({ scope: 'another' })).toEqual(['counts-moved'])
  })

  it('is red when it was not exhausted, whatever its counts', () => {
    expect(kinds({ stopped: 'memory', states: 5 })).toEqual(['floor'])
  })

  it.each([
    ['unexpected', 'violation'],
    ['missing', 'expectation-missing'],
    ['unwitnessed', 'floor'],
  ] as const)('takes a verdict that is %s for a %s', (standing, kind) => {
    expect(kinds({ judged: [judged(standing)] })).toEqual([kind])
  })
})

describe('a scope compared with the proof', () => {
  const tied = { scope: SCOPE, states: 1, transitions: 0, stopped: null, possible: {}, differences: [] }
  it('is fine without a difference', () => expect(tiedProblems(tied)).toEqual([]))
  it('is red with one, and says after which moves', () => {
    const differences = [{ what: 'invariant step', why: 'not so', moves: 2, ladder: ['c0 ──▶', 's0'] }]
    const figures = { walks: null, scopes: [], tied: [{ ...tied, differences }] }
    expect(explore.text!(figures, (text) => text, 80)).toContain('invariant step: not so\nc0 ──▶\ns0')
    expect(tiedProblems({ ...tied, differences })).toMatchObject([
      {
        kind: 'violation',
        text: `invariant step of the proof differs from the model, ${SCOPE}, after 2 moves: not so`,
      },
    ])
  })
  it('is red when it was not exhausted, and no verdict when there was none', () => {
    const stopped = { ...tied, stopped: 'states' as const }
    expect(tiedProblems(stopped).map((p) => p.kind)).toEqual(['floor'])
    expect(explore.summary({ walks: null, scopes: [], tied: [stopped] })).toContain('not all exhausted')
    expect(explore.verdict?.({ walks: null, scopes: [], tied: [] }, 0, false)).toBe('no scope is in this share')
  })
})

const optionsOf = (...argv: string[]) => {
  const given = parseOptions(explore, argv)
  if (given === 'help') throw new Error('no help asked for')
  return given.options
}
const scopeOf = (...argv: string[]) => scopesOf(optionsOf(...argv))

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
      '--idle',
    )
    expect(s).toMatchObject({
      idle: true,
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
    expect(moreScopesOf(optionsOf()).map((s) => s.powers)).toEqual(['NILF', 'NLF', 'NIF', 'NF'])
    expect(moreScopesOf(optionsOf('--profile', 'bound'))).toEqual([])
  })

  test('the scopes that are compared with the proof, of bound alone', () => {
    const tied = (...argv: string[]) => tiedScopesOf(optionsOf(...argv))
    expect(tied().length).toBeGreaterThan(2)
    expect(tied('--profile', 'tied').length).toBeGreaterThan(tied().length)
    expect(new Set(tied('--profile', 'tied').map((s) => s.mode))).toEqual(new Set(['bound']))
    expect(tied('--profile', 'literal')).toEqual([])
    expect(tied('--scope', '1x1x1x1')).toEqual([])
  })

  test('bounds', () => {
    expect(limitsOf(optionsOf('--states', '100', '--memory', '512'))).toEqual({ states: 100, bytes: 2 ** 29 })
  })

  test.each([
    [
      ['--scope', '1x2x3'],
      '--scope: expected clients x runs x connections x rounds, each 1..9, such as 1x2x3x2, got 1x2x3',
    ],
    [['--scope', '1x1x1x1', '--powers', 'NX'], '--powers: expected letters of N,I,L,F, got NX'],
    [
      ['--scope', '1x1x1x1', '--powers', 'I'],
      '--powers: expected 2 clients in --scope for power I (the last is the insider), got 1',
    ],
    [['--mode', 'literal'], '--mode: expected together with --scope, got it alone'],
    [['--idle'], '--idle: expected together with --scope, got it alone'],
    [['--scope', '1x1x1x1', '--runs', 'both'], '--runs: expected one of sequential, concurrent, got both'],
    [['--profile', 'huge'], '--profile: expected one of tied, gate, literal, bound, long, got huge'],
    [['--states', 'many'], '--states: expected an integer from 1, got many'],
  ])('%j is refused in one line', (argv, why) => {
    expect(() => optionsOf(...argv)).toThrow(new OptionError(why))
  })

  test('an option that is none', () => {
    expect(() => optionsOf('--depth', '3')).toThrow('--depth')
  })
})

it('what is asked beside the claims is explored in their pool, and the claims once a run', async () => {
  let most = 0
  const progress = (): void => {
    most = Math.max(most, process.getActiveResourcesInfo().filter((x) => x === 'ProcessWrap').length)
  }
  const c = { processes: 1, signal: new AbortController().signal, progress }
  const limits = { ...LIMITS, states: 50 }
  const more = [{ scopes: [scope('1x1x1x1')], limits, claims: null }]
  const first = await exploreClaims(['literal'], limits, c, more)
  expect(first.explored.map((s) => s.mode)).toEqual([...CLAIM_SCOPES.literal.map(() => 'literal'), 'bound'])
  expect(most).toBe(1)
  const [again, claims] = [
    await exploreClaims(['literal'], limits, c, more),
    await exploreClaims(['literal'], limits, c),
  ]
  expect(again.explored).toEqual(first.explored)
  expect(claims.explored).toEqual(first.explored.slice(0, -1))
}, 60_000)

describe('a search that is stopped', () => {
  const stopping = () => {
    const stop = new AbortController()
    const c = { processes: 1, signal: stop.signal, out: '', paint: (text: string) => text, say() {} }
    return { ...c, progress: (done: number) => void (done > 0 && stop.abort()) }
  }

  it('tells of the scopes that were done, and how far it came', async () => {
    const { explored, verdicts, stopped } = await exploreClaims(['literal'], limitsOf(defaultsOf(explore)), stopping())
    expect(explored.map((s) => s.scope)).toEqual([SCOPE])
    expect([verdicts, stopped]).toEqual([
      [],
      `stopped after 1 of ${CLAIM_SCOPES.literal.length} scopes, 0 states in the next, depth 0`,
    ])
  })

  it('is no green, and no violation', async () => {
    const outcome = await explore.run({ ...defaultsOf(explore), profile: 'literal' }, stopping())
    expect(outcome.problems.map((p) => p.kind)).toEqual(['interrupted'])
    expect(explore.exit?.(outcome)).toBeUndefined()
    expect(explore.verdict?.(outcome.figures, 1, true)).toBe('interrupted; nothing unexpected so far')
  })
})
