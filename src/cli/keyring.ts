/** Keyring files: JSON, client id to master key in hex. No message ever contains a key. */
import type { Rng } from '../index.ts'

export type Keyring = ReadonlyMap<number, Uint8Array>
export type ParsedKeyring =
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
