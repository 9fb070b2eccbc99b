/** Dialects as JSON: the `dialect` block of a transcript, or a file of its own. */
import { z } from 'zod'
import type { Mode } from '../language.ts'
import { fromHex, isHex, toUtf8 } from '../reference/bytes.ts'
import {
  type ByClass,
  type ChallengeCodec,
  CLASSES,
  type DataCodec,
  type DerivedForm,
  type Dialect,
  type Evolution,
  FRAMINGS,
  type HelloCodec,
  type Moment,
  PREFIXES,
  type PrefixCode,
  type Reaction,
  type ResponseCodec,
  type Told,
  type Waits,
} from './dialect.ts'
import { isOpcodeWord, parseRule, type Rule, type WrittenRule } from './expression.ts'
import { check, choice, flag, integer, object, parsed, text } from './fields.ts'
import { type Grammar, parseGrammar, type Role } from './grammar.ts'
import { LABELS } from './keys.ts'
import { OPCODE_WORDS, type OpcodeWord, opcodesOf } from './opcodes.ts'

/** Blocks of recorded transcripts have no version, and say some things in prose: what is left out, and what else it is called. */
const PROSE = ['default_port', 'framing', 'kdf', 'aes_key', 'evolve', 'evolve_grammar', 'note_active']

const WRITTEN_FORMS = {
  'hash(key || input)': 'key-first',
  'hash(input || key)': 'key-last',
  'hmac(key, input)': 'hmac',
  'hkdf(key, input)': 'hkdf',
}
const NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  initial_key: WRITTEN_FORMS,
  evolved_key: WRITTEN_FORMS,
  mac_over: { 'opcode..direction || IV || ciphertext': 'header+iv+ct', 'IV || ciphertext': 'iv+ct' },
  hello_payload: { 'utf8, 0..255 bytes': 'text' },
  challenge_payload: {
    'utf8, 0..255 bytes': 'text',
    '8 random bytes | u32 time, BE': 'rand:8 | u32 other',
    bytes: 'any',
  },
  data_payload: {
    'u16 count | f64 each, BE': 'counted-f64',
    'csv floats, utf8': 'csv-decimals',
    'decimal int, utf8': 'decimal-integer',
    'i32 BE': 'i32',
  },
  aggr_response_payload: {
    'u8 status | f64 sum | u32 count | f64 average, BE': 'status-sum-count-average',
    'utf8 "Aggregated: %.2f" (mean)': 'mean-text',
    'utf8 decimal sum': 'decimal-sum',
    'i32 count | i32 sum | u32 status, BE': 'count-sum-status',
  },
  server_waits_for_others: { none: 'no', 'peers mid-round only': 'no', 'N clients or 30 s': 'all' },
}

/** A recorded block as a file of version 1; what has a version, or is no object, stays as it is. */
const modern = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'version' in value) return value
  const kept = Object.entries(value).filter(([field]) => !PROSE.includes(field))
  return Object.fromEntries(
    kept.map(([field, said]) => [
      field,
      typeof said === 'string' && Object.hasOwn(NAMES, field) ? (NAMES[field]![said] ?? said) : said,
    ]),
  )
}

export type ParsedDialect =
  | { readonly kind: 'ok'; readonly dialect: Dialect }
  | { readonly kind: 'bad'; readonly problem: string }

const same = <T extends string>(...names: readonly T[]) => Object.fromEntries(names.map((n) => [n, n])) as Record<T, T>

const byName = <K extends string, T>(names: readonly K[], of: (name: K) => T): Record<K, T> =>
  Object.fromEntries(names.map((name) => [name, of(name)])) as Record<K, T>

