import { expect, it } from 'vitest'
import { PROTOCOL } from './dialect.ts'
import { headerBytes, headerIn, opcodeIn, opcodesOf } from './opcodes.ts'

const OTHERS = [
  {},
  { HELLO: 1 },
  { HELLO: 30, DATA: 10 },
  { HELLO: 60, CHALLENGE: 30, DATA: 20, RESPONSE: 10 },
  { TERMINATE: 10 },
]

it.each(OTHERS)('%j is a permutation, and what is not named moves only where its number was taken', (numbers) => {
  const { theirs, ours } = opcodesOf(numbers)
  expect([...theirs].map((n) => ours[n])).toEqual(Array.from({ length: 256 }, (_, n) => n))
  const moved = [...theirs].filter((number, n) => number !== n).length
  expect(moved).toBeLessThanOrEqual(2 * Object.keys(numbers).length)
})

it('only the first byte of a frame is another one', () => {
  const d = { ...PROTOCOL.bound, opcodes: opcodesOf({ DATA: 3 }) }
  const header = { opcode: 30, id: 7, round: 9, direction: 1 }
  const bytes = headerBytes(d, header)
  expect([...bytes]).toEqual([3, 7, 0, 0, 0, 9, 1])
  expect(headerIn(d, bytes)).toEqual(header)
  expect(opcodeIn(d, bytes)).toBe(30)
  expect(opcodeIn(d, Uint8Array.of(30))).toBe(3) // a DATA of PROTOCOL is unknown here
})
