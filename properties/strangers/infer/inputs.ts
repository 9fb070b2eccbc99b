/** What a key may have absorbed from a frame: expressions of dialect files, the likeliest first, level by level. */
import { apply, type Expression, type Material, parseRule } from '../../../spec/dialects/expression.ts'
import { ascii, concat, toHex, u32, utf8, viewOf } from '../../../spec/reference/bytes.ts'
import { groupsBy } from '../groups.ts'

/** A frame whose plaintext is known. */
export interface Opened extends Material {
  readonly bytes: Uint8Array
  readonly round: number
  readonly id: number
}

/** `text`: as a dialect file says it; with `foreign`, in words, since no dialect file can. */
export interface Input {
  readonly text: string
  readonly foreign?: true
  /** Others that give the same bytes on the frames it was made for. */
  readonly also?: readonly Input[]
  of(m: Opened): Uint8Array
}

const written = (text: string, use: Expression): Input => ({ text, of: (m) => apply({ otherwise: use, at: [] }, m) })

/** Throws where the text is no expression: only for texts made here. */
const inputOf = (text: string): Input => written(text, parseRule(text)!.otherwise)

const constant = (bytes: Uint8Array): Input => {
  const text = Buffer.from(bytes).toString('latin1')
  const shown = /^[\x20-\x7b\x7d\x7e]+$/.test(text) && bytes.length > 1 ? `lit:${text}` : `hex:${toHex(bytes)}`
  return { text: shown, of: () => bytes }
}

const WHOLE = ['ct', 'iv', 'pt', 'op'].map(inputOf)

const SHORT = 9 // ... even where a plaintext has fewer
const SLICED = 40 // slices begin and end within so many bytes of either end
const LEAST_TEXT = 2

/** `pt[1:]` rather than `pt[-20:]` of 21 bytes, and `pt[-4:]` rather than `pt[8:]` of 12. */
const suffix = (from: number, length: number): string =>
  from >= length || from <= length - from ? `pt[${from}:]` : `pt[-${length - from}:]`

/** Slices of all plaintexts, as dialect files may write them. */
export const slices = (of: readonly Opened[]): readonly Input[] => {
  const lengths = of.map((m) => m.plaintext.length)
  const least = Math.min(...lengths)
  const texts: string[] = []
  const even = lengths.every((l) => l === least)
  const most = Math.min(Math.max(least, SHORT), SLICED)
  for (let from = 1; from < most; from++) texts.push(even ? suffix(from, least) : `pt[${from}:]`)
  for (let from = 1; from < most; from++) texts.push(`pt[-${from}:]`)
  for (let from = 0; from < most; from++) for (let to = from + 1; to <= most; to++) texts.push(`pt[${from}:${to}]`)
  for (let back = 1; back < most; back++) {
    for (let from = 0; from < most && from + back < Math.max(least, SHORT); from++) texts.push(`pt[${from}:-${back}]`)
    for (let from = back + 1; from <= most; from++) texts.push(`pt[-${from}:-${back}]`)
  }
  return texts.map(inputOf)
}

/** Those that are the same bytes everywhere as one, which has the others as `also`: later frames may tell them apart. */
const grouped = (all: readonly Input[], of: readonly Opened[]): readonly Input[] => {
  const groups = groupsBy(all, (input) => of.map((m) => toHex(input.of(m))).join())
  return [...groups.values()].map(([first, ...also]) => ({ ...first!, also }))
}

const WORDS =
  `OK ACK NACK SUCCESS STATUS STATUS_OK STATUS-OK ERROR FAIL NONE NULL TRUE FALSE YES NO READY DONE INIT START STOP END FIN SYNC
UPDATE EVOLVE RATCHET NEXT NEXT-KEY NEXT_KEY KEY MAC ENC HMAC AES IV SALT ROUND SESSION CLIENT SERVER C2S S2C HELLO CHALLENGE DATA RESPONSE
AGGR AGGREGATE AGGREGATED AGGR_RESPONSE CLIENT_HELLO SERVER_CHALLENGE CLIENT_DATA SERVER_AGGR_RESPONSE KEY_DESYNC_ERROR TERMINATE DESYNC
BYE PING PONG SUM MEAN AVERAGE COUNT STEP CHAIN DERIVE REKEY NONCE TOKEN AUTH CONFIRM ACCEPT ACCEPTED VALID MSG MESSAGE SECRET MASTER`
    .split(/\s+/)
    .flatMap((w) => [w, w.toLowerCase(), w[0]! + w.slice(1).toLowerCase()])