const DIGEST_BYTES = { sha256: 32, md5: 16, 'hkdf-sha256': 32 } as const
const FORMS = same<DerivedForm>('key-first', 'key-last', 'hmac', 'hkdf')
const isPrefix = (code: string): code is PrefixCode => Object.hasOwn(PREFIXES, code)
const DATA = same<Exclude<DataCodec, Grammar>>('counted-f64', 'csv-decimals', 'decimal-integer', 'i32')
const RESPONSES = same<Exclude<ResponseCodec, Grammar>>(
  'status-sum-count-average',
  'mean-text',
  'decimal-sum',
  'count-sum-status',
)
const REACTIONS = same<Exclude<Reaction, object>>('silent', 'uniform', 'telling', 'zero-key')

const U32 = 0xffff_ffff
const WORDS = Object.keys(OPCODE_WORDS) as OpcodeWord[]
const OPCODE = `an opcode 0..255 or ${WORDS.join(', ')}`
const opcodes = z.array(
  z.union([z.int(OPCODE).min(0, OPCODE).max(255, OPCODE), z.enum(WORDS)], OPCODE),
  'an array of opcodes',
)
const moment = z.union([z.enum(['every', 'active']), opcodes], `"every", "active" or an array, each ${OPCODE}`)
const rule = parsed<WrittenRule>({}, parseRule, "ct, iv, pt, pt[a:b], op, lit:.. or hex:.., and then '|CHALLENGE=iv'")
const evolution = object({ ops: moment, enc: rule, mac: rule })

/** One in which the opcode stands as it was written. */
type WrittenTold = Omit<Told, 'answer'> & {
  readonly answer: { readonly opcode: number | OpcodeWord; readonly under: 'current' | 'zero' | 'clear' } | null
}
const TOLD = /^(?:(\d{1,3}|[A-Z_]+) (current|zero|clear) )?(close|stay)$/
const told = parsed<WrittenTold>(
  {},
  (said) => {
    const [, opcode, under, then] = TOLD.exec(said) ?? []
    const number = isOpcodeWord(opcode) ? opcode : Number(opcode)
    if (then === undefined || (opcode !== undefined && typeof number === 'number' && !(number <= 255))) return null
    const answer = opcode === undefined ? null : { opcode: number, under: under as 'current' | 'zero' | 'clear' }
    return { answer, stays: then === 'stay' }
  },
  '"close", "stay", or an opcode, current, zero or clear, and one of them: "50 current close"',
)
const byClass = object(byName(CLASSES, () => told.optional()))
const reaction = z.union([choice(REACTIONS), byClass])

const bytes = parsed<Uint8Array>(
  {},
  (said) => {
    if (said.startsWith('lit:')) return toUtf8(said.slice(4))
    return said.startsWith('hex:') && isHex(said.slice(4)) ? fromHex(said.slice(4)) : null
  },
  'lit:.. or hex:..',
)

const WAITS = /^(?:barrier (\d{1,3}|all)(?: (\d{1,4}(?:\.\d+)?)s)?|(sleep|window) (\d{1,4}(?:\.\d+)?)s)$/
const waits = parsed<Waits>(
  { no: { kind: 'no' }, all: { kind: 'barrier', clients: 'all', seconds: 30 } },
  (said) => {
    const [, clients, within, kind, seconds] = WAITS.exec(said) ?? []
    if (kind === 'sleep' || kind === 'window') return { kind, seconds: Number(seconds) }
    if (clients === undefined || (clients !== 'all' && Number(clients) < 2)) return null
    const count = clients === 'all' ? clients : Number(clients)
    return { kind: 'barrier', clients: count, seconds: within === undefined ? null : Number(within) }
  },
  '"barrier 3", "barrier 3 2.5s", "sleep 2s", "window 5s"',
)

const textCodec = (said: string) => {
  if (said.startsWith('lit:') && !said.includes(' | ')) return { literal: said.slice(4) }
  return parseGrammar(said, [])
}
const hello = parsed<HelloCodec>(same('empty', 'text'), textCodec, '"lit:..", or fields')
const challenge = parsed<ChallengeCodec>(
  { any: 'bytes', text: 'text' },
  (said) => (said.startsWith('timed:') ? { timed: said.slice(6) } : textCodec(said)),
  '"lit:..", "timed:..", or fields',
)
/** One that has a name, or a sequence of fields with at least one of these roles. */
const codec = <T extends string>(named: Readonly<Record<string, T>>, roles: readonly Role[]) =>
  parsed<T | Grammar>(
    named,
    (said) => parseGrammar(said, roles),
    `any, or fields with a number that is ${roles.join(' or ')}`,
  )

