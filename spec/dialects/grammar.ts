/**
 * Payloads as a sequence of fields, for what no named codec is: `rand:16 | u32 value`, `lit:DATA: | float value`,
 * `lit:SUM= | float:2 sum | lit:;N= | int count`. Numbers in binary are big-endian, or with `le` little-endian; numbers
 * as text end where the next literal begins. `csv value` and, as last field, `f64 each value` stand for any number of values.
 * `any`, as last field, is whatever follows, unread; `any:0a1b` is that which our own side sends for it.
 */
import { ascii, concat, fromHex, isHex, utf8, viewOf } from '../reference/bytes.ts'

interface Codec {
  readonly bytes: number
  read(v: DataView, at: number, little: boolean): number
  write(v: DataView, value: number, little: boolean): void
}
const whole = (value: number): bigint => BigInt(Math.trunc(value))

/** How numbers stand in bytes. */
const BINARY = {
  u8: { bytes: 1, read: (v, at) => v.getUint8(at), write: (v, x) => v.setUint8(0, x) },
  u16: { bytes: 2, read: (v, at, le) => v.getUint16(at, le), write: (v, x, le) => v.setUint16(0, x, le) },
  u32: { bytes: 4, read: (v, at, le) => v.getUint32(at, le), write: (v, x, le) => v.setUint32(0, x, le) },
  i32: { bytes: 4, read: (v, at, le) => v.getInt32(at, le), write: (v, x, le) => v.setInt32(0, x, le) },
  f32: { bytes: 4, read: (v, at, le) => v.getFloat32(at, le), write: (v, x, le) => v.setFloat32(0, x, le) },
  f64: { bytes: 8, read: (v, at, le) => v.getFloat64(at, le), write: (v, x, le) => v.setFloat64(0, x, le) },
  u64: {
    bytes: 8,
    read: (v, at, le) => Number(v.getBigUint64(at, le)),
    write: (v, x, le) => v.setBigUint64(0, whole(x), le),
  },
  i64: {
    bytes: 8,
    read: (v, at, le) => Number(v.getBigInt64(at, le)),
    write: (v, x, le) => v.setBigInt64(0, whole(x), le),
  },
} as const satisfies Readonly<Record<string, Codec>>
type Binary = keyof typeof BINARY
/** In bytes. */
export const sizeOf = (type: Binary): number => BINARY[type].bytes
const isBinary = (name: string): name is Binary => Object.hasOwn(BINARY, name)

/** What a number is; `other`: what nobody judges. */
const ROLES = ['value', 'sum', 'count', 'average', 'product', 'other'] as const
export type Role = (typeof ROLES)[number]

export type Field =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'random'; readonly bytes: number }
  | { readonly kind: 'any'; readonly sample: Uint8Array }
  | {
      readonly kind: 'binary'
      readonly type: Binary
      readonly little: boolean
      readonly each: boolean
      readonly role: Role
    }
  | {
      readonly kind: 'text'
      readonly type: 'int' | 'float' | 'csv'
      readonly decimals: number | null
      readonly role: Role
    }

export interface Grammar {
  readonly fields: readonly Field[]
}

/** What roles may be called as well. */
const ALSO: Readonly<Record<string, Role>> = { mean: 'average', status: 'other', nonce: 'other', time: 'other' }
const isRole = (word: string): word is Role => ROLES.some((r) => r === word)

const FIELD = /^(?:(u8|u16|u32|i32|u64|i64|f32|f64)(le)?(?: (each))?|(int|float|csv)(?::(\d))?) ([a-z]+)$/

const parseField = (text: string): Field | null => {
  if (text.startsWith('lit:')) return text.length > 4 ? { kind: 'literal', text: text.slice(4) } : null
  const any = /^any(?::(.*))?$/.exec(text.trim())
  if (any !== null) return isHex(any[1] ?? '') ? { kind: 'any', sample: fromHex(any[1] ?? '') } : null
  const random = /^rand:(\d{1,3})$/.exec(text)?.[1]
  if (random !== undefined) return { kind: 'random', bytes: Number(random) }
  const [, type, little, each, word, decimals, said = ''] = FIELD.exec(text.trim()) ?? []
  const role = isRole(said) ? said : ALSO[said]
  if (role === undefined) return null
  if (type !== undefined && isBinary(type))
    return { kind: 'binary', type, little: little !== undefined, each: each !== undefined, role }
  if (word === undefined) return null
  return {
    kind: 'text',
    type: word as 'int' | 'float' | 'csv',
    decimals: decimals === undefined ? null : Number(decimals),
    role,
  }
}

/** Among the codecs of a dialect, which have a name or are this. */
export const isGrammar = (codec: string | object): codec is Grammar => typeof codec === 'object' && 'fields' in codec

