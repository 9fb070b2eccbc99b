import { describe, expect, it } from 'vitest'
import { ascii, concat, fromHex, toHex } from '../reference/bytes.ts'
import { parseGrammar, readGrammar, writeGrammar } from './grammar.ts'

const grammar = (text: string) => parseGrammar(text, ['value', 'sum', 'average', 'product'])!
const read = (text: string, bytes: Uint8Array) => {
  const found = readGrammar(grammar(text), bytes)
  return found && Object.fromEntries(found)
}

describe('a payload of fields', () => {
  it.each([
    ['lit:DATA: | float value', ascii('DATA:1.5'), { value: [1.5] }],
    ['rand:16 | u32 value', concat(new Uint8Array(16).fill(9), fromHex('00000102')), { value: [258] }],
    ['u32le value', fromHex('02010000'), { value: [258] }],
    [
      'u8 count | f64 each value',
      concat(fromHex('02'), fromHex('3ff0000000000000c000000000000000')),
      { count: [2], value: [1, -2] },
    ],
    ['lit:SUM= | float:2 sum | lit:;N= | int count', ascii('SUM=1.50;N=3'), { sum: [1.5], count: [3] }],
    ['csv value', ascii('1,nan,-3'), { value: [1, Number.NaN, -3] }],
    ['f64 product | u8 status', fromHex('400800000000000007'), { product: [3], other: [7] }],
    ['u64 time | float:1 mean', concat(fromHex('0000000000000009'), ascii('2.5')), { other: [9], average: [2.5] }],
    ['i64 sum | u32 other', fromHex('fffffffffffffffe00000007'), { sum: [-2], other: [7] }],
  ])('%s is read, and refused where it is cut, longer or another', (text, bytes, numbers) => {
    expect(read(text, bytes)).toEqual(numbers)
    expect(read(text, new Uint8Array(0))).toBeNull()
    expect(read(text, concat(bytes, fromHex('ff')))).toBeNull()
    expect(read(text, ascii('x'.repeat(3)))).toBeNull()
  })

  it('is written as it is read', () => {
    const bytes = writeGrammar(grammar('rand:2 | lit:V | i32 value | u8 count'), { value: [-1], count: [1] }, (n) =>
      new Uint8Array(n).fill(7),
    )
    expect(toHex(bytes)).toBe('070756ffffffff01')
    expect(writeGrammar(grammar('lit:= | float:2 sum'), { sum: [2.5] })).toEqual(ascii('=2.50'))
  })

  it.each([
    '',
    'u32',
    'lit:',
    'lit:only',
    'float value | int count',
    'u32 each value | u8 count',
    'u8 value',
    'u32 status',
  ])('is not %j', (text) => {
    expect(parseGrammar(text, ['value'])).toBeNull()
  })
})
