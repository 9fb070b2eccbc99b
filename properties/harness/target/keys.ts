/** Master keys that a command asks for, as people have them: hex or text, by client id or not, in a file or as an argument. */
import { fromHex, isHex, toUtf8 } from '../../../spec/reference/bytes.ts'
import { sha256 } from '../../../spec/reference/primitives.ts'
import { DEMO_KEYRING, keyringFrom as fileOf } from '../../../src/cli/keyring.ts'
import { UserError } from '../../../src/cli/options.ts'
import { readText } from '../process/files.ts'
import { UsageError } from '../terminal/options.ts'
import { wordsOf } from '../terminal/text.ts'

/** One way to read what was given as a key. */
export interface Reading {
  readonly bytes: Uint8Array
  readonly says: string
}

/** What somebody says that it is. */
const SAID: Readonly<Record<string, (text: string) => Reading | null>> = {
  hex: (text) => (isHex(text) && text.length >= 2 ? { bytes: fromHex(text), says: 'hex' } : null),
  text: (text) => ({ bytes: toUtf8(text), says: 'text' }),
  sha256: (text) => ({ bytes: sha256(toUtf8(text)), says: 'SHA-256 of the text' }),
  base64: (text) =>
    /^[\w+/-]{4,}={0,2}$/.test(text) ? { bytes: new Uint8Array(Buffer.from(text, 'base64')), says: 'base64' } : null,
}

const readingsOf = (text: string): readonly Reading[] => {
  const [, form, rest] = /^(hex|text|sha256|base64):(.+)$/s.exec(text) ?? []
  const said = form === undefined ? null : SAID[form]!(rest!)
  return said === null ? guessesOf(text) : [said]
}

const guessesOf = (text: string): readonly Reading[] =>
  [
    SAID.hex!(text),
    SAID.text!(text),
    SAID.sha256!(text),
    { bytes: sha256(toUtf8(text)).subarray(0, 16), says: '16 bytes of SHA-256 of the text' },
    text.length >= 16 ? SAID.base64!(text) : null,
  ].filter((r) => r !== null)

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

  /** The clients whose keys are given as theirs. */
  get ids(): readonly number[] {
    return [...new Set([...this.#exact.keys(), ...this.#texts.keys()])].filter((id) => id !== null)
  }

  isNearlyHex(id: number): boolean {
    return (this.#texts.get(id) ?? []).some((text) => /^[\da-f]{15,}$/i.test(text) && text.length % 2 === 1)
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
    text = readText(said).replace(/^\uFEFF/, '')
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException
    if (code !== 'ENOENT' || /[/\\]|\.(json|txt|keys?)$/.test(said))
      throw new UsageError(`--keys: expected a readable file or a pass phrase, got ${said} (${code ?? wordsOf(e)})`)
    return new Keyring(parseLines(said.replaceAll(/,(?=\d{1,3}=)/g, '\n')))
  }
  const texts = (text.trimStart().startsWith('{') ? parseJson(text) : null) ?? parseLines(text)
  if (texts.size === 0) throw new UsageError(`--keys ${said}: expected at least one key, got none`)
  return new Keyring(texts)
}

/** The keys that a transcript brings along. */
export const keyringOf = (masters: ReadonlyMap<number, Uint8Array>): Keyring => new Keyring(new Map(), masters)

export const NO_KEYS = new Keyring(new Map([[null, []]]))

export interface Keys {
  readonly keyring: ReadonlyMap<number, Uint8Array>
  readonly warning: string | null // what its owner ought to know
}

/** The likeliest reading of each key, for a dialect of others: PROTOCOL §1 says nothing about theirs. */
const foreignKeys = (said: string): Keys => {
  const all = keyringFrom(said)
  const read = all.ids.map((id) => [id, all.readings(id)[0]!] as const)
  if (read.length === 0)
    throw new UsageError(
      '--keys: expected keys by client id, as {"1": "KEY"} in a file or 1=KEY,2=KEY, got one of nobody',
    )
  const typo = read.find(([id, { says }]) => says === 'text' && all.isNearlyHex(id))
  if (typo !== undefined)
    throw new UsageError(
      `--keys: key of id ${typo[0]}: expected pairs of hex digits, or text:KEY, got an odd number of digits`,
    )
  const texts = read.filter(([, { says }]) => says !== 'hex').map(([id, { says }]) => `${id} (${says})`)
  const warning = texts.length === 0 ? null : `keys that are not hex: ${texts.join(', ')}`
  return { keyring: new Map(read.map(([id, { bytes }]) => [id, bytes])), warning }
}

/**
 * The keyring of `--keys`; `demo`, and for null too, is the one that everybody knows. `foreign`: of a dialect that is not
 * PROTOCOL, where keys may be text and of any length. Throws a UsageError.
 */
export const keysFrom = (said: string | null, foreign = false): Keys => {
  if (said === 'demo') return { keyring: DEMO_KEYRING, warning: null }
  if (foreign && said !== null) return foreignKeys(said)
  try {
    return fileOf(said ?? undefined)
  } catch (e) {
    const why = /^\d{1,3}=/.test(said ?? '') ? ': keys in the place of a file are for dialects (--dialect)' : ''
    throw e instanceof UserError ? new UsageError(e.message + why) : e
  }
}
