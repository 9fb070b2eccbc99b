/** Keyring files. No message may contain a key. */
import { same } from '../../spec/reference/bytes.ts'
import { parseKeyring } from '../../src/cli/keyring.ts'
import { Mismatch } from '../engine/target.ts'
import { fileTarget } from './file-target.ts'

const key = (byte: string, bytes = 16): string => byte.repeat(bytes)

/** What JSON.parse makes of the text, and the rules of PROTOCOL §1: nothing is left out, nothing is added. */
const expected = (text: string): readonly (readonly [number, Uint8Array])[] =>
  Object.entries(JSON.parse(text) as Record<string, string>).map(([id, hex]) => [
    Number(id),
    new Uint8Array(Buffer.from(hex, 'hex')),
  ])

const SECRET = 12 // hex digits in a row: nobody would take fewer for a key

const leaks = (message: string, text: string): boolean =>
  (text.match(new RegExp(`[0-9a-fA-F]{${SECRET},}`, 'g')) ?? []).some((run) => message.includes(run.slice(0, SECRET)))

export const keyring = fileTarget({
  name: 'keyring',
  says: 'a keyring file is refused in one line that shows no key, or read whole',
  maxBytes: 4_096,
  seeds: [
    `{"1": "${key('aB')}", "255": "${key('01', 64)}"}`,
    `{"3": "${key('00', 32)}"}\n`,
    `{"1": "${key('aa')}", "2": "${key('AA')}"}`,
    '{}',
  ],
  words: ['"1"', '"5"', '"255"', '"256"', '"01"', '"0"', ...[15, 16, 64, 65].map((n) => `"${key('c3', n)}"`)],
  read(text) {
    const parsed = parseKeyring(text)
    if (parsed.kind === 'ok') return { kind: 'ok', value: parsed.keyring }
    if (leaks(parsed.problem, text)) throw new Mismatch('a complaint shows a key', parsed.problem)
    return { kind: 'bad', why: parsed.problem }
  },
  check(ring, text, note) {
    const due = expected(text)
    if (ring.size !== due.length) throw new Mismatch('another number of keys', `${ring.size} of ${due.length}`)
    for (const [id, bytes] of due) {
      const got = ring.get(id)
      if (got === undefined || !same(got, bytes)) throw new Mismatch('another key', `of id ${id}`)
      if (id < 1 || id > 255 || bytes.length < 16 || bytes.length > 64)
        throw new Mismatch('an entry that PROTOCOL §1 does not allow', `id ${id}, ${bytes.length} bytes`)
      note(2, bytes.length)
    }
    const keys = [...ring.values()].map((k) => Buffer.from(k).toString('hex'))
    if (new Set(keys).size < keys.length) throw new Mismatch('two keys alike', text.slice(0, 200))
    note(3, Math.min(ring.size, 255))
  },
})
