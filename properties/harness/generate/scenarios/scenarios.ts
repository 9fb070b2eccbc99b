/**
 * Actions that belong together: an attack needs the frame it attacks to be under way, and an endpoint that waits for
 * it. Single random actions meet that rarely; a scenario leads up to it over an honest network and then attacks.
 */
import fc, { type Arbitrary } from 'fast-check'
import type { Action, End, Side } from '../../../../spec/language.ts'
import { anyFrame, cuts, edit, fewValues, hex, int, NEW, one, PREFIXES } from '../arbitraries.ts'

export type Scenario = Arbitrary<readonly Action[]>
export type Kind = 'hello' | 'challenge' | 'data' | 'response'
export const KINDS: readonly Kind[] = ['hello', 'challenge', 'data', 'response']

/** Who waits for such a frame at the end of `converse … until` it. */
export const receiver = (kind: Kind): End => {
  switch (kind) {
    case 'hello':
      return { side: 'server', n: NEW }
    case 'data':
      return { side: 'server', n: -1 }
    case 'challenge':
    case 'response':
      return { side: 'client', n: -1 }
  }
}

/** A faithful conversation up to a frame of each kind, which is under way. */
export const upTo = (kind: Kind, rounds: number): Arbitrary<Action> =>
  fc.record({ do: one('converse'), client: int(0, 2), rounds: int(0, rounds), until: one(kind) })

export const each = (make: (kind: Kind) => Scenario): Scenario => fc.oneof(...KINDS.map(make), make('data')) // most of what matters

/** A frame under way arrives altered. */
export const tampered = (rounds: number): Scenario =>
  each((kind) =>
    fc.tuple(upTo(kind, rounds), fc.record({ do: one('deliver'), frame: one(-1), to: one(receiver(kind)), edit })),
  )

/** A frame under way arrives in pieces, or with others behind it in the same chunk. */
export const inPieces = (rounds: number): Scenario =>
  each((kind) =>
    fc.tuple(
      upTo(kind, rounds),
      fc.record(
        {
          do: one('deliver'),
          frame: one(-1),
          to: one(receiver(kind)),
          cuts,
          edit,
          with: fc.array(anyFrame, { minLength: 1, maxLength: 2 }),
        },
        { requiredKeys: ['do', 'frame', 'to', 'cuts'] },
      ),
    ),
  )

/** Something else arrives where a frame is awaited. */
export const instead = (rounds: number): Scenario =>
  each((kind) =>
    fc.tuple(upTo(kind, rounds), fc.record({ do: one('deliver'), frame: anyFrame, to: one(receiver(kind)) })),
  )

/** The start of something whose length is at a limit of PROTOCOL §2, where a frame is awaited. */
export const prefixed = (rounds: number): Scenario =>
  each((kind) =>
    fc.tuple(
      upTo(kind, rounds),
      fc.record({
        do: one('inject'),
        to: one(receiver(kind)),
        hex: fc.oneof(
          { weight: 3, arbitrary: fc.tuple(one(...PREFIXES), hex(12)).map((h) => h.join('')) },
          // as much as a whole frame and more of what must not be buffered
          { weight: 1, arbitrary: fc.tuple(one(...PREFIXES), int(4_100, 4_400)).map(([p, n]) => p + '00'.repeat(n)) },
        ),
      }),
    ),
  )

/** The transport refuses what an endpoint has to send: an answer, a request, a farewell. */
export const failing = (rounds: number): Scenario => {
  const server: End = { side: 'server', n: -1 }
  const client: End = { side: 'client', n: -1 }
  const fails = (at: End): Action => ({ do: 'failSend', at })
  const arrives: Action = { do: 'deliver', frame: -1, to: server }
  const after = (lead: Arbitrary<Action>, ...rest: readonly Action[]): Scenario => lead.map((first) => [first, ...rest])
  return fc.oneof(
    after(upTo('data', rounds), fails(server), arrives),
    // A connection that is open before its HELLO comes.
    after(upTo('hello', 0), { do: 'inject', to: { side: 'server', n: NEW }, hex: '' }, fails(server), arrives),
    after(fc.record({ do: one('converse'), client: int(0, 2), rounds: int(0, rounds) }), fails(client), {
      do: 'submit',
      run: -1,
      values: [1],
    }),
    after(upTo('response', rounds), fails(server), { do: 'deliver', frame: 0, to: server }),
    after(fc.record({ do: one('converse'), client: int(0, 2), rounds: int(0, rounds) }), fails(client), {
      do: 'finish',
      run: -1,
    }),
    after(fc.record({ do: one('connect'), client: int(0, 2), failSend: one(true) }), arrives),
  )
}

/** A connection dies in the middle of a frame. */
export const severed = (rounds: number): Scenario =>
  fc
    .tuple(int(0, 2), int(0, rounds), one<Side>('server', 'client'), one('', '0000', '000000471e01'))
    .map(([client, depth, side, hex]): readonly Action[] => {
      const at: End = { side, n: -1 }
      return [
        { do: 'converse', client, rounds: depth },
        { do: 'inject', to: at, hex },
        { do: 'close', at },
      ]
    })

