/** Frames of one’s own under valid tags. */
import fc, { type Arbitrary } from 'fast-check'
import type { Action, End, Side } from '../../../../spec/language.ts'
import { BODIES, hex, int, one, PADS } from '../arbitraries.ts'
import { BODIES_OF, CONTROL_HEX, dataHex, responseHex, textHex } from '../payloads.ts'
import { each, KINDS, type Kind, receiver, type Scenario, upTo } from './scenarios.ts'

const OPCODES: Readonly<Record<Kind, number>> = { hello: 10, challenge: 20, data: 30, response: 40 }
const VALID: Readonly<Record<Kind, string>> = {
  hello: textHex('Hello'),
  challenge: textHex('Challenge'),
  data: dataHex([1, 2]),
  response: responseHex(0, 3, 2, 1.5),
}

const OF_OPCODE = new Map([
  ...KINDS.map((kind) => [OPCODES[kind], VALID[kind]] as const),
  [50, CONTROL_HEX],
  [60, CONTROL_HEX],
])

const UNSPOILED = 0

/** Behind zeros, or behind a valid body: padding of any length, spoiled in one place or not. */
const padded = (valid: string): Arbitrary<{ body: string; pad: string }> => {
  const length = valid.length / 2
  const natural = 16 - (length % 16)
  return fc
    .record({
      shape: fc.oneof(
        one({ body: valid, p: natural }, { body: valid, p: natural + 16 }),
        fc.oneof(int(1, 16), one(15, 16, 17, 18)).map((p) => ({ body: '00'.repeat(32 - p), p })),
      ),
      at: fc.oneof(one(0, -1, -2), int(0, 40)),
      xor: one(UNSPOILED, UNSPOILED, 1, 0x80, 0xff),
      filled: one('right', 'right', 'right', 'right', 'zeros'),
    })
    .map(({ shape: { body, p }, at, xor, filled }) => {
      const pad = new Uint8Array(p).fill(filled === 'right' ? p : 0)
      pad[((at % p) + p) % p]! ^= xor
      return { body, pad: Buffer.from(pad).toString('hex') }
    })
}

interface Forgery {
  readonly content: Scenario
  readonly header: Scenario
}

const power = (most: number): Arbitrary<number> => int(1, most).map((k) => 2 ** k)

/** Forged frames that arrive where a genuine one of this kind is awaited, under the keys that are due there. */
const forgedAs = (kind: Kind, rounds: number): Forgery => {
  const to = receiver(kind)
  const { side }: { side: Side } = to
  const first = kind === 'hello'
  const right = side === 'server' ? 1 : 2
  const valid = VALID[kind]
  const base = {
    do: one('seal'),
    power: one('I'),
    as: one<End>({ side: first ? 'client' : side, n: -1 }),
    under: one<'current' | 'previous' | 'initial'>(first ? 'initial' : 'current'),
    to: one(to),
    opcode: one<number>(OPCODES[kind]),
    id: one<number>(0),
    round: one<number>(0),
    direction: one<number>(right),
    body: one<string>(valid),
  }
  const inPlace = (seal: Arbitrary<Action>): Scenario => fc.tuple(upTo(kind, rounds), seal)
  return {
    content: fc.oneof(
      { weight: 5, arbitrary: inPlace(fc.record({ ...base, body: one(...BODIES_OF[kind]) })) },
      { weight: 1, arbitrary: inPlace(fc.record({ ...base, opcode: one(50, 60), body: one(...BODIES_OF.control) })) },
      {
        weight: 4,
        arbitrary: inPlace(fc.tuple(fc.record(base), padded(valid)).map(([seal, p]) => ({ ...seal, ...p }))),
      },
      { weight: 1, arbitrary: inPlace(fc.record({ ...base, body: one(...BODIES, ''), pad: one(...PADS, '') })) },
      { weight: 1, arbitrary: inPlace(fc.record({ ...base, tail: hex(17) })) },
      { weight: 1, arbitrary: inPlace(fc.record({ ...base, body: one(''), pad: one('') })) }, // no ciphertext at all
    ),
    header: fc.oneof(
      {
        weight: 2,
        arbitrary: inPlace(
          fc
            .tuple(fc.record(base), one(10, 20, 30, 40, 50, 60, 0, 31, 255), one('own', 'own', 'awaited', 'control'))
            .map(([seal, opcode, what]) => {
              const body =
                what === 'awaited' ? valid : what === 'control' ? CONTROL_HEX : (OF_OPCODE.get(opcode) ?? valid)
              return { ...seal, opcode, body }
            }),
        ),
      },
      inPlace(fc.record({ ...base, direction: one(0, 1, 2, 3, 255) })),
      inPlace(
        fc.record({
          ...base,
          id: fc.oneof(
            one(1, 2, 3, 9, 255),
            power(7).map((bit) => 1 + bit),
          ),
        }),
      ),
      inPlace(fc.record({ ...base, round: fc.oneof(one(-1, 1), power(31)) })),
      inPlace(fc.record({ ...base, opcode: one(50, 60), body: one(CONTROL_HEX), round: one(-1, 0, 1, 256) })),
      inPlace(
        fc.record({
          ...base,
          under: kind === 'hello' || kind === 'challenge' ? one('initial') : one('previous', 'initial'),
        }),
      ),
    ),
  }
}

/** Whatever can be said under a valid tag, where it is awaited. */
export const forgedContent = (rounds: number): Scenario => each((kind) => forgedAs(kind, rounds).content)

/** A valid payload under a valid tag and a header that is not the one awaited. */
export const forgedHeader = (rounds: number): Scenario => each((kind) => forgedAs(kind, rounds).header)

/** Right in everything but that nobody awaits it: the session is idle, or waits for something else. */
export const uncalled = (rounds: number): Scenario =>
  fc
    .tuple(
      int(0, 2),
      int(0, rounds),
      one(undefined, undefined, 'data', 'response', 'challenge'),
      one<Side>('client', 'client', 'server'),
      one(...KINDS, 'desync', 'terminate'),
    )
    .map(([client, depth, until, side, what]) => {
      const control = what === 'desync' || what === 'terminate'
      const at: End = { side, n: -1 }
      const seal: Action = {
        do: 'seal',
        power: 'I',
        as: at,
        under: 'current',
        to: at,
        opcode: control ? (what === 'desync' ? 50 : 60) : OPCODES[what],
        id: 0,
        round: 0,
        direction: side === 'server' ? 1 : 2,
        body: control ? CONTROL_HEX : VALID[what],
      }
      return [{ do: 'converse', client, rounds: depth, ...(until && { until }) }, seal]
    })
