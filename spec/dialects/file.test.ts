import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { PROTOCOL } from './dialect.ts'
import { dialectBlock, dialectJsonSchema, parseDialect } from './file.ts'

const fileOf = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../corpus/dialects/${name}.json`, import.meta.url), 'utf8'))

const BOUND = dialectBlock('bound')
const OPCODE = 'an opcode 0..255 or HELLO, CHALLENGE, DATA, RESPONSE, KEY_DESYNC_ERROR, TERMINATE'

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
    ['hash', 'sha1', 'dialect.hash: expected one of "sha256", "md5", "hkdf-sha256" (nearest: sha256), got "sha1"'],
    [
      'framing_code',
      undefined,
      'dialect.framing_code: expected one of "u32be", "u32le", "u16be", "u16le", "u32be-whole", "recv", "recv23", got nothing',
    ],
    ['frame_max', 70, 'dialect.frame_max: expected an integer from 71 to 4294967295, got 70'],
    ['direction_s2c', 1, 'dialect.direction_s2c: expected another byte than direction_c2s, got 1'],
    ['direction_c2s', 256, 'dialect.direction_c2s: expected an integer from 0 to 255, got 256'],
    ['stored_mac_key_len', 33, 'dialect.stored_mac_key_len: expected an integer from 1 to 32, got 33'],
    ['start_round', -1, 'dialect.start_round: expected an integer from 0 to 4294967295, got -1'],
    [
      'round_advances_after_opcodes',
      'never',
      `dialect.round_advances_after_opcodes: expected "every", "active" or an array, each ${OPCODE}, got "never"`,
    ],
    [
      's2c_evolve',
      { ops: [20], enc: 'pt[', mac: 'iv' },
      'dialect.s2c_evolve.enc: expected ct, iv, pt, pt[a:b], op, lit:.. or hex:.., and then \'|CHALLENGE=iv\', got "pt["',
    ],
    ['labels', 7, 'dialect.labels: expected an object, got 7'],
    ['mac_over', 'ct', 'dialect.mac_over: expected one of "header+iv+ct", "iv+ct" (nearest: iv+ct), got "ct"'],
    ['hello_payload', 'x', 'dialect.hello_payload: expected "empty", "text" or "lit:..", or fields, got "x"'],
    [
      'empty_ciphertext_zero_iv_opcodes',
      [256],
      `dialect.empty_ciphertext_zero_iv_opcodes.0: expected ${OPCODE}, got 256`,
    ],
    [
      'session_bindng',
      'bound',
      'dialect.session_bindng: expected no such field (nearest: session_binding), got "bound"',
    ],
    ['version', 2, 'dialect.version: expected an integer from 1 to 1, got 2'],
    [
      'reaction',
      { tag: '256 current close' },
      'dialect.reaction.tag: expected "close", "stay", or an opcode, current, zero or clear, and one of them: "50 current close", got "256 current close"',
    ],
    ['reaction', { tags: 'close' }, 'dialect.reaction.tags: expected no such field (nearest: tag), got "close"'],
    ['opcodes', { HELLO: 1, DATA: 1 }, 'dialect.opcodes: expected different numbers, got {"HELLO":1,"DATA":1}'],
    ['opcodes', { HALLO: 1 }, 'dialect.opcodes.HALLO: expected no such field (nearest: HELLO), got 1'],
    ['server_banner', 'HELLO', 'dialect.server_banner: expected lit:.. or hex:.., got "HELLO"'],
    [
      'data_payload',
      'any:0',
      'dialect.data_payload: expected "counted-f64", "csv-decimals", "decimal-integer", "i32" or any, or fields with a number that is value, got "any:0"',
    ],
    ['reaction', 'quiet', 'dialect.reaction: expected one of "silent", "uniform", "telling", "zero-key", got "quiet"'],
    [
      'server_waits_for_others',
      'al',
      'dialect.server_waits_for_others: expected "no", "all" or "barrier 3", "barrier 3 2.5s", "sleep 2s", "window 5s" (nearest: all), got "al"',
    ],
  ])('a bad %s is named', (field, value, problem) => {
    expect(parseDialect({ ...BOUND, [field]: value }, 'x')).toEqual({ kind: 'bad', problem })
  })

  it('MD5 keys are no longer than MD5', () => {
    expect(parseDialect({ ...BOUND, hash: 'md5' }, 'x')).toMatchObject({
      problem: 'dialect.stored_mac_key_len: expected an integer from 1 to 16, got 32',
    })
  })
  it('has a schema with its fields and their short names', () => {
    const { properties, additionalProperties, required } = dialectJsonSchema()
    expect(Object.keys(properties ?? {})).toEqual(expect.arrayContaining(Object.keys(BOUND)))
    expect(properties).toMatchObject({ mac_over: { enum: ['header+iv+ct', 'iv+ct'] }, version: { maximum: 1 } })
    expect({ additionalProperties, required }).toMatchObject({ additionalProperties: false })
    expect(required).not.toContain('version')
    expect(required).toContain('hash')
  })

  it('numbers of opcodes are those on the wire, names those of PROTOCOL', () => {
    const opcodes = { HELLO: 1, CHALLENGE: 2, DATA: 10, RESPONSE: 20 }
    const numbered = {
      ...BOUND,
      opcodes,
      c2s_evolve: { ops: [1, 10], enc: 'ct', mac: 'iv' },
      s2c_evolve: { ops: [2, 20], enc: 'pt[1:]|2=pt', mac: 'pt[0:1]|2=hex:00' },
      round_advances_after_opcodes: [2, 'RESPONSE'],
    }
    const [a, b] = [parseDialect(numbered, 'x'), parseDialect({ ...BOUND, opcodes }, 'x')]
    expect(a.kind).toBe('ok')
    expect(a).toEqual(b)
  })

  it('a file that is no object is named', () => {
    expect(parseDialect([], 'x')).toMatchObject({ problem: 'dialect: expected an object, got []' })
  })
})
