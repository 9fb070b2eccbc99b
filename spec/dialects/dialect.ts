/**
 * A dialect: everything in which implementations of this protocol differ on the wire, as one value. PROTOCOL.md is
 * two of them, `bound` and `literal`. The dialects of other implementations are read from files (file.ts).
 */
import type { Mode } from '../language.ts'
import { EMPTY } from '../reference/bytes.ts'
import { MAX_FRAME, MIN_FRAME } from '../reference/frame.ts'
import type { Rule } from './expression.ts'
import type { Grammar } from './grammar.ts'
import { type Opcodes, opcodesOf } from './opcodes.ts'

export type Direction = 'c2s' | 's2c'
export const other = (d: Direction): Direction => (d === 'c2s' ? 's2c' : 'c2s')

/** The length before each frame: of how many bytes, and what it counts beside the frame. */
export const PREFIXES = {
  u32be: { bytes: 4, little: false, more: 0 },
  u32le: { bytes: 4, little: true, more: 0 },
  u16be: { bytes: 2, little: false, more: 0 },
  u16le: { bytes: 2, little: true, more: 0 },
  'u32be-whole': { bytes: 4, little: false, more: 4 },
} as const
export type PrefixCode = keyof typeof PREFIXES
/** Their names in files. */
export const FRAMINGS = [...(Object.keys(PREFIXES) as PrefixCode[]), 'recv', 'recv23'] as const

/** How frames are cut out of a TCP stream. */
export type Framing =
  | { readonly kind: PrefixCode; readonly min: number; readonly max: number } // length prefix; outside: malformed at once
  | { readonly kind: 'recv' } // one chunk is one frame
  | { readonly kind: 'recv23' } // 23 bytes, then whatever one more read gives

export const isPrefixed = (f: Framing): f is Extract<Framing, { min: number }> => 'min' in f

/** After which frames something happens: listed opcodes, every frame, or every frame after the CHALLENGE. */
export type Moment = readonly number[] | 'every' | 'active'

export type DerivedForm = 'key-first' | 'key-last' | 'hmac' | 'hkdf'

export interface Evolution {
  readonly on: Moment
  readonly enc: Rule
  readonly mac: Rule
}

export type HelloCodec = 'text' | 'empty' | { readonly literal: string } | Grammar // {id} in the literal is the client id
export type ChallengeCodec = 'text' | 'bytes' | { readonly literal: string } | { readonly timed: string } | Grammar
export type DataCodec = 'counted-f64' | 'csv-decimals' | 'decimal-integer' | 'i32' | Grammar
export type ResponseCodec = 'status-sum-count-average' | 'mean-text' | 'decimal-sum' | 'count-sum-status' | Grammar

/** What a server sends, sealed under what, and whether the connection stays open after it. */
export interface Told {
  readonly answer: { readonly opcode: number; readonly under: 'current' | 'zero' | 'clear' } | null
  readonly stays: boolean
}

/** Bad frames before a session, with the opcode of an error or an end, and then by the check that they fail at. */
export const CLASSES = ['handshake', 'control', 'length', 'header', 'round', 'tag', 'padding', 'payload'] as const
export type ByClass = Readonly<Partial<Record<(typeof CLASSES)[number], Told>>>

/** What a server does about a bad frame; by class: what is not named closes without a frame. */
export type Reaction =
  | ByClass
  | 'uniform' // PROTOCOL §6
  | 'telling' // sealed opcodes 51..55 and 60 that name the cause, 57 in clear
  | 'silent' // close, no frame
  | 'zero-key' // opcode 50 with a tag under the all-zero key, close

/** What an answer waits for: nothing, so many clients that submit, or time. Seconds of a barrier: after the first of them. */
export type Waits =
  | { readonly kind: 'no' }
  | { readonly kind: 'barrier'; readonly clients: number | 'all'; readonly seconds: number | null }
  | { readonly kind: 'sleep'; readonly seconds: number } // each answer, on its own
  | { readonly kind: 'window'; readonly seconds: number } // whatever comes within it is answered together

