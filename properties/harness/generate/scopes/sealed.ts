/** Frames with one thing wrong under a valid tag, from an insider: what only the checks beside the tag can catch. */
import type { Schedule, Seal } from '../../../../spec/language.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { BODIES_OF } from '../payloads.ts'
import { FIELD_VALUES, ROUND_VALUES } from './altered.ts'
import { client, type Scope, schedule, TARGETS, type Target } from './scope.ts'

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
