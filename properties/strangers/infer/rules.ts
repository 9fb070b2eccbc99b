/** What the keys of a direction absorb, in the words of dialect files, with all else that would explain the same bytes. */
import { parseGrammar } from '../../../spec/dialects/grammar.ts'
import { same } from '../../../spec/reference/bytes.ts'
import { grammarOf } from './codecs.ts'
import type { Effect, Solved } from './evolution.ts'
import { type Input, inputs, type Opened, slices } from './inputs.ts'

/** Of the two opcodes of a direction: PROTOCOL's number, the name in dialect files, and the codec of its plaintexts. */
export interface Kind {
  readonly opcode: number
  readonly word: string
  readonly codec: string
}

export interface WrittenRules {
  /** Kinds of frames after which none comes that would show what they do to keys. */
  readonly unshown: readonly string[]
  readonly ops: readonly string[]
  readonly enc: string
  readonly mac: string
  /** Where other inputs give the same bytes so far: what, and those inputs. */
  readonly alike: readonly { readonly what: string; readonly others: readonly string[] }[]
}

const BYTES: Readonly<Record<string, number>> = { u8: 1, u16: 2, u32: 4, i32: 4, f32: 4, u64: 8, i64: 8, f64: 8 }

/** Begin and end of each field of plaintexts that all have one length, with its text; null: they have not. */
const layoutOf = (
  codec: string,
): readonly { readonly from: number; readonly to: number; readonly text: string }[] | null => {
  const text = grammarOf(codec)
  if (parseGrammar(text, []) === null) return null
  let at = 0
  const fields: { from: number; to: number; text: string }[] = []
  for (const field of text.split(' | ')) {
    const size = field.startsWith('lit:')
      ? field.length - 4
      : (BYTES[/^[a-z]+\d*?(?:8|16|32|64)(?=le| )/.exec(field)?.[0] ?? ''] ?? Number(/^rand:(\d+)$/.exec(field)?.[1]))
    if (Number.isNaN(size) || field.includes(' each ')) return null
    fields.push({ from: at, to: at + size, text: field })
    at += size
  }
  return fields
}

/** Whether plaintexts of this codec never change, so that whatever they explain is a constant. */
const isConstant = (codec: string): boolean =>
  codec === 'empty' || (codec.startsWith('lit:') && !codec.includes('{id}') && !codec.includes(' | '))

const isSlice = (text: string): boolean => text.startsWith('pt[')
const isWholly = (text: string): boolean => /^(ct|iv|pt|op)$/.test(text)
const CONSTANT = /^(lit|hex):/

/** How far-fetched it is that somebody wrote this. PROTOCOL §4 has the S2C-MAC key absorb the status. */
const costOf = (text: string, statuses: readonly string[]): number => {
  if (isWholly(text)) return 0
  if (statuses.includes(text)) return -3
  return !isSlice(text) ? 2 : /^pt\[(-?\d+:|0?:-?\d+)\]$/.test(text) ? 3 : 3.5
}

interface Alike {
  readonly text: string
  readonly cost: number
}

/** All inputs that give on every frame what the found one gives, the likeliest first. */
const alikes = (found: Input, frames: readonly Opened[], kind: Kind, labels: readonly string[]): readonly Alike[] => {
  const values = frames.map((f) => found.of(f))
  const fits = (input: Input): boolean => frames.every((f, i) => same(input.of(f), values[i]!))
  const status = (layoutOf(kind.codec) ?? []).filter((f) => f.text.endsWith(' other'))
  const end = layoutOf(kind.codec)?.at(-1)?.to
  const statuses = status.flatMap((f) => (f.to === end ? [`pt[-${f.to - f.from}:]`] : [`pt[${f.from}:${f.to}]`]))
  const all = [found, ...inputs(0, frames, labels), ...slices(frames), ...inputs(2, frames, labels)].filter(fits)
  // A constant that is a whole plaintext, or a slice that is, was nobody's intention.
  const isWhole = (input: Input): boolean => frames.every((f) => same(input.of(f), f.plaintext))
  const texts = new Set(
    all.filter((input) => isWholly(input.text) || input === found || !isWhole(input)).map((i) => i.text),
  )
  return [...texts].map((text) => ({ text, cost: costOf(text, statuses) })).sort((a, b) => a.cost - b.cost)
}

/** Whether two inputs are the same for whatever frame may come, not only for these. */
const isSame = (a: string, b: string, kind: Kind): boolean => {
  const free = (t: string): boolean =>
    t === 'op' || CONSTANT.test(t) || (isConstant(kind.codec) && (t === 'pt' || isSlice(t)))
  if (kind.codec === 'empty' && [a, b].every((t) => t !== 'op')) return true
  if (isSlice(a) && isSlice(b) && layoutOf(kind.codec) !== null) return true
  return free(a) && free(b)
}

const OVERRIDE = 2 // the cost of saying two things

/** One text for both kinds of frames, or one for each: what costs less. */
const cheapest = (
  first: readonly Alike[],
  next: readonly Alike[],
): readonly [string | undefined, string | undefined] => {
  const [a, b] = [first[0], next[0]]
  if (a === undefined || b === undefined) return [a?.text, b?.text]
  const common = next.find((n) => first.some((f) => f.text === n.text))
  const both = common === undefined || common.cost > a.cost + b.cost + OVERRIDE
  return both ? [a.text, b.text] : [common.text, common.text]
}

/** `first` and `next`: the two kinds of frames of the direction. */
export const writeRules = (
  { effects, opened, dialect }: Solved,
  first: Kind,
  next: Kind,
  fallback: readonly [string, string],
): WrittenRules => {
  const alike: { what: string; others: readonly string[] }[] = []
  const choices = (effect: Effect | undefined, kind: Kind, key: 'enc' | 'mac'): readonly Alike[] => {
    const frames = opened.filter((o) => o.opcode === kind.opcode)
    if (effect == null) return []
    return effect[key].foreign
      ? [{ text: effect[key].text, cost: 0 }]
      : alikes(effect[key], frames, kind, dialect.labels)
  }
  const rule = (key: 'enc' | 'mac', none: string): string => {
    const all = [choices(effects.first, first, key), choices(effects.next, next, key)] as const
    const [a, b] = cheapest(...all)
    for (const [kind, texts, chosen] of [
      [first, all[0], a],
      [next, all[1], b],
    ] as const) {
      const others = texts.map((t) => t.text).filter((t) => t !== chosen && !isSame(t, chosen!, kind))
      const what = `${key === 'enc' ? 'encryption' : 'MAC'} key after ${kind.word}, ${chosen}`
      if (others.length > 0) alike.push({ what, others })
    }
    return a !== undefined && b !== undefined && a !== b ? `${b}|${first.word}=${a}` : (b ?? a ?? none)
  }
  const [enc, mac] = [rule('enc', fallback[0]), rule('mac', fallback[1])]
  const ops = [...(effects.first == null ? [] : [first.word]), ...(effects.next == null ? [] : [next.word])]
  const unshown = [
    ...(effects.first === undefined ? [first.word] : []),
    ...(effects.next === undefined ? [next.word] : []),
  ]
  return { ops, enc, mac, alike, unshown }
}

export const foreignIn = ({ effects }: Solved): readonly string[] =>
  [effects.first, effects.next].flatMap((e) =>
    e == null ? [] : [e.enc, e.mac].filter((i) => i.foreign).map((i) => i.text),
  )
