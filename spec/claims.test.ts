import { expect, test } from 'vitest'
import { ATTACKS } from './checker/attacks.ts'
import { explore } from './checker/explore.ts'
import { type Scope, scope } from './checker/scope.ts'
import { CLAIM_SCOPES, CLAIMS, judgeClaim } from './claims.ts'

const explored = (scopes: readonly Scope[]) => scopes.map((s) => explore(s, { also: ATTACKS }))
const literal = explored(CLAIM_SCOPES.literal)
/** Smaller than what `npm run claims` exhausts, which takes its time. */
const bound = explored([
  scope('1x2x2x2', { powers: 'NF' }),
  scope('1x1x3x1', { unconfirmedPerId: 2 }),
  scope('2x1x2x1', { powers: 'NI' }),
])

test.each(CLAIMS)('claim $n in literal: $says', (claim) => {
  const verdict = judgeClaim(claim, 'literal', literal)
  expect(verdict.differs).toEqual([])
  expect(verdict.holds).toBe(Object.keys(claim.breaks).length === 0)
})

test.each(CLAIMS)('claim $n in bound: $says', (claim) => {
  const verdict = judgeClaim(claim, 'bound', bound)
  expect(verdict.differs).toEqual([])
  expect(verdict.holds).toBe(true)
})

test('a claim differs in either direction', () => {
  const replay = CLAIMS[0]!
  expect(judgeClaim(replay, 'bound', literal).differs).toContainEqual(expect.stringContaining('A2 is violated'))
  expect(judgeClaim(replay, 'literal', bound).differs).toContainEqual('A2 should be violated and is not')
  const shorter = { ...replay, breaks: { A2: 5 } }
  expect(judgeClaim(shorter, 'literal', literal).differs).toEqual([
    expect.stringMatching(/^A2 is violated in 6 moves.*5$/),
  ])
  const longer = { ...replay, breaks: { A2: 7 } }
  expect(judgeClaim(longer, 'literal', literal).differs).toEqual([
    expect.stringMatching(/^A2 is violated in 6 moves.*7$/),
  ])
})

test('a claim that was not put to the test, or whose scope was not exhausted, differs', () => {
  const tiny = explored([scope('1x1x1x1')])
  const supersede = { ...CLAIMS[0]!, holds: ['G2'], breaks: {} }
  expect(judgeClaim(supersede, 'bound', tiny).differs).toEqual(['G2 was never put to the test'])
  const cut = [explore(scope('1x2x2x2'), { limits: { states: 100, bytes: 2 ** 31 } })]
  expect(judgeClaim(CLAIMS[1]!, 'bound', cut).differs).toContainEqual(expect.stringContaining('was not exhausted'))
})