export interface Dialect {
  readonly name: string
  readonly framing: Framing
  /** What each side sends before its first frame. */
  readonly banners: Readonly<Record<Direction, Uint8Array>>
  readonly opcodes: Opcodes
  readonly directions: Readonly<Record<Direction, number>>
  /** `sha256`, `md5`: HASH(key ‖ input) cut to the stored length. `hkdf-sha256`: PROTOCOL §3 KDF. */
  readonly hash: 'sha256' | 'md5' | 'hkdf-sha256'
  /** How a plain hash takes a key and what it absorbs; `hmac`: HMAC-SHA256 under the key, `hkdf`: HKDF-SHA256 of it, instead. Hash HKDF: `key-first`. */
  readonly initialForm: DerivedForm
  readonly evolveForm: DerivedForm
  readonly labels: readonly [string, string, string, string] // C2S-ENC, C2S-MAC, S2C-ENC, S2C-MAC
  readonly encKeyBytes: number // stored and evolved; AES takes the first 16
  readonly macKeyBytes: number
  readonly macScope: 'header+iv+ct' | 'iv+ct'
  readonly startRound: number
  readonly roundAdvances: Moment
  readonly evolves: Readonly<Record<Direction, Evolution>>
  /** All four keys move together, when the server's frame of the exchange is accepted (PROTOCOL §4 commit rule). */
  readonly together: boolean
  readonly emptyOpcodes: readonly number[] // sent with no ciphertext and a zero IV
  readonly binding: 'none' | 'bound'
  readonly hello: HelloCodec
  readonly challenge: ChallengeCodec
  readonly data: DataCodec
  readonly response: ResponseCodec
  readonly reaction: Reaction
  readonly waits: Waits
}

const literal: Dialect = {
  name: 'literal',
  framing: { kind: 'u32be', min: MIN_FRAME, max: MAX_FRAME },
  banners: { c2s: EMPTY, s2c: EMPTY },
  opcodes: opcodesOf({}),
  directions: { c2s: 1, s2c: 2 }, // §2
  hash: 'hkdf-sha256', // §3
  initialForm: 'key-first',
  evolveForm: 'key-first',
  labels: ['C2S-ENC', 'C2S-MAC', 'S2C-ENC', 'S2C-MAC'], // §4
  encKeyBytes: 16, // §1
  macKeyBytes: 32, // §1
  macScope: 'header+iv+ct', // §3
  startRound: 0, // §1
  roundAdvances: [20, 40], // §4: one step per exchange
  evolves: {
    // §4: C2S absorbs the ciphertext and the IV of the client's frame.
    c2s: { on: [10, 30], enc: { otherwise: { kind: 'ct' }, at: [] }, mac: { otherwise: { kind: 'iv' }, at: [] } },
    s2c: {
      on: [20, 40],
      // §4, §5: AggregatedData, the 20 bytes after the status; R = 0: the CHALLENGE's plaintext.
      enc: {
        otherwise: { kind: 'pt', from: 1, to: undefined },
        at: [{ opcode: 20, use: { kind: 'pt', from: 0, to: undefined } }],
      },
      // §4, §5: StatusCode, the first byte; R = 0: the single byte 00.
      mac: {
        otherwise: { kind: 'pt', from: 0, to: 1 },
        at: [{ opcode: 20, use: { kind: 'bytes', bytes: Uint8Array.of(0) } }],
      },
    },
  },
  together: true, // §4 commit rule
  emptyOpcodes: [],
  binding: 'none', // §4: mode literal omits both steps and nothing else
  hello: 'text',
  challenge: 'text',
  data: 'counted-f64',
  response: 'status-sum-count-average',
  reaction: 'uniform', // §6
  waits: { kind: 'no' }, // §8: answered on arrival
}

/** PROTOCOL.md in its two modes. */
export const PROTOCOL: Readonly<Record<Mode, Dialect>> = {
  literal,
  bound: { ...literal, name: 'bound', binding: 'bound' },
}

/** `active`: the first frame after the CHALLENGE is the first of them. */
export const happens = (moment: Moment, opcode: number, active: boolean): boolean =>
  moment === 'every' || (moment === 'active' ? active : moment.includes(opcode))
