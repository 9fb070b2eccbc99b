import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { clock, plainOverview, progressText } from './overview.ts'
import { stage } from './stage.ts'

const prop = stage({
  name: 'prop',
  asks: 'Does it hold',
  schema: z.int(),
  run: async () => ({ figures: 0, problems: [] }),
  summary: () => '',
  sections: () => [],
})

describe('progress', () => {
  it('says what is done, how long it took, and how long it will take at that pace', () => {
    expect(progressText({ done: 1_000, total: 4_000, what: 'schedules' }, 10)).toBe(
      '1,000 of 4,000 schedules, 0:10, about 0:30 left',
    )
  })

  it('promises nothing before there is a pace, and invents no total', () => {
    expect(progressText({ done: 0, total: 4, what: 'files' }, 61)).toBe('0 of 4 files, 1:01')
    expect(progressText({ done: 3, total: 0, what: 'files' }, 5)).toBe('0:05')
  })

  it('counts minutes beyond an hour', () => {
    expect(clock(3_725)).toBe('62:05')
  })
})

describe('the plain overview', () => {
  it('has a line when a stage begins and one when it ends', () => {
    const lines: string[] = []
    const watch = plainOverview(
      (l) => lines.push(l),
      (text) => text,
    )
    watch.begin(prop)
    watch.progress(prop, 1, 2, 'schedules') // too soon for another line
    const answer = { figures: 0, problems: [], measured: {}, summary: 'all held', sections: [] }
    watch.end(prop, { name: 'prop', asks: '', status: 'pass', answer, problems: [], seconds: 65 })
    expect(lines).toEqual(['  prop       Does it hold?', '✓ prop        1:05  all held'])
  })
})
