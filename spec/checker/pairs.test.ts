import { expect, test } from 'vitest'
import { Pairs, PairTable } from './pairs.ts'

test('a table of pairs finds what was put in, through its growth, and nothing else', () => {
  const t = new PairTable()
  const any = new Pairs<string>()
  for (let a = 0; a < 60; a++)
    for (let b = 0; b < 60; b++) {
      t.add(a, b, a * 1000 - b)
      expect(any.put(a, b, `${a} ${b}`)).toBe(`${a} ${b}`)
    }
  for (let a = 0; a < 60; a++)
    for (let b = 0; b < 60; b++) {
      expect(t.get(a, b)).toBe(a * 1000 - b)
      expect(any.get(a, b)).toBe(`${a} ${b}`)
    }
  for (const pairs of [t, any]) {
    expect(pairs.get(60, 0)).toBeUndefined()
    expect(pairs.get(0, 60)).toBeUndefined()
  }
})
