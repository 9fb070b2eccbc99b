/**
 * Quantities of the protocol, each drawn log-uniformly up to its limit: a rule that changes beyond 4, 16 or 2^24 of
 * something is met as often as one that changes at once. Depth is cheap, since `converse` is one action.
 */
import fc, { type Arbitrary } from 'fast-check'
import type { Action, End, Pick } from '../../../../spec/language.ts'
import { cuts, edit, int, NEW, one, scaled, upTo } from '../arbitraries.ts'
import type { Scenario } from './scenarios.ts'

const server = (n: number): End => ({ side: 'server', n })
const client = (n: number): End => ({ side: 'client', n })
const pass = (to: End): Action => ({ do: 'deliver', frame: -1, to })
const converse = (client: number, rounds: number): Extract<Action, { do: 'converse' }> => ({
  do: 'converse',
  client,
  rounds,
})

/** Of 255 clients; those of ids that are powers of two more often than not. */
const anyone = scaled(255).map((n) => n - 1)

/** One number over and over: what is many here is the values, not their bytes. */
const many = (count: number, value = 1): readonly number[] => Array.from({ length: count }, () => value)

/** Frames of a session, rounds: a long conversation, and what the adversary does at its end. */
export const deep = (rounds: number): Scenario => {
  const long = fc.tuple(anyone, scaled(rounds)).map(([c, depth]) => converse(c, depth))
  return fc.oneof(
    long.map((a) => [a]),
    fc.tuple(long, edit).map(([a, edit]): readonly Action[] => [
      { ...a, until: 'data' },
      { do: 'submit', run: -1, values: [1] }, // one is outstanding
      { do: 'deliver', frame: -1, to: server(-1), edit },
    ]),
    long.map((a): readonly Action[] => [a, { do: 'finish', run: -1 }, pass(server(-1))]),
  )
}

/** Rounds between two moments: the newer of two sessions is confirmed, and the older one's first DATA comes much later. */
export const apart = (rounds: number): Scenario =>
  fc.tuple(anyone, scaled(rounds)).map(([c, depth]): readonly Action[] => {
    const opens: readonly Action[] = [{ do: 'connect', client: c }, pass(server(NEW)), pass(client(-1))]
    const submits = (n: number): readonly Action[] => [
      { do: 'submit', run: n, values: [2] },
      { do: 'deliver', frame: -1, to: server(n) },
      pass(client(-1)),
    ]
    return [...opens, ...opens, ...submits(-1), converse(c, depth - 1), ...submits(-2)]
  })

/** Frames in a chunk: a recorded session at once, for a server that draws the same again (literal: for any). */
export const replayed = (rounds: number): Scenario =>
  fc.tuple(anyone, scaled(rounds), fc.boolean()).map(([c, depth, restarts]): readonly Action[] => {
    const frames: readonly Pick[] = Array.from({ length: depth + 1 }, (_, i) => i - depth - 1)
    const [hello, ...data] = frames
    return [
      { do: 'restart' },
      converse(c, depth),
      ...(restarts ? [{ do: 'restart', sameRng: true } as const] : []),
      { do: 'deliver', frame: hello!, to: server(NEW), with: data },
    ]
  })

/** Connections that say nothing yet, and a client that is served all the same. */
export const connected = (most: number): Scenario =>
  fc
    .tuple(anyone, scaled(most), one('', '00'), int(0, 2))
    .map(([c, count, hex, rounds]): readonly Action[] => [
      ...Array.from({ length: count }, (): Action => ({ do: 'inject', to: server(NEW), hex })),
      converse(c, rounds),
    ])

/** Half-open sessions of one id, the oldest or the newest of which goes on. */
export const halfOpen = (most: number): Scenario =>
  fc
    .tuple(anyone, scaled(most), fc.boolean())
    .map(([c, count, oldest]): readonly Action[] => [
      ...Array.from({ length: count }, (): Action => ({ ...converse(c, 0), until: 'data' })),
      { do: 'deliver', frame: oldest ? -count : -1, to: server(oldest ? -count : -1) },
      pass(client(-1)),
    ])

