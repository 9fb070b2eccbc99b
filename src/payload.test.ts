import { expect, test } from 'vitest'
import * as payload from './payload.ts'
import { hex, unhex } from './testkit.ts'

test('texts are UTF-8 of at most 255 bytes', () => {
  expect(payload.decodeText(payload.encodeText('Grüße'))).toBe('Grüße')
  expect(payload.decodeText(new Uint8Array(0))).toBe('')
  expect(payload.decodeText(unhex('efbbbf41'))).toBe('\ufeffA') // a byte order mark is part of the text
  expect(payload.encodeText('A'.repeat(255))).toHaveLength(255)
  expect(payload.decodeText(new Uint8Array(255).fill(65))).toBe('A'.repeat(255))
  expect(payload.decodeText(new Uint8Array(256).fill(65))).toBeNull()
  for (const bad of ['ff', 'c080', 'eda080', '41f0909']) expect(payload.decodeText(unhex(bad))).toBeNull()
  expect(() => payload.encodeText('A'.repeat(256))).toThrow('text: expected at most 255 bytes, got 256')
})

test('values are a count and as many doubles, big-endian', () => {
  expect(hex(payload.encodeValues([1, -2.5]))).toBe('00023ff0000000000000c004000000000000')
  for (const values of [[0], [-0], [1e300, -1e300, 5e-324], new Array<number>(511).fill(0.1)])
    expect(payload.decodeValues(payload.encodeValues(values))).toEqual(values)
})

test.each([
  ['no bytes', ''],
  ['half a count', '00'],
  ['no values', '0000'],
  ['a value short', '00023ff0000000000000'],
  ['a byte short', '00013ff00000000000'],
  ['a byte over', '00013ff000000000000000'],
  ['NaN', '00017ff8000000000000'],
  ['infinity', '0001fff0000000000000'],
  ['more than 1e300', `0001${hex(payload.encodeValues([1.0000000000000002e300])).slice(4)}`],
  ['512 values', hex(payload.encodeValues(new Array<number>(512).fill(1)))],
])('not values: %s', (_, bytes) => {
  expect(payload.decodeValues(unhex(bytes))).toBeNull()
})

test('an aggregate is status, sum, count, average', () => {
  const aggregate = { sum: 30, count: 2, average: 15 }
  const bytes = payload.encodeAggregate(aggregate)
  expect(hex(bytes)).toBe('00403e00000000000000000002402e000000000000')
  expect(payload.decodeAggregate(bytes)).toEqual(aggregate)
  expect(hex(payload.statusOf(bytes))).toBe('00')
  expect(hex(payload.aggregatedDataOf(bytes))).toBe('403e00000000000000000002402e000000000000')
})

test.each([
  ['another status', '01403e00000000000000000002402e000000000000'],
  ['no submission', '00403e00000000000000000000402e000000000000'],
  ['infinite sum', '007ff000000000000000000002402e000000000000'],
  ['average NaN', '00403e000000000000000000027ff8000000000000'],
  ['a byte short', '00403e00000000000000000002402e0000000000'],
  ['a byte over', '00403e00000000000000000002402e00000000000000'],
])('not an aggregate: %s', (_, bytes) => {
  expect(payload.decodeAggregate(unhex(bytes))).toBeNull()
})

test('a control payload is the single byte 00', () => {
  expect(payload.isControlPayload(payload.CONTROL)).toBe(true)
  for (const bad of ['', '01', '0000']) expect(payload.isControlPayload(unhex(bad))).toBe(false)
})
