/**
 * What a key absorbs from a frame, as DIALECTS writes it: `ct|iv|pt|pt[a:b]|op|lit:ascii|hex:..`, and
 * `X|CHALLENGE=Y|40=Z` for "Y at the CHALLENGE, Z at opcode 40 of the wire, X otherwise". Slices count as in Python:
 * negative from the end, either bound optional.
 */
import { ascii, fromHex, isHex } from '../reference/bytes.ts'
import { OPCODE_WORDS, type OpcodeWord } from './opcodes.ts'

export type Expression =
  | { readonly kind: 'ct' | 'iv' | 'op' }
  | { readonly kind: 'pt'; readonly from: number; readonly to: number | undefined }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }

export interface Rule {
  readonly otherwise: Expression
  readonly at: readonly { readonly opcode: number; readonly use: Expression }[]
}

/** One in which opcodes stand as they were written: a number on the wire, or a name. */
export interface WrittenRule {
  readonly otherwise: Expression
  readonly at: readonly { readonly opcode: number | OpcodeWord; readonly use: Expression }[]
}

/** What of a frame an expression may look at. */
export interface Material {
  readonly opcode: number
  readonly byte: number // the opcode as the dialect has it on the wire
  readonly iv: Uint8Array
  readonly ciphertext: Uint8Array
  readonly plaintext: Uint8Array
}

export const isOpcodeWord = (said: unknown): said is OpcodeWord =>
  typeof said === 'string' && Object.hasOwn(OPCODE_WORDS, said)

const SLICE = /^pt\[(-?\d+)?:(-?\d+)?\]$/

function parseExpression(text: string): Expression | null {
  if (text === 'ct' || text === 'iv' || text === 'op') return { kind: text }
  if (text === 'pt') return { kind: 'pt', from: 0, to: undefined }
  const slice = SLICE.exec(text)
  if (slice) {
    const [, from, to] = slice
    return { kind: 'pt', from: from ? Number(from) : 0, to: to ? Number(to) : undefined }
  }
  if (text.startsWith('lit:')) return { kind: 'bytes', bytes: ascii(text.slice(4)) }
  if (text.startsWith('hex:') && isHex(text.slice(4))) return { kind: 'bytes', bytes: fromHex(text.slice(4)) }
  return null
}

/** Null where the text is not of the grammar above. */
export function parseRule(text: string): WrittenRule | null {
  const [first = '', ...overrides] = text.split('|')
  const otherwise = parseExpression(first)
  if (otherwise === null) return null
  const at: { opcode: number | OpcodeWord; use: Expression }[] = []
  for (const override of overrides) {
    const [, said = '', body] = /^(\d{1,3}|[A-Z_]+)=(.*)$/.exec(override) ?? []
    const use = body === undefined ? null : parseExpression(body)
    const opcode = isOpcodeWord(said) ? said : Number(said)
    if (use === null || (typeof opcode === 'number' && !(opcode <= 255))) return null
    at.push({ opcode, use })
  }
  return { otherwise, at }
}

function evaluate(e: Expression, m: Material): Uint8Array {
  if (e.kind === 'bytes') return e.bytes
  if (e.kind === 'pt') return m.plaintext.subarray(e.from, e.to)
  if (e.kind === 'op') return Uint8Array.of(m.byte)
  return e.kind === 'ct' ? m.ciphertext : m.iv
}

export const apply = (rule: Rule, m: Material): Uint8Array =>
  evaluate(rule.at.find((o) => o.opcode === m.opcode)?.use ?? rule.otherwise, m)
