/**
 * Recorded conversations of real implementations, and whether the passive codec reproduces them. Nothing of `expected`
 * is used to follow a conversation; it is only compared.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Header } from '../events.ts'
import { ascii, fromHex, isHex, same, toHex } from '../reference/bytes.ts'
import { isAligned, type parseFrame } from '../reference/frame.ts'
import type { Dialect, Direction } from './dialect.ts'
import { check, choice, flag, integer, list, openObject, text } from './fields.ts'
import { type ParsedDialect, parseDialect } from './file.ts'
import { type Follower, Followers, type Opened } from './follower.ts'
import { encIndex, type Keys, macIndex } from './keys.ts'
import { frameIn, headerIn } from './opcodes.ts'
import { aesKey } from './sealing.ts'

export interface Recorded {
  readonly conn: number
  readonly from: 'client' | 'server'
  readonly bytes: Uint8Array
}

/** One direction of a connection was shut after that frame of the file. */
export interface StreamEnd {
  readonly conn: number
  readonly afterFrame: number
}

type KeysHex = readonly [string, string, string, string]

export interface Transcript {
  readonly file: string
  readonly dialect: Dialect
  readonly masters: ReadonlyMap<number, Uint8Array>
  readonly frames: readonly Recorded[]
  readonly ends: readonly StreamEnd[]
  /** One a frame; empty where the file has none: whoever recorded it had no keys. */
  readonly expected: readonly Expected[]
}

type ParsedTranscript =
  | { readonly kind: 'ok'; readonly transcript: Transcript }
  | { readonly kind: 'bad'; readonly problem: string }

const U32 = 0xffff_ffff
const hex = text.refine(isHex, 'hex')
const hexOrNull = hex.nullable().default(null)
const roundOrNull = integer(0, U32).nullable().default(null)
const fourKeys = openObject({ c2s_enc: hex, c2s_mac: hex, s2c_enc: hex, s2c_mac: hex }).transform(
  (k): KeysHex => [k.c2s_enc, k.c2s_mac, k.s2c_enc, k.s2c_mac],
)

/** A frame, or bytes, in order. */
export const recorded = openObject({
  conn: integer(0, 0xffff),
  from: choice({ client: 'client', server: 'server' } as const),
  hex,
}).transform(({ conn, from, hex }): Recorded => ({ conn, from, bytes: fromHex(hex) }))

const streamEnd = openObject({ conn: integer(0, 0xffff), after_frame: integer(0, U32) }).transform(
  ({ conn, after_frame }): StreamEnd => ({ conn, afterFrame: after_frame }),
)

/** What the file says of one frame, in its own words; null where it says nothing. */
const expectation = openObject({
  mac_ok: flag.nullable(), // null: no room for a tag
  ok: flag,
  why: z.unknown().optional(),
  opcode: integer(0, 255),
  round: roundOrNull, // null: too short for a frame
  round_expected: roundOrNull,
  round_after: integer(0, U32),
  plaintext_hex: hexOrNull,
  mac_key: hexOrNull,
  enc_key: hexOrNull,
  keys_before: fourKeys.optional(),
  keys_after: fourKeys,
})
export type Expected = z.infer<typeof expectation>

const recording = openObject({
  implementation: text.optional(),
  dialect: z.unknown().optional(),
  master_keys_hex: z.record(z.string(), hex, 'an object'),
  frames: list(recorded),
  stream_ends: list(streamEnd),
  expected: list(expectation).default([]),
})

/** `value`: parsed JSON. `file`: its name for complaints. `spoken`: the dialect, whatever the file says of it. */
export function parseTranscript(value: unknown, file: string, spoken?: Dialect): ParsedTranscript {
  const bad = (problem: string): ParsedTranscript => ({ kind: 'bad', problem: `${file}: ${problem}` })
  const read = check(recording, value, '')
  if (read.kind === 'bad') return bad(read.problem)
  const { implementation = file, master_keys_hex, frames, stream_ends: ends, expected } = read.value
  const parsed: ParsedDialect =
    spoken === undefined ? parseDialect(read.value.dialect, implementation) : { kind: 'ok', dialect: spoken }
  if (parsed.kind === 'bad') return bad(parsed.problem)
  if (expected.length !== frames.length && Object(value).expected !== undefined)
    return bad(`expected: expected ${frames.length} entries, one a frame, got ${expected.length}`)
  const masters = new Map(Object.entries(master_keys_hex).map(([id, key]) => [Number(id), fromHex(key)]))
  return { kind: 'ok', transcript: { file, dialect: parsed.dialect, masters, frames, ends, expected } }
}

