/**
 * Keyring files: JSON, client id to master key in hex. No message ever contains a key. Also what to say about keyrings
 * on disk, client ids as people write them (1-5,7), and `npm run keys`.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { nodeRng, type Rng } from '../index.ts'
import { given, orComplain, UserError } from './options.ts'
import type { Terminal } from './terminal.ts'

export type Keyring = ReadonlyMap<number, Uint8Array>
type ParsedKeyring =
  | { readonly kind: 'ok'; readonly keyring: Keyring }
  | { readonly kind: 'bad'; readonly problem: string }

const bad = (problem: string): ParsedKeyring => ({ kind: 'bad', problem })

/** Reads the text of a keyring file, {"1": "00ff…", "2": "…"}, and refuses what PROTOCOL §1 does not allow. */
export const parseKeyring = (text: string): ParsedKeyring => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return bad('expected JSON such as {"1": "<hex>"}, got something else') // the parser's message would quote keys
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return bad('expected a JSON object of id and key, got another JSON value')
  const names = namesIn(text)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) return bad(`id ${name(twice)}: expected once, got it twice`)
  const keyring = new Map<number, Uint8Array>()
  const seen = new Map<string, number>()
  for (const [id, key] of Object.entries(json)) {
    if (!/^[1-9]\d{0,2}$/.test(id) || Number(id) > 255) return bad(`id ${name(id)}: expected 1..255`)
    if (typeof key !== 'string') return bad(`key of id ${id}: expected a string of hex digits, got another JSON value`)
    if (!/^(?:[0-9a-f]{2})*$/i.test(key))
      return bad(`key of id ${id}: expected pairs of hex digits, got ${key.length} characters that are not`)
    const bytes = new Uint8Array(Buffer.from(key, 'hex'))
    // PROTOCOL §1: master keys of 16..64 bytes, no two alike.
    if (bytes.length < 16 || bytes.length > 64)
      return bad(`key of id ${id}: expected 16..64 bytes (32..128 hex digits), got ${bytes.length}`)
    const twin = seen.get(key.toLowerCase())
    if (twin !== undefined) return bad(`key of id ${id}: expected no two alike, got that of id ${twin}`)
    seen.set(key.toLowerCase(), Number(id))
    keyring.set(Number(id), bytes)
  }
  return keyring.size === 0 ? bad('expected at least one id, got none') : { kind: 'ok', keyring }
}

/** The member names of valid JSON as written: JSON.parse keeps only the last of those that are alike. */
const namesIn = (json: string): string[] =>
  [...json.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?/g)].flatMap(([, text, colon]) => (colon ? [JSON.parse(text!)] : []))

/** A member name for a message. One that is long is no id and may be a key at the wrong side of the colon. */
const name = (text: string): string => (text.length <= 8 ? JSON.stringify(text) : `of ${text.length} characters`)

const KEY_BYTES = 32