/** Nothing of it that could be judged is read. */
export const isUnread = (codec: string | Grammar): boolean =>
  isGrammar(codec) && codec.fields.every((f) => !('role' in f) || f.role === 'other')

/** Null where the text is not of the grammar above, or holds none of the roles that are `needed` though all is read. */
export const parseGrammar = (text: string, needed: readonly Role[]): Grammar | null => {
  const fields: Field[] = []
  for (const part of text.split(' | ')) {
    const field = parseField(part)
    const before = fields.at(-1)
    if (field === null || (before?.kind === 'text' && field.kind !== 'literal')) return null // it would have no end
    if ((before?.kind === 'binary' && before.each) || before?.kind === 'any') return null
    if (field.kind === 'binary' && field.type === 'u8' && field.role === 'value') return null // too small to be judged
    fields.push(field)
  }
  const told = fields.some((f) => f.kind === 'any' || ('role' in f && needed.includes(f.role)))
  return told || needed.length === 0 ? { fields } : null
}

const WORD = /^[+-]?(\d+\.?\d*(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?)$/i

const wordOf = (text: string, integer: boolean): number | null => {
  const word = text.trim()
  if (/^[+-]?nan$/i.test(word) && !integer) return Number.NaN
  if (/^[+-]?inf(inity)?$/i.test(word) && !integer) return word.startsWith('-') ? -Infinity : Infinity
  return WORD.test(word) && (!integer || /^[+-]?\d+$/.test(word)) ? Number(word) : null
}

/** The numbers of a payload, by role; null where it is none of this grammar. */
export const readGrammar = ({ fields }: Grammar, bytes: Uint8Array): ReadonlyMap<Role, readonly number[]> | null => {
  const found = new Map<Role, number[]>()
  const put = (role: Role, ...values: readonly number[]): void => {
    found.set(role, [...(found.get(role) ?? []), ...values])
  }
  const view = viewOf(bytes)
  let at = 0
  for (const [i, f] of fields.entries()) {
    if (f.kind === 'literal') {
      const end = at + ascii(f.text).length
      if (utf8(bytes.subarray(at, end)) !== f.text) return null
      at = end
    } else if (f.kind === 'random') {
      at += f.bytes
    } else if (f.kind === 'any') {
      return at <= bytes.length ? found : null
    } else if (f.kind === 'binary') {
      do {
        const { bytes: size, read } = BINARY[f.type]
        if (at + size > bytes.length) return null
        put(f.role, read(view, at, f.little))
        at += size
      } while (f.each && at < bytes.length)
    } else {
      const rest = utf8(bytes.subarray(at))
      const next = fields[i + 1]
      const end = next?.kind === 'literal' ? (rest?.indexOf(next.text) ?? -1) : (rest?.length ?? -1)
      if (rest === null || end < 0) return null
      const words = f.type === 'csv' ? rest.slice(0, end).split(',') : [rest.slice(0, end)]
      for (const word of words) {
        const value = wordOf(word, f.type === 'int')
        if (value === null) return null
        put(f.role, value)
      }
      at += Buffer.byteLength(rest.slice(0, end))
    }
  }
  return at === bytes.length ? found : null
}

const writeBinary = (type: Binary, little: boolean, value: number): Uint8Array => {
  const out = new Uint8Array(BINARY[type].bytes)
  BINARY[type].write(viewOf(out), value, little)
  return out
}

/** `numbers`: by role; what is not there is 0. `random`: the bytes of random fields. */
export const writeGrammar = (
  { fields }: Grammar,
  numbers: Partial<Readonly<Record<Role, readonly number[]>>>,
  random: (bytes: number) => Uint8Array = (bytes) => new Uint8Array(bytes),
): Uint8Array => {
  const taken = new Map<Role, number>()
  const next = (role: Role): number => {
    const n = taken.get(role) ?? 0
    taken.set(role, n + 1)
    return numbers[role]?.[n] ?? 0
  }
  return concat(
    ...fields.map((f) => {
      if (f.kind === 'literal') return ascii(f.text)
      if (f.kind === 'random') return random(f.bytes)
      if (f.kind === 'any') return f.sample
      if (f.kind === 'binary')
        return f.each
          ? concat(...(numbers[f.role] ?? []).map((v) => writeBinary(f.type, f.little, v)))
          : writeBinary(f.type, f.little, next(f.role))
      const word = (v: number): string => (f.decimals === null ? String(v) : v.toFixed(f.decimals))
      return ascii(f.type === 'csv' ? (numbers[f.role] ?? []).map(word).join(',') : word(next(f.role)))
    }),
  )
}
