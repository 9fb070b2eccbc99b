/**
 * Frames with one thing wrong, in every way that is small enough to try them all: a genuine one altered, which follows each
 * time as it was; and one under a valid tag, from an insider, which only the checks beside the tag can catch.
 */
import type { Edit, Schedule, Seal } from '../../../../spec/language.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { regionOf } from '../../world/wire.ts'
import { BODIES_OF } from '../payloads.ts'
import { client, type Scope, schedule, TARGETS, type Target } from './scope.ts'

const REGIONS = ['header', 'iv', 'ciphertext', 'tag'] as const

function* flips(t: Target): Generator<Edit> {
  for (const at of REGIONS) {
    const [start, end] = regionOf(at, t.bytes)
    for (let pos = 0; pos < end - start; pos++)
      for (let bit = 0; bit < 8; bit++) yield { do: 'flip', at, pos, xor: 1 << bit }
  }
  for (let pos = 0; pos < 4; pos++)
    for (let bit = 0; bit < 8; bit++) yield { do: 'flip', at: 'length', pos, xor: 1 << bit }
}

const MOST = 32 // bytes of extension

function* lengths(t: Target): Generator<Edit> {
  for (let bytes = 0; bytes < t.bytes; bytes++) yield { do: 'truncate', bytes }
  for (let n = 1; n <= MOST; n++) yield { do: 'extend', hex: '00'.repeat(n) }
}

/** Whatever is legal for one header field (PROTOCOL §2) is tried in every other; the first 256 cover the one-byte ones. */
export const FIELD_VALUES: readonly number[] = Array.from({ length: 256 }, (_, v) => v)
export const ROUND_VALUES: readonly number[] = [
  ...FIELD_VALUES,
  256,
  0xffff,
  0x10000,
  0x7fffffff,
  0x80000000,
  0xfffffffe,
  0xffffffff,
]

function* fields(t: Target): Generator<Edit> {
  const own = { opcode: t.opcode, id: 1, direction: t.direction, round: t.round }
  for (const field of ['opcode', 'id', 'direction'] as const)
    for (const value of FIELD_VALUES) if (value !== own[field]) yield { do: 'set', field, value }
  for (const value of ROUND_VALUES) if (value !== own.round) yield { do: 'set', field: 'round', value }
}

const altering = (says: string, edits: (t: Target) => Iterable<Edit>): Scope => ({
  says,
  *schedules(): Generator<Omit<Schedule, 'mode'>> {
    for (const t of TARGETS)
      for (const edit of edits(t)) {
        const { frame, to } = t
        const altered = { do: 'deliver', frame, to, edit } as const
        yield schedule('N', {}, [...t.before, ...t.making, altered, { do: 'deliver', frame, to }])
      }
  },
})

export const FLIPS = altering('every single bit of one frame of each type, and of its length prefix, flipped', flips)
export const LENGTHS = altering(`one frame of each type cut to every length, extended by 1..${MOST} bytes`, lengths)
export const FIELDS = altering('every header field with every value that is legal in any of them', fields)

/** The right frame for the target, forged under the keys of the session that it belongs to. */
export const right = (t: Target): Seal => ({
  do: 'seal',
  power: 'I',
  as: client(0),
  under: t.opcode === OP.HELLO ? 'initial' : 'current',
  to: t.to,
  opcode: t.opcode,
  id: 1,
  round: 0,
  direction: t.direction,
  body: t.body,
})

const forging = (says: string, forged: (t: Target) => Iterable<Seal>): Scope => ({
  says,
  *schedules(): Generator<Omit<Schedule, 'mode'>> {
    for (const t of TARGETS) for (const seal of forged(t)) yield schedule('NI', { insiders: [1] }, [...t.before, seal])
  },
})

export const SEALED_FIELDS = forging(
  'every header field with every value that is legal in any of them, under a valid tag',
  function* (t) {
    const seal = right(t)
    // TERMINATE to a client: but for the opcode it is what KEY_DESYNC_ERROR to a client is, so these would come twice.
    const twin = t.opcode === OP.TERMINATE && t.to.side === 'client'
    for (const opcode of twin ? [] : FIELD_VALUES) if (opcode !== t.opcode) yield { ...seal, opcode }
    for (const id of FIELD_VALUES) if (id > 1) yield { ...seal, id } // 0 stands for the session's own
    for (const direction of FIELD_VALUES) if (direction !== t.direction) yield { ...seal, direction }
    for (const value of ROUND_VALUES) if (value !== t.round) yield { ...seal, round: value - t.round }
  },
)

const BLOCK = 16

/** The valid plaintext cut or filled up with zeros so that `tail` bytes complete its last block. */
export const bodyFor = (t: Target, tail: number): string => {
  const blocks = Math.floor(t.body.length / 2 / BLOCK)
  const bytes = blocks * BLOCK + BLOCK - tail
  return t.body.slice(0, 2 * bytes).padEnd(2 * bytes, '0')
}

export const PADDINGS = forging(
  'a last block that ends in 1..16 bytes of each of the 256 values, under a valid tag',
  function* (t) {
    for (let tail = 1; tail <= BLOCK; tail++)
      for (let value = 0; value < 256; value++)
        yield { ...right(t), body: bodyFor(t, tail), pad: value.toString(16).padStart(2, '0').repeat(tail) }
  },
)

const bodiesOf = (opcode: number): readonly string[] => {
  switch (opcode) {
    case OP.HELLO:
    case OP.CHALLENGE:
      return BODIES_OF.hello
    case OP.DATA:
      return BODIES_OF.data
    case OP.RESPONSE:
      return BODIES_OF.response
    default:
      return BODIES_OF.control
  }
}

export const PAYLOADS = forging(
  'every payload at a limit of what its type may say, or just beyond one, under a valid tag',
  function* (t) {
    for (const body of bodiesOf(t.opcode)) yield { ...right(t), body }
  },
)
