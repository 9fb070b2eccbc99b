/** Dialects as JSON: the `dialect` block of a transcript, or a file of its own. */
import { z } from 'zod'
import type { Mode } from '../language.ts'
import type { ChallengeCodec, DataCodec, Dialect, HelloCodec, Reaction, ResponseCodec } from './dialect.ts'
import { parseRule } from './expression.ts'
import { check, choice, flag, integer, object, parsed, text } from './fields.ts'
import { type Grammar, parseGrammar, type Role } from './grammar.ts'
import { LABELS } from './keys.ts'

export type ParsedDialect =
  | { readonly kind: 'ok'; readonly dialect: Dialect }
  | { readonly kind: 'bad'; readonly problem: string }

// Prose for people; the codes beside it are what counts.
const PROSE = ['default_port', 'framing', 'kdf', 'aes_key', 'evolve', 'evolve_grammar', 'note_active', 'name'] as const
const prose = z.unknown().optional()

const HASHES = { sha256: 'sha256', md5: 'md5', 'hkdf-sha256': 'hkdf-sha256' } as const
const DIGEST_BYTES = { sha256: 32, md5: 16, 'hkdf-sha256': 32 } as const
const MAC_SCOPES = {
  'opcode..direction || IV || ciphertext': 'header+iv+ct',
  'IV || ciphertext': 'iv+ct',
} as const
const CHALLENGES: Readonly<Record<string, ChallengeCodec>> = {
  'utf8, 0..255 bytes': 'text',
  bytes: 'bytes',
  '8 random bytes | u32 time, BE': 'nonce+time',
}
const FORMS = {
  'hash(key || input)': 'key-first',
  'hash(input || key)': 'key-last',
  'hmac(key, input)': 'hmac',
} as const
const DATA: Readonly<Record<string, DataCodec>> = {
  'u16 count | f64 each, BE': 'counted-f64',
  'csv floats, utf8': 'csv-decimals',
  'decimal int, utf8': 'decimal-integer',
  'i32 BE': 'i32',
}
const RESPONSES: Readonly<Record<string, ResponseCodec>> = {
  'u8 status | f64 sum | u32 count | f64 average, BE': 'status-sum-count-average',
  'utf8 "Aggregated: %.2f" (mean)': 'mean-text',
  'utf8 decimal sum': 'decimal-sum',
  'i32 count | i32 sum | u32 status, BE': 'count-sum-status',
}
const REACTIONS: Readonly<Record<Reaction, Reaction>> = {
  uniform: 'uniform',
  telling: 'telling',
  silent: 'silent',
  'zero-key': 'zero-key',
}
const WAITS = { none: 'no', 'peers mid-round only': 'no', 'N clients or 30 s': 'all' } as const

const U32 = 0xffff_ffff
const isOpcode = (v: unknown): boolean => typeof v === 'number' && Number.isInteger(v) && v >= 0 && v <= 255
const OPCODES = 'an array of opcodes 0..255'
const opcodes = (expectation: string) => z.array(z.any(), expectation).refine((all) => all.every(isOpcode), expectation)
const MOMENT = `"every", "active" or ${OPCODES}`
const moment = z.union([z.enum(['every', 'active']), opcodes(MOMENT)], MOMENT)
const rule = parsed(parseRule, "ct, iv, pt, pt[a:b], op, lit:.. or hex:.., with overrides like 'ct|20=iv'")
const evolution = object({ ops: moment, enc: rule, mac: rule }).transform(({ ops, ...rules }) => ({
  on: ops,
  ...rules,
}))

const hello = parsed<HelloCodec>((text) => {
  if (text === 'empty') return 'empty'
  if (text === 'utf8, 0..255 bytes') return 'text'
  return text.startsWith('lit:') ? { literal: text.slice(4) } : null
}, '"empty", "utf8, 0..255 bytes" or "lit:.."')

const challenge = parsed<ChallengeCodec>(
  (text) => {
    if (text.startsWith('lit:')) return { literal: text.slice(4) }
    return text.startsWith('timed:') ? { timed: text.slice(6) } : (CHALLENGES[text] ?? null)
  },
  `"lit:..", "timed:.." or one of ${Object.keys(CHALLENGES)
    .map((name) => JSON.stringify(name))
    .join(', ')}`,
)

/** One that has a name, or a sequence of fields with at least one of these roles. */
const codec = <T extends string>(named: Readonly<Record<string, T | Grammar>>, roles: readonly Role[]) =>
  parsed<T | Grammar>(
    (said) => named[said] ?? parseGrammar(said, roles),
    `one of ${Object.keys(named)
      .map((name) => JSON.stringify(name))
      .join(', ')} or fields with a number that is ${roles.join(' or ')}`,
  )

const byName = <K extends string, T>(names: readonly K[], of: (name: K) => T): Record<K, T> =>
  Object.fromEntries(names.map((name) => [name, of(name)])) as Record<K, T>

