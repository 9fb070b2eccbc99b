/** Master keys as people know them: hex or text, by client id or not, in a file or on the command line. */
import { readFileSync } from 'node:fs'
import { fromHex, isHex, toUtf8 } from '../../../spec/reference/bytes.ts'
import { sha256 } from '../../../spec/reference/primitives.ts'
import { DEMO_KEYRING } from '../../../src/cli/keyring.ts'
import { UsageError } from '../../harness/terminal/options.ts'

/** One way to read what was given as a key. */
export interface Reading {
  readonly bytes: Uint8Array
  readonly says: string
}

const readingsOf = (text: string): readonly Reading[] => [
  ...(isHex(text) && text.length >= 2 ? [{ bytes: fromHex(text), says: 'hex' }] : []),
  { bytes: toUtf8(text), says: 'text' },
  { bytes: sha256(toUtf8(text)), says: 'SHA-256 of the text' },
  { bytes: sha256(toUtf8(text)).subarray(0, 16), says: '16 bytes of SHA-256 of the text' },
  ...(/^[\w+/-]{16,}={0,2}$/.test(text)
    ? [{ bytes: new Uint8Array(Buffer.from(text, 'base64')), says: 'base64' }]
    : []),
]

export class Keyring {
  readonly #texts: ReadonlyMap<number | null, readonly string[]> // null: of nobody in particular
  readonly #exact: ReadonlyMap<number, Uint8Array>

  constructor(
    texts: ReadonlyMap<number | null, readonly string[]>,
    exact: ReadonlyMap<number, Uint8Array> = new Map(),
  ) {
    this.#texts = texts
    this.#exact = exact
  }

  /**
   * What the key of a client may be, the likeliest first. A phrase that names a number, of another client or of nobody,
   * is tried with this one's: who knows `client1_master_k` knows that of client 2.
   */
  readings(id: number): readonly Reading[] {
    const exact = this.#exact.get(id)
    if (exact !== undefined) return [{ bytes: exact, says: 'hex' }]
    const own = this.#texts.get(id) ?? []
    const free = this.#texts.get(null) ?? []
    const others = own.length > 0 ? [] : [...this.#texts].filter(([of]) => of !== null).flatMap(([, texts]) => texts)
    const renumbered = [...free, ...others].map((t) => t.replace('{id}', String(id)).replace(/\d+/, String(id)))
    return [...new Set([...own, ...free, ...renumbered])].filter((t) => t !== '').flatMap(readingsOf)
  }
}

const LINE = /^(\d{1,3})\s*[:=,\s]\s*(\S.*)$/

const parseLines = (text: string): ReadonlyMap<number | null, readonly string[]> => {
  const texts = new Map<number | null, string[]>()
  for (const line of text.split(/\r?\n/).map((l) => l.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const [, id, key] = LINE.exec(line) ?? []
    const of = id === undefined || Number(id) > 255 ? null : Number(id)
    texts.set(of, [...(texts.get(of) ?? []), of === null ? line : key!])
  }
  return texts
}

const parseJson = (text: string): ReadonlyMap<number | null, readonly string[]> | null => {
  try {
    const json: unknown = JSON.parse(text)
    if (typeof json !== 'object' || json === null) return null
    const entries = Object.entries(json).map(([id, key]): readonly [number | null, readonly string[]] => [
      /^\d{1,3}$/.test(id) ? Number(id) : null,
      [String(key)],
    ])
    return new Map(entries)
  } catch {
    return null
  }
}

/** `said`: a file (JSON, or a line a key), `demo`, `1=KEY,2=KEY`, or the pass phrase itself. Throws a UsageError. */
export const keyringFrom = (said: string): Keyring => {
  if (said === 'demo') return new Keyring(new Map(), DEMO_KEYRING)
  let text: string
  try {
    text = readFileSync(said, 'utf8').replace(/^\uFEFF/, '')
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException
    if (code !== 'ENOENT' || /[/\\]|\.(json|txt|keys?)$/.test(said))
      throw new UsageError(`--keys: expected a readable file or a pass phrase, got ${said} (${code})`)
    return new Keyring(parseLines(said.replaceAll(/,(?=\d{1,3}=)/g, '\n')))
  }
  const texts = (text.trimStart().startsWith('{') ? parseJson(text) : null) ?? parseLines(text)
  if (texts.size === 0) throw new UsageError(`--keys ${said}: expected at least one key, got none`)
  return new Keyring(texts)
}

/** The keys that a transcript brings along. */
export const keyringOf = (masters: ReadonlyMap<number, Uint8Array>): Keyring => new Keyring(new Map(), masters)

export const NO_KEYS = new Keyring(new Map([[null, []]]))
