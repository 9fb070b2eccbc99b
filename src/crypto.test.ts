import { describe, expect, test } from 'vitest'
import { nodeCrypto as c } from './crypto.ts'
import { library } from './csprng.testkit.ts'
import { hex, unhex } from './testkit.ts'

const bytes = (length: number, seed = 0) =>
  Uint8Array.from({ length }, (_, i) => (i * 89 + seed * 41 + (i >> 8)) & 0xff)

/** NIST SP 800-38A, F.2.1 and F.2.2. */
const KEY = unhex('2b7e151628aed2a6abf7158809cf4f3c')
const IV = unhex('000102030405060708090a0b0c0d0e0f')
const PLAIN = unhex(
  '6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51 30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710',
)
const CIPHER = unhex(
  '7649abac8119b246cee98e9b12e9197d 5086cb9b507219ee95db113a917678b2 73bed6b8e3c1743b7116e69e22229516 3ff1caa1681fac09120eca307586e1a7',
)

describe('AES-128-CBC', () => {
  test('is that of NIST SP 800-38A, in both directions', () => {
    expect(hex(c.aesEncrypt(KEY, IV, PLAIN))).toBe(hex(CIPHER))
    expect(hex(c.aesDecrypt(KEY, IV, CIPHER))).toBe(hex(PLAIN))
  })

  test('adds and takes away nothing at any number of blocks that a frame can have', () => {
    for (const blocks of [1, 2, 3, 15, 16, 17, 63, 64, 65, 255, 256, 257]) {
      const plain = bytes(16 * blocks, blocks).fill(16, 16 * blocks - 16) // ends like a block of padding
      const whole = library.createCipheriv('aes-128-cbc', KEY, IV).setAutoPadding(false)
      const sealed = Buffer.concat([whole.update(plain), whole.final()])
      expect(Buffer.compare(c.aesEncrypt(KEY, IV, plain), sealed), `${blocks} blocks`).toBe(0)
      expect(Buffer.compare(c.aesDecrypt(KEY, IV, sealed), plain), `${blocks} blocks`).toBe(0)
    }
  })

  test('depends on every byte of key and IV', () => {
    const sealed = hex(c.aesEncrypt(KEY, IV, PLAIN))
    for (let i = 0; i < 16; i++) {
      const altered = (a: Uint8Array) => a.map((b, at) => (at === i ? b ^ 1 : b))
      expect(hex(c.aesEncrypt(altered(KEY), IV, PLAIN))).not.toBe(sealed)
      expect(hex(c.aesEncrypt(KEY, altered(IV), PLAIN))).not.toBe(sealed)
    }
  })

  test('refuses keys and IVs of another length', () => {
    for (const length of [0, 15, 17, 24, 32]) {
      expect(() => c.aesEncrypt(bytes(length), IV, PLAIN)).toThrow()
      expect(() => c.aesDecrypt(bytes(length), IV, CIPHER)).toThrow()
      expect(() => c.aesEncrypt(KEY, bytes(length), PLAIN)).toThrow()
      expect(() => c.aesDecrypt(KEY, bytes(length), CIPHER)).toThrow()
    }
  })
})

test('SHA-256 and HMAC-SHA256 are those of the library, at every length around a block and a frame', () => {
  const lengths = [0, 1, 31, 32, 33, 55, 56, 63, 64, 65, 119, 120, 127, 128, 129, 4_135, 4_136, 4_400, 4_401]
  for (const length of lengths) {
    const data = bytes(length)
    expect(hex(c.sha256(data)), `${length} bytes`).toBe(library.createHash('sha256').update(data).digest('hex'))
    for (const size of [0, 1, 16, 31, 32, 33, 63, 64, 65, 131]) {
      const tag = library.createHmac('sha256', bytes(size, 1)).update(data).digest()
      expect(hex(c.hmac(bytes(size, 1), data)), `key of ${size}, ${length} bytes`).toBe(hex(tag))
    }
  }
})

test('results are plain arrays that share nothing with each other; arguments stay as they were', () => {
  const [key, iv, data] = [KEY.slice(), IV.slice(), PLAIN.slice()]
  const calls = [
    () => c.aesEncrypt(key, iv, data),
    () => c.aesDecrypt(key, iv, data),
    () => c.hmac(key, data),
    () => c.sha256(data),
  ]
  for (const call of calls) {
    const first = call()
    expect(first.constructor).toBe(Uint8Array)
    const kept = hex(first)
    const second = call()
    second.fill(0xaa)
    expect(hex(first)).toBe(kept)
    expect(hex(call())).toBe(kept)
  }
  expect([key, iv, data].map(hex)).toEqual([KEY, IV, PLAIN].map(hex))
})

test('erasing overwrites in place, the whole secret and nothing beside it', () => {
  for (const length of [1, 16, 32, 64, 255]) {
    const around = new Uint8Array(length + 4).fill(7)
    c.erase(around.subarray(2, length + 2))
    expect([...around]).toEqual([7, 7, ...new Array(length).fill(0), 7, 7])
  }
})
