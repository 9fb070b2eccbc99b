import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { PROTOCOL } from './dialect.ts'
import { dialectBlock, parseDialect } from './file.ts'

const fileOf = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../corpus/dialects/${name}.json`, import.meta.url), 'utf8'))

const BOUND = dialectBlock('bound')

describe('dialect files', () => {
  it('PROTOCOL.md is two points in the space of dialects', () => {
    expect(parseDialect(BOUND, 'bound')).toEqual({ kind: 'ok', dialect: PROTOCOL.bound })
    const literal = { ...BOUND, session_binding: 'none' }
    expect(parseDialect(literal, 'literal')).toEqual({ kind: 'ok', dialect: PROTOCOL.literal })
  })

  it.each(['a', 'b', 'c'])('%s.json is a dialect', (name) => {
    expect(parseDialect(fileOf(name), name)).toMatchObject({ kind: 'ok', dialect: { name } })
  })

  it.each<[string, unknown, string]>([
    ['hash', 'sha1', 'dialect.hash: expected one of "sha256", "md5", "hkdf-sha256", got "sha1"'],
    ['framing_code', undefined, 'dialect.framing_code: expected one of "u32be", "recv", "recv23", got nothing'],
    ['frame_max', 70, 'dialect.frame_max: expected an integer from 71 to 4294967295, got 70'],
    ['direction_s2c', 1, 'dialect.direction_s2c: expected another byte than direction_c2s, got 1'],
    ['direction_c2s', 256, 'dialect.direction_c2s: expected an integer from 0 to 255, got 256'],
    ['stored_mac_key_len', 33, 'dialect.stored_mac_key_len: expected an integer from 1 to 32, got 33'],
    ['start_round', -1, 'dialect.start_round: expected an integer from 0 to 4294967295, got -1'],
    [
      'round_advances_after_opcodes',
      'never',
      'dialect.round_advances_after_opcodes: expected "every", "active" or an array of opcodes 0..255, got "never"',
    ],
    [
      's2c_evolve',
      { ops: [20], enc: 'pt[', mac: 'iv' },
      'dialect.s2c_evolve.enc: expected ct, iv, pt, pt[a:b], op, lit:.. or hex:.., with overrides like \'ct|20=iv\', got "pt["',
    ],
    ['labels', 7, 'dialect.labels: expected an object, got 7'],
    [
      'mac_over',
      'ct',
      'dialect.mac_over: expected one of "opcode..direction || IV || ciphertext", "IV || ciphertext", got "ct"',
    ],
    ['hello_payload', 'x', 'dialect.hello_payload: expected "empty", "utf8, 0..255 bytes" or "lit:..", got "x"'],
    [
      'empty_ciphertext_zero_iv_opcodes',
      [256],
      'dialect.empty_ciphertext_zero_iv_opcodes: expected an array of opcodes 0..255, got [256]',
    ],
    ['session_bindng', 'bound', 'dialect.session_bindng: expected no such field, got "bound"'],
  ])('a bad %s is named', (field, value, problem) => {
    expect(parseDialect({ ...BOUND, [field]: value }, 'x')).toEqual({ kind: 'bad', problem })
  })

  it('MD5 keys are no longer than MD5', () => {
    expect(parseDialect({ ...BOUND, hash: 'md5' }, 'x')).toMatchObject({
      problem: 'dialect.stored_mac_key_len: expected an integer from 1 to 16, got 32',
    })
  })
  it('a file that is no object is named', () => {
    expect(parseDialect([], 'x')).toMatchObject({ problem: 'dialect: expected an object, got []' })
  })
})