/** The text of a keyring file with fresh keys. */
export const freshKeyring = (ids: readonly number[], rng: Rng): string => {
  const entries = ids.map((id) => [String(id), Buffer.from(rng(KEY_BYTES)).toString('hex')] as const)
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`
}

/** PROTOCOL §1: ids 1..5. Keys that everybody can read here: to try things out, and for nothing else. */
export const DEMO_KEYRING: Keyring = new Map(
  [1, 2, 3, 4, 5].map((id) => [id, new TextEncoder().encode(`gauntlet demo key of client ${id}`)]),
)

/** The ids in ascending order; `name` is the option they come from. */
export const parseIds = (name: string, text: string): readonly number[] => {
  const bad = (): never => {
    throw new UserError(`${name}: expected ids 1..255 such as 1-5 or 1,3,7-9, none twice, got ${text}`)
  }
  const ids = text.split(',').flatMap((part) => {
    const [, first, last = first] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part.trim()) ?? bad()
    const [from, to] = [Number(first), Number(last)]
    if (from < 1 || to > 255 || from > to) bad()
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
  if (new Set(ids).size < ids.length) bad()
  return ids.sort((a, b) => a - b)
}

/** Ascending ids, runs of three and more as a range. */
export const formatIds = (ids: Iterable<number>): string => {
  const runs: number[][] = []
  for (const id of [...ids].sort((a, b) => a - b)) {
    const run = runs.at(-1)
    if (run !== undefined && run.at(-1) === id - 1) run.push(id)
    else runs.push([id])
  }
  return runs.map((run) => (run.length > 2 ? `${run[0]}-${run.at(-1)}` : run.join(','))).join(',')
}

const MOST_BYTES = 256 * 1024 // 255 keys need less than 40 KiB

export interface Loaded {
  readonly keyring: Keyring
  readonly demo: boolean
  readonly warning: string | null // what its owner ought to know
}

/** The keyring of `--keys`, or without it the one that everybody knows. */
export const keyringFrom = (file: string | undefined): Loaded => {
  if (file === undefined) return { keyring: DEMO_KEYRING, demo: true, warning: DEMO_WARNING }
  const { text, permissions } = read(file)
  const parsed = parseKeyring(text)
  switch (parsed.kind) {
    case 'ok': {
      const open = permissions !== null && (permissions & 0o077) !== 0
      const warning = open ? `others may use ${file} (mode ${permissions.toString(8)}); chmod 600 ${file}` : null
      return { keyring: parsed.keyring, demo: false, warning }
    }
    case 'bad':
      throw new UserError(`--keys ${file}: ${parsed.problem}`)
  }
}

const DEMO_WARNING = 'DEMO KEYS: without --keys, clients 1-5 use keys printed in the source; nothing is secret.'

/** `permissions`: of a regular file, where files have them. */
const read = (file: string): { text: string; permissions: number | null } => {
  try {
    const stat = statSync(file)
    if (!stat.isFile() && !stat.isFIFO()) throw new UserError(`--keys: expected a file, got ${file}, which is none`)
    if (stat.size > MOST_BYTES)
      throw new UserError(`--keys ${file}: expected at most ${MOST_BYTES} bytes, got ${stat.size}`)
    const hasPermissions = stat.isFile() && process.platform !== 'win32'
    return { text: readFileSync(file, 'utf8'), permissions: hasPermissions ? stat.mode & 0o777 : null }
  } catch (e) {
    throw e instanceof UserError ? e : new UserError(`--keys: expected a readable file, got ${file} (${codeOf(e)})`)
  }
}

/** Writes a new file that only its owner can read; never over an old one. */
export const writePrivate = (file: string, text: string): void => {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' })
  } catch (e) {
    const code = codeOf(e)
    if (code === 'EEXIST') throw new UserError(`--out: expected a file that does not exist yet, got ${file}`)
    throw new UserError(`--out: expected a file that can be written, got ${file} (${code})`)
  }
}

/** The code of a system error; anything else is a bug and thrown on. */
const codeOf = (e: unknown): string => {
  if (e instanceof Error && 'code' in e && typeof e.code === 'string') return e.code
  throw e
}

const KEYS_USAGE = `npm run keys -- --ids 1-5 --out FILE
  --ids LIST    clients to make keys for, such as 1-5 or 1,3,7-9
  --out FILE    the keyring to write, readable by you alone (mode 600); must
                not exist yet
The server needs the whole file; a client needs its own line only.`

/** Writes fresh keys. Resolves with the exit code. */
export const makeKeys = (argv: readonly string[], terminal: Terminal): Promise<number> =>
  orComplain(terminal, async () => {
    const options = given(argv, ['ids', 'out'])
    if (options.help) {
      terminal.out(KEYS_USAGE)
      return 0
    }
    if (options.positionals.length > 0)
      throw new UserError(`arguments: expected options only, got ${options.positionals[0]}`)
    const [ids, out] = [options.text('ids'), options.text('out')]
    if (ids === undefined) throw new UserError('--ids: expected client ids such as 1-5, got none')
    if (out === undefined) throw new UserError('--out: expected a file to write, got none; keys are never printed')
    const list = parseIds('--ids', ids)
    writePrivate(out, freshKeyring(list, nodeRng))
    terminal.out(
      `Wrote fresh keys of ${list.length === 1 ? 'client' : 'clients'} ${formatIds(list)} to ${out} (mode 600).`,
    )
    return 0
  })
