/** What the plaintexts of HELLO, CHALLENGE and DATA hold, as codecs of dialect files. */
import { decodeBody } from '../../../spec/dialects/payload.ts'
import { OP } from '../../../spec/opcodes.ts'
import { toHex, viewOf } from '../../../spec/reference/bytes.ts'
import {
  allSame,
  as,
  type Codec,
  codec,
  isLiteral,
  lengthsOf,
  NAMED,
  numbersOf,
  type Plain,
  rand,
  SIZE,
  skeletonOf,
  textGrammar,
  texts,
  typeOf,
  unread,
  withoutConstants,
} from './codecs.ts'

export const helloCodec = (all: readonly Plain[]): Codec => {
  if (all.every((p) => p.plaintext.length === 0)) return codec('empty', all.length)
  const said = texts(all)
  if (said === null)
    return codec(allSame(lengthsOf(all)) ? `rand:${all[0]!.plaintext.length}` : unread(all), all.length)
  const named = said.map((t, i) => t.replace(new RegExp(`(?<!\\d)${all[i]!.id}(?!\\d)`), '{id}'))
  const [literal] = [named, said].find((ts) => allSame(ts) && isLiteral(ts[0]!)) ?? []
  if (literal === undefined) return codec('text', all.length)
  const lone = literal.includes('{id}') && allSame(all.map((p) => p.id))
  return codec(`lit:${literal}`, all.length, lone ? [`lit:${said[0]}`] : [], 'another client says hello')
}

const isTime = (seconds: number): boolean => seconds > 1e9 && seconds < 4e9
const DAY = 86_400
/** Times of one recording: most random words of four bytes would do as a time of day, but not two of one day. */
const areTimes = (all: readonly number[]): boolean =>
  all.every((t) => isTime(t) && Math.abs(t - all[0]!) < DAY) && (all.length > 1 || Math.abs(all[0]! - 1.95e9) < 4.5e8)

export const challengeCodec = (all: readonly Plain[]): Codec => {
  const n = all.length
  const said = texts(all)
  if (said !== null) {
    const timed = said.map((t) => /^(.*?)(\d{10}(?:\.\d+)?)$/.exec(t))
    if (timed.every((m) => m !== null && isTime(Number(m[2]))) && allSame(timed.map((m) => m![1])))
      return codec(`timed:${timed[0]![1]}`, n)
    if (allSame(said) && isLiteral(said[0]!))
      return codec(`lit:${said[0]}`, n, n === 1 ? ['text'] : [], 'a second CHALLENGE')
    return codec(said.every((t) => Buffer.byteLength(t) <= 255) ? 'text' : unread(all), n)
  }
  const [length, ...more] = lengthsOf(all)
  if (length === undefined || length === 0 || more.length > 0) return codec(n === 0 ? 'any' : unread(all), n)
  for (const [type, bytes, read] of TIMES)
    if (length >= bytes && areTimes(all.map((p) => read(viewOf(p.plaintext), length - bytes))))
      return codec(length === bytes ? `${type} other` : `rand:${length - bytes} | ${type} other`, n)
  return codec(`rand:${length}`, n)
}

const TIMES: readonly (readonly [string, number, (v: DataView, at: number) => number])[] = [
  ['u64', 8, (v, at) => Number(v.getBigUint64(at))],
  ['u64le', 8, (v, at) => Number(v.getBigUint64(at, true))],
  ['u32', 4, (v, at) => v.getUint32(at)],
  ['u32le', 4, (v, at) => v.getUint32(at, true)],
]

/** The values of every submission; null: it is not this codec. */
const valuesUnder = (text: string, all: readonly Plain[]): readonly (readonly number[])[] | null => {
  const d = as('data', text)
  if (d === null) return null
  const values: (readonly number[])[] = []
  for (const p of all) {
    const body = decodeBody(d, OP.DATA, p.plaintext)
    if (body.kind !== 'data') return null
    values.push(body.values)
  }
  return values
}

/** How likely it is that people typed this number: few digits. */
const niceness = (x: number): number => {
  if (!Number.isFinite(x)) return 0
  const size = Math.abs(x)
  if (size !== 0 && (size < 1e-6 || size > 1e12)) return 0
  const digits = Number(x.toPrecision(7))
    .toString()
    .replace(/^-?0*\.?0*|\./g, '')
    .replace(/0+$/, '').length
  return Math.abs(Number(x.toPrecision(7)) - x) <= size * 1e-6 ? 1 / Math.max(1, digits - 2) : 0.05
}

