import { describe, expect, it } from 'vitest'
import { explore } from './explore.ts'
import { scope } from './scope.ts'
import { walks } from './walks.ts'

const SMALL = scope('1x1x1x1')

describe('random schedules in an exhausted scope', () => {
  const { states, transitions, even, rare } = walks(SMALL, [1, 10, 10_000], 20)

  it('come to more the more there are, never to more than there is, and in a small scope to nearly all', () => {
    expect({ states, transitions }).toEqual({
      states: explore(SMALL, { monitors: [] }).states,
      transitions: explore(SMALL, { monitors: [] }).transitions,
    })
    for (const curve of [even, rare]) {
      expect(curve.map((w) => w.schedules)).toEqual([1, 10, 10_000])
      expect(curve[0]!.states).toBeLessThan(curve[2]!.states)
      expect(curve[0]!.transitions).toBeLessThan(curve[2]!.transitions)
      expect(curve[2]!.states).toBeLessThanOrEqual(states)
      expect(curve[2]!.transitions).toBeLessThanOrEqual(transitions)
    }
    expect(rare[2]!.states / states).toBeGreaterThan(0.9)
  })

  it('are the same each time', () => {
    expect(walks(SMALL, [1, 10, 10_000], 20)).toEqual({ states, transitions, even, rare })
  })
})
