/** Reads what an adapter says: one JSON object a line (spec/ADAPTER.md). Every complaint names line, column, and what was expected. */
import { isUtf8 } from 'node:buffer'
import type { z } from 'zod'
import { ADAPTER_PROTOCOL, type AdapterTold, type AdapterView, type Call } from '../../../spec/adapter.ts'
import type { Body, Told, View } from '../../../spec/events.ts'
import { OP } from '../../../spec/opcodes.ts'
import { type PrefixedStream, prefixed } from '../../../spec/reference/frame.ts'
import { parseWith } from '../schedules/schedule-file.ts'
import { fromHex } from '../world/wire.ts'
import { type Child, quoted } from './child.ts'
import type { PartySetup } from './party.ts'

const DEPTH = 64

/** The column, from 1, at which a text stops being JSON. */
export const faultColumn = (text: string): number => {
  let at = 0
  const take = (what: RegExp): boolean => {
    what.lastIndex = at
    if (!what.test(text)) return false
    at = what.lastIndex
    return true
  }
  const list = (end: string, item: () => boolean): boolean => {
    at++
    for (let n = 0; ; n++) {
      take(/\s*/y)
      if (n === 0 && text[at] === end) break
      if (!item()) return false
      take(/\s*/y)
      if (text[at] === end) break
      if (text[at] !== ',') return false
      at++
    }
    at++
    return true
  }
  const value = (depth: number): boolean => {
    take(/\s*/y)
    if (depth > DEPTH) return false
    if (text[at] === '[') return list(']', () => value(depth + 1))
    const pair = (): boolean => take(/"(?:[^"\\\p{Cc}]|\\.)*"\s*:/uy) && value(depth + 1)
    if (text[at] === '{') return list('}', pair)
    return take(/"(?:[^"\\\p{Cc}]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/uy)
  }
  if (value(0)) take(/\s*/y)
  return at + 1
}

/** The first byte, from 1, that is not UTF-8. */
const strayByte = (bytes: Buffer): number => {
  const fits = (n: number): boolean => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, n), { stream: true })
      return true
    } catch {
      return false
    }
  }
  let [low, high] = [0, bytes.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (fits(middle)) low = middle
    else high = middle
  }
  return low + 1
}

/** The next object that it says. Throws an AdapterError for what is none. */
export const nextObject = (child: Child, expected: string): { readonly text: string; readonly value: object } => {
  const bytes = child.read()
  const where = (column: number): string => `line ${child.lines}, column ${column}: expected ${expected}`
  if (!isUtf8(bytes)) {
    const column = strayByte(bytes)
    return child.fail(`${where(column)} in UTF-8, got the byte 0x${bytes[column - 1]!.toString(16)}`)
  }
  const text = bytes.toString()
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const column = faultColumn(text)
    const rest = text.slice(column - 1)
    return child.fail(`${where(column)}, got ${rest === '' ? 'the end of the line' : quoted(rest)}`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { text, value }
  return child.fail(`${where(1)}, got ${quoted(text)}`)
}

/** What it said, as `schema` has it. Throws an AdapterError. */
export const fitting = <T>(child: Child, schema: z.ZodType<T>, said: ReturnType<typeof nextObject>): T => {
  const parsed = schema.safeParse(said.value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  const name = issue.code === 'unrecognized_keys' ? issue.keys[0] : issue.path.findLast((p) => typeof p === 'string')
  const column = name === undefined ? 1 : said.text.indexOf(JSON.stringify(name)) + 1 || 1
  const read = parseWith(schema, `line ${child.lines}, column ${column}`, said.text)
  return child.fail(read.kind === 'bad' ? read.why.replace('the file: ', '') : 'a line that cannot be read')
}

/** A chunk, cut behind every frame that it completes. */
export const frameByFrame = (stream: PrefixedStream, chunk: Uint8Array): readonly Uint8Array[] => {
  const ends: number[] = []
  let end = -stream.buffered
  for (const piece of stream.push(chunk)) {
    if (piece.kind !== 'frame') break
    end += prefixed(piece.frame).length
    ends.push(end)
  }
  const parts = [0, ...ends].map((from, i) => chunk.subarray(from, ends[i]))
  return ends.at(-1) === chunk.length ? parts.slice(0, -1) : parts
}

// Of the values in them, what the harness has in their place.

export const hexOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')

export const viewOf = (v: AdapterView): View<Uint8Array> => {
  const [a, b, c, d] = (v.keys ?? []).map(fromHex)
  return { ...v, keys: a && b && c && d ? [a, b, c, d] : null }
}

const aggregateIn = ({ sum, count, average }: NonNullable<AdapterTold['answer']>): Body => ({
  ...{ kind: 'aggregate', sum: Number(sum), count, average: Number(average) },
})
const bodyIn = ({ opcode, text, values, aggregate }: AdapterTold): Body => {
  if (text !== undefined) return { kind: opcode === OP.HELLO ? 'hello' : 'challenge', text }
  if (values !== undefined) return { kind: 'data', values: values.map(Number) }
  return aggregate === undefined ? { kind: 'control' } : aggregateIn(aggregate)
}
export const toldIn = (t: AdapterTold): Told => {
  const { opcode, id = null, round = null, answer } = t
  return { opcode, id, round, body: bodyIn(t), answer: answer === undefined ? null : aggregateIn(answer) }
}

/** The call with which a schedule begins. */
export const initOf = ({ side: role, mode, keyring, limits, challenge, startRound = 1 }: PartySetup): Call => ({
  op: 'init',
  protocol: ADAPTER_PROTOCOL,
  role,
  mode,
  keys: Object.fromEntries([...keyring].map(([id, key]) => [String(id), hexOf(key)])),
  limits,
  challenge: typeof challenge === 'string' ? challenge : { hex: hexOf(challenge) },
  startRound,
})
