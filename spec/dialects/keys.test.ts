import { expect, it } from 'vitest'
import { ascii, toHex } from '../reference/bytes.ts'
import { md5 } from './keys.ts'

// The vectors of what the protocol itself uses run against this and the implementation alike, beside the properties.
it('RFC 1321 A.5: MD5 of "abc", which one of the dialects needs', () => {
  expect(toHex(md5(ascii('abc')))).toBe('900150983cd24fb0d6963f7d28e17f72')
})
