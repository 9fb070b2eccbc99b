import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { check } from '../checks/check.ts'
import { plainOverview } from './overview.ts'
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
