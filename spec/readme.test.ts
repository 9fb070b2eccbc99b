import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CARRIED } from './checker/judge.ts'
import { coverings } from './checker/lockstep/cells.ts'

const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')

test('its numbers are right', () => {
  expect(readme).toContain(`the ${coverings('bound').length} ways`)
  expect(CARRIED.length).toBeGreaterThan(25)
})
