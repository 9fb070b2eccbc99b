/** The first keys of a conversation: hash, form, labels, lengths and what a tag covers, confirmed by tags and paddings. */
import { type Dialect, type Direction, PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { derivedKey, encIndex, type KeyIndex, macIndex } from '../../../spec/dialects/keys.ts'
import { tagVerifies } from '../../../spec/dialects/sealing.ts'
import { ascii, concat, EMPTY } from '../../../spec/reference/bytes.ts'
import { aesCbcDecrypt, BLOCK, sha256, unpad } from '../../../spec/reference/primitives.ts'
import type { Keyring, Reading } from '../../harness/target/keys.ts'
import type { Conversation, Heard, Session } from './conversation.ts'
import { families, type Labels } from './labels.ts'

/** What people know beside the keys. */
export interface Hints {
  readonly labels: Labels | null
  /** Numbers that people typed. */
  readonly values: readonly number[]
  /** Only what takes no time: somebody waits for their frames meanwhile. */
  readonly quick?: boolean
}

/** How keys come from keys. */
export type Form = Pick<Dialect, 'hash' | 'initialForm' | 'evolveForm'>

export const form = (hash: Dialect['hash'], initialForm: Dialect['initialForm']): Form => ({
  hash,
  initialForm,
  evolveForm: 'key-first',
})

const INITIAL: readonly Form[] = [
  form('sha256', 'key-first'),
  form('hkdf-sha256', 'key-first'),
  form('md5', 'key-first'),
  form('sha256', 'hmac'),
  form('sha256', 'hkdf'),
  form('sha256', 'key-last'),
  form('md5', 'key-last'),
]

/** The forms that evolution may have beside this initial one: HMAC and HKDF do not tell which hash stands beside it. */
export const evolveForms = (d: Dialect): readonly Form[] => {
  if (d.hash === 'hkdf-sha256') return [form('hkdf-sha256', 'key-first')]
  const hashes =
    ['hmac', 'hkdf'].includes(d.initialForm) && d.macKeyBytes <= 16 ? (['sha256', 'md5'] as const) : ([d.hash] as const)
  const forms = [
    d.initialForm,
    ...(['key-first', 'key-last', 'hmac', 'hkdf'] as const).filter((f) => f !== d.initialForm),
  ]
  return hashes.flatMap((hash) => forms.map((evolveForm) => ({ hash, initialForm: d.initialForm, evolveForm })))
}

const FORMS = {
  'key-first': '(key ‖ input)',
  'key-last': '(input ‖ key)',
  hmac: 'HMAC-SHA256(key, input)',
  hkdf: 'HKDF-SHA256(key, input)',
} as const
const HASHES = { sha256: 'SHA-256', md5: 'MD5', 'hkdf-sha256': 'HKDF-SHA256' } as const
/** For a person. */
export const formText = (hash: Dialect['hash'], form: Dialect['initialForm']): string =>
  hash === 'hkdf-sha256'
    ? 'HKDF-SHA256(key, use, input)'
    : `${FORMS[form].startsWith('(') ? HASHES[hash] : ''}${FORMS[form]}`

export const digestBytes = (d: Pick<Dialect, 'hash'>): number => (d.hash === 'md5' ? 16 : 32)

export const initialKey = (d: Dialect, master: Uint8Array, label: string, i: KeyIndex): Uint8Array =>
  derivedKey(d, master, 'init', ascii(label), i)

interface Hashes {
  readonly hello: Uint8Array
  readonly both: Uint8Array
}
const hashes = new WeakMap<Session, Hashes>()

/** PROTOCOL §4: h and t; without a CHALLENGE, t is of nothing. */
const transcriptHash = (s: Session): Hashes => {
  const hello = s.frames[0]!.bytes
  const known = hashes.get(s) ?? { hello: sha256(hello), both: sha256(concat(hello, s.s2c[0]?.bytes ?? EMPTY)) }
  hashes.set(s, known)
  return known
}

/** PROTOCOL §4, hello step: what S2C keys become before the CHALLENGE, where sessions are bound. */
export const helloStep = (d: Dialect, key: Uint8Array, s: Session, i: KeyIndex): Uint8Array =>
  d.binding === 'bound' && i >= 2 ? derivedKey(d, key, 'hello', transcriptHash(s).hello, i) : key

/** PROTOCOL §4, bind step: what all keys become with the CHALLENGE, where sessions are bound. */
export const bindStep = (d: Dialect, key: Uint8Array, s: Session, i: KeyIndex): Uint8Array => {
  if (d.binding !== 'bound' || s.s2c.length === 0) return key
  return derivedKey(d, key, 'bind', transcriptHash(s).both, i)
}

/** Whether the padding of a frame is one under this key; an empty ciphertext has none. */
export const paddingHolds = (enc: Uint8Array, { iv, ciphertext }: Heard): boolean => {
  const { length } = ciphertext
  if (length === 0) return true
  const before = length === BLOCK ? iv : ciphertext.subarray(length - 2 * BLOCK, length - BLOCK)
  return unpad(aesCbcDecrypt(enc.slice(0, BLOCK), before, ciphertext.subarray(length - BLOCK))) !== null
}

export const plaintextOf = (enc: Uint8Array, { iv, ciphertext }: Heard): Uint8Array | null =>
  ciphertext.length === 0 ? EMPTY : unpad(aesCbcDecrypt(enc.slice(0, BLOCK), iv, ciphertext))

export interface Initial {
  readonly dialect: Dialect
  readonly masters: ReadonlyMap<number, Reading>
  /** Client ids whose keys do not open their HELLO, or that have none. */
  readonly without: readonly number[]
}

const SCOPES = ['header+iv+ct', 'iv+ct'] as const
const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const COMMON = [32, 16, 20, 24]

/** What of it is searched, one after the other: labels, key lengths, readings of a key, clients. */
const TIERS = [
  { wide: false, labels: 1e9, lengths: COMMON, readings: 99, clients: 3 },
  { wide: false, labels: 100, lengths: range(1, 32).filter((n) => !COMMON.includes(n)), readings: 2, clients: 2 },
  { wide: true, labels: 1e9, lengths: [32, 16], readings: 2, clients: 1 },
] as const

/** The first family for each label of C2S-MAC. */
export const byMacLabel = (all: Iterable<Labels>): readonly Labels[] => {
  const first = new Map<string, Labels>()
  for (const labels of all) if (!first.has(labels[1])) first.set(labels[1], labels)
  return [...first.values()]
}

/** The MAC key of client to server: the tag of a HELLO confirms hash, form, label, length and scope all at once. */
export const findInitial = (
  c: Conversation,
  keyring: Keyring,
  given: Labels | null,
  quick: boolean,
): Initial | null => {
  const ids = [...new Set(c.sessions.map((s) => s.id))]
  const helloOf = (id: number): Heard => c.sessions.find((s) => s.id === id)!.frames[0]!
  let best: Initial | null = null
  for (const tier of quick ? TIERS.slice(0, 1) : TIERS)
    for (const labels of byMacLabel(families(given, tier.wide)).slice(0, tier.labels))
      for (const id of ids.slice(0, tier.clients))
        for (const reading of keyring.readings(id).slice(0, tier.readings))
          for (const f of INITIAL) {
            const dialect = openedBy(c, f, labels, reading, helloOf(id), tier.lengths)
            if (dialect === null) continue
            const found = withKeysOf(dialect, keyring, ids, helloOf)
            const all = found.without.every((of) => keyring.readings(of).length === 0)
            if (all || dialect.macKeyBytes >= BEYOND_CHANCE) return found
            if (best === null || found.masters.size > best.masters.size) best = found
          }
  return best
}

const BEYOND_CHANCE = 8 // bytes; a shorter key may be right for one client by chance

const withKeysOf = (
  dialect: Dialect,
  keyring: Keyring,
  ids: readonly number[],
  helloOf: (id: number) => Heard,
): Initial => {
  const masters = new Map<number, Reading>()
  for (const id of ids) {
    const fits = keyring.readings(id).find((r) => verifiesHello(dialect, r, helloOf(id)))
    if (fits !== undefined) masters.set(id, fits)
  }
  return { dialect, masters, without: ids.filter((id) => !masters.has(id)) }
}

const verifiesHello = (d: Dialect, r: Reading, hello: Heard): boolean =>
  tagVerifies(d, initialKey(d, r.bytes, d.labels[1], 1), hello.bytes)

const openedBy = (
  c: Conversation,
  f: Form,
  labels: Labels,
  { bytes }: Reading,
  hello: Heard,
  lengths: readonly number[],
): Dialect | null => {
  const most = digestBytes(f)
  const whole: Dialect = {
    ...PROTOCOL.literal,
    ...f,
    labels,
    macKeyBytes: most,
    together: false,
    opcodes: c.opcodes,
    directions: c.directions,
  }
  const digest = initialKey(whole, bytes, labels[1], 1)
  for (const macKeyBytes of lengths.filter((n) => n <= most))
    for (const macScope of SCOPES) {
      const dialect = { ...whole, macKeyBytes, macScope }
      if (tagVerifies(dialect, digest.subarray(0, macKeyBytes), hello.bytes)) return dialect
    }
  return null
}

/** The label of the other direction's MAC key, and whether the session is bound: the tags of CHALLENGEs confirm both. */
export const findServer = (
  d: Dialect,
  sessions: readonly Session[],
  masterOf: (s: Session) => Uint8Array,
  given: Labels | null,
  quick: boolean,
): Dialect | null => {
  const met = sessions.filter((s) => s.s2c.length > 0)
  const [first] = met
  if (first === undefined) return null
  // Most of them, since one frame may have been altered.
  const verifies = (of: Dialect, s: Session): boolean =>
    tagVerifies(of, helloStep(of, initialKey(of, masterOf(s), of.labels[3], 3), s, 3), s.s2c[0]!.bytes)
  const fits = (of: Dialect): boolean =>
    met.slice(0, 3).some((s) => verifies(of, s)) && 2 * met.filter((s) => verifies(of, s)).length > met.length
  const bindings = [
    { ...d, binding: 'none' as const },
    ...evolveForms(d).map((f) => ({ ...d, ...f, binding: 'bound' as const })),
  ]
  for (const labels of [d.labels, ...families(given, !quick)])
    for (const label of new Set([labels[3], labels[1]]))
      for (const binding of bindings) {
        const of: Dialect = { ...binding, labels: [d.labels[0], d.labels[1], labels[2], label] }
        if (fits(of)) return of
      }
  return null
}

/** Labels under which the encryption keys of one direction may be derived, the likeliest first. */
export function* encLabels(d: Dialect, direction: Direction, given: Labels | null, wide: boolean): Generator<string> {
  const seen = new Set<string>()
  const i = encIndex(direction)
  const own = d.labels[macIndex(direction)]
  for (const labels of [d.labels, ...families(given, true)]) {
    if (!wide && labels !== d.labels && labels !== given && labels[macIndex(direction)] !== own) continue
    if (!seen.has(labels[i])) yield labels[i]
    seen.add(labels[i])
  }
  if (wide) yield* [own, d.labels[1], d.labels[3]].filter((l) => !seen.has(l))
}
