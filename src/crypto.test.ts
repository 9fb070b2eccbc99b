import { expect, test } from 'vitest'
import { nodeCrypto as c, nodeRng } from './crypto.ts'
import { unhex } from './testkit.ts'

test('erasing overwrites in place', () => {
  const secret = unhex('0102')
  c.erase(secret)
  expect(secret).toEqual(new Uint8Array(2))
})

test('the generator draws as many bytes as asked, other ones each time', () => {
  expect(nodeRng(16).length).toBe(16)
  expect(nodeRng(16)).not.toEqual(nodeRng(16))
})
