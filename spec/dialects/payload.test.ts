import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ascii, concat, fromHex } from '../reference/bytes.ts'
import { type Dialect, PROTOCOL } from './dialect.ts'
import { parseDialect } from './file.ts'
import { decodeBody } from './payload.ts'

const data = (count: number, ...values: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(2 + 8 * values.length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, count)
  for (const [i, v] of values.entries()) view.setFloat64(2 + 8 * i, v)
  return bytes
}
const response = (status: number, sum: number, count: number, average: number): Uint8Array => {
  const view = new DataView(new ArrayBuffer(21))
  view.setUint8(0, status)
  view.setFloat64(1, sum)
  view.setUint32(9, count)
  view.setFloat64(13, average)
  return new Uint8Array(view.buffer)
}

describe('payloads of PROTOCOL §5', () => {
  const decode = (opcode: number, plaintext: Uint8Array) => decodeBody(PROTOCOL.bound, opcode, plaintext)

  it.each<[string, number, Uint8Array, object]>([
    ['an empty HELLO', 10, new Uint8Array(0), { kind: 'hello', text: '' }],
    ['255 bytes of text', 10, ascii('x'.repeat(255)), { kind: 'hello', text: 'x'.repeat(255) }],
    ['a byte order mark', 20, fromHex('efbbbf41'), { kind: 'challenge', text: '\ufeffA' }],
    ['one value', 30, data(1, -0), { kind: 'data', values: [-0] }],
    ['the largest values', 30, data(2, 1e300, -1e300), { kind: 'data', values: [1e300, -1e300] }],
    ['511 values', 30, data(511, ...Array(511).fill(1)), { kind: 'data', values: Array(511).fill(1) }],
    ['an answer', 40, response(0, 30, 2, 15), { kind: 'aggregate', sum: 30, count: 2, average: 15 }],
    ['an error', 50, Uint8Array.of(0), { kind: 'control' }],
    ['an end', 60, Uint8Array.of(0), { kind: 'control' }],
  ])('%s is valid', (_, opcode, plaintext, body) => {
    expect(decode(opcode, plaintext)).toEqual(body)
  })

  it.each<[string, number, Uint8Array]>([
    ['256 bytes of text', 10, ascii('x'.repeat(256))],
    ['text that is no UTF-8', 20, fromHex('c328')],
    ['no values', 30, data(0)],
    ['512 values', 30, data(512, ...Array(512).fill(1))],
    ['a count that promises more', 30, data(2, 1)],
    ['a count that promises less', 30, data(1, 1, 1)],
    ['one byte too many', 30, concat(data(1, 1), Uint8Array.of(0))],
    ['half a count', 30, Uint8Array.of(0)],
    ['nothing', 30, new Uint8Array(0)],
    ['NaN', 30, data(1, Number.NaN)],
    ['infinity', 30, data(1, Number.NEGATIVE_INFINITY)],
    ['a value above 1e300', 30, data(2, 1, 1.0000000000000002e300)],
    ['a status that is not OK', 40, response(1, 30, 2, 15)],
    ['an answer over nothing', 40, response(0, 0, 0, 0)],
    ['an infinite sum', 40, response(0, Number.POSITIVE_INFINITY, 2, 15)],
    ['an average that is no number', 40, response(0, 30, 2, Number.NaN)],
    ['20 bytes of answer', 40, response(0, 30, 2, 15).subarray(1)],
    ['an error of no byte', 50, new Uint8Array(0)],
    ['an error of another byte', 50, Uint8Array.of(1)],
    ['an end of two bytes', 60, Uint8Array.of(0, 0)],
    ['an unknown opcode', 99, Uint8Array.of(0)],
  ])('%s is not', (_, opcode, plaintext) => {
    expect(decode(opcode, plaintext).kind).toBe('opaque')
  })
})

describe('payloads of other dialects', () => {
  const dialect = (name: string): Dialect => {
    const file = new URL(`../../corpus/dialects/${name}.json`, import.meta.url)
    const parsed = parseDialect(JSON.parse(readFileSync(file, 'utf8')), name)
    if (parsed.kind === 'bad') throw new Error(parsed.problem)
    return parsed.dialect
  }
  const nan = Number.NaN
  it.each<[string, number, Uint8Array, object]>([
    ['a', 30, ascii('10.5, 20.3, 5e3,-.5'), { kind: 'data', values: [10.5, 20.3, 5000, -0.5] }],
    ['a', 30, ascii('nan,-inf'), { kind: 'data', values: [nan, Number.NEGATIVE_INFINITY] }],
    ['a', 30, ascii('abc'), { kind: 'opaque', hex: '616263' }],
    ['a', 30, ascii('1,'), { kind: 'opaque', hex: '312c' }],
    ['a', 40, ascii('Aggregated: -98.88'), { kind: 'aggregate', sum: nan, count: nan, average: -98.88 }],
    ['b', 30, ascii('-10'), { kind: 'data', values: [-10] }],
    ['b', 30, ascii('1.5'), { kind: 'opaque', hex: '312e35' }],
    ['b', 40, ascii('100'), { kind: 'aggregate', sum: 100, count: nan, average: nan }],
    ['b', 60, ascii('BYE'), { kind: 'control' }],
    ['c', 10, new Uint8Array(0), { kind: 'hello', text: '' }],
    ['c', 10, ascii('x'), { kind: 'opaque', hex: '78' }],
    ['c', 20, new Uint8Array(11), { kind: 'opaque', hex: '00'.repeat(11) }],
    ['c', 30, fromHex('ffffffea'), { kind: 'data', values: [-22] }],
    ['c', 40, fromHex('000000030000001600000000'), { kind: 'aggregate', sum: 22, count: 3, average: nan }],
  ])('%s, opcode %i', (name, opcode, plaintext, body) => {
    expect(decodeBody(dialect(name), opcode, plaintext)).toEqual(body)
  })
})
