import { expect, it } from 'vitest'
import { contradictions } from './check.ts'

it('an assumption that was never so is a problem, with its name', () => {
  expect(contradictions({ ClientStart: 1, LeakWaiting: 0 }).map((p) => p.text)).toEqual([
    'LeakWaiting: expected to be possible in the model, never was',
  ])
})
