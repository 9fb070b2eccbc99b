import { expect, test, vi } from 'vitest'
import { hmac, sha256 } from './hmac.ts'
import { hex, unhex } from './testkit.ts'

type Hash = (algorithm: string, data: Uint8Array, encoding: string) => string
const hashed = vi.hoisted(() => [] as Uint8Array[]) // what node's `hash` was given
vi.mock('node:crypto', async (original) => {
  const real = await original<{ hash: Hash }>()
  const hash: Hash = (algorithm, data, encoding) => {
    hashed.push(data)
    return real.hash(algorithm, data, encoding)
  }
  return { ...real, hash }
})

const utf8 = new TextEncoder()

test('SHA-256, FIPS 180-4: the empty message and "abc"', () => {
  expect(hex(sha256(new Uint8Array(0)))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  expect(hex(sha256(utf8.encode('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test.each([
  ['1', '0b'.repeat(20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  ['2', '4a656665', 'what do ya want for nothing?', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
  [
    '6, a key longer than a block',
    'aa'.repeat(131),
    'Test Using Larger Than Block-Size Key - Hash Key First',
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
])('HMAC, RFC 4231 case %s', (_, key, data, tag) => {
  expect(hex(hmac(unhex(key), utf8.encode(data)))).toBe(tag)
})

test('HMAC of more than a frame is that of RFC 2104, and leaves key and data as they were', () => {
  const padded = (key: Uint8Array, byte: number) => Uint8Array.from({ length: 64 }, (_, i) => (key[i] ?? 0) ^ byte)
  const key = Uint8Array.from({ length: 32 }, (_, i) => i)
  for (const length of [4_400, 4_401, 20_000, 3]) {
    const data = new Uint8Array(length).fill(7)
    const inner = sha256(Uint8Array.from([...padded(key, 0x36), ...data]))
    expect(hmac(key, data)).toEqual(sha256(Uint8Array.from([...padded(key, 0x5c), ...inner])))
    expect(data).toEqual(new Uint8Array(length).fill(7))
  }
  expect(key[31]).toBe(31)
})

test.each([16, 32, 64, 65, 131])('what a key of %i bytes went through is all zero when its HMAC is there', (bytes) => {
  const key = new Uint8Array(bytes).fill(0xa5)
  for (const length of [0, 3, 31, 33, 4_400, 4_401, 30_000, 70_000, 5]) {
    const data = new Uint8Array(length).fill(0x5a)
    hashed.length = 0
    hmac(key, data)
    const areas = new Set(hashed.filter((seen) => seen !== key).map((seen) => seen.buffer))
    expect(areas.size).toBe(1)
    for (const area of areas) expect(new Uint8Array(area).every((byte) => byte === 0)).toBe(true)
  }
})
