/** Dialects drawn at random over all that a dialect file can say, and conversations in them, as their bytes pass a relay. */
import { DialectClient } from '../../../spec/dialects/client.ts'
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { parseDialect } from '../../../spec/dialects/file.ts'
import { Followers } from '../../../spec/dialects/follower.ts'
import { decodeBody } from '../../../spec/dialects/payload.ts'
import { DialectServer, type Line } from '../../../spec/dialects/server.ts'
import { enframe } from '../../../spec/dialects/stream.ts'
import { follow, type Recorded } from '../../../spec/dialects/transcript.ts'
import { concat, toHex } from '../../../spec/reference/bytes.ts'
import type { Environment } from '../../../spec/reference/position.ts'
import { keyringOf } from '../../harness/target/keys.ts'
import { masterKey, stream } from '../../harness/world/rng.ts'
import { infer } from './infer.ts'
import { families } from './labels.ts'
import { ofChunks, type Tapped } from './recording.ts'
import { type Outcome, outcomeOf, verdictOf } from './run.ts'

/** Numbers 0..below-1 from a name. */
export type Draw = <T>(of: readonly T[]) => T
export const drawing = (seed: number, name: string): Draw => {
  const bytes = stream(seed, name)
  return (of) => {
    const [a, b, c] = bytes(3)
    return of[((a! << 16) | (b! << 8) | c!) % of.length]!
  }
}

const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)

const HELLOS = ['empty', 'text', 'lit:HELLO', 'lit:Hello from client {id}', 'lit:client={id}', 'rand:8']
const CHALLENGES = [
  'any',
  'text',
  'lit:CHALLENGE',
  'timed:ServerChallenge-',
  'rand:8 | u32 other',
  'rand:16',
  'rand:12 | u64 other',
]
const DATA = [
  ...[
    'counted-f64',
    'csv-decimals',
    'decimal-integer',
    'i32',
    'rand:16 | u32 value',
    'lit:DATA: | float value',
    'f64 value',
  ],
  ...[
    'u32le value',
    'rand:8 | f64 value',
    'lit:v= | int value | lit:;',
    'f64 each value',
    'u32 count | f64 each value',
    'f32 value',
  ],
  ...['rand:4 | i64 value', 'f64le value', 'lit:{"values":[ | csv value | lit:]}'],
]
const RESPONSES = [
  ...[
    'status-sum-count-average',
    'mean-text',
    'decimal-sum',
    'count-sum-status',
    'lit:SUM= | float:2 sum | lit:;N= | int count',
  ],
  ...[
    'f64 sum',
    'u32 count | f64 average',
    'u8 other | f64 sum',
    'f64le sum | u32le count',
    'lit:avg: | float:3 average',
  ],
  ...['rand:8 | f64 sum | u32 count', 'u32 other | f64 sum | f64 average'],
]

/** Whether labels may be any of thousands: to find one takes seconds. */
export interface Wildness {
  readonly wild: boolean
}

