/** Dialects as JSON: the `dialect` block of a transcript, or a file of its own. */

import type { Mode } from '../language.ts'
import type {
  ChallengeCodec,
  DataCodec,
  Dialect,
  Evolution,
  Framing,
  HelloCodec,
  Moment,
  Reaction,
  ResponseCodec,
} from './dialect.ts'
import { parseRule, type Rule } from './expression.ts'
import { Fields } from './fields.ts'
import { LABELS } from './keys.ts'

export type ParsedDialect =
  | { readonly kind: 'ok'; readonly dialect: Dialect }
  | { readonly kind: 'bad'; readonly problem: string }

// Prose for people; the codes beside it are what counts.
const PROSE = ['default_port', 'framing', 'kdf', 'aes_key', 'evolve', 'evolve_grammar', 'note_active', 'name']

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
const REACTIONS: Readonly<Record<string, Reaction>> = {
  uniform: 'uniform',
  telling: 'telling',
  silent: 'silent',
  'zero-key': 'zero-key',
}
const WAITS = { none: 'no', 'peers mid-round only': 'no', 'N clients or 30 s': 'all' } as const

function framing(f: Fields): Framing {
  switch (f.choice('framing_code', { u32be: 'u32be', recv: 'recv', recv23: 'recv23' } as const)) {
    case 'u32be': {
      const min = f.has('frame_min') ? f.integer('frame_min', 0, 0xffff_ffff) : 0
      return { kind: 'u32be', min, max: f.has('frame_max') ? f.integer('frame_max', min, 0xffff_ffff) : 0xffff_ffff }
    }
    case 'recv':
      return { kind: 'recv' }
    case 'recv23':
      return { kind: 'recv23' }
  }
}

const isOpcode = (v: unknown): v is number => typeof v === 'number' && Number.isInteger(v) && v >= 0 && v <= 255

function moment(f: Fields, name: string): Moment {
  const value = f.get(name)
  if (value === 'every' || value === 'active') return value
  if (Array.isArray(value) && value.every(isOpcode)) return value
  f.complain(name, '"every", "active" or an array of opcodes 0..255', value)
  return []
}

function opcodes(f: Fields, name: string): readonly number[] {
  const list = f.list(name)
  if (list.every(isOpcode)) return list
  f.complain(name, 'an array of opcodes 0..255', list)
  return []
}

function rule(f: Fields, name: string): Rule {
  const text = f.text(name)
  const parsed = parseRule(text)
  if (parsed !== null) return parsed
  f.complain(name, "ct, iv, pt, pt[a:b], op, lit:.. or hex:.., with overrides like 'ct|20=iv'", text)
  return { otherwise: { kind: 'ct' }, at: [] }
}

const evolution = (f: Fields): Evolution => ({ on: moment(f, 'ops'), enc: rule(f, 'enc'), mac: rule(f, 'mac') })

function hello(f: Fields): HelloCodec {
  const text = f.text('hello_payload')
  if (text === 'empty') return 'empty'
  if (text === 'utf8, 0..255 bytes') return 'text'
  if (text.startsWith('lit:')) return { literal: text.slice(4) }
  f.complain('hello_payload', '"empty", "utf8, 0..255 bytes" or "lit:.."', text)
  return 'empty'
}

/** Recorded dialect blocks do not describe the CHALLENGE; whatever bytes it has then. */
function challenge(f: Fields): ChallengeCodec {
  if (!f.has('challenge_payload')) return 'bytes'
  const text = f.text('challenge_payload')
  if (text.startsWith('lit:')) return { literal: text.slice(4) }
  if (text.startsWith('timed:')) return { timed: text.slice(6) }
  return f.choice('challenge_payload', CHALLENGES)
}

/** `value`: parsed JSON. `path`: what to call it in a complaint, e.g. "dialect". */
export function parseDialect(value: unknown, name: string, path = 'dialect'): ParsedDialect {
  const f = new Fields(value, path)
  const hash = f.choice('hash', HASHES)
  const digest = DIGEST_BYTES[hash]
  const labels = f.under('labels')
  for (const label of LABELS) labels.choice(label.toLowerCase().replace('-', '_'), { [label]: label })
  labels.nothingElse([])
  const c2s = f.integer('direction_c2s', 0, 255)
  const s2c = f.integer('direction_s2c', 0, 255)
  if (c2s === s2c) f.complain('direction_s2c', 'another byte than direction_c2s', s2c)
  const c2sEvolve = f.under('c2s_evolve')
  const s2cEvolve = f.under('s2c_evolve')
  const dialect: Dialect = {
    name,
    framing: framing(f),
    directions: { c2s, s2c },
    hash,
    encKeyBytes: f.integer('stored_enc_key_len', 16, digest), // AES-128 takes the first 16
    macKeyBytes: f.integer('stored_mac_key_len', 1, digest),
    macScope: f.choice('mac_over', MAC_SCOPES),
    startRound: f.integer('start_round', 0, 0xffff_ffff),
    roundAdvances: moment(f, 'round_advances_after_opcodes'),
    evolves: { c2s: evolution(c2sEvolve), s2c: evolution(s2cEvolve) },
    together: f.flag('all_four_keys_evolve_together_after_the_s2c_frame'),
    emptyOpcodes: opcodes(f, 'empty_ciphertext_zero_iv_opcodes'),
    binding: f.has('session_binding') ? f.choice('session_binding', { none: 'none', bound: 'bound' } as const) : 'none',
    hello: hello(f),
    challenge: challenge(f),
    data: f.choice('data_payload', DATA),
    response: f.choice('aggr_response_payload', RESPONSES),
    reaction: f.has('reaction') ? f.choice('reaction', REACTIONS) : 'silent',
    waits: f.choice('server_waits_for_others', WAITS),
  }
  c2sEvolve.nothingElse([])
  s2cEvolve.nothingElse([])
  f.nothingElse(PROSE)
  return f.problem === null ? { kind: 'ok', dialect } : { kind: 'bad', problem: f.problem }
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
