import { describe, expect, test } from 'vitest'
import { exactSum } from '../../../spec/exact-sum.ts'
import type { Answer } from './child.ts'
import { Oracle } from './oracle.ts'
import { valuesOf } from './plan.ts'

const SEED = 7
const HONEST = 9 // and below

/** An oracle, and answers that are right for the ids and rounds that they are said to cover. */
const house = () => {
  const oracle = new Oracle(SEED, (id) => id <= HONEST)
  let now = 0
  const took = (...entries: readonly (readonly [port: number, id: number, round: number])[]): void =>
    oracle.take(Uint32Array.from(entries.flat()))
  const answer = (id: number, round: number, ids: readonly number[], port = id + 1_000): Answer => {
    const values = ids.flatMap((other) => valuesOf(SEED, other, round))
    const sum = exactSum(values)
    const aggregate = { sum, count: values.length, average: sum / values.length }
    return { port, id, round, aggregate, sentAt: ++now, gotAt: ++now }
  }
  return { oracle, took, answer }
}
const at = (id: number, round: number) => [id + 1_000, id, round] as const
const ended = (id: number) => [id + 1_000, 0, 0] as const

describe('the oracle accepts', () => {
  test('sums that grow in the order of acceptance', () => {
    const { oracle, took, answer } = house()
    took(at(2, 1), at(1, 1), at(2, 2))
    oracle.judge([answer(2, 1, [2]), answer(1, 1, [1, 2]), answer(2, 2, [2])])
    expect([oracle.problems, oracle.checked, oracle.unanswered]).toEqual([[], 3, 0])
  })

  test('values of somebody hostile, whose answers nobody has seen', () => {
    const { oracle, took, answer } = house()
    took(at(200, 1), at(1, 1))
    oracle.judge([answer(1, 1, [1, 200])])
    expect([oracle.problems, oracle.unanswered]).toEqual([[], 0])
  })

  test('a departure, and a session of the same client after it', () => {
    const { oracle, took, answer } = house()
    took(at(1, 1), at(2, 1), ended(1), at(3, 1), [77, 1, 1])
    oracle.judge([answer(1, 1, [1]), answer(2, 1, [1, 2]), answer(3, 1, [2, 3]), answer(1, 1, [1, 2, 3], 77)])
    expect([oracle.problems, oracle.checked]).toEqual([[], 4])
  })

  test('the newest 64 rounds of each session, and no older one', () => {
    const { oracle, took, answer } = house()
    for (let round = 1; round <= 65; round++) took(at(200, round))
    took(at(1, 1), at(1, 2), ended(200), at(2, 1), at(2, 2))
    oracle.judge([answer(1, 1, [1]), answer(1, 2, [1, 200]), answer(2, 1, [1, 2]), answer(2, 2, [1, 2])])
    expect(oracle.problems).toEqual([])
  })

  test('two visits of a client from one port', () => {
    const { oracle, took, answer } = house()
    const first = answer(1, 1, [1])
    const second = answer(2, 1, [2])
    took(at(1, 1), ended(1), at(2, 1), ended(2), at(1, 1))
    oracle.judge([first, second, answer(1, 1, [1])])
    expect([oracle.problems, oracle.checked, oracle.unanswered]).toEqual([[], 3, 0])
  })

  test('answers that are judged later than what came after them', () => {
    const { oracle, took, answer } = house()
    took(at(1, 1), at(2, 1))
    oracle.judge([answer(2, 1, [1, 2])])
    expect(oracle.unanswered).toBe(1)
    oracle.judge([answer(1, 1, [1])])
    expect([oracle.problems, oracle.unanswered]).toEqual([[], 0])
  })
})

describe('the oracle notices', () => {
  test.each([
    ['a client too many', [1, 2, 3]],
    ['a client too few', [2]],
    ['somebody else', [2, 3]],
  ])('%s', (_, ids) => {
    const { oracle, took, answer } = house()
    took(at(1, 1), at(2, 1))
    oracle.judge([answer(1, 1, [1]), answer(2, 1, ids)])
    expect(oracle.problems).toEqual([expect.stringMatching(/^client 2, round 1: expected sum .*, got sum /)])
  })

  test('the last bit of a sum, and of an average', () => {
    const { oracle, took, answer } = house()
    took(at(1, 1), at(1, 2))
    const [one, two] = [answer(1, 1, [1]), answer(1, 2, [1])]
    const nudge = (v: number): number => v * (1 + Number.EPSILON)
    oracle.judge([
      { ...one, aggregate: { ...one.aggregate, sum: nudge(one.aggregate.sum) } },
      { ...two, aggregate: { ...two.aggregate, average: nudge(two.aggregate.average) } },
    ])
    expect(oracle.problems).toHaveLength(2)
  })

  test('a floating-point sum of many clients, rounded on the way', () => {
    const { oracle, took, answer } = house()
    const ids = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    took(...ids.map((id) => at(id, 1)))
    const answers = ids.map((id) => answer(id, 1, ids.slice(0, id)))
    const naive = ids.flatMap((id) => valuesOf(SEED, id, 1)).reduce((a, b) => a + b, 0)
    const last = answers.at(-1)!
    const { count } = last.aggregate
    oracle.judge([...answers.slice(0, -1), { ...last, aggregate: { sum: naive, count, average: naive / count } }])
    expect(oracle.problems).toHaveLength(1)
  })

  test('values of the departed', () => {
    const { oracle, took, answer } = house()
    took(at(1, 1), ended(1), at(2, 1))
    oracle.judge([answer(1, 1, [1]), answer(2, 1, [1, 2])])
    expect(oracle.problems).toHaveLength(1)
  })

  test('an order that is not what happened: one was answered before the other was sent', () => {
    const { oracle, took, answer } = house()
    const first = answer(1, 1, [1, 2])
    const second = answer(2, 1, [2])
    took(at(2, 1), at(1, 1))
    oracle.judge([first, second])
    expect(oracle.problems).toEqual(['client 1, round 1: answered before something was sent that it is said to cover'])
  })

  test('an answer that the journal does not have, and a DATA that was never answered', () => {
    const { oracle, took, answer } = house()
    took(at(1, 1))
    oracle.judge([answer(2, 1, [2])])
    expect(oracle.problems).toEqual(["client 2, round 1: answered, and the server's journal does not have it"])
    expect(oracle.unanswered).toBe(1)
  })

  test('a round that is skipped or taken twice', () => {
    const { oracle, took } = house()
    took(at(200, 2), at(201, 1), at(201, 1))
    expect(oracle.problems).toEqual([
      'client 200: expected its round 1 to be accepted next, got 2',
      'client 201: expected its round 2 to be accepted next, got 1',
    ])
  })

  test('two sessions of a client at a time', () => {
    const { oracle, took } = house()
    took(at(1, 1), [77, 1, 1])
    expect(oracle.problems).toEqual(['client 1: two confirmed sessions at a time (§7)'])
  })
})
