import { expect, test } from 'vitest'
import { fingerprint, Rows, Seen } from './tables.ts'

test('rows come back as they were pushed', () => {
  const rows = new Rows()
  for (let i = 0; i < 200; i++) rows.push(i, -i, 7, i * i)
  expect(rows.length).toBe(200)
  expect(([0, 1, 2, 3] as const).map((column) => rows.at(150, column))).toEqual([150, -150, 7, 22_500])
  for (let i = 200; i < 5_000; i++) {
    rows.push(i, -i, 7, i * i)
    rows.forget(i - 100)
  }
  expect([rows.at(4_950, 3), rows.mostBytes]).toEqual([4_950 ** 2, 2 * 16 * 1_024])
})

test('the states seen keep their fingerprints and links through growth', () => {
  const seen = new Seen()
  for (let i = 0; i < 5_000; i++) {
    if (i % 300 === 0 && i > 0) seen.expand()
    expect(seen.add(i % 50, Math.imul(i, 0x9e3779b1), i % 300)).toBe(true)
  }
  for (let i = 0; i < 5_000; i += 7) {
    expect(seen.add(i % 50, Math.imul(i, 0x9e3779b1), 0)).toBe(false)
    expect(seen.parentOf(i)).toBe(Math.floor(i / 300) - 1)
    expect(seen.nthOf(i)).toBe(i % 300)
  }
  expect(seen.size).toBe(5_000)
})

test('rows that differ in one number have other fingerprints', () => {
  const prints = new Set<string>()
  const print = new Int32Array(2)
  for (let a = 0; a < 40; a++)
    for (let b = 0; b < 40; b++)
      for (let c = 0; c < 10; c++) {
        for (const [w, x, y, z] of [
          [a, b, c, 7],
          [7, c, b, a],
        ] as const) {
          fingerprint(w, x, y, z, print)
          prints.add(print.join())
        }
      }
  expect(prints.size).toBe(2 * 40 * 40 * 10 - 10 * 10) // so many are the same row
})