export function readTranscript(path: string): ParsedTranscript {
  try {
    return parseTranscript(JSON.parse(readFileSync(path, 'utf8')), path)
  } catch (error) {
    return { kind: 'bad', problem: `${path}: expected a readable JSON file, got ${String(error)}` }
  }
}

const shown = (keys: Keys): KeysHex => [toHex(keys[0]), toHex(keys[1]), toHex(keys[2]), toHex(keys[3])]

/** The key a probe made up for an id that the recorded server does not know; `expected` shows keys of it. */
const MADE_UP_MASTER = ascii('xxxxxxxxxxxxxxxx')

/** A recorded frame at its place in its connection. */
export interface Followed extends Recorded {
  readonly n: number // of the frame in the file
  readonly header: Header | null // null: too short for one
  readonly direction: Direction
  readonly before: Follower
  readonly opened: Opened
  readonly after: Follower
}

/** Follows every connection of a recording, frame by frame in its order. */
export function* follow(
  dialect: Dialect,
  masters: ReadonlyMap<number, Uint8Array>,
  frames: readonly Recorded[],
): Generator<Followed, void> {
  const followers = new Followers(dialect)
  const connections = new Map<number, Follower>()
  for (const [n, { conn, from, bytes }] of frames.entries()) {
    const header = headerIn(dialect, bytes)
    const id = header?.id ?? 0
    const before = connections.get(conn) ?? followers.start(id, masters.get(id) ?? MADE_UP_MASTER)
    const direction: Direction = from === 'client' ? 'c2s' : 's2c'
    const opened = before.opens(bytes, direction)
    const after = before.after(bytes)
    connections.set(conn, after)
    yield { n, conn, from, bytes, header, direction, before, opened, after }
  }
}

/** How far the comparison went, so that a test can tell that it was not empty. */
interface Reproduced {
  readonly frames: number
  readonly tags: number // verified
  readonly resealed: number // sealed anew to the same bytes
  readonly moved: number // frames after which a key or the round was another
  readonly differences: readonly string[] // empty: reproduced
}

/** Compares all that the file says. One without `expected` says nothing. */
export function reproduce(t: Transcript): Reproduced {
  const differences: string[] = []
  let [tags, resealed, moved] = [0, 0, 0]
  if (t.expected.length === 0) return { frames: t.frames.length, tags, resealed, moved, differences }
  for (const { n, bytes, header, direction, before, opened, after } of follow(t.dialect, t.masters, t.frames)) {
    const want = t.expected[n]!
    const compare = (what: string, got: unknown, wanted: unknown): void => {
      if (JSON.stringify(got) !== JSON.stringify(wanted)) {
        differences.push(`frame ${n}: ${what} is ${JSON.stringify(got)}, expected ${JSON.stringify(wanted)}`)
      }
    }
    const frame = frameIn(t.dialect, bytes)
    compare('opcode', header?.opcode, want.opcode)
    if (want.round !== null) compare('round in the header', header?.round, want.round)
    if (want.round_expected !== null) compare('round', before.round, want.round_expected)
    compare('tag', opened.tagOk, want.mac_ok ?? false)
    compare('opens', opened.padOk, want.ok)
    if (typeof want.why === 'string') compare('reason', reasonOf(frame, opened.tagOk, opened.padOk), want.why)
    compare('plaintext', opened.plaintext && toHex(opened.plaintext), want.plaintext_hex)
    if (want.mac_key !== null) compare('mac key', toHex(before.key(macIndex(direction))), want.mac_key)
    if (want.enc_key !== null) compare('enc key', toHex(aesKey(before.key(encIndex(direction)))), want.enc_key)
    if (want.keys_before !== undefined) compare('keys before', shown(before.keys), want.keys_before)
    compare('keys after', shown(after.keys), want.keys_after)
    compare('round after', after.round, want.round_after)

    if (opened.tagOk) tags++
    if (after !== before) moved++
    if (frame !== null && opened.plaintext !== null) {
      const again = before.seal(direction, frame.header, opened.plaintext, frame.iv, noPadding(frame.ciphertext))
      if (same(again, bytes)) resealed++
      else differences.push(`frame ${n}: sealed again is ${toHex(again)}`)
    }
  }
  return { frames: t.frames.length, tags, resealed, moved, differences }
}

/** A probe in the recordings has no ciphertext where its dialect wants some: sealed again, it must have none either. */
const noPadding = (ciphertext: Uint8Array): Uint8Array | undefined =>
  ciphertext.length === 0 ? new Uint8Array(0) : undefined

/** In the words of the recordings. */
function reasonOf(frame: ReturnType<typeof parseFrame>, tagOk: boolean, padOk: boolean): string | null {
  if (frame === null) return 'short'
  if (!tagOk) return 'mac'
  if (!isAligned(frame)) return 'ctlen'
  return padOk ? null : 'pad'
}
