import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { sha256 } from '../../../spec/reference/primitives.ts'
import { keysFrom } from './keys.ts'

const folder = mkdtempSync(join(tmpdir(), 'gauntlet-keys-'))
const inFile = (text: string): string => {
  const file = join(folder, `${text.length}.json`)
  writeFileSync(file, text, { mode: 0o600 })
  return file
}
const read = (said: string) => {
  const { keyring, warning } = keysFrom(said, true)
  return { keys: [...keyring].map(([id, key]) => `${id} ${Buffer.from(key).toString('latin1')}`), warning }
}

it('of a dialect of others: hex, text, or what a prefix says, in a file or as an argument', () => {
  const text = {
    keys: ['1 client1_master_k', '2 client2_master_k'],
    warning: 'keys that are not hex: 1 (text), 2 (text)',
  }
  expect(read(inFile('{"1": "client1_master_k", "2": "client2_master_k"}'))).toEqual(text)
  expect(read(inFile('1 client1_master_k\n2: client2_master_k\n'))).toEqual(text)
  expect(read('1=client1_master_k,2=client2_master_k')).toEqual(text)
  expect(read('1=616263,2=616263')).toEqual({ keys: ['1 abc', '2 abc'], warning: null })
  expect(read('1=text:616263,2=base64:YWJj').keys).toEqual(['1 616263', '2 abc'])
  expect(keysFrom('7=sha256:abc', true).keyring.get(7)).toEqual(sha256(new TextEncoder().encode('abc')))
})

it('PROTOCOL has hex of 16 bytes and more in a file, and nothing else', () => {
  expect(() => keysFrom(inFile('{"1": "client1_master_k"}'))).toThrow('key of id 1: expected pairs of hex digits')
  expect(() => keysFrom('1=616263')).toThrow(
    /^--keys: expected a readable file, got 1=616263 .*are for dialects \(--dialect\)$/,
  )
})

it.each([
  ['a phrase', '--keys: expected keys by client id, as {"1": "KEY"} in a file or 1=KEY,2=KEY, got one of nobody'],
  ['1=0123456789abcde', '--keys: key of id 1: expected pairs of hex digits, or text:KEY, got an odd number of digits'],
  ['no/such.json', '--keys: expected a readable file or a pass phrase, got no/such.json (ENOENT)'],
])('%s is refused, and no key is in the message', (said, problem) => {
  expect(() => keysFrom(said, true)).toThrow(problem)
})