/** A dialect file. */
export const randomDialect = (draw: Draw, { wild }: Wildness): Readonly<Record<string, unknown>> => {
  const chance = (percent: number): boolean => draw(range(1, 100)) <= percent
  const hash = draw(['sha256', 'sha256', 'sha256', 'md5', 'hkdf-sha256'])
  const most = hash === 'md5' ? 16 : 32
  const strange = wild && chance(40)
  const labels = !strange ? ['C2S-ENC', 'C2S-MAC', 'S2C-ENC', 'S2C-MAC'] : draw([...families(null, true)])
  const forms = ['key-first', 'key-first', 'key-last', 'hmac', 'hkdf']
  const slice = (): string =>
    draw(['pt[0:4]', 'pt[-4:]', 'pt[1:]', 'pt[2:6]', 'pt[:3]', 'pt[0:1]', 'pt[-8:]', 'pt[:-2]', 'pt[3:]'])
  const constant = (): string =>
    draw(['lit:OK', 'hex:00', 'hex:00000000', 'lit:ACK', 'lit:update', 'hex:01', 'hex:a7', 'lit:s2c'])
  const input = (): string => draw([() => 'ct', () => 'iv', () => 'pt', () => 'op', slice, constant])()
  const rule = (override: string): string => (chance(25) ? `${input()}|${override}=${input()}` : input())
  const evolution = (first: string, next: string) => ({
    ops: draw<unknown>([[first, next], [first, next], [next], [first], [], 'every', 'active']),
    enc: rule(first),
    mac: rule(first),
  })
  const c2s = draw([1, 1, 0, ...range(2, 255)])
  const hello = draw(HELLOS)
  const data = draw(DATA)
  const whole = WHOLE.test(data)
  const rounds = draw<unknown>([
    ['CHALLENGE', 'RESPONSE'],
    ['CHALLENGE', 'RESPONSE'],
    ['RESPONSE'],
    'every',
    'active',
    [],
  ])
  const empty = chance(8)
  const framing = draw(['u32be', 'u32be', 'u32be', 'u16le', 'u32be-whole', 'recv', 'recv23'])
  return {
    version: 1,
    framing_code: framing,
    ...(framing === 'u32be' && chance(15) ? { server_banner: 'lit:WELCOME TO 1.0' } : {}),
    ...(framing === 'u32be' && chance(10) ? { client_banner: 'hex:00ff01' } : {}),
    ...(chance(15)
      ? {
          opcodes: draw([
            { HELLO: 1, CHALLENGE: 2, DATA: 3, RESPONSE: 4 },
            { HELLO: 0x41, CHALLENGE: 0x42, DATA: 0x43, RESPONSE: 0x44, TERMINATE: 0x45 },
          ]),
        }
      : {}),
    direction_c2s: c2s,
    direction_s2c: c2s === 0 ? 1 : draw([2, 2, ...range(0, 255)].filter((d) => d !== c2s)),
    hash,
    labels: { c2s_enc: labels[0], c2s_mac: labels[1], s2c_enc: labels[2], s2c_mac: labels[3] },
    ...(hash === 'hkdf-sha256' ? {} : { initial_key: draw(forms), evolved_key: draw(forms) }),
    stored_enc_key_len: draw([16, most, draw(range(16, most))]),
    stored_mac_key_len: draw([16, most, strange ? 16 : draw(range(1, most))]),
    mac_over: draw(['header+iv+ct', 'header+iv+ct', 'iv+ct']),
    start_round: draw([0, 0, 1, 7]),
    round_advances_after_opcodes: rounds,
    c2s_evolve: evolution('HELLO', 'DATA'),
    s2c_evolve: evolution('CHALLENGE', 'RESPONSE'),
    all_four_keys_evolve_together_after_the_s2c_frame: chance(30),
    empty_ciphertext_zero_iv_opcodes: [...(hello === 'empty' ? ['HELLO'] : []), ...(empty ? ['CHALLENGE'] : [])],
    session_binding: draw(['none', 'none', 'none', 'bound']),
    hello_payload: hello,
    challenge_payload: empty ? 'any' : draw(CHALLENGES),
    data_payload: data,
    aggr_response_payload: draw(RESPONSES.filter((r) => whole || !/decimal-sum|count-sum/.test(r))),
    reaction: draw(['silent', 'telling', 'uniform', 'zero-key']),
    // The server of the dialects answers about the round it is in: of one that a DATA ends, there is nothing.
    server_waits_for_others: rounds === 'every' || rounds === 'active' ? 'no' : draw(['no', 'no', 'all']),
  }
}

export const dialectOf = (block: Readonly<Record<string, unknown>>): Dialect => {
  const parsed = parseDialect(block, 'random')
  if (parsed.kind === 'bad') throw new Error(parsed.problem)
  return parsed.dialect
}

export interface Played {
  readonly chunks: readonly Tapped[]
  readonly frames: readonly Recorded[]
  readonly typed: readonly number[]
}

const WHOLE = /int|i32|u32 |u32le v|i64|decimal-integer/
const SEVERAL = /each|csv|counted/

interface Setup {
  readonly ids?: readonly number[]
  readonly rounds?: number
  readonly keyOf?: (id: number) => Uint8Array
}

