import { expect, it } from 'vitest'
import { differenceOf } from './exchange.ts'

const frame = Uint8Array.from({ length: 87 }, (_, i) => i)

it.each([
  [0, 'byte 0 (opcode): [ff]0102030405060708090a0b… of 87 bytes; accepted: [00]0102030405060708090a0b… of 87 bytes'],
  [
    3,
    'byte 3 (round): 000102[ff]0405060708090a0b0c0d0e… of 87 bytes; accepted: 000102[03]0405060708090a0b0c0d0e… of 87 bytes',
  ],
  [
    22,
    'byte 22 (iv): …12131415[ff]1718191a1b1c1d1e1f2021… of 87 bytes; accepted: …12131415[16]1718191a1b1c1d1e1f2021… of 87 bytes',
  ],
  [86, 'byte 86 (tag): …52535455[ff] of 87 bytes; accepted: …52535455[56] of 87 bytes'],
])('byte %i is shown in hex, with its field', (n, text) => {
  expect(differenceOf(frame.with(n, 0xff), frame)).toBe(text)
})

it('an end is a difference, and no difference is none', () => {
  expect(differenceOf(frame.slice(0, 71), frame)).toContain('byte 71 (tag): …43444546[end] of 71 bytes')
  expect(differenceOf(frame, frame.slice())).toBeNull()
})
