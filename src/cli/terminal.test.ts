import { expect, test } from 'vitest'
import { painter, quote } from './terminal.ts'

test('colours on a terminal only, and not against NO_COLOR', () => {
  expect(painter({ isTTY: true }, {})('red', 'x')).toBe('\u001b[31mx\u001b[39m')
  expect(painter({ isTTY: true }, { NO_COLOR: '' })('red', 'x')).toBe('\u001b[31mx\u001b[39m')
  expect(painter({ isTTY: true }, { NO_COLOR: '1' })('red', 'x')).toBe('x')
  expect(painter({ isTTY: false }, {})('red', 'x')).toBe('x')
  expect(painter({}, {})('red', 'x')).toBe('x')
})

test('foreign text can neither command a terminal nor leave its quotation', () => {
  expect(quote('Grüße, 世界')).toBe('"Grüße, 世界"')
  expect(quote('\u001b]0;x\u0007\n\u009b2J\u202eabc\u2028"\\')).toBe(
    '"\\u{1b}]0;x\\u{7}\\u{a}\\u{9b}2J\\u{202e}abc\\u{2028}\\u{22}\\u{5c}"',
  )
  expect(quote('a'.repeat(61))).toBe(`"${'a'.repeat(60)}…"`)
})