const dialectFile = object({
  version: integer(1, 1).default(1),
  name: text.optional(),
  about: text.optional(),
  framing_code: choice(same(...FRAMINGS)),
  frame_min: integer(0, U32).optional(),
  frame_max: integer(0, U32).optional(),
  client_banner: bytes.optional(),
  server_banner: bytes.optional(),
  opcodes: object(byName(WORDS, () => integer(0, 255).optional())).default({}),
  direction_c2s: integer(0, 255),
  direction_s2c: integer(0, 255),
  hash: choice(same('sha256', 'md5', 'hkdf-sha256')),
  labels: object(
    Object.fromEntries(LABELS.map((label) => [label.toLowerCase().replace('-', '_'), text.default(label)])),
  ),
  initial_key: choice(FORMS).default('key-first'),
  evolved_key: choice(FORMS).default('key-first'),
  stored_enc_key_len: integer(16, 32), // AES-128 takes the first 16
  stored_mac_key_len: integer(1, 32),
  mac_over: choice(same('header+iv+ct', 'iv+ct')),
  start_round: integer(0, U32),
  round_advances_after_opcodes: moment,
  c2s_evolve: evolution,
  s2c_evolve: evolution,
  all_four_keys_evolve_together_after_the_s2c_frame: flag,
  empty_ciphertext_zero_iv_opcodes: opcodes,
  session_binding: choice(same('none', 'bound')).default('none'),
  hello_payload: hello,
  challenge_payload: challenge.default('bytes'), // recorded blocks do not describe it: whatever bytes it has then
  data_payload: codec(DATA, ['value']),
  aggr_response_payload: codec(RESPONSES, ['sum', 'average', 'product']),
  reaction: reaction.default('silent'),
  server_waits_for_others: waits,
}).superRefine((f, ctx) => {
  const complain = (name: keyof typeof f, message: string) => ctx.addIssue({ code: 'custom', path: [name], message })
  const digest = DIGEST_BYTES[f.hash]
  const { frame_min: min = 0, frame_max: max = U32 } = f
  if (f.direction_c2s === f.direction_s2c) complain('direction_s2c', 'another byte than direction_c2s')
  for (const name of ['frame_min', 'frame_max'] as const)
    if (!isPrefix(f.framing_code) && f[name] !== undefined) complain(name, 'no such field')
  for (const name of ['initial_key', 'evolved_key'] as const)
    if (f.hash === 'hkdf-sha256' && f[name] !== 'key-first') complain(name, 'no such field beside hkdf-sha256')
  if (max < min) complain('frame_max', `an integer from ${min} to ${U32}`)
  if (f.stored_enc_key_len > digest) complain('stored_enc_key_len', `an integer from 16 to ${digest}`)
  if (f.stored_mac_key_len > digest) complain('stored_mac_key_len', `an integer from 1 to ${digest}`)
  const numbers = Object.values(f.opcodes)
  if (new Set(numbers).size < numbers.length) complain('opcodes', 'different numbers')
})

/** For editors and other programs: what a dialect file may hold. */
export const dialectJsonSchema = () => z.toJSONSchema(dialectFile, { io: 'input', unrepresentable: 'any' })