/** Clients shake hands, submit in turn, round by round, and leave. */
export const converse = (
  block: Readonly<Record<string, unknown>>,
  seed: number,
  { ids = [1, 2, 3], rounds = 4, keyOf = masterKey }: Setup = {},
): Played => {
  const dialect = dialectOf(block)
  const followers = new Followers(dialect)
  const bytes = stream(seed, 'conversation')
  const draw = drawing(seed, 'values')
  const keyring = new Map(ids.map((id) => [id, keyOf(id)]))
  const server = new DialectServer({ followers, keyring, expects: ids.length })
  const chunks: Tapped[] = []
  const frames: Recorded[] = []
  const typed: number[] = []
  const queue: (() => void)[] = []
  const settle = (): void => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) next()
  }
  let seconds = 1_790_000_000 + seed
  const env = (conn: number, from: 'client' | 'server', to: (bytes: Uint8Array) => void): Environment => ({
    send(frame) {
      const banner = frames.some((f) => f.conn === conn && f.from === from)
        ? new Uint8Array(0)
        : dialect.banners[from === 'client' ? 'c2s' : 's2c']
      const sent = concat(banner, enframe(dialect.framing, frame))
      frames.push({ conn, from, bytes: frame })
      chunks.push({ t: 1_000 * seconds, conn, from, bytes: sent })
      queue.push(() => to(sent))
      return true
    },
    random: bytes,
    accepted() {},
    rejected(_, reason) {
      throw new Error(`${from} rejects: ${reason}`)
    },
    ended() {},
  })
  const clients = ids.map((id, conn) => {
    const there: { client?: DialectClient; line?: Line } = {}
    there.line = server.accept(env(conn, 'server', (sent) => there.client?.receive(sent)))
    there.client = new DialectClient(
      followers,
      id,
      keyring.get(id)!,
      env(conn, 'client', (sent) => server.receive(there.line!, sent, seconds++)),
    )
    return there.client
  })
  settle()
  const grammar = String(block.data_payload)
  const value = (): number => {
    const whole = draw(range(0, 99_999)) % draw([10, 100, 1_000, 100_000])
    if (WHOLE.test(grammar)) return /i32|int|i64/.test(grammar) && draw([0, 1, 2]) === 0 ? -whole : whole
    return (draw([0, 1, 2]) === 0 ? -1 : 1) * (whole + draw([0.5, 0.25, 0.125, 0.75]))
  }
  for (let round = 0; round < rounds; round++) {
    for (const client of clients) {
      const values = Array.from({ length: SEVERAL.test(grammar) ? draw([1, 2, 3, 4]) : 1 }, value)
      typed.push(...values)
      if (!client.submit(values)) throw new Error('a submission was refused')
      if (dialect.waits.kind === 'no') settle()
    }
    settle()
  }
  for (const [conn, client] of clients.entries()) {
    client.finish()
    settle()
    chunks.push({ t: 1_000 * seconds, conn, from: 'client', bytes: new Uint8Array(0) })
  }
  return { chunks, frames, typed }
}

/** What a dialect reads of frames: tags, rounds, plaintexts and numbers; equal for two that nobody can tell apart there. */
export const readingOf = (d: Dialect, frames: readonly Recorded[]): readonly string[] => {
  const masters = new Map(range(1, 255).map((id) => [id, masterKey(id)]))
  return [...follow(d, masters, frames)].map(({ opened, before, header }) => {
    const body = opened.plaintext === null ? null : decodeBody(d, header?.opcode ?? 0, opened.plaintext)
    const read = body?.kind === 'data' || body?.kind === 'aggregate' ? JSON.stringify(body) : body?.kind
    return `${header?.opcode} ${opened.tagOk} ${before.round} ${opened.plaintext && toHex(opened.plaintext)} ${read}`
  })
}

export interface Judged {
  readonly right: boolean
  readonly outcome: Outcome
  readonly why: string
}

/** Plays a dialect at random, infers it, and compares what both make of another conversation. */
export const judged = (seed: number, wildness: Wildness): Judged => {
  const block = randomDialect(drawing(seed, 'dialect'), wildness)
  const keyring = keyringOf(new Map(range(1, 6).map((id) => [id, masterKey(id)])))
  const i = infer(ofChunks(converse(block, seed).chunks, 'it'), keyring, { labels: null, values: [] })
  const { frames } = converse(block, seed + 1_000, { ids: [4, 5], rounds: 5 })
  const want = readingOf(dialectOf(block), frames)
  const got = i.block === null ? [] : readingOf(dialectOf(i.block), frames)
  const at = want.findIndex((reading, n) => reading !== got[n])
  const why = `of ${JSON.stringify(block)}: ${verdictOf(i)}; ${want[at]} is read as ${got[at]}`
  return { right: at < 0, outcome: outcomeOf(i), why }
}
