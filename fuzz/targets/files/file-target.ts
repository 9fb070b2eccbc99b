/**
 * A kind of file that a user can hand us: whatever is in it, the answer is one clear line or a valid value, never an
 * exception, and never something in between.
 */
import { Mismatch, type Note, type Target } from '../../engine/target.ts'
import { jsonMutators, wordsOf } from './json-mutators.ts'

export type Read<T> = { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'bad'; readonly why: string }

export interface FileKind<T> {
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

const decoder = new TextDecoder()

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
      if (read.kind === 'ok') {
        kind.check(read.value, text, note)
        return
      }
      const reason = unclear(read.why)
      if (reason !== null) throw new Mismatch(reason, read.why.slice(0, 400))
      const shape = shapeOf(read.why, known)
      note(SHAPES + (shape >> 8), shape & 0xff)
    },
    render(data) {
      const text = decoder.decode(data)
      const read = kind.read(text)
      return [
        read.kind === 'ok' ? 'is accepted' : `is refused: ${read.why}`,
        ...text
          .slice(0, 800)
          .split('\n')
          .map((line) => line.slice(0, 160)),
      ]
    },
  }
}
