/** A mutant that keeps src/ from being loaded leaves Stryker no test that fails, but for this one. */
import { expect, it } from 'vitest'

it('src can be loaded', async () => {
  expect(Object.keys(await import('../../../src/index.ts'))).toContain('Server')
})
