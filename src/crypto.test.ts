import { expect, test } from 'vitest'
import { nodeCrypto as c, nodeRng } from './crypto.ts'
import { hex, unhex } from './testkit.ts'

const ascii = (text: string) => new TextEncoder().encode(text)

test.each([
  [
    '1',
    new Uint8Array(20).fill(0x0b),
    ascii('Hi There'),
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  ],
  [
    '2',
    ascii('Jefe'),
    ascii('what do ya want for nothing?'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  [
    '3',
    new Uint8Array(20).fill(0xaa),
    new Uint8Array(50).fill(0xdd),
    '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe',
  ],
  [
    '6',
    new Uint8Array(131).fill(0xaa),
    ascii('Test Using Larger Than Block-Size Key - Hash Key First'),
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
])('HMAC-SHA256, RFC 4231 case %s', (_, key, data, mac) => {
  expect(hex(c.hmac(key, data))).toBe(mac)
})

test('SHA-256, FIPS 180-4', () => {
  expect(hex(c.sha256(ascii('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('AES-128-CBC, SP 800-38A F.2.1 and F.2.2', () => {
  const key = unhex('2b7e151628aed2a6abf7158809cf4f3c')
  const iv = unhex('000102030405060708090a0b0c0d0e0f')
  const plain = unhex(
    '6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51 30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710',
  )
  const cipher = unhex(
    '7649abac8119b246cee98e9b12e9197d 5086cb9b507219ee95db113a917678b2 73bed6b8e3c1743b7116e69e22229516 3ff1caa1681fac09120eca307586e1a7',
  )
  expect(c.aesEncrypt(key, iv, plain)).toEqual(cipher)
  expect(c.aesDecrypt(key, iv, cipher)).toEqual(plain)
})

test('erasing overwrites in place', () => {
  const secret = unhex('0102')
  c.erase(secret)
  expect(secret).toEqual(new Uint8Array(2))
})

test('the generator draws as many bytes as asked, other ones each time', () => {
  expect(nodeRng(16).length).toBe(16)
  expect(nodeRng(16)).not.toEqual(nodeRng(16))
})