const numbers = (n: number): readonly Uint8Array[] => {
  const view = new DataView(new ArrayBuffer(8))
  view.setUint32(4, n)
  const eight = new Uint8Array(view.buffer)
  const big = [eight, eight.slice(4), eight.slice(6), eight.slice(7)]
  return [...big, ...big.map((b) => Uint8Array.from(b).reverse()), ascii(String(n))]
}

const ZEROS = [1, 2, 3, 4, 8, 12, 16, 20, 24, 32, 0].flatMap((n) => [new Uint8Array(n), new Uint8Array(n).fill(255)])

/** Words that plaintexts hold, with their cases. */
const spoken = (of: readonly Opened[]): readonly string[] => {
  const said = of.slice(0, 8).map((m) => utf8(m.plaintext.subarray(0, 200)) ?? '')
  const words = said.flatMap((t) => [t, ...t.split(/[^\w]+/), ...t.split(/\s+/), ...t.split(/(?=[:=])|(?<=[:=])/)])
  return words.filter((w) => w.length >= LEAST_TEXT).flatMap((w) => [w, w.toUpperCase(), w.toLowerCase()])
}

const constants = (all: readonly Uint8Array[]): readonly Input[] => {
  const seen = new Set<string>()
  return all.map(constant).filter(({ text }) => !seen.has(text) && !/[|\n]/.test(text) && seen.add(text))
}
const DICTIONARY = constants([
  ...WORDS.map(ascii),
  ...ZEROS,
  ...Array.from({ length: 256 }, (_, n) => n).flatMap(numbers),
])

/** What is no expression of a dialect file. */
const FOREIGN: readonly (readonly [string, (m: Opened) => Uint8Array])[] = [
  ['the round as u32', (m) => u32(m.round)],
  ['the round as u32, little-endian', (m) => u32(m.round).reverse()],
  ['the round as one byte', (m) => Uint8Array.of(m.round & 255)],
  ['the round as text', (m) => ascii(String(m.round))],
  ['the next round as u32', (m) => u32(m.round + 1)],
  ['the client id', (m) => Uint8Array.of(m.id)],
  ['the header', (m) => m.bytes.subarray(0, 7)],
  ['the tag', (m) => m.bytes.subarray(-32)],
  ['the whole frame', (m) => m.bytes],
  ['the frame without its tag', (m) => m.bytes.subarray(0, -32)],
  ['IV and ciphertext', (m) => concat(m.iv, m.ciphertext)],
  ['ciphertext and IV', (m) => concat(m.ciphertext, m.iv)],
  ['ciphertext and tag', (m) => concat(m.ciphertext, m.bytes.subarray(-32))],
  ['plaintext and IV', (m) => concat(m.plaintext, m.iv)],
  ['IV and plaintext', (m) => concat(m.iv, m.plaintext)],
  ['the round as u32 and the plaintext', (m) => concat(u32(m.round), m.plaintext)],
  ['the plaintext and the round as u32', (m) => concat(m.plaintext, u32(m.round))],
  ['the ciphertext and the round as u32', (m) => concat(m.ciphertext, u32(m.round))],
  ['the round as u32 and the ciphertext', (m) => concat(u32(m.round), m.ciphertext)],
  ['the opcode and the plaintext', (m) => concat(Uint8Array.of(m.byte), m.plaintext)],
]

/** Constants that nobody would guess, by exhaustion: two bytes, three letters. */
function* short(): Generator<Input> {
  const two = new Uint8Array(2)
  for (let n = 0; n < 65_536; n++) {
    viewOf(two).setUint16(0, n)
    yield constant(two.slice())
  }
  for (const first of [65, 97])
    for (let n = 0; n < 26 ** 3; n++)
      yield constant(Uint8Array.of(first + Math.floor(n / 676), first + (Math.floor(n / 26) % 26), first + (n % 26)))
}

export const variants = (input: Input): readonly Input[] => [input, ...(input.also ?? [])]

export const LEVELS = 5

/** Inputs of one level, 0 to 4, for frames that are all of one opcode. */
export function* inputs(level: number, of: readonly Opened[], labels: readonly string[]): Generator<Input> {
  if (level === 0) yield* WHOLE
  else if (level === 1) yield* grouped(slices(of), of)
  else if (level === 2) {
    yield* constants([...labels, ...spoken(of)].map(ascii))
    yield* DICTIONARY
  } else if (level === 3) for (const [text, f] of FOREIGN) yield { text, foreign: true, of: f }
  else yield* short()
}
