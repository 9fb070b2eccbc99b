/** Frames in one line each, decoded as far as the passive tracker can: the only place that shows frames to people. */
import { type Dialect, PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { headerIn } from '../../../spec/dialects/opcodes.ts'
import type { Body, FrameId } from '../../../spec/events.ts'
import type { End } from '../../../spec/language.ts'
import { OPCODE_NAMES } from '../../../spec/opcodes.ts'
import { quote } from '../../../src/cli/terminal.ts'
import { cut } from '../terminal/text.ts'
import { brief } from '../trace/trace.ts'
import { toHex } from '../world/wire.ts'
import type { World } from '../world/world.ts'

export interface FrameLine {
  readonly frame: FrameId
  readonly name: string // of the opcode
  readonly id: number
  readonly round: number
  readonly bytes: number
  readonly hex: string // shortened
  readonly says: string
}

const HEAD = 11 // bytes shown: the header and what follows of the IV
const TAIL = 4

const short = (bytes: Uint8Array): string =>
  bytes.length <= HEAD + TAIL ? toHex(bytes) : `${toHex(bytes.subarray(0, HEAD))}…${toHex(bytes.subarray(-TAIL))}`

const MOST_VALUES = 8
const MOST_HEX = 64

/** NaN stands for a number that the answers of a dialect do not carry. */
const numbers = (all: Readonly<Record<string, number>>): string => {
  const told = Object.entries(all).filter(([, x]) => !Number.isNaN(x))
  return told.length === 0 ? 'no number' : told.map(([name, x]) => `${name} ${x}`).join(', ')
}

/** A payload in one line; text and lists of others are cut short. */
export const says = (b: Body): string => {
  switch (b.kind) {
    case 'hello':
    case 'challenge':
      return quote(b.text)
    case 'data': {
      const { values } = b
      if (values.length === 0) return 'values that are not read' // in the codec any of a dialect
      return `values ${values.slice(0, MOST_VALUES).join(', ')}${values.length > MOST_VALUES ? `, … (${values.length} values)` : ''}`
    }
    case 'aggregate':
      return numbers({ sum: b.sum, count: b.count, average: b.average, product: b.product ?? Number.NaN })
    case 'control':
      return 'the byte 00'
    case 'opaque':
      return `no valid payload: ${b.hex.length > MOST_HEX ? `${b.hex.slice(0, MOST_HEX)}…` : b.hex}`
    case 'sealed':
      return 'opens under no key of its sender'
  }
}

/** `said`: its payload in words, or why there are none. */
export const frameLine = (frame: FrameId, bytes: Uint8Array, said: string, d: Dialect = PROTOCOL.bound): FrameLine => {
  const header = headerIn(d, bytes) ?? { opcode: 0, id: 0, round: 0, direction: 0 }
  return {
    frame,
    name: OPCODE_NAMES[header.opcode] ?? `opcode ${header.opcode}`,
    id: header.id,
    round: header.round,
    bytes: bytes.length,
    hex: short(bytes),
    says: said,
  }
}

/** In the order of the set. */
export const frameBook = (world: World, frames: Iterable<FrameId>): readonly FrameLine[] =>
  [...frames].map((frame) => {
    const sent = world.ledger.senders(frame)[0]
    return frameLine(
      frame,
      world.wire.frameNames.bytes(frame),
      sent === undefined ? 'sealed by nobody' : says(sent.body),
      world.ledger.dialect,
    )
  })

const ALL_COLUMNS = 112 // that the shortest payloads need beside all the rest

/** A FrameLine in one line of at most `columns`; where these are few, without the bytes and with a short name. */
export const frameText = (f: FrameLine, columns = Number.POSITIVE_INFINITY): string => {
  const all = columns >= ALL_COLUMNS
  const what = all ? `${f.name} r${f.round}`.padEnd(23) : `${brief(f.name)} r${f.round}`.padEnd(13)
  const about = `${f.frame.padEnd(4)} ${what} client ${String(f.id).padEnd(3)} ${`${f.bytes} bytes`.padEnd(10)}`
  return cut(`${about} ${all ? `${f.hex}  ` : ''}${f.says}`, columns)
}

/** The other side. */
export const OTHER = { client: 'server', server: 'client' } as const

/** The other end of its connection. */
export const opposite = ({ side, n }: End): End => ({ side: OTHER[side], n })

/** A frame that crosses a connection, with the end that sent it, in one line of at most `columns`. */
export const crossing = (from: End, f: FrameLine, columns = Number.POSITIVE_INFINITY): string => {
  const ends = endsText(from)
  return `${ends}${frameText(f, columns - ends.length)}`.trimEnd()
}

/** Both ends of a connection, with an arrow from the one that sends. */
export const endsText = ({ side, n }: End): string => `c${n} ${side === 'client' ? '─▶' : '◀─'} s${n}  `
