import { describe, expect, test } from 'vitest'
import { type Crypto, nodeCrypto as c } from './crypto.ts'
import { tagOf } from './frame.ts'
import { concat, hkdf, kdf, open, pad, sameTag, seal, unpad } from './primitives.ts'
import { hex, unhex } from './testkit.ts'

const range = (from: number, to: number) => Uint8Array.from({ length: to - from }, (_, i) => from + i)

describe('HKDF-SHA256, RFC 5869: the first block of each output', () => {
  test.each([
    [
      'A.1',
      unhex('0b'.repeat(22)),
      range(0, 13),
      range(0xf0, 0xfa),
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf',
    ],
    [
      'A.2',
      range(0, 0x50),
      range(0x60, 0xb0),
      range(0xb0, 0x100),
      'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c',
    ],
    [
      'A.3',
      unhex('0b'.repeat(22)),
      new Uint8Array(0),
      new Uint8Array(0),
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d',
    ],
  ])('%s', (name, ikm, salt, info, okm) => {
    expect(hex(hkdf(c, salt, ikm, info, 32))).toBe(okm)
    expect(hex(hkdf(c, salt, ikm, info, 16))).toBe(okm.slice(0, 32))
    if (name === 'A.3') expect(hex(kdf(c, ikm, info, 32))).toBe(okm)
  })

  test('intermediate secrets are erased, the result and the input are not', () => {
    const erased: string[] = []
    const watching: Crypto = { ...c, erase: (s) => void erased.push(hex(s)) }
    const ikm = unhex('0b'.repeat(22))
    const okm = hex(kdf(watching, ikm, new Uint8Array(0), 16))
    expect(erased[0]).toBe('19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04') // RFC 5869 A.3, PRK
    expect(erased[1]?.slice(0, 32)).toBe(okm)
    expect(erased.length).toBe(2)
  })
})

describe('PKCS#7', () => {
  test.each(Array.from({ length: 34 }, (_, n) => n))('%i bytes are padded to a whole block and come back', (n) => {
    const padded = pad(range(0, n))
    const p = 16 - (n % 16)
    expect(padded).toEqual(concat(range(0, n), new Uint8Array(p).fill(p)))
    expect(unpad(padded)).toEqual(range(0, n))
  })

  test('of all 256 last bytes after a block of 0x01 .. exactly the valid paddings are removed', () => {
    for (let last = 0; last < 256; last++) {
      const block = new Uint8Array(16).fill(last) // valid for every last byte that is a length
      expect(unpad(block)?.length ?? null).toBe(last >= 1 && last <= 16 ? 16 - last : null)
      for (let broken = 16 - last; broken >= 0 && broken < 15; broken++) {
        const damaged = block.slice()
        damaged[broken]! ^= 0x80
        expect(unpad(damaged)).toBeNull()
      }
    }
  })

  test('an empty or too short plaintext has no padding', () => {
    expect(unpad(new Uint8Array(0))).toBeNull()
    expect(unpad(Uint8Array.of(3, 3))).toBeNull()
  })
})

test('tags are compared in all 32 bytes', () => {
  const tag = range(0, 32)
  expect(sameTag(tag, tag.slice())).toBe(true)
  for (let i = 0; i < 32; i++) {
    const other = tag.slice()
    other[i]! ^= 0x10
    expect(sameTag(tag, other)).toBe(false)
  }
  expect(sameTag(tag.subarray(0, 16), tag.subarray(0, 16))).toBe(false)
  expect(sameTag(tag, tag.subarray(0, 31))).toBe(false)
})

describe('sealed frames', () => {
  const [enc, mac] = [range(0, 16), range(16, 48)]
  const header = { opcode: 30, id: 1, round: 1, direction: 1 }
  const iv = range(100, 116)
  const frame = seal(c, enc, mac, () => iv, header, range(0, 20))

  test('open to what was sealed, under the same keys only', () => {
    expect(open(c, enc, mac, frame)).toEqual(range(0, 20))
    expect(open(c, enc, range(0, 32), frame)).toBe('bad-tag')
  })

  test('any flipped byte is a bad tag, and nothing is decrypted before the tag has verified', () => {
    const blind: Crypto = { ...c, aesDecrypt: () => expect.unreachable() }
    for (let i = 0; i < frame.length; i++) {
      const altered = frame.slice()
      altered[i]! ^= 1
      expect(open(blind, enc, mac, altered)).toBe('bad-tag')
    }
  })

  test('bad padding under a valid tag is told apart', () => {
    const altered = frame.slice()
    altered[frame.length - 33 - 16]! ^= 0xff // flips the last byte of the last block of plaintext
    tagOf(altered).set(c.hmac(mac, altered.subarray(0, altered.length - 32)))
    expect(open(c, enc, mac, altered)).toBe('bad-padding')
  })
})
