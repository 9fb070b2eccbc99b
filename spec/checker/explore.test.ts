import { describe, expect, test } from 'vitest'
import { type Explored, explore } from './explore.ts'
import { CARRIED } from './judge.ts'
import { eventsOf, scheduleOf } from './paths.ts'
import { expected, outOfReach, type Scope, scope, sizeOf } from './scope.ts'

const counts = (r: Explored) => ({ states: r.states, transitions: r.transitions, depth: r.depth, stopped: r.stopped })

/**
 * One run, one connection, R rounds, by hand. Without a connection: nothing, the run waits, the run has ended: 3.
 * With a server session in round 1, which is live, ended with KEY_DESYNC_ERROR or ended without a word (3 ways), the
 * run still waits, has ended waiting, has sent its DATA, has ended after that, or has finished with TERMINATE (5): 15.
 * Each further round of the server asks for the DATA before it, so the run is at that DATA (live or ended) or one
 * further (live, ended, or finished with TERMINATE): again 3 × 5. So 3 + 15 + 15 R.
 */
test.each([1, 2, 3, 4])('the smallest scopes have as many states as counted by hand (%i rounds)', (rounds) => {
  const r = explore(scope(`1x1x1x${rounds}`))
  expect(r.states).toBe(18 + 15 * rounds)
  expect(r.depth).toBe(5 + 2 * rounds)
})

/**
 * Where clients may be idle, a run that is in a round of which it has not sent the DATA may live or have ended so, in
 * each of the R rounds: with the 3 ways of the server 6 R more. And each round takes one move more.
 */
test.each([1, 2, 3])('so have those in which clients may be idle (%i rounds)', (rounds) => {
  const r = explore(scope(`1x1x1x${rounds}`, { idle: true }))
  expect(r.states).toBe(18 + 21 * rounds)
  expect(r.depth).toBe(5 + 3 * rounds)
})

/** Frozen: a changed model changes these numbers in the diff. */
const FROZEN: readonly (readonly [Scope, object])[] = [
  [scope('1x1x2x1'), { states: 195, transitions: 1_291, depth: 9, stopped: null }],
  [scope('1x1x3x1', { unconfirmedPerId: 2 }), { states: 1_038, transitions: 8_654, depth: 11, stopped: null }],
  [scope('1x2x2x1'), { states: 1_278, transitions: 8_700, depth: 14, stopped: null }],
  [scope('1x2x2x2'), { states: 2_359, transitions: 16_263, depth: 18, stopped: null }],
  [scope('2x1x2x1'), { states: 7_233, transitions: 68_951, depth: 14, stopped: null }],
  [scope('2x1x2x2', { powers: 'NI' }), { states: 2_442, transitions: 19_869, depth: 13, stopped: null }],
  [scope('1x2x2x1', { powers: 'NLF' }), { states: 11_765, transitions: 100_548, depth: 14, stopped: null }],
  [scope('1x1x2x2', { powers: 'NLF', idle: true }), { states: 3_731, transitions: 32_706, depth: 14, stopped: null }],
  [scope('2x1x2x1', { powers: 'NILF' }), { states: 6_093, transitions: 53_034, depth: 10, stopped: null }],
  [scope('1x2x2x1', { mode: 'literal' }), { states: 4_196, transitions: 28_213, depth: 14, stopped: null }],
  [
    scope('1x2x2x1', { mode: 'literal', concurrent: true }),
    { states: 14_640, transitions: 133_544, depth: 14, stopped: null },
  ],
]

const nameOf = (s: Scope): string =>
  `${s.mode} ${sizeOf(s)} ${s.powers}${s.concurrent ? ' concurrent' : ''}${s.idle ? ' idle' : ''}`

