import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { countingRng } from '../testkit.ts'
import { DEMO_KEYRING, formatIds, freshKeyring, keyringFrom, parseIds, parseKeyring, writePrivate } from './keyring.ts'

const K = (byte: string, bytes = 16) => byte.repeat(bytes)

describe('the text', () => {
  test('id to hex, keys of 16 to 64 bytes, either case', () => {
    const parsed = parseKeyring(`{ "1": "${K('aB')}", "255": "${K('01', 64)}" }`)
    expect(parsed).toEqual({
      kind: 'ok',
      keyring: new Map([
        [1, new Uint8Array(16).fill(0xab)],
        [255, new Uint8Array(64).fill(1)],
      ]),
    })
  })

  test.each([
    ['', 'expected JSON such as {"1": "<hex>"}, got something else'],
    [`{"1": "${K('aa')}",}`, 'expected JSON such as {"1": "<hex>"}, got something else'],
    ['[]', 'expected a JSON object of id and key, got another JSON value'],
    ['null', 'expected a JSON object of id and key, got another JSON value'],
    ['"1"', 'expected a JSON object of id and key, got another JSON value'],
    ['{}', 'expected at least one id, got none'],
    [`{"0": "${K('aa')}"}`, 'id "0": expected 1..255'],
    [`{"256": "${K('aa')}"}`, 'id "256": expected 1..255'],
    [`{"01": "${K('aa')}"}`, 'id "01": expected 1..255'],
    [`{"-1": "${K('aa')}"}`, 'id "-1": expected 1..255'],
    [`{"__proto__": "${K('aa')}"}`, 'id of 9 characters: expected 1..255'],
    [`{"${K('aa')}": 1}`, 'id of 32 characters: expected 1..255'],
    ['{"1": 5}', 'key of id 1: expected a string of hex digits, got another JSON value'],
    ['{"1": {"1": "aa"}}', 'id "1": expected once, got it twice'],
    ['{"1": null}', 'key of id 1: expected a string of hex digits, got another JSON value'],
    [`{"1": "${K('aa')}a"}`, 'key of id 1: expected pairs of hex digits, got 33 characters that are not'],
    [`{"1": "${K('zz')}"}`, 'key of id 1: expected pairs of hex digits, got 32 characters that are not'],
    ['{"1": ""}', 'key of id 1: expected 16..64 bytes (32..128 hex digits), got 0'],
    [`{"1": "${K('aa', 15)}"}`, 'key of id 1: expected 16..64 bytes (32..128 hex digits), got 15'],
    [`{"1": "${K('aa', 65)}"}`, 'key of id 1: expected 16..64 bytes (32..128 hex digits), got 65'],
    [`{"1": "${K('aa')}", "2": "${K('AA')}"}`, 'key of id 2: expected no two alike, got that of id 1'],
    [`{"1": "${K('aa')}", "1": "${K('bb')}"}`, 'id "1": expected once, got it twice'],
    [`{"1": "${K('aa')}", "\\u0031" : "${K('bb')}"}`, 'id "1": expected once, got it twice'],
  ])('refuses %s', (text, problem) => {
    expect(parseKeyring(text)).toEqual({ kind: 'bad', problem })
  })

  test('no refusal contains a key', () => {
    const secret = 'deadbeef'.repeat(4)
    const texts = [
      `{"1": "${secret}"`,
      `{"${secret}": "1"}`,
      `{"1": "${secret}zz"}`,
      `{"1": "${secret}", "2": "${secret}"}`,
      `{"1": "${secret.repeat(5)}"}`,
    ]
    for (const text of texts) {
      const parsed = parseKeyring(text)
      expect(parsed.kind).toBe('bad')
      expect(JSON.stringify(parsed)).not.toContain('deadbeef')
    }
  })

  test('fresh keys are 32 bytes each from the generator, and read back', () => {
    const rng = countingRng(1)
    const parsed = parseKeyring(freshKeyring([1, 2, 255], rng))
    const again = countingRng(1)
    expect(parsed).toEqual({
      kind: 'ok',
      keyring: new Map([1, 2, 255].map((id) => [id, again(32)])),
    })
  })

  test('PROTOCOL §1: the demo keyring has ids 1..5, and would be accepted from a file', () => {
    const text = JSON.stringify(
      Object.fromEntries([...DEMO_KEYRING].map(([id, key]) => [id, Buffer.from(key).toString('hex')])),
    )
    expect([...DEMO_KEYRING.keys()]).toEqual([1, 2, 3, 4, 5])
    expect(parseKeyring(text)).toEqual({ kind: 'ok', keyring: DEMO_KEYRING })
  })
})

