/** Dialect files: one that is accepted can be followed and spoken. */
import type { Dialect } from '../../spec/dialects/dialect.ts'
import { dialectBlock, parseDialect } from '../../spec/dialects/file.ts'
import { Followers } from '../../spec/dialects/follower.ts'
import type { Header } from '../../spec/events.ts'
import { OP } from '../../spec/opcodes.ts'
import { Mismatch } from '../engine/target.ts'
import { fileTarget, type Read } from './file-target.ts'

const NAME = 'dialect'
const MASTER = new Uint8Array(16).fill(7)
const IV = new Uint8Array(16)

const BOUND = dialectBlock('bound')
const OTHER = {
  ...BOUND,
  framing_code: 'recv',
  hash: 'md5',
  stored_mac_key_len: 16,
  c2s_evolve: { ops: 'every', enc: 'op', mac: 'lit:OK' },
  s2c_evolve: { ops: 'active', enc: 'pt', mac: 'pt[8:12]|CHALLENGE=hex:00000000' },
  round_advances_after_opcodes: 'active',
  empty_ciphertext_zero_iv_opcodes: [10],
  hello_payload: 'empty',
  opcodes: { HELLO: 30, DATA: 10 },
  server_banner: 'hex:00',
  challenge_payload: 'rand:8 | u32 other',
  data_payload: 'i32',
  aggr_response_payload: 'any',
  session_binding: 'none',
}

const read = (text: string): Read<Dialect> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { kind: 'bad', why: 'expected JSON' } // whoever reads the file says so
  }
  const parsed = parseDialect(value, NAME)
  return parsed.kind === 'ok' ? { kind: 'ok', value: parsed.dialect } : { kind: 'bad', why: parsed.problem }
}

export const dialect = fileTarget<Dialect>({
  name: 'dialect',
  says: 'a dialect file is refused in one clear line, or every position of a conversation in it has its keys',
  maxBytes: 4_096,
  seeds: [BOUND, OTHER].map((d) => JSON.stringify(d, null, 1)),
  words: [
    ...['"u32be"', '"recv"', '"recv23"', '"md5"', '"sha256"', '"hkdf-sha256"', '"every"', '"active"', '"ct"', '"iv"'],
    ...['"pt[1:2]"', '"pt[2:1]"', '"pt[-1:]"', '"op"', '"lit:x"', '"hex:00"', '"ct|20=iv"', '"ct|300=iv"'],
    ...['"none"', '"bound"', '"iv+ct"', '"empty"', '"lit:HELLO {id}"', '"timed:x"', '"any"', '"telling"', '"silent"'],
    ...['"zero-key"', '32', '15', '4294967295', '[10]', '[256]', '"csv-decimals"', '"u32 value | any:00"', '"i32"'],
  ],
  read,
  check(d, _, note) {
    if (d.directions.c2s === d.directions.s2c) throw new Mismatch('one byte for both directions', `${d.directions.c2s}`)
    let at = new Followers(d).start(1, MASTER)
    const conversation = [
      [OP.HELLO, 'c2s', 'HELLO'],
      [OP.CHALLENGE, 's2c', 'CHALLENGE xxxx'],
      [OP.DATA, 'c2s', '1'],
      [OP.RESPONSE, 's2c', 'Aggregated: 1.00'],
    ] as const
    for (const [opcode, direction, text] of conversation) {
      const header: Header = { opcode, id: 1, round: at.round, direction: d.directions[direction] }
      const frame = at.seal(direction, header, new TextEncoder().encode(text), IV)
      if (!at.verifies(frame, direction)) throw new Mismatch('its own frame does not verify', `opcode ${opcode}`)
      const next = at.after(frame)
      const [enc, mac] = [next.keys[0].length, next.keys[1].length]
      if (enc !== d.encKeyBytes || mac !== d.macKeyBytes) throw new Mismatch('keys of another length', `${enc}, ${mac}`)
      note(2, (opcode & 0xfc) | (next === at ? 0 : 1) | (next.round === at.round ? 0 : 2))
      at = next
    }
  },
})
