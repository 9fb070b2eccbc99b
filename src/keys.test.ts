import { expect, test } from 'vitest'
import { type Crypto, nodeCrypto as c } from './crypto.ts'
import { copyKeys, eraseReplaced, helloStep, initialKeys, type Keys, keysOfRoundOne } from './keys.ts'
import { hex } from './testkit.ts'

// Computed from PROTOCOL §4 by a program in another language.
const INITIAL = {
  c2sEnc: '30bf68f79cb0231b8f8d68a173902f2a',
  c2sMac: '9143632a239ef418ea6d901fdb3b0f3e6bd70f14fee7bc5cb43a9be6263cd701',
  s2cEnc: 'c2510ce18f1692de24a3cc139d4f15ae',
  s2cMac: '17c7b84e1d1b1d91e95c73086ee842c29f6878b5fd63c43b4e2d714c3c1da487',
}
const HELLO_STEPPED = {
  c2sEnc: 'fa7f2af07132ff9127e7ca33751f13fc',
  c2sMac: '9f21fff2dd085f301f2204c17a54075698bc0846a7e3f8460deb2de6b49565d4',
  s2cEnc: '940abe978e9a203d42ea35e2b8b18ad1',
  s2cMac: '9383787157a31fc320f9c0d3658c0c404e97d8702545b647a47c2ada1e09e500',
}
const ROUND_ONE = {
  literal: {
    c2sEnc: 'fa7f2af07132ff9127e7ca33751f13fc',
    c2sMac: '9f21fff2dd085f301f2204c17a54075698bc0846a7e3f8460deb2de6b49565d4',
    s2cEnc: 'a4d0ca9724d960da58db546d8648ac04',
    s2cMac: 'ae8b7753f01faa7ac4baca632bd61b54d4bf7f195379cc01ff7b5640a871ae64',
  },
  bound: {
    c2sEnc: '674aef0998fac823ca9b9dca5954442c',
    c2sMac: '0a27905eecfdcb77f5918910306ba281d917e85f27212cd478e58a9594d8d8f6',
    s2cEnc: 'a263fbaeb8ac803ae0188c963f9e5f63',
    s2cMac: 'e4bf367ecfd10bb46bd97d6b5555df609fe63fcbd41819f598c8f50863e2f4ef',
  },
}
const hexed = ({ c2s, s2c }: Keys) => ({
  c2sEnc: hex(c2s.enc),
  c2sMac: hex(c2s.mac),
  s2cEnc: hex(s2c.enc),
  s2cMac: hex(s2c.mac),
})
const master = Uint8Array.from({ length: 16 }, (_, i) => i)
const hello = Uint8Array.from({ length: 71 }, (_, i) => i)
const challenge = Uint8Array.from({ length: 87 }, (_, i) => i * 7)
const text = new TextEncoder().encode('constant')

test('initial keys', () => {
  expect(hexed(initialKeys(c, master))).toEqual(INITIAL)
})

test.each(['bound', 'literal'] as const)('the handshake in mode %s', (mode) => {
  const stepped = helloStep(c, mode, initialKeys(c, master), hello)
  expect(hexed(stepped)).toEqual(mode === 'bound' ? HELLO_STEPPED : INITIAL)
  expect(hexed(keysOfRoundOne(c, mode, stepped, hello, challenge, text))).toEqual(ROUND_ONE[mode])
})

test('only keys that were replaced are erased, in place', () => {
  const erased: Uint8Array[] = []
  const watching: Crypto = { ...c, erase: (s) => void erased.push(s) }
  const old = initialKeys(c, master)
  eraseReplaced(watching, old, { ...old, s2c: { ...old.s2c, enc: new Uint8Array(16) } })
  expect(erased).toEqual([old.s2c.enc])
  const copy = copyKeys(old)
  eraseReplaced(c, old, null)
  expect(hex(old.c2s.mac)).toBe('00'.repeat(32))
  expect(hexed(copy)).toEqual(INITIAL)
})