/** `value`: parsed JSON. `path`: what to call it in a complaint, e.g. "dialect". */
export function parseDialect(value: unknown, name: string, path = 'dialect'): ParsedDialect {
  const read = check(dialectFile, modern(value), path)
  if (read.kind === 'bad') return read
  const f = read.value
  const { framing_code: kind, frame_min: min = 0, frame_max: max = U32 } = f
  const numbers = opcodesOf(f.opcodes)
  const own = (said: number | OpcodeWord): number => (isOpcodeWord(said) ? OPCODE_WORDS[said] : numbers.ours[said]!)
  const when = (m: z.output<typeof moment>): Moment => (typeof m === 'string' ? m : m.map(own))
  const ruleOf = (r: WrittenRule): Rule => ({ ...r, at: r.at.map(({ opcode, use }) => ({ opcode: own(opcode), use })) })
  const evolve = (e: z.output<typeof evolution>): Evolution => ({
    on: when(e.ops),
    enc: ruleOf(e.enc),
    mac: ruleOf(e.mac),
  })
  const reactions = (all: z.output<typeof byClass>): ByClass =>
    Object.fromEntries(
      CLASSES.flatMap((c) => {
        const { answer, stays } = all[c] ?? {}
        if (answer === undefined || stays === undefined) return []
        return [[c, { answer: answer && { ...answer, opcode: own(answer.opcode) }, stays }] as const]
      }),
    )
  const dialect: Dialect = {
    name,
    framing: isPrefix(kind) ? { kind, min, max } : { kind },
    banners: { c2s: f.client_banner ?? new Uint8Array(0), s2c: f.server_banner ?? new Uint8Array(0) },
    opcodes: numbers,
    directions: { c2s: f.direction_c2s, s2c: f.direction_s2c },
    hash: f.hash,
    initialForm: f.initial_key,
    evolveForm: f.evolved_key,
    labels: [f.labels.c2s_enc!, f.labels.c2s_mac!, f.labels.s2c_enc!, f.labels.s2c_mac!],
    encKeyBytes: f.stored_enc_key_len,
    macKeyBytes: f.stored_mac_key_len,
    macScope: f.mac_over,
    startRound: f.start_round,
    roundAdvances: when(f.round_advances_after_opcodes),
    evolves: { c2s: evolve(f.c2s_evolve), s2c: evolve(f.s2c_evolve) },
    together: f.all_four_keys_evolve_together_after_the_s2c_frame,
    emptyOpcodes: f.empty_ciphertext_zero_iv_opcodes.map(own),
    binding: f.session_binding,
    hello: f.hello_payload,
    challenge: f.challenge_payload,
    data: f.data_payload,
    response: f.aggr_response_payload,
    reaction: typeof f.reaction === 'string' ? f.reaction : reactions(f.reaction),
    waits: f.server_waits_for_others,
  }
  return { kind: 'ok', dialect }
}

/** PROTOCOL in the words of a dialect file: what `parseDialect` makes it of. */
export const dialectBlock = (mode: Mode) => ({
  version: 1,
  framing_code: 'u32be',
  frame_min: 71,
  frame_max: 4167,
  direction_c2s: 1,
  direction_s2c: 2,
  hash: 'hkdf-sha256',
  labels: { c2s_enc: 'C2S-ENC', c2s_mac: 'C2S-MAC', s2c_enc: 'S2C-ENC', s2c_mac: 'S2C-MAC' },
  stored_enc_key_len: 16,
  stored_mac_key_len: 32,
  c2s_evolve: { ops: ['HELLO', 'DATA'], enc: 'ct', mac: 'iv' },
  s2c_evolve: { ops: ['CHALLENGE', 'RESPONSE'], enc: 'pt[1:]|CHALLENGE=pt', mac: 'pt[0:1]|CHALLENGE=hex:00' },
  all_four_keys_evolve_together_after_the_s2c_frame: true,
  start_round: 0,
  round_advances_after_opcodes: ['CHALLENGE', 'RESPONSE'],
  mac_over: 'header+iv+ct',
  empty_ciphertext_zero_iv_opcodes: [],
  session_binding: mode === 'bound' ? 'bound' : 'none',
  hello_payload: 'text',
  challenge_payload: 'text',
  data_payload: 'counted-f64',
  aggr_response_payload: 'status-sum-count-average',
  reaction: 'uniform',
  server_waits_for_others: 'no',
})
