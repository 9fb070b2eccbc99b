import { extract } from '@noble/hashes/hkdf.js'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { describe, expect, it } from 'vitest'
import { ascii, concat, fromHex, toHex } from './bytes.ts'
import { aesCbcDecrypt, aesCbcEncrypt, hkdf, hmac, md5, pad, sha256, unpad } from './primitives.ts'

const repeat = (byte: number, n: number): Uint8Array => new Uint8Array(n).fill(byte)
const range = (from: number, to: number): Uint8Array => Uint8Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe('hashes', () => {
  it('FIPS 180-4 example: SHA-256 of "abc"', () => {
    expect(toHex(sha256(ascii('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })
  it('RFC 1321 A.5: MD5 of "abc"', () => {
    expect(toHex(md5(ascii('abc')))).toBe('900150983cd24fb0d6963f7d28e17f72')
  })
})

describe('HMAC-SHA256, RFC 4231 §4', () => {
  it.each([
    [1, repeat(0x0b, 20), ascii('Hi There'), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      2,
      ascii('Jefe'),
      ascii('what do ya want for nothing?'),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [3, repeat(0xaa, 20), repeat(0xdd, 50), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
    [4, range(1, 25), repeat(0xcd, 50), '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b'],
    [
      6,
      repeat(0xaa, 131),
      ascii('Test Using Larger Than Block-Size Key - Hash Key First'),
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
    [
      7,
      repeat(0xaa, 131),
      ascii(
        'This is a test using a larger than block-size key and a larger than block-size data. ' +
          'The key needs to be hashed before being used by the HMAC algorithm.',
      ),
      '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
    ],
  ])('test case %i', (_, key, data, tag) => {
    expect(toHex(hmac(key, data))).toBe(tag)
  })
  it('test case 5, cut to 128 bits', () => {
    const tag = hmac(repeat(0x0c, 20), ascii('Test With Truncation'))
    expect(toHex(tag.subarray(0, 16))).toBe('a3b6167473100ee06e0c796c2955552b')
  })
})

describe('HKDF-SHA256, RFC 5869 appendix A', () => {
  it('test case 3: no salt, no info, first 32 bytes', () => {
    const okm = '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d'
    expect(toHex(hkdf(repeat(0x0b, 22), new Uint8Array(0), 32))).toBe(okm)
    expect(toHex(hkdf(repeat(0x0b, 22), new Uint8Array(0), 16))).toBe(okm.slice(0, 32))
  })
  // The other cases have a salt, which the protocol has not. Their halves are checked one by one: an absent salt is
  // HashLen zeros (§2.2), and T(1) = HMAC(PRK, info ‖ 01) (§2.3).
  it('test case 1: expand, first block', () => {
    const prk = fromHex('077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5')
    const info = fromHex('f0f1f2f3f4f5f6f7f8f9')
    expect(toHex(hmac(prk, concat(info, Uint8Array.of(1))))).toBe(
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf',
    )
  })
  it('test case 3: extract with an absent salt', () => {
    const prk = '19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04'
    expect(toHex(extract(nobleSha256, repeat(0x0b, 22), undefined))).toBe(prk)
    expect(toHex(hmac(repeat(0, 32), repeat(0x0b, 22)))).toBe(prk)
  })
})

describe('AES-128-CBC, SP 800-38A F.2.1 and F.2.2', () => {
  const key = fromHex('2b7e151628aed2a6abf7158809cf4f3c')
  const iv = fromHex('000102030405060708090a0b0c0d0e0f')
  const plain = fromHex(
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51' +
      '30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
  )
  const cipher = fromHex(
    '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2' +
      '73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7',
  )
  it('encrypts', () => expect(toHex(aesCbcEncrypt(key, iv, plain))).toBe(toHex(cipher)))
  it('decrypts', () => expect(toHex(aesCbcDecrypt(key, iv, cipher))).toBe(toHex(plain)))
})

describe('padding, RFC 5652 §6.3', () => {
  // Length of the plaintext -> the bytes appended.
  const TABLE: readonly (readonly [number, string])[] = [
    [0, '10101010101010101010101010101010'],
    [1, '0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f'],
    [2, '0e0e0e0e0e0e0e0e0e0e0e0e0e0e'],
    [8, '0808080808080808'],
    [14, '0202'],
    [15, '01'],
    [16, '10101010101010101010101010101010'],
    [17, '0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f'],
    [31, '01'],
    [4096, '10101010101010101010101010101010'],
  ]
  it.each(TABLE)('%i bytes', (length, appended) => {
    const plain = repeat(0xab, length)
    expect(toHex(pad(plain).subarray(length))).toBe(appended)
    expect(unpad(pad(plain))).toEqual(plain)
  })

  it('removes exactly 16 of the 256 possible last bytes from a block of that byte', () => {
    const accepted = Array.from({ length: 256 }, (_, p) => p).filter((p) => unpad(repeat(p, 16)) !== null)
    expect(accepted).toEqual(Array.from(range(1, 16)))
  })

  it('refuses a padding of which any one byte differs', () => {
    for (let p = 1; p <= 16; p++) {
      const good = concat(repeat(0xab, 32 - p), repeat(p, p))
      expect(unpad(good)).toEqual(repeat(0xab, 32 - p))
      for (let wrong = 32 - p; wrong < 31; wrong++) {
        const bad = good.slice()
        bad[wrong]! ^= 0x80
        expect(unpad(bad)).toBeNull()
      }
    }
  })

  it('refuses nothing at all', () => expect(unpad(new Uint8Array(0))).toBeNull())
})