const dialectFile = object({
  ...byName(PROSE, () => prose),
  framing_code: choice({ u32be: 'u32be', recv: 'recv', recv23: 'recv23' } as const),
  frame_min: integer(0, U32).optional(),
  frame_max: integer(0, U32).optional(),
  direction_c2s: integer(0, 255),
  direction_s2c: integer(0, 255),
  hash: choice(HASHES),
  labels: object(
    Object.fromEntries(LABELS.map((label) => [label.toLowerCase().replace('-', '_'), text.default(label)])),
  ),
  initial_key: choice(FORMS).default('key-first'),
  evolved_key: choice(FORMS).default('key-first'),
  stored_enc_key_len: integer(16, 32), // AES-128 takes the first 16
  stored_mac_key_len: integer(1, 32),
  mac_over: choice(MAC_SCOPES),
  start_round: integer(0, U32),
  round_advances_after_opcodes: moment,
  c2s_evolve: evolution,
  s2c_evolve: evolution,
  all_four_keys_evolve_together_after_the_s2c_frame: flag,
  empty_ciphertext_zero_iv_opcodes: opcodes(OPCODES),
  session_binding: choice({ none: 'none', bound: 'bound' } as const).default('none'),
  hello_payload: hello,
  challenge_payload: challenge.default('bytes'), // recorded blocks do not describe it: whatever bytes it has then
  data_payload: codec(DATA, ['value']),
  aggr_response_payload: codec(RESPONSES, ['sum', 'average']),
  reaction: choice(REACTIONS).default('silent'),
  server_waits_for_others: choice(WAITS),
}).superRefine((f, ctx) => {
  const complain = (name: keyof typeof f, message: string) => ctx.addIssue({ code: 'custom', path: [name], message })
  const digest = DIGEST_BYTES[f.hash]
  const { frame_min: min = 0, frame_max: max = U32 } = f
  if (f.direction_c2s === f.direction_s2c) complain('direction_s2c', 'another byte than direction_c2s')
  for (const name of ['frame_min', 'frame_max'] as const)
    if (f.framing_code !== 'u32be' && f[name] !== undefined) complain(name, 'no such field')
  for (const name of ['initial_key', 'evolved_key'] as const)
    if (f.hash === 'hkdf-sha256' && f[name] !== 'key-first') complain(name, 'no such field beside hkdf-sha256')
  if (max < min) complain('frame_max', `an integer from ${min} to ${U32}`)
  if (f.stored_enc_key_len > digest) complain('stored_enc_key_len', `an integer from 16 to ${digest}`)
  if (f.stored_mac_key_len > digest) complain('stored_mac_key_len', `an integer from 1 to ${digest}`)
})

/** `value`: parsed JSON. `path`: what to call it in a complaint, e.g. "dialect". */
export function parseDialect(value: unknown, name: string, path = 'dialect'): ParsedDialect {
  const read = check(dialectFile, value, path)
  if (read.kind === 'bad') return read
  const f = read.value
  const { framing_code: kind, frame_min: min = 0, frame_max: max = U32 } = f
  const dialect: Dialect = {
    name,
    framing: kind === 'u32be' ? { kind, min, max } : { kind },
    directions: { c2s: f.direction_c2s, s2c: f.direction_s2c },
    hash: f.hash,
    initialForm: f.initial_key,
    evolveForm: f.evolved_key,
    labels: [f.labels.c2s_enc!, f.labels.c2s_mac!, f.labels.s2c_enc!, f.labels.s2c_mac!],
    encKeyBytes: f.stored_enc_key_len,
    macKeyBytes: f.stored_mac_key_len,
    macScope: f.mac_over,
    startRound: f.start_round,
    roundAdvances: f.round_advances_after_opcodes,
    evolves: { c2s: f.c2s_evolve, s2c: f.s2c_evolve },
    together: f.all_four_keys_evolve_together_after_the_s2c_frame,
    emptyOpcodes: f.empty_ciphertext_zero_iv_opcodes,
    binding: f.session_binding,
    hello: f.hello_payload,
    challenge: f.challenge_payload,
    data: f.data_payload,
    response: f.aggr_response_payload,
    reaction: f.reaction,
    waits: f.server_waits_for_others,
  }
  return { kind: 'ok', dialect }
}

/** PROTOCOL in the words of a dialect file: what `parseDialect` makes it of. */
export const dialectBlock = (mode: Mode) => ({
  framing_code: 'u32be',
  frame_min: 71,
  frame_max: 4167,
  direction_c2s: 1,
  direction_s2c: 2,
  hash: 'hkdf-sha256',
  labels: { c2s_enc: 'C2S-ENC', c2s_mac: 'C2S-MAC', s2c_enc: 'S2C-ENC', s2c_mac: 'S2C-MAC' },
  stored_enc_key_len: 16,
  stored_mac_key_len: 32,
  c2s_evolve: { ops: [10, 30], enc: 'ct', mac: 'iv' },
  s2c_evolve: { ops: [20, 40], enc: 'pt[1:]|20=pt', mac: 'pt[0:1]|20=hex:00' },
  all_four_keys_evolve_together_after_the_s2c_frame: true,
  start_round: 0,
  round_advances_after_opcodes: [20, 40],
  mac_over: 'opcode..direction || IV || ciphertext',
  empty_ciphertext_zero_iv_opcodes: [],
  session_binding: mode === 'bound' ? 'bound' : 'none',
  hello_payload: 'utf8, 0..255 bytes',
  challenge_payload: 'utf8, 0..255 bytes',
  data_payload: 'u16 count | f64 each, BE',
  aggr_response_payload: 'u8 status | f64 sum | u32 count | f64 average, BE',
  reaction: 'uniform',
  server_waits_for_others: 'none',
})
