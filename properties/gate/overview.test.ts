import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { check } from '../checks/check.ts'
import { liveOverview, plainOverview } from './overview.ts'
import { stage } from './runner.ts'

const prop = stage(
  check({
    name: 'prop',
    asks: 'Does it hold',
    schema: z.int(),
    run: async () => ({ figures: 0, problems: [] }),
    summary: () => '',
    sections: () => [],
    options: z.strictObject({}),
    notes: '',
  }),
)

describe('the plain overview', () => {
  it('has a line when a stage begins and one when it ends', () => {
    const lines: string[] = []
    const watch = plainOverview(
      (l) => lines.push(l),
      (text) => text,
    )
    watch.begin(prop)
    watch.progress(prop, 1, 2, 'schedules') // too soon for another line
    const answer = { figures: 0, problems: [], measured: {}, notes: [], summary: 'all held', sections: [] }
    watch.end(prop, { name: 'prop', asks: '', status: 'pass', answer, problems: [], seconds: 65 })
    expect(lines).toEqual(['  prop       Does it hold?', '✓ prop        1:05  all held'])
  })
})

it('the live overview has what is left of a stage on its one line, and at the end all of its answer', () => {
  vi.useFakeTimers()
  let drawn = ''
  const write = (text: string): boolean => {
    drawn += stripVTControlCharacters(text)
    return true
  }
  const watch = liveOverview([prop], { columns: 60, write }, (text) => text)
  watch.begin(prop)
  watch.progress(prop, 1, 4, 'scopes, 1,050,089 states in the next, depth 17, and more')
  vi.advanceTimersByTime(250)
  expect(drawn).toMatch(/▸ prop {14}1 of 4 scopes, .*…, 0:00, about 0:00 left\n/)
  const answer = { figures: 0, problems: [], measured: {}, notes: [], summary: 'all held '.repeat(9), sections: [] }
  watch.end(prop, { name: 'prop', asks: '', status: 'pass', answer, problems: [], seconds: 65 })
  expect(drawn.split('\n').at(-3)).toMatch(/…$/)
  const before = drawn.length
  watch.stop()
  vi.useRealTimers()
  expect(drawn.slice(before).match(/all\s+held/g)).toHaveLength(9)
  expect(drawn.split('\n').filter((line) => line.length > 60)).toEqual([])
})
