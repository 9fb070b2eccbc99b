/** For each power of two that a quantity of the protocol can reach a schedule that reaches it, by construction. */
import type { Action, Edit, Schedule, Setup } from '../../../../spec/language.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { dataHex } from '../payloads.ts'
import { MOST_PARTS, partsOf } from '../scenarios/scale.ts'
import { right } from './altered.ts'
import { client, handshake, pass, type Scope, schedule, sentBy, server, TARGETS } from './scope.ts'

type Unmoded = Omit<Schedule, 'mode'>

const powers = (low: number, high: number): readonly number[] =>
  Array.from({ length: high - low + 1 }, (_, i) => 2 ** (low + i))
const converse = (client: number, rounds: number): Extract<Action, { do: 'converse' }> => ({
  do: 'converse',
  client,
  rounds,
})
const times = (n: number, make: (i: number) => readonly Action[]): readonly Action[] =>
  Array.from({ length: n }, (_, i) => make(i)).flat()
const submit = (run: number, count: number): Action => ({
  do: 'submit',
  run,
  values: Array.from({ length: count }, () => 1),
})

const EDITS: readonly Edit[] = [
  { do: 'flip', at: 'tag', pos: -1, xor: 1 },
  { do: 'flip', at: 'tag', pos: 0, xor: 128 },
  { do: 'flip', at: 'ciphertext', pos: -1, xor: 1 },
  { do: 'flip', at: 'iv', pos: 0, xor: 1 },
]

/** The newest frame, altered, to whoever the conversation left waiting for it. */
const spoilt = (to: 'client' | 'server', nth: number): Action => ({
  do: 'deliver',
  frame: -1,
  to: { side: to, n: -1 },
  edit: EDITS[nth % EDITS.length]!,
})

/** In a round: altered to a server and to a client, and two rounds further on. */
function* rounds(): Generator<Unmoded> {
  const all = [...powers(0, 31), ...powers(1, 32).map((n) => n - 1), 0x00ffff00, 0x0100ff00, 0x12345600, 0xfffffffd]
  for (const [i, startRound] of [...new Set(all)].entries())
    yield schedule('N', { clients: [1, 2, 3], startRound }, [
      { ...converse(0, 0), until: 'data' },
      spoilt('server', i),
      { ...converse(1, 0), until: 'response' },
      spoilt('client', i),
      { ...converse(2, 2), until: 'data' },
      spoilt('server', i + 1),
    ])
}

function* ids(): Generator<Unmoded> {
  for (const [i, id] of [...powers(0, 7), 129, 254, 255].entries())
    yield schedule('N', { clients: [id, id] }, [
      { ...converse(0, 1), until: 'data' },
      spoilt('server', i),
      { ...converse(1, 1), until: 'response' },
      spoilt('client', i),
    ])
}

/** Bytes of a frame: altered as a whole, in pieces within an action and between two; then as it was sent. */
function* sizes(): Generator<Unmoded> {
  for (const count of [...powers(1, 8), 254, 255, 257, 510, 511])
    for (const [i, edit] of [...EDITS, undefined].entries()) {
      const whole = pass(sentBy(client(0), 1), server(0))
      const cut = [{}, { cuts: [7, 70] }, { upTo: 70 }, { upTo: -1 }][(count + i) % 4]!
      const part = { ...whole, ...(edit && { edit }), ...cut } as Action
      yield schedule('N', {}, [...handshake(0), submit(0, count), part, { do: 'continue', to: server(0) }])
    }
}

const SIZES = 256 // of DATA: one to 256 blocks
const TOGETHER = 8

/** Every size of a frame and every count of values, some in a schedule: as it was sent, then altered. */
function* everySize(): Generator<Unmoded> {
  for (let size = 0; size < SIZES; size += TOGETHER)
    yield schedule(
      'N',
      {},
      times(TOGETHER, (n) => {
        const whole = 2 * (size + n)
        return [
          ...handshake(n),
          submit(n, whole + 1),
          pass(sentBy(client(n), 1), server(n)),
          pass(sentBy(server(n), 1), client(n)),
          submit(n, Math.max(1, whole)),
          spoilt('server', size / TOGETHER + n),
        ]
      }),
    )
}

/** Padding of large frames: right, and spoiled in the byte that is checked last. */
function* paddings(): Generator<Unmoded> {
  const target = TARGETS.find((t) => t.opcode === OP.DATA)!
  for (const count of [...powers(1, 8), 511])
    for (const spoil of [0, 1]) {
      const body = dataHex(Array.from({ length: count }, () => 1))
      const p = 16 - ((body.length / 2) % 16)
      const pad = Buffer.from(new Uint8Array(p).fill(p).fill(p ^ spoil, 0, 1)).toString('hex')
      yield schedule('NI', { insiders: [1] }, [...target.before, { ...right(target), body, pad }])
    }
}

/** Every type of frame to every receiver. */
function* types(): Generator<Unmoded> {
  for (const { before, making, frame, to } of TARGETS)
    for (const edit of EDITS)
      for (const cut of [{}, { cuts: [30] }, { upTo: 30 }]) {
        const arrives = { do: 'deliver', frame, to, edit, ...cut } as const
        yield schedule('N', {}, [...before, ...making, arrives, { do: 'continue', to }])
      }
}