/** Rounds whose values are kept: another client asks for the aggregate of each, when they are long past. */
export const kept = (rounds: number): Scenario =>
  fc
    .tuple(anyone, anyone, scaled(rounds), scaled(6))
    .map(([a, b, depth, asked]): readonly Action[] => [converse(a, depth), converse(b, Math.min(depth, asked))])

/** Values of a submission; those of all others in the same round. */
export const values = (most: number): Scenario =>
  fc
    .tuple(anyone, anyone, scaled(most), one(1, 0.1, -1e300, 5e-324))
    .map(([a, b, count, value]): readonly Action[] =>
      [a, b].flatMap((c) => [
        converse(c, 0),
        { do: 'submit', run: -1, values: many(c === a ? count : 1, value) },
        pass(server(-1)),
        pass(client(-1)),
      ]),
    )

const FULL = 511 // values of a submission, PROTOCOL §5

/** Values of an aggregate: as many clients as that takes. */
export const masses = (most: number): Scenario =>
  scaled(most).map((total): readonly Action[] =>
    Array.from({ length: Math.ceil(total / FULL) }, (_, c) => c).flatMap((c): readonly Action[] => [
      converse(c, 0),
      { do: 'submit', run: -1, values: many(Math.min(FULL, total - c * FULL)) },
      pass(server(-1)),
    ]),
  )

const SPACING = 54 // bits: more than a double holds, so that none of two parts can be rounded into the other
const LOWEST = -1_074
export const MOST_PARTS = 38 // up to 2^978, below 1e300

/** Numbers so far apart that an exact sum of them has as many parts; the smallest first. */
export const partsOf = (count: number, odd: number): readonly number[] =>
  Array.from(
    { length: count },
    (_, i) => (i % 2 === 0 ? 1 : -1) * odd * 2 ** (LOWEST + (MOST_PARTS - count + i) * SPACING),
  )

/** Parts of a sum: one client cancels all but the smallest parts of another's. */
export const cancelled: Scenario = fc
  .tuple(anyone, anyone, scaled(MOST_PARTS), scaled(4), one(1, 1.5, 1 + 2 ** -20))
  .map(([a, b, count, left, odd]): readonly Action[] => {
    const parts = partsOf(count, odd)
    const submits = (c: number, values: readonly number[]): readonly Action[] => [
      converse(c, 0),
      { do: 'submit', run: -1, values: values.length > 0 ? values : [0] },
      pass(server(-1)),
      pass(client(-1)),
    ]
    const rest = parts.slice(Math.min(left, count)).map((v) => -v)
    return [...submits(a, parts), ...submits(b === a ? (a + 1) % 255 : b, rest)]
  })

/** Bytes of a frame: altered anywhere, in pieces or not; perhaps after another request that is refused. */
export const sized = (rounds: number): Scenario =>
  fc
    .tuple(
      fc.record({ do: one('converse'), client: anyone, rounds: int(0, rounds) }),
      scaled(FULL),
      fc.oneof<Arbitrary<object>[]>(fc.constant({}), fc.record({ cuts }), fc.record({ upTo })),
      fc.oneof(edit, fc.record({ do: one('flip'), at: one('ciphertext'), pos: scaled(4_112), xor: one(1, 128) })),
      fc.boolean(),
    )
    .map(([lead, count, pieces, edit, again]): readonly Action[] => [
      lead,
      { do: 'submit', run: -1, values: many(count, 3) },
      ...(again ? [{ do: 'submit', run: -1, values: [1] } as const] : []),
      { do: 'deliver', frame: -1, to: server(-1), edit, ...pieces },
      { do: 'continue', to: server(-1) },
    ])

/** The clock: what waits, waits as long as ever, however late it is. */
export const late = (then: Scenario): Scenario =>
  fc.tuple(scaled(2 ** 50), then).map(([ms, actions]) => [{ do: 'advance', ms }, ...actions])
