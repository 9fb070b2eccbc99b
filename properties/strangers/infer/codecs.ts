/** Codecs of dialect files as texts, and texts as numbers between literals: what submissions and answers have in common. */
import { type Dialect, PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { parseGrammar, type Role } from '../../../spec/dialects/grammar.ts'
import { decodeBody } from '../../../spec/dialects/payload.ts'
import { OP } from '../../../spec/opcodes.ts'
import { toHex, utf8 } from '../../../spec/reference/bytes.ts'
import type { Heard } from './conversation.ts'
import type { Opened } from './inputs.ts'

/** `alike`: other codecs that read everything so far the same, and what would split them from this one. */
export interface Codec {
  readonly text: string
  readonly frames: number
  readonly alike: readonly string[]
  readonly split: string
}

export type Plain = Opened & Heard
export const codec = (text: string, frames: number, alike: readonly string[] = [], split = ''): Codec => ({
  text,
  frames,
  alike,
  split,
})

export const texts = (all: readonly Plain[]): readonly string[] | null => {
  const said = all.map((p) => utf8(p.plaintext))
  return said.every((t) => t !== null && /^[\x20-\x7e\u00a0-\uffff\s]*$/.test(t)) ? (said as string[]) : null
}
export const allSame = <T>(all: readonly T[]): boolean => all.every((x) => x === all[0])
export const isLiteral = (text: string): boolean => text !== '' && !text.includes(' | ')
export const lengthsOf = (all: readonly Plain[]): readonly number[] => [...new Set(all.map((p) => p.plaintext.length))]
export const unread = (all: readonly Plain[]): string => `any:${toHex(all[0]!.plaintext)}`

/** The codecs that have names. */
export const NAMED: Readonly<Record<string, string>> = {
  'u16 count | f64 each value': 'counted-f64',
  'csv value': 'csv-decimals',
  'int value': 'decimal-integer',
  'i32 value': 'i32',
  'u8 other | f64 sum | u32 count | f64 average': 'status-sum-count-average',
  'lit:Aggregated:  | float:2 average': 'mean-text',
  'int sum': 'decimal-sum',
  'i32 count | i32 sum | u32 other': 'count-sum-status',
}
/** Whether a count has a sign is never seen. */
export const namedAs = (grammar: string): string => {
  const [i32, u32] = (['i32', 'u32'] as const).map((t) => grammar.replace(/[iu]32(le)? count/, `${t}$1 count`))
  return NAMED[i32!] ?? NAMED[u32!] ?? u32!
}
export const grammarOf = (named: string): string =>
  Object.entries(NAMED).find(([, name]) => name === named)?.[0] ?? named

export const as = (kind: 'data' | 'response', text: string): Dialect | null => {
  const named = NAMED[text]
  const read = named ?? parseGrammar(text, kind === 'data' ? ['value'] : ['sum', 'average'])
  return read === null ? null : ({ ...PROTOCOL.bound, [kind]: read } as Dialect)
}

export const SIZE = { u8: 1, u16: 2, u32: 4, i32: 4, f32: 4, u64: 8, i64: 8, f64: 8 } as const
export const rand = (bytes: number): readonly string[] => (bytes > 0 ? [`rand:${bytes}`] : [])

/** The first number of a role in each plaintext. */
export const numbersOf = (text: string, all: readonly Plain[], role: Role): readonly number[] | null => {
  const swapped = text.replaceAll(/ (count|value|sum|average)/g, (_, r) => (r === role ? ' sum' : ' other'))
  const d = as('response', swapped)
  if (d === null) return null
  return all.map((p) => {
    const body = decodeBody(d, OP.RESPONSE, p.plaintext)
    return body.kind === 'aggregate' ? body.sum : Number.NaN
  })
}

const NUMBER = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`
const LIST = new RegExp(`${NUMBER}(?:\\s*,\\s*${NUMBER})*`, 'g')

/** Texts as numbers between literals that are the same in all; null where they are not. */
interface Skeleton {
  readonly literals: readonly string[]
  readonly slots: readonly (readonly string[])[] // by slot, what each text has there
}
export const skeletonOf = (said: readonly string[]): Skeleton | null => {
  const parts = said.map((t) => ({ literals: t.split(new RegExp(LIST.source)), numbers: t.match(LIST) ?? [] }))
  const [first] = parts
  if (first === undefined || first.numbers.length === 0) return null
  if (!parts.every((p) => p.literals.join('\0') === first.literals.join('\0'))) return null
  return { literals: first.literals, slots: first.numbers.map((_, i) => parts.map((p) => p.numbers[i]!)) }
}

/** A slot that is the same everywhere, beside others that are not, is a part of the literals. */
export const withoutConstants = ({ literals, slots }: Skeleton): Skeleton => {
  const keep = slots.map((s) => !allSame(s))
  if (!keep.includes(true) || slots[0]!.length < 3) return { literals, slots }
  const merged = [literals[0]!]
  for (const [i, slot] of slots.entries())
    if (keep[i]) merged.push(literals[i + 1]!)
    else merged[merged.length - 1] += slot[0]! + literals[i + 1]!
  return { literals: merged, slots: slots.filter((_, i) => keep[i]) }
}

export const typeOf = (words: readonly string[]): string => {
  if (words.some((w) => w.includes(','))) return 'csv'
  if (words.every((w) => /^[+-]?\d+$/.test(w))) return 'int'
  const decimals = words.map((w) => /^[+-]?\d*\.(\d+)$/.exec(w)?.[1]?.length)
  return allSame(decimals) && decimals[0] !== undefined && decimals[0] <= 9 && words.length > 1
    ? `float:${decimals[0]}`
    : 'float'
}

export const textGrammar = ({ literals }: Skeleton, fields: readonly string[]): string =>
  literals
    .flatMap((l, i) => [...(l === '' ? [] : [`lit:${l}`]), ...(fields[i] === undefined ? [] : [fields[i]])])
    .join(' | ')
