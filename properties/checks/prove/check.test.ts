import { expect, it, vi } from 'vitest'
import { standing, stopping } from '../check.ts'
import { contradictions, prove } from './check.ts'

it('an assumption that was never so is a problem, with its name', () => {
  expect(contradictions({ ClientStart: 1, LeakWaiting: 0 }).map((p) => p.text)).toEqual([
    'LeakWaiting: expected to be possible in the model, never was',
  ])
})

it('that was stopped is no proof, and no failure', async () => {
  const c = { processes: 1, signal: AbortSignal.abort(), out: '', paint: (text: string) => text }
  const { figures, problems } = await prove.run({ only: 'z3' }, { ...c, progress() {}, say() {} })
  expect(problems.map((p) => p.kind)).toEqual(['interrupted'])
  expect(`${standing(1, true)}: ${prove.summary(figures)}`).toMatch(
    /^interrupted, as expected so far: 0 of \d+ obligations proved, .*, 0 rules shown to be needed$/,
  )
  expect([standing(0), standing(2), standing(3, true)]).toEqual([
    'as expected',
    'NOT as expected (2)',
    'interrupted, NOT as expected so far (2)',
  ])
})

it('the same signal once more, from npm, ends nothing that has just been stopped', async () => {
  vi.useFakeTimers()
  const before = process.listenerCount('SIGINT')
  await stopping(async () => process.emit('SIGINT'))
  expect(process.listenerCount('SIGINT')).toBe(before + 1)
  vi.advanceTimersByTime(1_000)
  expect(process.listenerCount('SIGINT')).toBe(before)
  vi.useRealTimers()
})
