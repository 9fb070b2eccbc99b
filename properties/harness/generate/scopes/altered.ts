/** Every way to alter one genuine frame that is small enough to try them all; the genuine one follows each time. */
import type { Edit, Schedule } from '../../../../spec/language.ts'
import { regionOf } from '../../wire.ts'
import { type Scope, schedule, TARGETS, type Target } from './scope.ts'

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