const TYPES = ['i32', 'f64', 'u32', 'f32', 'i64', 'u64', 'u16'] as const
/** Binary codecs of submissions whose plaintexts have these lengths. */
function* binaryData(lengths: readonly number[]): Generator<string> {
  const least = Math.min(...lengths)
  const counts = [[], ...['u16', 'u8', 'u32', 'u16le', 'u32le'].map((t) => [`${t} count`])]
  for (const little of ['', 'le'])
    for (const type of TYPES) {
      const size = SIZE[type]
      for (const count of counts) {
        const counted = count.length === 0 ? 0 : SIZE[count[0]!.replace(/(le)? .*/, '') as 'u8']
        const spare = least - size - counted
        if (spare < 0) continue
        if (lengths.length === 1) {
          for (const before of [spare, 0].slice(0, spare === 0 ? 1 : 2))
            yield [...rand(before), ...count, `${type}${little} value`, ...rand(spare - before)].join(' | ')
          yield [...count, ...rand(spare), `${type}${little} value`].join(' | ')
        }
        for (const before of new Set([0, spare % size, ...[4, 8, 12, 16].filter((n) => n <= spare)]))
          if (lengths.every((l) => (l - before - counted) % size === 0))
            yield [...rand(before), ...count, `${type}${little} each value`].join(' | ')
      }
    }
}

const textData = (said: readonly string[]): readonly string[] => {
  const whole = skeletonOf(said)
  if (whole === null) return []
  const found: string[] = []
  for (const s of [withoutConstants(whole), whole]) {
    const bare = s.literals.join('').trim() === ''
    for (let at = s.slots.length - 1; at >= 0; at--) {
      const types = s.slots.map(typeOf)
      const own = types[at]!.replace(/:.*/, '')
      const shown =
        own === 'csv' ? ['csv'] : own === 'int' ? ['int', 'float', 'csv'] : bare ? ['csv', 'float'] : ['float', 'csv']
      for (const type of shown)
        found.push(
          textGrammar(
            s,
            types.map((t, i) => (i === at ? `${type} value` : `${t.replace('csv', 'float')} other`)),
          ),
        )
    }
  }
  return [...new Set(found)]
}

/** How well a codec explains submissions. `typed`: what people typed, where that is known. */
const likelihood = (
  text: string,
  all: readonly Plain[],
  values: readonly (readonly number[])[],
  typed: readonly number[],
): number => {
  const flat = values.flat()
  if (flat.length === 0 || !flat.every(Number.isFinite)) return 0
  const known = (x: number): boolean => typed.some((t) => Math.abs(t - x) <= Math.abs(t) * 1e-6)
  const fits = (x: number): number => (typed.length > 0 ? Number(known(x)) : x === 0 ? 0.3 : niceness(x))
  const nice = flat.reduce((sum, x) => sum + fits(x), 0) / flat.length
  const column = (k: number): boolean =>
    all.length > 2 && values.every((v) => v.length > 1) && allSame(values.map((v) => v[k]))
  const fixed = text.includes(' each ') && (column(0) || column(1)) ? 0.5 : 0
  const single = text.includes(' each ') && values.every((v) => v.length === 1)
  const odd =
    0.3 * unlikely(text, all) +
    (/u16(le)? /.test(text.replace(/u16(le)? count/, '')) ? 0.3 : 0) +
    (/f32/.test(text) ? 0.1 : 0)
  return nice - odd - fixed - 0.05 * text.split(' | ').length - (text.includes('le ') ? 0.05 : 0) - (single ? 0.1 : 0)
}

/** Whether bytes that a codec passes over are neither always the same nor look random. */
const unlikely = (text: string, all: readonly Plain[]): number => {
  const fields = text.split(' | ')
  const at = fields.findIndex((f) => f.startsWith('rand:'))
  if (at < 0) return 0
  const bytes = Number(fields[at]!.slice(5))
  const skipped = all.map((p) => (at === 0 ? p.plaintext.subarray(0, bytes) : p.plaintext.subarray(-bytes)))
  if (allSame(skipped.map(toHex))) return 0
  const joined = skipped.flatMap((b) => [...b])
  const zeros = joined.filter((b) => b === 0).length / joined.length
  const columns = Array.from({ length: bytes }, (_, i) => new Set(skipped.map((b) => b[i])).size)
  return zeros > 0.1 || columns.some((c) => c === 1 && all.length > 2) ? 1 : 0
}

/** Codecs of submissions with the values under them, the likeliest first. */
export const dataCodecs = (all: readonly Plain[], typed: readonly number[]) => {
  const said = texts(all)
  const lengths = lengthsOf(all)
  const grammars = [...(said === null ? [] : textData(said)), ...(lengths.includes(0) ? [] : binaryData(lengths))]
  const read = [...new Set(grammars)].flatMap((text) => {
    const values = valuesUnder(text, all)
    const counted = !text.includes('count') || (values !== null && countsHold(text, all, values))
    return values === null || !counted ? [] : [{ text, values, score: likelihood(text, all, values, typed) }]
  })
  return read.filter((r) => r.score > 0).sort((a, b) => b.score - a.score)
}

const countsHold = (text: string, all: readonly Plain[], values: readonly (readonly number[])[]): boolean => {
  const named = NAMED[text]
  const counts = named === undefined ? numbersOf(text, all, 'count') : null
  return counts === null || counts.every((c, i) => c === values[i]!.length)
}
