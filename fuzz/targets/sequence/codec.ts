/**
 * A schedule as bytes: setting u8 ‖ opening u8 ‖ up to 8 records of 8 bytes, one action each. Every byte string is one:
 * numbers count modulo what they choose from, and what is left of a last record counts as zeros.
 */
import { CONTROL_HEX, dataHex, responseHex, textHex } from '../../../properties/harness/generate/payloads.ts'
import type { Action, Covers, Edit, End, Num, Pick, Region } from '../../../spec/language.ts'
import { OP } from '../../../spec/opcodes.ts'

export const HEAD = 2
export const RECORD = 8
export const MAX_RECORDS = 8
export const MAX_BYTES = HEAD + MAX_RECORDS * RECORD

/**
 * The first byte of a record. The order is the format: append only. What is appended takes the bytes of its places alone;
 * larger ones count modulo FIRST, so that what they meant before they still mean.
 */
const KINDS = [
  'pass', // to, frame
  'edit', // to, frame, edit (3 bytes)
  'seal', // to and as, power and keys, opcode, header, body, pad
  'submit', // run, values
  'connect', // client
  'converse', // client, rounds, until
  'join', // to, frame, with, cuts (2 bytes)
  'inject', // to, length, opcode, id, round, direction
  'finish', // run
  'close', // at
  'failSend', // at
  'advance', // time
  'restart',
  'leak', // at
  'part', // to, frame, bytes (2)
  'continue', // to, bytes (2)
] as const
export type Kind = (typeof KINDS)[number]
const FIRST = 14 // kinds of the first version of the format
const kindOf = (byte: number): Kind => KINDS[byte] ?? KINDS[byte % FIRST]!
true satisfies Covers<Action['do'], Kind | 'deliver'> // which is `pass`, `edit`, `join` and `part`

const NEW = 1_000 // beyond every connection: opens one

/** The order of these is the format too. */
const both = (n: number): readonly End[] => [
  { side: 'server', n },
  { side: 'client', n },
]
const ENDS: readonly End[] = [...both(-1), { side: 'server', n: NEW }, ...[-2, 0, 1, 2].flatMap(both)]

const FRAMES: readonly Pick[] = [
  ...[-1, -2, -3, -4, 0, 1, 2, 3, 4, 5, 6, 7],
  ...[-1, -2, -3, -4, 0, 1, 2, 3].map((any) => ({ any })),
]

const many = (n: number, value: (i: number) => number): readonly number[] =>
  Array.from({ length: n }, (_, i) => value(i))

const VALUES: readonly (readonly Num[])[] = [
  [10, 20],
  [1],
  [0.1, 0.2, 0.3],
  ['-0'],
  [0],
  [1e16, 1, -1e16],
  [1e300],
  [-1e300, 1e300, 5e-324],
  [],
  ['NaN'],
  ['Infinity'],
  [1.0000000000000002e300],
  many(7, (i) => i / 10), // a whole number of blocks less two bytes, and more
  many(511, (i) => i - 5),
  many(512, (i) => i),
  [2 ** 53, 1], // a tie
  [2 ** 53, 3],
  [-5e-324, 0], // an average that is -0 before PROTOCOL §8 has its say
  [7, 7],
  [-1.0000000000000002e300],
  [2 ** 53, 1, 1e-20], // just above a tie
]

const TIMES = [1, 4_999, 5_000, 5_001, 10_000, 119_999, 120_000, 599_999, 600_000] as const

const EDITED = ['ciphertext', 'tag', 'iv', 'header', 'length'] as const
const REGIONS: readonly Region[] = ['header', 'iv', 'ciphertext', 'tag']
const FIELDS = ['opcode', 'id', 'round', 'direction'] as const
const FIELD_VALUES = {
  opcode: [0, 10, 20, 30, 31, 40, 50, 60, 255],
  id: [0, 1, 2, 3, 4, 5, 9, 255],
  round: [0, 1, 2, 3, 4, 0xffff, 0xffff_fffe, 0xffff_ffff],
  direction: [0, 1, 2, 3, 255],
} as const

const OPCODES = [30, 40, 10, 20, 50, 60, 0, 31, 255] as const
const UNDER = ['current', 'previous', 'initial'] as const
const ROUNDS = [0, -1, 1, 256, 0x8000_0000] as const
const IDS = [0, 1, 2, 3, 9, 255] as const

/** The valid plaintexts of an opcode, so that one choice fits all. */
const VALID: Readonly<Record<number, string>> = {
  [OP.HELLO]: textHex('Hello from client 1'),
  [OP.CHALLENGE]: textHex('Challenge from server'),
  [OP.DATA]: dataHex([1, 2]),
  [OP.RESPONSE]: responseHex(0, 3, 2, 1.5),
  [OP.DESYNC]: CONTROL_HEX,
  [OP.TERMINATE]: CONTROL_HEX,
}

