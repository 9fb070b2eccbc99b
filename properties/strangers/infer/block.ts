/**
 * A dialect file out of what was found, with what has to be guessed where no frame shows it; and whether it, read back,
 * explains every frame.
 */
import type { Dialect, Direction } from '../../../spec/dialects/dialect.ts'
import { parseDialect } from '../../../spec/dialects/file.ts'
import { follow } from '../../../spec/dialects/transcript.ts'
import { OP, opcodeName } from '../../../spec/opcodes.ts'
import { same, toHex, utf8 } from '../../../spec/reference/bytes.ts'
import { type Conversation, type Heard, type Session, WORDS } from './conversation.ts'
import type { Recording } from './recording.ts'
import type { WrittenRules } from './rules.ts'

export type Block = Readonly<Record<string, unknown>>

export interface Found {
  readonly recording: Pick<Recording, 'framing' | 'banners'>
  readonly conversation: Pick<Conversation, 'numbers'>
  readonly dialect: Dialect
  readonly rules: Readonly<Record<Direction, WrittenRules>>
  readonly rounds: { readonly start: number; readonly advances: readonly string[] | 'every' | 'active' }
  readonly codecs: Readonly<Record<'hello' | 'challenge' | 'data' | 'response', string>>
  readonly sessions: readonly Session[]
  /** Plaintext of a TERMINATE; null: there is none. */
  readonly goodbye: Uint8Array | null
  /** Errors with a tag under the all-zero key. */
  readonly zeroKey: number
}

export interface Written {
  readonly block: Block
  readonly unseen: readonly string[]
}

export const bytesText = (bytes: Uint8Array): string => {
  const text = utf8(bytes)
  return text !== null && /^[\x20-\x7e\r\n]+$/.test(text) ? `lit:${text}` : `hex:${toHex(bytes)}`
}

export const writeBlock = (f: Found): Written => {
  const { dialect: d, rules, rounds, codecs } = f
  const { framing, banners } = f.recording
  const { numbers } = f.conversation
  const active = rounds.advances === 'active'
  const ops = (of: readonly string[]): readonly string[] | 'active' =>
    active && of.length === 1 && /DATA|RESPONSE/.test(of[0]!) ? 'active' : of
  const ends = endsOf(f)
  const waits = waitsOf(f.sessions)
  const block = {
    version: 1,
    framing_code: framing,
    ...(banners.c2s.length > 0 ? { client_banner: bytesText(banners.c2s) } : {}),
    ...(banners.s2c.length > 0 ? { server_banner: bytesText(banners.s2c) } : {}),
    ...(Object.keys(numbers).length > 0 ? { opcodes: numbers } : {}),
    direction_c2s: d.directions.c2s,
    direction_s2c: d.directions.s2c,
    hash: d.hash,
    labels: { c2s_enc: d.labels[0], c2s_mac: d.labels[1], s2c_enc: d.labels[2], s2c_mac: d.labels[3] },
    ...(d.hash === 'hkdf-sha256' ? {} : { initial_key: d.initialForm, evolved_key: d.evolveForm }),
    stored_enc_key_len: d.encKeyBytes,
    stored_mac_key_len: d.macKeyBytes,
    mac_over: d.macScope,
    start_round: rounds.start,
    round_advances_after_opcodes: rounds.advances,
    c2s_evolve: { ops: ops(rules.c2s.ops), enc: rules.c2s.enc, mac: rules.c2s.mac },
    s2c_evolve: { ops: ops(rules.s2c.ops), enc: rules.s2c.enc, mac: rules.s2c.mac },
    all_four_keys_evolve_together_after_the_s2c_frame: false,
    empty_ciphertext_zero_iv_opcodes: ends.empty,
    session_binding: d.binding,
    hello_payload: codecs.hello,
    challenge_payload: codecs.challenge,
    data_payload: codecs.data,
    aggr_response_payload: codecs.response,
    reaction: ends.reaction,
    server_waits_for_others: waits,
  }
  const waited =
    waits === 'all'
      ? 'that the server waits for all clients: every answer came after the submissions of all, as it would by chance too'
      : 'that the server waits for nobody beyond what was seen'
  return { block, unseen: [...ends.unseen, waited] }
}

/** The parties of the dialects say goodbye as those did that were recorded with each reaction. */
const reactionLike = (goodbye: Uint8Array | null): string => {
  if (goodbye?.length === 0) return 'zero-key'
  return goodbye !== null && same(goodbye, Uint8Array.of(0)) ? 'uniform' : 'silent'
}

/** Frames without ciphertext, and how ends say goodbye and complain. */
const endsOf = ({ sessions, goodbye, zeroKey }: Found) => {
  const all = sessions.flatMap((s) => s.frames)
  const of = (opcode: number): readonly Heard[] => all.filter((f) => f.opcode === opcode)
  const isEmpty = (opcode: number): boolean =>
    of(opcode).length > 0 && of(opcode).every((f) => f.ciphertext.length === 0)
  const empty: string[] = WORDS.filter(([, op]) => isEmpty(op)).map(([w]) => w)
  const unseen = WORDS.slice(4).flatMap(([w, op]) => (of(op).length === 0 ? [`no ${w} in this recording`] : []))
  if (empty.includes('TERMINATE') && of(OP.DESYNC).length === 0) empty.push('KEY_DESYNC_ERROR')
  const told = all.some((f) => f.direction === 's2c' && f.opcode > OP.DESYNC && f.opcode < OP.TERMINATE)
  const seen = zeroKey > 0 ? 'zero-key' : told ? 'telling' : of(OP.DESYNC).length > 0 ? 'uniform' : null
  if (seen === null) unseen.push('no reaction to a bad frame in this recording: `reaction` is a guess')
  return { reaction: seen ?? reactionLike(goodbye), empty, unseen }
}

/** Whether every answer of a round came after the submissions of all clients that are there. */
const waitsOf = (sessions: readonly Session[]): 'no' | 'all' => {
  const rounds = sessions.map((s) =>
    s.c2s
      .filter((f) => f.opcode === OP.DATA)
      .map((f) => ({ asked: f.n, answered: s.s2c.find((a) => a.n > f.n)?.n ?? Number.POSITIVE_INFINITY })),
  )
  const most = Math.max(...rounds.map((x) => x.length))
  const together = Array.from({ length: most }, (_, k) => rounds.flatMap((x) => x[k] ?? []))
  const waits = together.every((t) => Math.max(...t.map((x) => x.asked)) < Math.min(...t.map((x) => x.answered)))
  return sessions.length > 1 && waits ? 'all' : 'no'
}

/** The first frame that does not open, in words; null: all do. */
export const faultOf = (
  block: Block,
  sessions: readonly Session[],
  masters: ReadonlyMap<number, Uint8Array>,
): string | null => {
  const parsed = parseDialect(block, 'inferred')
  if (parsed.kind === 'bad') return parsed.problem
  const frames = sessions.flatMap((s) => s.frames).sort((a, b) => a.n - b.n)
  for (const [k, f] of [...follow(parsed.dialect, masters, frames)].entries()) {
    const { n, opcode, round } = frames[k]!
    const place = `frame ${n} (${opcodeName(opcode)} of round ${round})`
    if (!f.opened.tagOk) return `the tag of ${place} does not verify`
    if (!f.opened.padOk) return `the padding of ${place} does not hold`
    if (opcode > OP.RESPONSE) continue
    if (f.opened.body.kind === 'opaque')
      return `the plaintext of ${place}, ${toHex(f.opened.plaintext!)}, is not of its codec`
    if (f.before.round !== round) return `${place} is expected in round ${f.before.round}`
  }
  return null
}