describe.each(FROZEN.map(([s, f]) => [nameOf(s), s, f] as const))('scope %s', (_, s, frozen) => {
  const r = explore(s)
  test('has the states and transitions it had', () => {
    expect(counts(r)).toEqual(frozen)
  })
  test('breaks what PROTOCOL §9 says and nothing else, and witnesses all that is within its reach', () => {
    for (const { invariant, verdict, witness } of r.judged) {
      expect(`${invariant.id} ${verdict}`).toBe(`${invariant.id} ${expected(invariant, s) ?? verdict}`)
      expect(`${invariant.id} ${witness !== null}`).toBe(`${invariant.id} ${outOfReach(invariant, s) === null}`)
    }
  })
})

test('the shortest counterexamples of literal mode are as short as PROTOCOL §9 says, or shorter', () => {
  const r = explore(scope('1x2x2x1', { mode: 'literal', concurrent: true }))
  const found = r.judged.filter((j) => j.counterexample !== null)
  expect(Object.fromEntries(found.map((j) => [j.invariant.id, j.counterexample!.length]))).toEqual({
    A1s: 5,
    A2: 6,
    A3: 7,
    A8: 4,
    A10: 5,
    O4: 4,
  })
})

/** A monitor's state must follow from the model's: one that added to it would blow the space up for nothing. */
test.each(
  [scope('1x2x2x2', { powers: 'NF' }), scope('2x1x2x1', { powers: 'NI' }), scope('1x2x2x1', { mode: 'literal' })].map(
    (s) => [nameOf(s), s] as const,
  ),
)('the monitors add no states (%s)', (_, s) => {
  expect(counts(explore(s))).toEqual(counts(explore(s, { monitors: [] })))
})

test('refused frames that count as one behave as one', () => {
  const s = scope('1x2x2x1', { mode: 'literal' })
  const [some, every] = [explore(s), explore({ ...s, everyFrame: true })]
  expect(every.states).toBe(some.states)
  expect(every.transitions).toBeGreaterThan(some.transitions)
  const verdicts = (r: Explored) => r.judged.map((j) => [j.invariant.id, j.verdict, j.counterexample?.length])
  expect(verdicts(every)).toEqual(verdicts(some))
})

test('a search that meets its bound stops with what it has', () => {
  const r = explore(scope('1x2x3x2'), { limits: { states: 2_000, bytes: 2 ** 31 } })
  expect(r.stopped).toBe('states')
  expect(r.states).toBeGreaterThanOrEqual(2_000)
  expect(r.states).toBeLessThan(12_000)
  expect(explore(scope('1x2x3x2'), { limits: { states: 1e9, bytes: 1 } }).stopped).toBe('memory')
})

test('the same scope gives the same result', () => {
  const s = scope('1x2x2x1', { mode: 'literal' })
  const story = (r: Explored) =>
    r.judged.map((j) => (j.counterexample ? eventsOf(r.model, j.counterexample) : j.verdict))
  expect(story(explore(s))).toEqual(story(explore(s)))
})

test('a counterexample is a schedule of the same attack', () => {
  const r = explore(scope('1x2x2x1', { mode: 'literal' }))
  const replay = r.judged.find((j) => j.invariant.id === 'A2')!
  const schedule = scheduleOf(r.scope, replay.counterexample!)
  expect(schedule.mode).toBe('literal')
  expect(schedule.actions.map((a) => a.do)).toEqual([
    'connect',
    'deliver',
    'deliver',
    'submit',
    'deliver',
    'deliver',
    'deliver',
  ])
})

test('every monitor carried names an event that the model emits', () => {
  expect(CARRIED.map((i) => i.id)).toEqual(
    expect.arrayContaining(['A1', 'A1s', 'A2', 'A3', 'A8', 'A10', 'I2', 'I4', 'I5', 'O4', 'S3', 'R1', 'C5', 'G2']),
  )
})

test('a scope that is none is refused by name', () => {
  expect(() => scope('1x2x3')).toThrow('got "1x2x3"')
  expect(() => scope('0x1x1x1')).toThrow('each 1..9')
})