/** Null: the valid one of the opcode. */
const BODIES: readonly (string | null)[] = [
  null,
  ...[[1], [-0], [0], [1e300], [1.0000000000000002e300], [Number.NaN], [Number.POSITIVE_INFINITY]].map(dataHex),
  dataHex(many(511, (i) => i)),
  dataHex(many(512, (i) => i)),
  `0002${dataHex([5]).slice(4)}`, // says two values, carries one
  `0001${dataHex([5, 6]).slice(4)}`,
  '0000',
  responseHex(0, 3, 0, 1.5),
  responseHex(1, 3, 2, 1.5),
  responseHex(0, Number.NaN, 1, 1),
  responseHex(0, 1, 1, Number.POSITIVE_INFINITY),
  responseHex(0, -0, 0xffff_ffff, -0),
  `${responseHex(0, 3, 2, 1.5)}00`,
  textHex('x'.repeat(255)),
  textHex('x'.repeat(256)),
  'ff', // not UTF-8
  'efbbbf41', // a byte order mark is text too
  '',
  CONTROL_HEX,
  '01',
  '0000000000',
  'aa'.repeat(15),
  'aa'.repeat(16),
  'aa'.repeat(4_096),
  dataHex([-1.0000000000000002e300]),
  dataHex([1, Number.NaN]),
  dataHex([1e301, 1]),
]

const pick = <T>(all: readonly T[], byte: number): T => all[byte % all.length]!
const byteHex = (n: number, bytes: number): string => n.toString(16).padStart(2 * bytes, '0')

/** What fills a plaintext of `length` bytes to whole blocks instead of the right padding; null: the right one. */
const PADDINGS: readonly ((room: number) => readonly number[] | null)[] = [
  () => null,
  (room) => many(room, () => 0),
  (room) => many(room === 16 ? 32 : room + 16, () => 17),
  (room) => many(room, (i) => (i === 0 && room > 1 ? 0 : room)),
  (room) => many(room, (i) => (i === room - 1 ? room : 0)),
  (room) => many(room, () => Math.min(16, room + 1)),
  (room) => many(room + 16, () => room + 16),
  (room) => many(room, () => Math.max(1, room - 1)), // right, for a plaintext that is a byte longer
  (room) => many(room % 16, () => room), // none at all where the plaintext is aligned
  (room) => many(room + 16, () => 16), // a whole block too many
  (room) => many(room, (i) => (i >= room - 2 ? room : 0)),
  (room) => many(room, () => 255),
  (room) => many(room, (i) => (i === room - 1 ? 1 : 0)), // right: one byte
]

const padHex = (body: string, byte: number): string | null => {
  const bytes = pick(PADDINGS, byte)(16 - ((body.length / 2) % 16))
  return bytes === null ? null : bytes.map((b) => byteHex(b, 1)).join('')
}

const PARTIAL = -1 // the header of a frame whose rest does not come
const NOTHING = -2 // not a byte: at most a connection is opened
const LENGTHS = [71, 87, 72, 70, 0, 4_167, 4_168, 0xffff_ffff, 55, PARTIAL, NOTHING] as const

const editOf = (kind: number, a: number, b: number): Edit => {
  switch (kind % 8) {
    case 0:
      return { do: 'flip', at: pick(EDITED, kind >> 3), pos: a, xor: 1 << (b % 8) }
    case 1: {
      const field = pick(FIELDS, a)
      return { do: 'set', field, value: pick<number>(FIELD_VALUES[field], b) }
    }
    case 2:
      return { do: 'truncate', bytes: a | ((b & 15) << 8) }
    case 3:
      return { do: 'extend', hex: byteHex(b, 1).repeat(1 + (a % 32)) }
    case 4:
      return { do: 'splice', part: pick(REGIONS, a), from: pick(FRAMES, b) }
    case 5:
      return { do: 'exchange', at: pick(REGIONS, kind >> 3), pos: a, and: b }
    case 6:
      return { do: 'fill', at: pick(REGIONS, kind >> 3), value: b }
    default:
      return { do: 'flip', at: pick(EDITED, kind >> 3), pos: a, xor: b }
  }
}

/** An illegal prefix has nothing after it; the frame after a legal one is empty but for its header. */
const injected = (
  length: number,
  [opcode, id, round, direction]: readonly [number, number, number, number],
): string => {
  if (length === NOTHING) return ''
  if (length > 4_200) return byteHex(length, 4)
  const header = `${byteHex(pick(OPCODES, opcode), 1)}${byteHex(id, 1)}${byteHex(round, 4)}${byteHex(direction % 4, 1)}`
  if (length === PARTIAL) return `${byteHex(71, 4)}${header}`
  return `${byteHex(length, 4)}${(header + '00'.repeat(length)).slice(0, 2 * length)}`
}

