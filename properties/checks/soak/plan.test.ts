import { describe, expect, test } from 'vitest'
import { participantsOf, phasesOf } from './plan.ts'

describe('who takes part', () => {
  test('the newcomer comes on top, and insiders have what is left', () => {
    const { steady, newcomer, insiders } = participantsOf(100)
    expect([steady.length, steady.at(-1), newcomer, insiders[0], insiders.length]).toEqual([100, 100, 101, 102, 154])
  })

  test('with all ids in use, one of them is the newcomer', () => {
    const { steady, newcomer, insiders } = participantsOf(255)
    expect([steady.length, newcomer, insiders]).toEqual([254, 255, []])
  })
})

describe('the rounds', () => {
  test.each([
    [2, 0],
    [2, 1],
    [5, 7],
    [640, 70],
    [1_001, 3],
  ])('%i of each client are all played, with %i hostile peers, at most 64 in a burst', (rounds, hostile) => {
    const phases = phasesOf(rounds, hostile)
    expect(phases.reduce((sum, s) => sum + s.rounds, 0)).toBe(rounds)
    expect(phases.every((s) => s.rounds >= 1 && s.rounds <= 64)).toBe(true)
    const attacked = phases.filter((s) => s.kind === 'attack').reduce((sum, s) => sum + s.rounds, 0)
    expect(attacked).toBe(hostile === 0 ? 0 : Math.floor(rounds / 2))
  })

  test('the first burst warms up, unless it is the only one to measure', () => {
    expect(phasesOf(256, 1).map((s) => s.kind)).toEqual(['warm-up', 'calm', 'attack', 'attack'])
    expect(phasesOf(100, 1).map((s) => s.kind)).toEqual(['calm', 'attack'])
  })
})
