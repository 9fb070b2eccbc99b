import { expect, it } from 'vitest'
import { INVARIANTS } from '../../../../spec/invariants/index.ts'
import { CASES, CLIENT_CASES } from './index.ts'

it('every case has a name of its own, and an invariant that there is', () => {
  for (const all of [CASES, CLIENT_CASES]) {
    expect(all.map((c) => c.invariant).filter((id) => !INVARIANTS.some((i) => i.id === id))).toEqual([])
    expect(new Set(all.map((c) => c.id)).size).toBe(all.length)
  }
})