const sealOf = ([, ends, keys, opcode, header, body, pad, id]: Uint8Array, power: Power): Action => {
  const to = pick(ENDS.slice(0, 7), ends! & 15)
  const right = to.side === 'server' ? 1 : 2
  // Mostly the session that it goes to, so that the keys are right.
  const other = ends! >> 4
  const as = other < 8 ? to : pick(ENDS, other)
  const op = pick(OPCODES, opcode!)
  const plain = pick(BODIES, body!) ?? VALID[op] ?? CONTROL_HEX
  const padding = padHex(plain, pad!)
  return {
    do: 'seal',
    power: power ?? 'L', // without a power it forges nothing
    as,
    under: pick(UNDER, keys!),
    to,
    opcode: op,
    id: pick(IDS, id!),
    round: pick(ROUNDS, header! & 15),
    direction: header! < 128 ? right : (header! >> 4) & 3,
    body: plain,
    ...(padding !== null && { pad: padding }),
    ...(id! >= 192 && { tail: 'aa' }),
  }
}

const actionOf = (r: Uint8Array, power: Power): Action => {
  const [kind, a, b, c, d, e, f, g] = [r[0]!, r[1]!, r[2]!, r[3]!, r[4]!, r[5]!, r[6]!, r[7]!]
  switch (kindOf(kind)) {
    case 'pass':
      return { do: 'deliver', frame: pick(FRAMES, b), to: pick(ENDS, a) }
    case 'edit':
      return { do: 'deliver', frame: pick(FRAMES, b), to: pick(ENDS, a), edit: editOf(c, d, e) }
    case 'seal':
      return sealOf(r, power)
    case 'submit':
      return { do: 'submit', run: -1 - (a % 3), values: pick(VALUES, b) }
    case 'connect':
      return { do: 'connect', client: a % 3, ...(b % 2 === 1 && { failSend: true as const }) }
    case 'converse': {
      const until = pick([undefined, 'hello', 'challenge', 'data', 'response'] as const, c)
      return { do: 'converse', client: a % 3, rounds: b % 2, ...(until && { until }) }
    }
    case 'join': {
      const cuts = [...(d > 0 ? [d] : []), ...(e > 0 ? [e] : [])]
      const more = c === 0 ? [] : [pick(FRAMES, c - 1)]
      const parts = { ...(cuts.length > 0 && { cuts }), ...(more.length > 0 && { with: more }) }
      return { do: 'deliver', frame: pick(FRAMES, b), to: pick(ENDS, a), ...parts }
    }
    case 'inject':
      return { do: 'inject', to: pick(ENDS, a), hex: injected(pick(LENGTHS, b), [c, d, e, f]) }
    case 'part':
      return { do: 'deliver', frame: pick(FRAMES, b), to: pick(ENDS, a), upTo: c | (d << 8) }
    case 'continue':
      return { do: 'continue', to: pick(ENDS, a), ...(b + c > 0 && { upTo: b | (c << 8) }) }
    case 'finish':
      return { do: 'finish', run: -1 - (a % 3) }
    case 'close':
      return { do: 'close', at: pick(ENDS, a) }
    case 'failSend':
      return { do: 'failSend', at: pick(ENDS, a) }
    case 'advance':
      return { do: 'advance', ms: pick(TIMES, a) + g }
    case 'restart':
      return { do: 'restart' }
    case 'leak':
      // Where nobody can steal keys, nothing happens.
      return power === 'L' ? { do: 'leak', at: pick(ENDS, a) } : { do: 'advance', ms: 0 }
  }
}

export const recordsOf = (data: Uint8Array): number =>
  Math.min(MAX_RECORDS, Math.ceil(Math.max(0, data.length - HEAD) / RECORD))

/** By which keys are had to forge frames with: an insider's, those of a session that leaked, or none. */
export type Power = 'I' | 'L' | null

export const powerOf = (powers: string): Power => (powers.includes('I') ? 'I' : powers.includes('L') ? 'L' : null)

export const actionsOf = (data: Uint8Array, power: Power): readonly Action[] =>
  Array.from({ length: recordsOf(data) }, (_, i) => {
    const record = new Uint8Array(RECORD)
    record.set(data.subarray(HEAD + i * RECORD, HEAD + (i + 1) * RECORD))
    return actionOf(record, power)
  })

/** A record of a kind; what is not given is zero. */
export const record = (kind: Kind, ...rest: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(RECORD)
  bytes.set([KINDS.indexOf(kind), ...rest])
  return bytes
}
