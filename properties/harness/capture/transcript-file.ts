/** Transcripts as they lie in corpus/transcripts, of conversations in PROTOCOL's own two modes. */

import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { dialectBlock } from '../../../spec/dialects/protocol-file.ts'
import { type Followed, follow, type StreamEnd } from '../../../spec/dialects/transcript.ts'
import type { Mode } from '../../../spec/language.ts'
import { OPCODE_NAMES } from '../../../spec/opcodes.ts'
import { parseFrame } from '../../../spec/reference/frame.ts'
import { encIndex, type Keys, macIndex } from '../../../spec/reference/keys.ts'
import { toHex } from '../wire.ts'
import type { PassedFrame } from './recording.ts'

const keysHex = (keys: Keys) => ({
  c2s_enc: toHex(keys[0]),
  c2s_mac: toHex(keys[1]),
  s2c_enc: toHex(keys[2]),
  s2c_mac: toHex(keys[3]),
})

const whyNot = ({ bytes, opened }: Followed): string | null =>
  parseFrame(bytes) === null ? 'short' : !opened.tagOk ? 'mac' : opened.padOk ? null : 'pad'

/** What follows from the master keys alone; in the fields of the recordings that exist. */
const expectation = (f: Followed) => ({
  n: f.n,
  conn: f.conn,
  client_id: f.header?.id ?? null,
  opcode: f.header?.opcode ?? 0,
  opcode_name: OPCODE_NAMES[f.header?.opcode ?? 0] ?? null,
  round: f.header?.round ?? null,
  round_expected: f.before.round,
  direction: f.header?.direction ?? null,
  mac_ok: f.opened.tagOk,
  ok: f.opened.padOk,
  why: whyNot(f),
  mac_key: toHex(f.before.key(macIndex(f.direction))),
  enc_key: toHex(f.before.key(encIndex(f.direction))),
  plaintext_hex: f.opened.plaintext === null ? null : toHex(f.opened.plaintext),
  keys_before: keysHex(f.before.keys),
  keys_after: keysHex(f.after.keys),
  round_after: f.after.round,
})

export interface Conversations {
  readonly mode: Mode
  readonly frames: readonly PassedFrame[]
  readonly ends: readonly StreamEnd[]
}

/**
 * The text of the file. With a keyring it holds the master keys of the clients that took part and says of every frame
 * what it must open to; without one it holds no key and says nothing of the kind.
 */
export const transcriptText = (c: Conversations, keyring: ReadonlyMap<number, Uint8Array> | null): string => {
  const present = new Set(c.frames.map((f) => f.bytes[1]!))
  const masters = new Map([...(keyring ?? [])].filter(([id]) => present.has(id)))
  const whole = {
    implementation: `gauntlet, mode ${c.mode}`,
    title: 'what passed a relay',
    dialect: dialectBlock(c.mode),
    master_keys_hex: Object.fromEntries([...masters].map(([id, key]) => [id, toHex(key)])),
    frames: c.frames.map(({ t, conn, from, bytes }, n) => ({ t, conn, from, hex: toHex(bytes), n })),
    stream_ends: c.ends.map(({ conn, afterFrame }) => ({ conn, after_frame: afterFrame })),
    ...(keyring === null ? {} : { expected: [...follow(PROTOCOL[c.mode], masters, c.frames)].map(expectation) }),
  }
  return `${JSON.stringify(whole, null, 1)}\n`
}