/** The time until just before, at or after one of these deadlines (ms), and the same in two parts. */
const pauses = (...limits: readonly number[]) =>
  fc.tuple(one(...limits), one(1, 2, 3), one(-1, 0, 0, 1)).map(([limit, part, off]) => {
    const first = part === 1 ? 1 : part === 2 ? limit / 2 : limit - 1
    const pause = (ms: number): Action => ({ do: 'advance', ms })
    return { whole: pause(limit + off), first: pause(first), rest: pause(limit + off - first) }
  })

/** An endpoint is left waiting, hears something that may or may not count as life, and is left waiting again. */
export const waiting = (rounds: number): Scenario => {
  const at = (side: Side): End => ({ side, n: -1 })
  const opened = fc.record({
    do: one('inject'),
    to: one<End>({ side: 'server', n: NEW }),
    hex: one('', '00', '00000047'),
  })
  const conversed = fc.record({ do: one('converse'), client: int(0, 2), rounds: int(0, rounds) })
  const noise = (to: End): Arbitrary<Action> =>
    fc.record({ do: one('inject'), to: one(to), hex: one('', '00', '0000') })
  const arrival = (to: End): Arbitrary<Action> => fc.record({ do: one('deliver'), frame: one(-1), to: one(to) })
  const left = (state: Arbitrary<Action>, side: Side, ...limits: readonly number[]): Scenario => {
    const sign = fc.oneof(
      { weight: 3, arbitrary: noise(at(side)) },
      { weight: 2, arbitrary: arrival(at(side)) },
      { weight: 2, arbitrary: conversed },
      { weight: 1, arbitrary: opened },
    )
    const once = fc.tuple(state, pauses(...limits)).map(([a, p]) => [a, p.whole])
    const twice = fc.tuple(state, pauses(...limits), sign).map(([a, p, b]) => [a, p.first, b, p.rest])
    return fc.oneof({ weight: 1, arbitrary: once }, { weight: 2, arbitrary: twice })
  }
  // a connection that greets some time after it was opened: the time of its session counts from the HELLO
  const late = fc
    .tuple(pauses(120_000), int(0, 2), one(1, 2_500, 4_999))
    .map(([p, client, ms]): readonly Action[] => [
      { do: 'inject', to: { side: 'server', n: NEW }, hex: '' },
      { do: 'advance', ms },
      { do: 'connect', client },
      { do: 'deliver', frame: -1, to: at('server') },
      { do: 'advance', ms: 120_000 - ms },
      p.first,
      p.rest,
    ])
  return fc.oneof(
    late,
    left(opened, 'server', 5_000),
    left(upTo('hello', 0), 'client', 5_000),
    left(upTo('challenge', 0), 'client', 5_000),
    left(upTo('challenge', 0), 'server', 120_000),
    left(upTo('data', rounds), 'client', 10_000),
    left(upTo('data', rounds), 'server', 120_000, 600_000),
    left(upTo('response', rounds), 'client', 10_000),
    left(conversed, 'server', 60_000, 600_000),
  )
}

/** What one of them loses by rounding too early, the other brings to light. */
const vanishing: Arbitrary<readonly [readonly number[], readonly number[]]> = one(5e-324, -5e-324).chain((least) =>
  one([[least], [0, -0]], [[0, least], [0]]),
)
const cancelling = fc
  .tuple(one(1e15, 2 ** 53, 1e300), one(1, 0.1, 2 ** -60, 5e-324), one(1, -1))
  .map(([big, small, sign]) => [[sign * big, small], [-sign * big]] as const)
/** Half a unit in the last place, and next to nothing that decides which way it is rounded. */
const tied = fc
  .tuple(one(2 ** 53, 2 ** 53 + 2, 1), one(1, -1), one(1, -1), one(2 ** -60, 5e-324, 2 ** -200))
  .map(([big, sign, up, least]) => {
    const half = big === 1 ? 2 ** -53 : 1
    return [[sign * big, sign * half], [up * least]] as const
  })

/** Two clients submit in the same round, one after the other, and see each other's values in the aggregate. */
export const together = (rounds: number): Scenario =>
  fc
    .tuple(int(0, 2), int(0, 2), int(0, rounds), fc.oneof(fc.tuple(fewValues, fewValues), cancelling, vanishing, tied))
    .map(([a, b, depth, [mine, yours]]) => {
      const submits = (client: number, values: typeof mine): readonly Action[] => [
        { do: 'converse', client, rounds: depth },
        { do: 'submit', run: -1, values: values.length > 0 ? values : [0.1] },
        { do: 'deliver', frame: -1, to: { side: 'server', n: -1 } },
        { do: 'deliver', frame: -1, to: { side: 'client', n: -1 } },
      ]
      return [...submits(a, mine), ...submits(b, yours)]
    })

/** As many values as a DATA holds, or one more or less, in a round of their own. */
export const full = (rounds: number): Scenario =>
  fc
    .tuple(
      fc.record({ do: one('converse'), client: int(0, 2), rounds: int(0, rounds) }),
      one(510, 511, 511, 512),
      one(1, 0.1, -1e300),
    )
    .map(([lead, count, value]) => [
      lead,
      { do: 'submit', run: -1, values: Array.from({ length: count }, (_, i) => value * (i % 7)) },
      { do: 'deliver', frame: -1, to: { side: 'server', n: -1 } },
      { do: 'deliver', frame: -1, to: { side: 'client', n: -1 } },
    ])
