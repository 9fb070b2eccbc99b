/** A frame field by field, in words. */
import type { Num } from '../../../../spec/language.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { CONTROL_HEX, dataHex, responseHex, textHex } from '../../../harness/generate/payloads.ts'
import type { Parsed } from '../../../harness/schedule-file.ts'
import { count, hexWord } from '../decision.ts'

export interface Craft {
  readonly opcode: number
  readonly id: number // 0: the session's own
  readonly round: { readonly absolute: boolean; readonly by: number }
  readonly direction: number | null // null: the one that the receiver expects
  readonly body: string // hex
  readonly pad: string | null // hex; null: as it should be
  readonly keys: 'current' | 'previous' | 'initial'
  readonly as: string | null // the session whose keys: c0, s0; null: the receiver's
  readonly tag: 'valid' | 'broken' | { readonly hex: string }
}

export const CRAFT_USAGE = `opcode=N|hello|challenge|data|response|desync|terminate   id=N   direction=N
round=N|+N|-N (+N, -N: off the right one)   tag=valid|broken|HEX   pad=HEX
body=HEX|empty|values:1,2|text:hi   keys=current|previous|initial   as=cN|sN (whose)`

const OPCODES: Readonly<Record<string, number>> = {
  hello: OP.HELLO,
  challenge: OP.CHALLENGE,
  data: OP.DATA,
  response: OP.RESPONSE,
  desync: OP.DESYNC,
  terminate: OP.TERMINATE,
}

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

const bad = (why: string): Parsed<never> => ({ kind: 'bad', why })
const ok = <T>(value: T): Parsed<T> => ({ kind: 'ok', value })

const roundFrom = (text: string): Parsed<Craft['round']> =>
  /^[+-]?\d{1,10}$/.test(text) && Math.abs(Number(text)) <= 0xffffffff
    ? ok({ absolute: /^\d/.test(text), by: Number(text) })
    : bad(`craft: round: expected N, +N or -N, got ${JSON.stringify(text)}`)

const NUMBERS: readonly Num[] = ['NaN', 'Infinity', '-Infinity', '-0']

/** What an insider may seal: also what no client may send. */
const numbersFrom = (text: string): readonly number[] | null => {
  const words = text === '' ? [] : text.split(',')
  const fine = words.every((w) => NUMBERS.includes(w as Num) || (w !== '' && Number.isFinite(Number(w))))
  return fine ? words.map(Number) : null
}

const MOST_BODY = 4_096 // PROTOCOL §2: what a frame has room for

const bodyFrom = (text: string): Parsed<string> => {
  const hex = bodyHex(text)
  return hex.kind === 'ok' && hex.value.length / 2 > MOST_BODY
    ? bad(`craft: body: expected at most ${MOST_BODY} bytes, got ${hex.value.length / 2}`)
    : hex
}

const bodyHex = (text: string): Parsed<string> => {
  if (text === 'empty') return ok('')
  if (text.startsWith('text:')) return ok(textHex(text.slice(5)))
  if (!text.startsWith('values:')) return hexWord('craft: body', text)
  const numbers = numbersFrom(text.slice(7))
  return numbers === null
    ? bad(`craft: body: expected numbers after values:, got ${JSON.stringify(text)}`)
    : ok(dataHex(numbers))
}

const tagFrom = (text: string): Parsed<Craft['tag']> => {
  if (text === 'valid' || text === 'broken') return ok(text)
  const hex = hexWord('craft: tag', text)
  if (hex.kind === 'bad') return hex
  return hex.value.length === 64
    ? ok({ hex: hex.value })
    : bad(`craft: tag: expected valid, broken or 32 bytes in hex, got ${hex.value.length / 2} bytes`)
}

const MOST_PAD = 16

/** Words of the form FIELD=VALUE; each field at most once. */
export const parseCraft = (words: readonly string[]): Parsed<Craft> => {
  const opcodeWord = words.find((w) => w.startsWith('opcode='))?.slice(7) ?? 'data'
  const opcode = OPCODES[opcodeWord] === undefined ? count('craft: opcode', opcodeWord, 255) : ok(OPCODES[opcodeWord])
  if (opcode.kind === 'bad') return opcode
  let craft: Craft = {
    opcode: opcode.value,
    id: 0,
    round: { absolute: false, by: 0 },
    direction: null,
    body: usualBody(opcode.value),
    pad: null,
    keys: 'current',
    as: null,
    tag: 'valid',
  }
  const seen = new Set<string>()
  for (const word of words) {
    const [, field = '', text = ''] = /^([a-z]+)=(.*)$/.exec(word) ?? []
    if (seen.has(field)) return bad(`craft: ${field}: expected once, got it twice`)
    seen.add(field)
    const part = partFrom(field, text, word)
    if (part.kind === 'bad') return part
    craft = { ...craft, ...part.value }
  }
  return ok(craft)
}

const partFrom = (field: string, text: string, word: string): Parsed<Partial<Craft>> => {
  const put = <T>(parsed: Parsed<T>, make: (value: T) => Partial<Craft>): Parsed<Partial<Craft>> =>
    parsed.kind === 'bad' ? parsed : ok(make(parsed.value))
  switch (field) {
    case 'opcode':
      return ok({}) // read before the others: it decides on the body
    case 'id':
      return put(count('craft: id', text, 255), (id) => ({ id }))
    case 'direction':
      return put(count('craft: direction', text, 255), (direction) => ({ direction }))
    case 'round':
      return put(roundFrom(text), (round) => ({ round }))
    case 'body':
      return put(bodyFrom(text), (body) => ({ body }))
    case 'pad':
      return text.length > 2 * MOST_PAD
        ? bad(`craft: pad: expected at most ${MOST_PAD} bytes, got ${text.length / 2}`)
        : put(hexWord('craft: pad', text), (pad) => ({ pad }))
    case 'tag':
      return put(tagFrom(text), (tag) => ({ tag }))
    case 'keys':
      return text === 'current' || text === 'previous' || text === 'initial'
        ? ok({ keys: text })
        : bad(`craft: keys: expected current, previous or initial, got ${JSON.stringify(text)}`)
    case 'as':
      return /^[cs]\d{1,6}$/.test(text)
        ? ok({ as: text })
        : bad(`craft: as: expected an endpoint such as c0, got ${JSON.stringify(text)}`)
    default:
      return bad(`craft: expected FIELD=VALUE (help lists the fields), got ${JSON.stringify(word)}`)
  }
}
