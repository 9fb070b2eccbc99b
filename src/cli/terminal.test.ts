import { expect, test } from 'vitest'
import { fitted, formatAggregate, formatValues, painter, parseNumbers, quote } from './terminal.ts'

test('colours on a terminal only, and not against NO_COLOR, but wherever FORCE_COLOR is set', () => {
  expect(painter({ isTTY: true }, {})('red', 'x')).toBe('\u001b[31mx\u001b[39m')
  expect(painter({ isTTY: true }, { NO_COLOR: '' })('red', 'x')).toBe('\u001b[31mx\u001b[39m')
  expect(painter({ isTTY: true }, { NO_COLOR: '1' })('red', 'x')).toBe('x')
  expect(painter({ isTTY: false }, {})('red', 'x')).toBe('x')
  expect(painter({}, {})('red', 'x')).toBe('x')
  expect(painter({}, { FORCE_COLOR: '' })('red', 'x')).toBe('x')
  expect(painter({}, { FORCE_COLOR: '1', NO_COLOR: '1' })('red', 'x')).toBe('\u001b[31mx\u001b[39m')
  expect(painter({ isTTY: true }, { FORCE_COLOR: '0' })('red', 'x')).toBe('x')
})

test('a line is broken between words, whatever its colours, and an object of a log is not', () => {
  const red = painter({}, { FORCE_COLOR: '1' })('red', 'two')
  expect([fitted('one two', 7), fitted(`one ${red} six`, 8)]).toEqual(['one two', `one ${red}\n    six`])
  expect([fitted('one two three', 5), fitted('one two')]).toEqual(['one\n    two\n    three', 'one two'])
  expect(fitted('{"one": "two three"}', 5)).toBe('{"one": "two three"}')
})

test('foreign text can neither command a terminal nor leave its quotation', () => {
  expect(quote('Grüße, 世界')).toBe('"Grüße, 世界"')
  expect(quote('\u001b]0;x\u0007\n\u009b2J\u202eabc\u2028"\\')).toBe(
    '"\\u{1b}]0;x\\u{7}\\u{a}\\u{9b}2J\\u{202e}abc\\u{2028}\\u{22}\\u{5c}"',
  )
  expect(quote('a'.repeat(61))).toBe(`"${'a'.repeat(60)}…"`)
})

test.each([
  ['10.5, 20.3, 30.1', [10.5, 20.3, 30.1]],
  ['1', [1]],
  [' -1 ,+2,.5,3.,1e3,-2.5E-3,4.e+2,-0 ', [-1, 2, 0.5, 3, 1000, -0.0025, 400, -0]],
  ['1e300,-1e300', [1e300, -1e300]],
  [new Array(511).fill('7').join(), new Array(511).fill(7)],
])('takes %s', (line, values) => {
  expect(parseNumbers(line)).toEqual({ kind: 'ok', values })
})

test.each([
  ['', 'expected numbers separated by commas, got "" as number 1 of 1'],
  ['1,,3', 'expected numbers separated by commas, got "" as number 2 of 3'],
  ['1,', 'expected numbers separated by commas, got "" as number 2 of 2'],
  ['1 2', 'expected numbers separated by commas, got "1 2" as number 1 of 1'],
  ['0x10', 'expected numbers separated by commas, got "0x10" as number 1 of 1'],
  ['NaN', 'expected numbers separated by commas, got "NaN" as number 1 of 1'],
  ['Infinity', 'expected numbers separated by commas, got "Infinity" as number 1 of 1'],
  ['1,1e999', 'expected numbers from -1e300 to 1e300, got "1e999" as number 2 of 2'],
  ['-1.1e300', 'expected numbers from -1e300 to 1e300, got "-1.1e300" as number 1 of 1'],
  [new Array(512).fill('1').join(), 'expected 1..511 numbers, got 512'],
  ['\u001b[2J', 'expected numbers separated by commas, got "\\u{1b}[2J" as number 1 of 1'],
])('refuses %j', (line, problem) => {
  expect(parseNumbers(line)).toEqual({ kind: 'bad', problem })
})

test.each([
  [60.900000000000006, 3, 20.3, 'sum=60.9, count=3, avg=20.30'],
  [100, 4, 25, 'sum=100, count=4, avg=25.00'],
  [1 / 3, 1, 1 / 3, 'sum=0.333333333333, count=1, avg=0.33'],
  [123456789012345, 2, 61728394506172.5, 'sum=123456789012000, count=2, avg=61728394506172.50'],
  [1e300, 1, 1e300, 'sum=1e+300, count=1, avg=1e+300'],
  [-0.001, 1, -0.001, 'sum=-0.001, count=1, avg=0.00'],
  [-0.01, 1, -0.01, 'sum=-0.01, count=1, avg=-0.01'],
])('says %d of %d as a sum with 12 digits and an average with two decimals', (sum, count, average, text) => {
  expect(formatAggregate({ sum, count, average })).toBe(text)
})

test('many values are cut short, and counted', () => {
  expect(formatValues([0.1 + 0.2, 2])).toBe('0.3, 2')
  expect(formatValues([1, 2, 3, 4, 5, 6])).toBe('1, 2, 3, 4, 5, 6')
  expect(formatValues([1, 2, 3, 4, 5, 6, 7])).toBe('1, 2, 3, 4, 5, 6, … (7 values)')
})
