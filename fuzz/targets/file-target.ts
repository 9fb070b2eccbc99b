/**
 * A kind of file that a user can hand us: whatever is in it, the answer is one clear line or a valid value, never an
 * exception, and never something in between.
 */
import type { Rng } from '../../properties/harness/world/rng.ts'
import type { Input, Mutator } from '../engine/input.ts'
import { Mismatch, type Note, type Target } from '../engine/target.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export type Read<T> = { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'bad'; readonly why: string }

interface FileKind<T> {
  readonly name: string
  readonly says: string
  readonly maxBytes: number
  readonly seeds: readonly string[]
  readonly words: readonly string[]
  read(text: string): Read<T>
  /** Throws, a Mismatch or anything else, unless the value can be used. */
  check(value: T, text: string, note: Note): void
}

const SHAPES = 16 // the first of the tags for what complaints look like
const OUTCOME = 1
const MOST_CHARACTERS = 500 // of one clear line

/** What a complaint is about: its words, as far as they are those of such files or stand after "expected". */
const shapeOf = (why: string, known: ReadonlySet<string>): number => {
  const [before = '', after = ''] = why.replace(/, got .*$/s, '').split(/expected(.*)/s)
  const names = (before.match(WORD) ?? []).filter((w) => known.has(w))
  const about = [...names, after.replace(/\d+/g, '')].join(' ')
  let h = 0
  for (let i = 0; i < about.length; i++) h = (Math.imul(h, 31) + about.charCodeAt(i)) | 0
  return (h ^ (h >>> 15)) & 0x1fff
}

const WORD = /[a-zA-Z_]+/g

const unclear = (why: string): string | null => {
  if (/[\n\r]/.test(why)) return 'a complaint of more than one line'
  if (why.length > MOST_CHARACTERS) return 'a complaint without end'
  return /expected .*/.test(why) ? null : 'a complaint that does not say what was expected'
}

/** Strings, numbers, words and punctuation; where the text is none of these, single characters. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null|\s+|./gs
const tokens = (text: string): string[] => text.match(TOKEN) ?? []
const isValue = (t: string): boolean => /^["\-\dtfn]/.test(t)

const VALUES = [
  ...['null', 'true', 'false', '0', '-0', '1', '-1', '255', '256', '0.5', '1e999', '4294967295', '4294967296', '1e300'],
  ...['""', '"a"', '"1"', '"NaN"', '"\\u0000"', '"\\ud800"', '"__proto__"', '"constructor"', '"ff"', '"f"', '"00".'],
  ...['[]', '{}', '[[]]', '[null]', '{"a":1}', '{"__proto__":1}', '{"toString":1}'],
]

const change = (input: Input, edit: (all: string[]) => string[]): void => {
  const text = edit(tokens(decoder.decode(input.bytes))).join('')
  input.set(encoder.encode(text))
}

const places = (all: readonly string[], wanted: (t: string) => boolean): readonly number[] =>
  all.flatMap((t, i) => (wanted(t) ? [i] : []))

const setValue =
  (values: readonly string[]): Mutator =>
  (input, rng) =>
    change(input, (all) => {
      const at = rng.pick(places(all, isValue))
      return at === undefined ? all : all.with(at, rng.pick(values))
    })

/** A value from elsewhere in the same text. */
const copyValue: Mutator = (input, rng) =>
  change(input, (all) => {
    const found = places(all, isValue)
    return found.length === 0 ? all : all.with(rng.pick(found), all[rng.pick(found)]!)
  })

const dropToken: Mutator = (input, rng) => change(input, (all) => all.toSpliced(rng.below(all.length), 1))
const doubleToken: Mutator = (input, rng) =>
  change(input, (all) => {
    const at = rng.below(all.length)
    return at < all.length ? all.toSpliced(at, 0, all[at]!) : all
  })

/** From one place where a value may begin to the next closing one: an element, a member, or a few. */
const pieceOf = (all: readonly string[], rng: Rng): readonly [number, number] | null => {
  const starts = places(all, (t) => isValue(t) || t === '{' || t === '[')
  if (starts.length === 0) return null
  const from = rng.pick(starts)
  let depth = 0
  for (let i = from; i < all.length; i++) {
    if (all[i] === '{' || all[i] === '[') depth++
    if (all[i] === '}' || all[i] === ']') depth--
    if (depth < 0) return [from, i]
    if (depth === 0 && (all[i + 1] === ',' || all[i + 1] === '}' || all[i + 1] === ']')) return [from, i + 1]
  }
  return [from, all.length]
}

/** What becomes of a piece, from one place to another. */
const onPiece =
  (edit: (all: string[], from: number, to: number, rng: Rng) => string[]): Mutator =>
  (input, rng) =>
    change(input, (all) => {
      const piece = pieceOf(all, rng)
      return piece === null ? all : edit(all, ...piece, rng)
    })

const dropPiece = onPiece((all, from, to) => all.toSpliced(from, to - from))
const doublePiece = onPiece((all, from, to) => all.toSpliced(to, 0, ',', ...all.slice(from, to)))
const nest = onPiece((all, from, to, rng) => {
  const depth = rng.oneIn(8) ? 2_000 : 1
  const inner = all.slice(from, to)
  return all.toSpliced(from, inner.length, ...'['.repeat(depth), ...inner, ...']'.repeat(depth))
})

/** One character of one string. */
const spoilString: Mutator = (input, rng) =>
  change(input, (all) => {
    const at = rng.pick(places(all, (t) => t.startsWith('"') && t.length > 2))
    if (at === undefined) return all
    const t = all[at]!
    const i = 1 + rng.below(t.length - 2)
    const c = rng.pick(['', 'é', '😀', '0', 'g', ' ', '\\n', '\\"', ':', '|', '[', '99'])
    return all.with(at, t.slice(0, i) + c + t.slice(i + rng.below(2)))
  })

/**
 * Mutations that know JSON: values, members and elements come, go, change type, and stand twice. `words`: values that
 * mean something in this kind of file.
 */
export const jsonMutators = (words: readonly string[]): readonly Mutator[] => [
  ...[setValue(VALUES), setValue(words), setValue(words), copyValue, dropToken, doubleToken],
  ...[dropPiece, doublePiece, nest, spoilString],
]

const wordsOf = (words: readonly string[]): readonly Uint8Array[] => words.map((w) => encoder.encode(w))

export const fileTarget = <T>(kind: FileKind<T>): Target => {
  const known = new Set(kind.seeds.flatMap((s) => s.match(WORD) ?? []))
  return {
    name: kind.name,
    says: kind.says,
    modules: [],
    compares: false,
    cost: 4,
    maxBytes: kind.maxBytes,
    seeds: () => wordsOf(kind.seeds),
    dictionary: wordsOf(kind.words),
    mutators: jsonMutators(kind.words),
    oracle: () => (data, note) => {
      const text = decoder.decode(data) // as a file is read: what is not UTF-8 is replaced
      const read = kind.read(text)
      note(OUTCOME, read.kind === 'ok' ? 1 : 0)
      if (read.kind === 'ok') return kind.check(read.value, text, note)
      const reason = unclear(read.why)
      if (reason !== null) throw new Mismatch(reason, read.why.slice(0, 400))
      const shape = shapeOf(read.why, known)
      note(SHAPES + (shape >> 8), shape & 0xff)
    },
    render(data) {
      const text = decoder.decode(data)
      const read = kind.read(text)
      const lines = text.slice(0, 800).split('\n')
      const verdict = read.kind === 'ok' ? 'is accepted' : `is refused: ${read.why}`
      return [verdict, ...lines.map((line) => line.slice(0, 160))]
    },
  }
}
