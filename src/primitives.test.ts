import { describe, expect, test } from 'vitest'
import { type Crypto, nodeCrypto as c } from './crypto.ts'
import { tagOf } from './frame.ts'
import { kdf, open, sameTag, seal, unpad } from './primitives.ts'
import { hex, unhex } from './testkit.ts'

const range = (from: number, to: number) => Uint8Array.from({ length: to - from }, (_, i) => from + i)

test('intermediate secrets are erased, the result and the input are not', () => {
  const erased: string[] = []
  const watching: Crypto = { ...c, erase: (s) => void erased.push(hex(s)) }
  const ikm = unhex('0b'.repeat(22))
  const okm = hex(kdf(watching, ikm, new Uint8Array(0), 16))
  expect(erased[0]).toBe('19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04') // RFC 5869 A.3, PRK
  expect(erased[1]?.slice(0, 32)).toBe(okm)
  expect(erased.length).toBe(2)
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
  const ending = new Uint8Array([...range(1, 32), 0])
  expect(sameTag(ending, ending.subarray(0, 31))).toBe(false) // nothing is not the same as a zero
  expect(sameTag(ending.subarray(0, 31), ending)).toBe(false)
})

test('no padding is longer than a block', () => {
  for (const p of [17, 32]) expect(unpad(new Uint8Array(32).fill(p))).toBeNull()
  expect(unpad(new Uint8Array(32).fill(16))).toEqual(new Uint8Array(16).fill(16))
})

describe('sealed frames', () => {
  const keys = { enc: range(0, 16), mac: range(16, 48) }
  const header = { opcode: 30, id: 1, round: 1, direction: 1 }
  const iv = range(100, 116)
  const frame = seal(c, keys, () => iv, header, range(0, 20))

  test('open to what was sealed, under the same keys only', () => {
    expect(open(c, keys, frame)).toEqual(range(0, 20))
    expect(open(c, { ...keys, mac: range(0, 32) }, frame)).toBe('bad-tag')
  })

  test('any flipped byte is a bad tag, and nothing is decrypted before the tag has verified', () => {
    const blind: Crypto = { ...c, aesDecrypt: () => expect.unreachable() }
    for (let i = 0; i < frame.length; i++) {
      const altered = frame.slice()
      altered[i]! ^= 1
      expect(open(blind, keys, altered)).toBe('bad-tag')
    }
  })

  test('bad padding under a valid tag is told apart', () => {
    const altered = frame.slice()
    altered[frame.length - 33 - 16]! ^= 0xff // flips the last byte of the last block of plaintext
    tagOf(altered).set(c.hmac(keys.mac, altered.subarray(0, altered.length - 32)))
    expect(open(c, keys, altered)).toBe('bad-padding')
  })
})
