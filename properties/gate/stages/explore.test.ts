import { describe, expect, it } from 'vitest'
import { FROZEN } from '../frozen.ts'
import { problemsOf } from './explore.ts'

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
