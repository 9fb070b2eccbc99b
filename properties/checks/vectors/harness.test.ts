/** Published vectors, against the implementation and the reference alike: they share no code, so each is checked itself. */
import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import * as reference from '../../../spec/reference/primitives.ts'
import { nodeCrypto, primitives } from '../../../src/index.ts'

interface Primitives {
  sha256(data: Uint8Array): Uint8Array
  hmac(key: Uint8Array, data: Uint8Array): Uint8Array
  /** The first block of output or less. */
  hkdf(salt: Uint8Array, ikm: Uint8Array, info: Uint8Array, length: 16 | 32): Uint8Array
  encrypt(key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array
  decrypt(key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array
  pad(plaintext: Uint8Array): Uint8Array
  unpad(padded: Uint8Array): Uint8Array | null
}

const SRC: Primitives = {
  sha256: nodeCrypto.sha256,
  hmac: nodeCrypto.hmac,
  hkdf: (salt, ikm, info, length) => primitives.hkdf(nodeCrypto, salt, ikm, info, length),
  encrypt: nodeCrypto.aesEncrypt,
  decrypt: nodeCrypto.aesDecrypt,
  pad: primitives.pad,
  unpad: primitives.unpad,
}

const REFERENCE: Primitives = {
  sha256: reference.sha256,
  hmac: reference.hmac,
  // It knows no salt, as the protocol has none: with one, RFC 5869 §2.2 and §2.3 are put together from its HMAC.
  hkdf: (salt, ikm, info, length) =>
    salt.length === 0
      ? reference.hkdf(ikm, info, length)
      : reference.hmac(reference.hmac(salt, ikm), bytes(`${hex(info)}01`)).subarray(0, length),
  encrypt: reference.aesCbcEncrypt,
  decrypt: reference.aesCbcDecrypt,
  pad: reference.pad,
  unpad: reference.unpad,
}

const hex = (b: Uint8Array): string => Buffer.from(b).toString('hex')
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)
const repeat = (byte: number, n: number): Uint8Array => new Uint8Array(n).fill(byte)
const range = (from: number, to: number): Uint8Array => Uint8Array.from({ length: to - from + 1 }, (_, i) => from + i)

const LONG_KEY = 'Test Using Larger Than Block-Size Key - Hash Key First'
const LONG_BOTH =
  'This is a test using a larger than block-size key and a larger than block-size data. ' +
  'The key needs to be hashed before being used by the HMAC algorithm.'

/** RFC 4231 §4; case 5 is cut to 128 bits. */
const HMAC: readonly (readonly [number, Uint8Array, Uint8Array, string])[] = [
  [1, repeat(0x0b, 20), ascii('Hi There'), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [
    2,
    ascii('Jefe'),
    ascii('what do ya want for nothing?'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  [3, repeat(0xaa, 20), repeat(0xdd, 50), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
  [4, range(1, 25), repeat(0xcd, 50), '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b'],
  [5, repeat(0x0c, 20), ascii('Test With Truncation'), 'a3b6167473100ee06e0c796c2955552b'],
  [6, repeat(0xaa, 131), ascii(LONG_KEY), '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54'],
  [7, repeat(0xaa, 131), ascii(LONG_BOTH), '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2'],
]

/** RFC 5869 A.1 to A.3: salt, input keying material, info, and the first 32 bytes of the output. */
const HKDF: readonly (readonly [string, Uint8Array, Uint8Array, Uint8Array, string])[] = [
  [
    'A.1',
    range(0x00, 0x0c),
    repeat(0x0b, 22),
    range(0xf0, 0xf9),
    '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf',
  ],
  [
    'A.2',
    range(0x60, 0xaf),
    range(0x00, 0x4f),
    range(0xb0, 0xff),
    'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c',
  ],
  [
    'A.3',
    new Uint8Array(0),
    repeat(0x0b, 22),
    new Uint8Array(0),
    '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d',
  ],
]

/** RFC 5652 §6.3: what is appended to a plaintext of 0, 1, … 15 bytes more than whole blocks. */
const APPENDED: readonly string[] = [
  '10101010101010101010101010101010',
  '0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f',
  '0e0e0e0e0e0e0e0e0e0e0e0e0e0e',
  '0d0d0d0d0d0d0d0d0d0d0d0d0d',
  '0c0c0c0c0c0c0c0c0c0c0c0c',
  '0b0b0b0b0b0b0b0b0b0b0b',
  '0a0a0a0a0a0a0a0a0a0a',
  '090909090909090909',
  '0808080808080808',
  '07070707070707',
  '060606060606',
  '0505050505',
  '04040404',
  '030303',
  '0202',
  '01',
]
const LENGTHS = [...range(0, 47), 255, 4_090, 4_095, 4_096] // 255 and 4,090: the longest text and DATA of PROTOCOL §5

describe.each([
  ['src', SRC],
  ['reference', REFERENCE],
])('%s', (_, p) => {
  it('SHA-256, FIPS 180-4: "abc"', () => {
    expect(hex(p.sha256(ascii('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })

  it.each(HMAC)('HMAC-SHA256, RFC 4231 case %i', (_n, key, data, tag) => {
    expect(hex(p.hmac(key, data)).slice(0, tag.length)).toBe(tag)
  })

  it('HMAC-SHA256 is that of the library, for keys and data of any length, whatever was hashed before', () => {
    for (const key of [0, 16, 32, 63, 64, 65, 200].map((n) => repeat(n, n)))
      for (const data of [0, 1, 31, 32, 33, 4_135, 4_400, 4_401, 20_000, 5].map((n) => repeat(n, n)))
        expect(hex(p.hmac(key, data))).toBe(createHmac('sha256', key).update(data).digest('hex'))
  })

  it('AES-128-CBC opens what it sealed, for ciphertexts longer than a frame, then short ones', () => {
    for (const blocks of [1, 257, 300, 2]) {
      const [key, iv, data] = [repeat(blocks & 0xff, 16), repeat(5, 16), repeat(9, 16 * blocks)]
      expect(p.decrypt(key, iv, p.encrypt(key, iv, data))).toEqual(data)
    }
  })

  it.each(HKDF)('HKDF-SHA256, RFC 5869 %s', (_n, salt, ikm, info, okm) => {
    expect(hex(p.hkdf(salt, ikm, info, 32))).toBe(okm)
    expect(hex(p.hkdf(salt, ikm, info, 16))).toBe(okm.slice(0, 32))
  })

  it('HKDF without a salt extracts with 32 zero bytes, RFC 5869 §2.2: the PRK of A.3', () => {
    expect(hex(p.hmac(new Uint8Array(32), repeat(0x0b, 22)))).toBe(
      '19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04',
    )
  })

  it('AES-128-CBC, SP 800-38A F.2.1 and F.2.2', () => {
    const key = bytes('2b7e151628aed2a6abf7158809cf4f3c')
    const iv = bytes('000102030405060708090a0b0c0d0e0f')
    const plain =
      '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51' +
      '30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710'
    const cipher =
      '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2' +
      '73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7'
    expect(hex(p.encrypt(key, iv, bytes(plain)))).toBe(cipher)
    expect(hex(p.decrypt(key, iv, bytes(cipher)))).toBe(plain)
    expect(hex(p.encrypt(key, iv, bytes(plain.slice(0, 32))))).toBe(cipher.slice(0, 32)) // nothing appended
  })

  it.each(LENGTHS)('padding, RFC 5652 §6.3: %i bytes', (length) => {
    const plain = repeat(0xab, length)
    expect(hex(p.pad(plain).subarray(length))).toBe(APPENDED[length % 16])
    expect(p.pad(plain).subarray(0, length)).toEqual(plain)
    expect(p.unpad(p.pad(plain))).toEqual(plain)
  })

  it('removes, of a block of one repeated byte, exactly the paddings 1 to 16', () => {
    for (let byte = 0; byte < 256; byte++)
      expect(p.unpad(repeat(byte, 16))?.length ?? null).toBe(byte >= 1 && byte <= 16 ? 16 - byte : null)
  })

  it('refuses a padding of which any one byte differs in any one bit', () => {
    for (let n = 1; n <= 16; n++)
      for (let wrong = 32 - n; wrong < 31; wrong++)
        for (let bit = 0; bit < 8; bit++) {
          const padded = p.pad(repeat(0xab, 32 - n)).slice(0, 32)
          padded[wrong]! ^= 1 << bit
          expect(p.unpad(padded)).toBeNull()
        }
  })

  it('refuses a padding that says it is longer than there are bytes', () => {
    expect(p.unpad(new Uint8Array(0))).toBeNull()
    expect(p.unpad(Uint8Array.of(3, 3))).toBeNull()
  })
})
