import { expect, it } from 'vitest'
import { ascii, toHex } from '../reference/bytes.ts'
import { PROTOCOL } from './dialect.ts'
import { derivedKey, md5 } from './keys.ts'

// The vectors of what the protocol itself uses run against this and the implementation alike, beside the properties.
it('RFC 1321 A.5: MD5 of "abc", which one of the dialects needs', () => {
  expect(toHex(md5(ascii('abc')))).toBe('900150983cd24fb0d6963f7d28e17f72')
})

it('RFC 5869 A.3: HKDF as the form of a dialect, whose info is the input alone', () => {
  const d = { ...PROTOCOL.literal, hash: 'sha256', initialForm: 'hkdf', evolveForm: 'hkdf', macKeyBytes: 32 } as const
  const okm = '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d' // its first 32 bytes
  expect(toHex(derivedKey(d, new Uint8Array(22).fill(0x0b), 'init', ascii(''), 1))).toBe(okm)
  expect(toHex(derivedKey(d, new Uint8Array(22).fill(0x0b), 'evolve', ascii(''), 0))).toBe(okm.slice(0, 32))
})
