import { expect, test } from 'vitest'
import { formatIds, parseIds } from './ids.ts'

test.each([
  ['1-5', [1, 2, 3, 4, 5]],
  ['7', [7]],
  ['9, 1-3,255', [1, 2, 3, 9, 255]],
])('reads %s', (text, ids) => {
  expect(parseIds('--ids', text)).toEqual(ids)
})

test.each(['', '0', '256', '5-1', '1-2-3', '1,1', '1-3,2', 'a', '-1', '1-', '1.5', '0-3', '250-256', '1;2'])(
  'refuses %j',
  (text) => {
    expect(() => parseIds('--ids', text)).toThrow(
      `--ids: expected ids 1..255 such as 1-5 or 1,3,7-9, none twice, got ${text}`,
    )
  },
)

test('writes them as short as they are read', () => {
  expect(formatIds([5, 1, 2, 3, 4])).toBe('1-5')
  expect(formatIds([1, 2, 9, 11, 12, 13])).toBe('1,2,9,11-13')
})
