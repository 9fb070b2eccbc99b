/** A frame field by field, in words. */
import type { End, Num } from '../../../spec/language.ts'
import { OP } from '../../../spec/opcodes.ts'
import { TAG_BYTES } from '../../../spec/reference/frame.ts'
import { CONTROL_HEX, dataHex, responseHex, textHex } from '../../harness/generate/payloads.ts'
import { arg, countFrom, endFrom, hexFrom, oneFrom, refused, shown, text, type Words } from './words.ts'

export interface Craft {
  readonly opcode: number
  readonly id: number // 0: the session's own
  readonly round: { readonly absolute: boolean; readonly by: number }
  readonly direction: number | null // null: the one that the receiver expects
  readonly body: string // hex
  readonly pad: string | null // hex; null: as it should be
  readonly keys: 'current' | 'previous' | 'initial'
  readonly as: End | null // the session whose keys; null: the receiver's
  readonly tag: 'valid' | 'broken' | { readonly hex: string }
}

/** The fields, for the help. */
export const CRAFT_USAGE = `opcode=N (or hello, challenge, data, response, desync, terminate)   id=N
direction=N   round=N|+N|-N (+N, -N: off the right one)   tag=valid|broken|HEX   pad=HEX
body=HEX|empty|values:1,2|text:hi   keys=current|previous|initial   as=cN|sN (whose)`

const OPCODES: ReadonlyMap<string, number> = new Map([
  ['hello', OP.HELLO],
  ['challenge', OP.CHALLENGE],
  ['data', OP.DATA],
  ['response', OP.RESPONSE],
  ['desync', OP.DESYNC],
  ['terminate', OP.TERMINATE],
])

/** What a frame of that opcode holds where nobody says (PROTOCOL §5). */
const usualBody = (opcode: number): string => {
  switch (opcode) {
    case OP.HELLO:
    case OP.CHALLENGE:
      return textHex('hello')
    case OP.RESPONSE:
      return responseHex(0, 1, 1, 1)
    case OP.DESYNC:
    case OP.TERMINATE:
      return CONTROL_HEX
    default:
      return dataHex([1])
  }
}

const NUMBERS: readonly Num[] = ['NaN', 'Infinity', '-Infinity', '-0']
const MOST_BODY = 4_096 // bytes; PROTOCOL §2: what a frame has room for
const MOST_PAD = 16 // bytes

/** An insider may seal what no client may send. */
const numbersHex = (about: string, text: string): string => {
  const words = text === '' ? [] : text.split(',')
  if (!words.every((w) => NUMBERS.includes(w as Num) || (w !== '' && Number.isFinite(Number(w)))))
    throw refused(about, 'numbers after values:', shown(`values:${text}`))
  return dataHex(words.map(Number))
}

const bodyFrom = (about: string, text: string): string => {
  if (text === 'empty') return ''
  if (text.startsWith('text:')) return textHex(text.slice(5))
  return text.startsWith('values:') ? numbersHex(about, text.slice(7)) : hexFrom(about, text)
}

const atMost = (about: string, most: number, hex: string): string => {
  if (hex.length > 2 * most) throw refused(about, `at most ${most} bytes`, String(hex.length / 2))
  return hex
}

/** What FIELD=VALUE says, by FIELD. */
const FIELDS: ReadonlyMap<string, (about: string, text: string) => Partial<Craft>> = new Map(
  Object.entries({
    opcode: (about, text) => ({ opcode: OPCODES.get(text) ?? countFrom(about, text, 255) }),
    id: (about, text) => ({ id: countFrom(about, text, 255) }),
    direction: (about, text) => ({ direction: countFrom(about, text, 255) }),
    round: (about, text) => {
      if (!/^[+-]?\d{1,10}$/.test(text) || Math.abs(Number(text)) > 0xffffffff)
        throw refused(about, 'N, +N or -N', shown(text))
      return { round: { absolute: /^\d/.test(text), by: Number(text) } }
    },
    body: (about, text) => ({ body: atMost(about, MOST_BODY, bodyFrom(about, text)) }),
    pad: (about, text) => ({ pad: hexFrom(about, atMost(about, MOST_PAD, text)) }),
    tag: (about, text) => {
      if (text === 'valid' || text === 'broken') return { tag: text }
      const hex = hexFrom(about, text)
      if (hex.length !== 2 * TAG_BYTES)
        throw refused(about, `valid, broken or ${TAG_BYTES} bytes in hex`, `${hex.length / 2} bytes`)
      return { tag: { hex } }
    },
    keys: (about, text) => ({ keys: oneFrom(about, text, ['current', 'previous', 'initial']) }),
    as: (about, text) => ({ as: endFrom(about, text) }),
  } satisfies { readonly [K in keyof Craft]: (about: string, text: string) => Partial<Craft> }),
)

/** All words that are left, of the form FIELD=VALUE; each field at most once. */
const readCraft = (w: Words): Craft => {
  const given = new Map<string, Partial<Craft>>()
  for (const word of w.takeAll()) {
    const [, field = '', text = ''] = /^([a-z]+)=(.*)$/.exec(word) ?? []
    const read = FIELDS.get(field)
    if (read === undefined) throw refused(w.verb, 'FIELD=VALUE (help lists the fields)', shown(word))
    const about = `${w.verb}: ${field}`
    if (given.has(field)) throw refused(about, 'once', 'it twice')
    given.set(field, read(about, text))
  }
  const opcode = given.get('opcode')?.opcode ?? OP.DATA
  const usual = { id: 0, round: { absolute: false, by: 0 }, direction: null, pad: null, as: null } as const
  const craft: Craft = { ...usual, opcode, body: usualBody(opcode), keys: 'current', tag: 'valid' }
  return Object.assign(craft, ...given.values())
}

export const CRAFT = arg('[FIELD=VALUE ...]', readCraft, text('Fields?', 'opcode=data round=+0 tag=valid'))