/** Under a valid tag, one bit of the id or the round is another. */
function* bits(): Generator<Unmoded> {
  for (const t of TARGETS) {
    const forged = (change: { id: number } | { round: number }, startRound = 1): Unmoded =>
      schedule('NI', { insiders: [1], startRound }, [...t.before, { ...right(t), ...change }])
    for (const bit of powers(1, 7)) yield forged({ id: 1 + bit })
    if (t.opcode !== OP.DATA && t.opcode !== OP.RESPONSE) continue
    for (const bit of powers(1, 31)) yield* [forged({ round: bit }), forged({ round: -bit }, 0xffffff00)]
  }
}

/** Seeds with which the tag of client 1's first HELLO has zeros at these places, where a comparison may stop. */
export const ZEROS: readonly { readonly seed: number; readonly at: readonly number[] }[] = [
  { seed: 33, at: [0] },
  { seed: 53_676, at: [0, 1] },
  { seed: 179, at: [15] },
  { seed: 250, at: [31] },
  { seed: 67_400, at: [30, 31] },
]

function* tags(): Generator<Unmoded> {
  const frame = sentBy(client(0), 0)
  for (const { seed, at } of ZEROS)
    for (const pos of new Set([...at, at[0]! - 1, 31])) {
      const edit = { do: 'flip', at: 'tag', pos, xor: 1 } as const
      const actions: readonly Action[] = [
        { do: 'connect', client: 0 },
        { do: 'deliver', frame, to: server(0), edit },
      ]
      yield { ...schedule('N', {}, actions), seed }
    }
}

const opens = (n: number): Action => ({ do: 'inject', to: server(n), hex: '' })

function* sessions(): Generator<Unmoded> {
  for (const n of powers(0, 8)) yield schedule('N', { limits: { retainedRounds: 256 } }, [converse(0, n)])
  for (const n of [17, 33, 65]) yield schedule('N', { clients: [1, 2] }, [converse(0, n), converse(1, 3)])
  for (const n of powers(0, 5)) {
    const data = Array.from({ length: n - 1 }, (_, i) => sentBy(client(0), i + 1))
    const again = { do: 'deliver', frame: sentBy(client(0), 0), to: server(1), with: data } as const
    yield schedule('NF', {}, [converse(0, n), { do: 'restart', sameRng: true }, again])
  }
  // as many connections as there may be, and one that displaces the oldest
  for (const connections of powers(0, 10))
    yield schedule('N', { limits: { connections } }, [...times(connections, (i) => [opens(i)]), converse(0, 1)])
  for (const n of powers(0, 6)) {
    const limits = { unconfirmedPerId: n }
    yield schedule(
      'N',
      { limits },
      times(n + 1, (i) => handshake(i)),
    )
  }
}

/** The newer of two sessions is confirmed and goes on for so many rounds; then the older one's first DATA comes. */
const apart = (rounds: number, setup: Partial<Setup>): Unmoded =>
  schedule('N', setup, [
    ...handshake(0),
    ...handshake(1),
    submit(1, 1),
    pass(sentBy(client(1), 1), server(1)),
    pass(sentBy(server(1), 1), client(1)),
    converse(0, rounds - 1),
    submit(0, 1),
    pass(sentBy(client(0), 1), server(0)),
    // and a third, newer than both, supersedes
    ...handshake(2),
    submit(2, 1),
    pass(sentBy(client(2), 1), server(2)),
  ])

const MANY = 34 // rounds

function* counters(): Generator<Unmoded> {
  for (const n of [...powers(0, 5), 3]) yield apart(n, {})
  for (const n of powers(2, 52)) yield apart(1, { startHello: n - 1 }) // and n, and n + 1
  for (const ms of powers(0, 50))
    yield schedule('N', {}, [
      { do: 'advance', ms },
      converse(0, 1),
      { do: 'advance', ms: 599_999 },
      { do: 'advance', ms: 1 },
    ])
  // just in time, round after round
  for (const startRound of [1, 0xf0, 0xfff0, 0xfffffff0 - MANY])
    yield schedule('N', { startRound }, [
      ...handshake(0),
      ...times(MANY, (n) => [
        submit(0, 1),
        pass(sentBy(client(0), n + 1), server(0)),
        pass(sentBy(server(0), n + 1), client(0)),
        { do: 'advance', ms: 599_999 },
      ]),
    ])
}

const FULL = 511

function* sums(): Generator<Unmoded> {
  const clients = Array.from({ length: 255 }, (_, i) => i + 1)
  for (const total of [...powers(0, 15), 2 ** 16 + 1])
    yield schedule(
      'N',
      { clients },
      times(Math.ceil(total / FULL), (i) => [
        ...handshake(i, i),
        submit(i, Math.min(FULL, total - i * FULL)),
        pass(sentBy(client(i), 1), server(i)),
      ]),
    )
  for (const count of [...powers(0, 5), 3, 5, 9, 17, 21, 33, MOST_PARTS]) {
    const parts = partsOf(count, 1.5)
    yield schedule('N', { clients: [1, 2] }, [
      ...[parts, count > 1 ? parts.slice(1).map((v) => -v) : [0]].flatMap((values, i): readonly Action[] => [
        ...handshake(i, i),
        { do: 'submit', run: i, values },
        pass(sentBy(client(i), 1), server(i)),
      ]),
    ])
  }
}

export const SCALE: Scope = {
  says: 'every power of two that a quantity of the protocol can reach; an altered frame of every size, round, id and type',
  *schedules(mode): Generator<Unmoded> {
    for (const part of [rounds, ids, sizes, paddings, types, bits, tags, sessions, counters, sums]) yield* part()
    if (mode === 'bound') yield* everySize() // literal is another in the handshake only
  },
}
