/** What random draws meet once in thousands of schedules: one rule alone refuses it, and whatever comes after would take it. */
import type { Action, Schedule } from '../../../../spec/language.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { bodyFor, right } from './altered.ts'
import { client, handshake, pass, type Scope, schedule, sentBy, server, TARGETS } from './scope.ts'

type Unmoded = Omit<Schedule, 'mode'>

const BLOCK = 16

function* forged(): Generator<Unmoded> {
  for (const t of TARGETS) {
    const seal = right(t)
    // TERMINATE to a client: but for the opcode it is what KEY_DESYNC_ERROR to a client is, so these would come twice.
    const twin = t.opcode === OP.TERMINATE && t.to.side === 'client'
    for (const opcode of twin ? [] : Object.values(OP))
      if (opcode !== t.opcode) yield schedule('NI', { insiders: [1] }, [...t.before, { ...seal, opcode }])
    for (let p = BLOCK + 1; p <= 2 * BLOCK; p++) {
      const pad = p.toString(16).repeat(p)
      yield schedule('NI', { insiders: [1] }, [...t.before, { ...seal, body: bodyFor(t, p - BLOCK), pad }])
    }
  }
}

function* orders<T>(all: readonly T[]): Generator<readonly T[]> {
  if (all.length === 0) yield []
  for (const [i, first] of all.entries()) for (const rest of orders(all.toSpliced(i, 1))) yield [first, ...rest]
}

const finishes = (n: number): readonly Action[] => [{ do: 'finish', run: n }, pass(sentBy(client(n), 1), server(n))]
const submits = (n: number): readonly Action[] => [
  { do: 'submit', run: n, values: [1] },
  pass(sentBy(client(n), 1), server(n)),
]

const MOST = 3 // sessions before the last HELLO

/** Of several half-open sessions of a client some end, one more begins, and those that are left send their first DATA. */
function* counted(): Generator<Unmoded> {
  for (let before = 2; before <= MOST; before++) {
    const runs = Array.from({ length: before }, (_, n) => n)
    for (let ends = 1; ends < 2 ** before; ends++) {
      const [gone, left] = [1, 0].map((is) => runs.filter((n) => ((ends >> n) & 1) === is)) as [number[], number[]]
      const lead = [...runs.flatMap((n) => handshake(n)), ...gone.flatMap(finishes), ...handshake(before)]
      for (const order of orders([...left, before])) yield schedule('N', {}, [...lead, ...order.flatMap(submits)])
    }
  }
}

export const RARE: Scope = {
  says: 'a payload that is awaited under every other opcode, paddings of 17..32 bytes, a HELLO after others of its client ended and every order of first DATA',
  *schedules(): Generator<Unmoded> {
    yield* forged()
    yield* counted()
  },
}