describe('the file', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyring-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const at = (name: string) => join(folder, name)

  test('written for its owner alone and never over another', () => {
    writePrivate(at('k'), freshKeyring([3], countingRng(1)))
    expect(statSync(at('k')).mode & 0o777).toBe(0o600)
    const before = readFileSync(at('k'), 'utf8')
    expect(() => writePrivate(at('k'), 'x')).toThrow(`--out: expected a file that does not exist yet, got ${at('k')}`)
    expect(() => writePrivate(at('no/k'), 'x')).toThrow(
      `--out: expected a file that can be written, got ${at('no/k')} (ENOENT)`,
    )
    expect(readFileSync(at('k'), 'utf8')).toBe(before)
    expect(keyringFrom(at('k'))).toMatchObject({ demo: false, warning: null })
  })

  test.each([0o640, 0o604, 0o660])('mode %o earns a warning', (mode) => {
    writeFileSync(at('k'), freshKeyring([3], countingRng(1)))
    chmodSync(at('k'), mode)
    const { keyring, warning } = keyringFrom(at('k'))
    expect([...keyring.keys()]).toEqual([3])
    expect(warning).toBe(`others may use ${at('k')} (mode ${mode.toString(8)}); chmod 600 ${at('k')}`)
  })

  test('what cannot be read is one clear line', () => {
    expect(() => keyringFrom(at('none'))).toThrow(`--keys: expected a readable file, got ${at('none')} (ENOENT)`)
    expect(() => keyringFrom(folder)).toThrow(`--keys: expected a file, got ${folder}, which is none`)
    expect(() => keyringFrom('/dev/zero')).toThrow('--keys: expected a file, got /dev/zero, which is none')
    writeFileSync(at('big'), ' '.repeat(300_000))
    expect(() => keyringFrom(at('big'))).toThrow(`--keys ${at('big')}: expected at most 262144 bytes, got 300000`)
    for (const bytes of [262_144, 262_145]) {
      writeFileSync(at('edge'), `{"1": "${K('aa')}"}`.padEnd(bytes))
      if (bytes === 262_144) expect(keyringFrom(at('edge')).keyring.size).toBe(1)
      else expect(() => keyringFrom(at('edge'))).toThrow('expected at most 262144 bytes, got 262145')
    }
    writeFileSync(at('bad'), '{}')
    expect(() => keyringFrom(at('bad'))).toThrow(`--keys ${at('bad')}: expected at least one id, got none`)
  })

  test('without a file: the demo keys, loudly', () => {
    expect(keyringFrom(undefined)).toMatchObject({ keyring: DEMO_KEYRING, demo: true })
    expect(keyringFrom(undefined).warning).toMatch(/^DEMO KEYS/)
  })
})

test.each([
  ['1-5', [1, 2, 3, 4, 5]],
  ['7', [7]],
  ['9, 1-3,255', [1, 2, 3, 9, 255]],
])('reads %s', (text, ids) => {
  expect(parseIds('--ids', text)).toEqual(ids)
})

test.each(['', '0', '256', '5-1', '1-2-3', '1,1', '1-3,2', 'a', '-1', '1-', '1.5', '0-3', '250-256', '1;2'])(
  'refuses %j',
  (text) => {
    expect(() => parseIds('--ids', text)).toThrow(
      `--ids: expected ids 1..255 such as 1-5 or 1,3,7-9, none twice, got ${text}`,
    )
  },
)

test('writes them as short as they are read', () => {
  expect(formatIds([5, 1, 2, 3, 4])).toBe('1-5')
  expect(formatIds([1, 2, 9, 11, 12, 13])).toBe('1,2,9,11-13')
})
