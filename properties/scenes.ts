/**
 * Actions that belong together: an attack needs the frame it attacks to be under way, and an endpoint that waits for
 * it. Single random actions meet that rarely; a scene leads up to it over an honest network and then attacks.
 */
import fc, { type Arbitrary } from 'fast-check'
import type { Action, End, Side } from '../spec/language.ts'
import { anyFrame, BODIES, cuts, edit, fewValues, hex, int, NEW, one, PADS, PREFIXES } from './arbitraries.ts'
import { CONTROL_HEX, dataHex, responseHex, textHex } from './payloads.ts'

type Scene = Arbitrary<readonly Action[]>
type Kind = 'hello' | 'challenge' | 'data' | 'response'
const KINDS: readonly Kind[] = ['hello', 'challenge', 'data', 'response']

/** Who waits for such a frame at the end of `converse … until` it. */
const receiver = (kind: Kind): End => {
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
const upTo = (kind: Kind, rounds: number): Arbitrary<Action> =>
  fc.record({ do: one('converse'), client: int(0, 2), rounds: int(0, rounds), until: one(kind) })

const each = (make: (kind: Kind) => Scene): Scene => fc.oneof(...KINDS.map(make), make('data')) // most of what matters

/** A frame under way arrives altered. */
export const tampered = (rounds: number): Scene =>
  each((kind) =>
    fc.tuple(upTo(kind, rounds), fc.record({ do: one('deliver'), frame: one(-1), to: one(receiver(kind)), edit })),
  )

/** A frame under way arrives in pieces, or with others behind it in the same chunk. */
export const inPieces = (rounds: number): Scene =>
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
export const instead = (rounds: number): Scene =>
  each((kind) =>
    fc.tuple(upTo(kind, rounds), fc.record({ do: one('deliver'), frame: anyFrame, to: one(receiver(kind)) })),
  )

const TEXTS = [
  ...['', 'Hello', 'x'.repeat(254), 'x'.repeat(255), 'x'.repeat(256), 'é'.repeat(127), '\u{feff}Hello'].map(textHex),
  'ff',
  'c080', // over-long
  'eda080', // a surrogate
] as const

const DATA = [
  ...[[1], [1, 2], [0], [-0], [1e300], [-1e300], [0, 1, -1], [1e15, 0.1, -1e15]].map(dataHex),
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.0000000000000001e301, -1.1e301].flatMap((v) => [
    dataHex([v]),
    dataHex([1, v]),
    dataHex([v, 1]),
  ]),
  dataHex(Array.from({ length: 511 }, (_, i) => i)),
  `0200${dataHex([1]).slice(4)}`, // says 512 values
  `0002${dataHex([5]).slice(4)}`, // says two values, carries one
  `0001${dataHex([5, 6]).slice(4)}`, // says one value, carries two
  `${dataHex([5])}00`,
  dataHex([5]).slice(0, -2),
  '0000',
  `0000${dataHex([5]).slice(4)}`,
  '00',
  '',
] as const

const RESPONSES = [
  responseHex(0, 3, 2, 1.5),
  responseHex(1, 3, 2, 1.5),
  responseHex(255, 3, 2, 1.5),
  responseHex(0, 3, 0, 1.5),
  responseHex(0, 3, 0xffffffff, 1.5),
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].flatMap((v) => [
    responseHex(0, v, 1, 1),
    responseHex(0, 1, 1, v),
  ]),
  `${responseHex(0, 3, 2, 1.5)}00`,
  responseHex(0, 3, 2, 1.5).slice(0, -2),
  '00',
  '',
] as const

const CONTROLS = [CONTROL_HEX, '01', 'ff', '0000', ''] as const

const bodies = (kind: Kind): readonly string[] => {
  switch (kind) {
    case 'hello':
    case 'challenge':
      return TEXTS
    case 'data':
      return DATA
    case 'response':
      return RESPONSES
  }
}
const OPCODES: Readonly<Record<Kind, number>> = { hello: 10, challenge: 20, data: 30, response: 40 }
const VALID: Readonly<Record<Kind, string>> = {
  hello: textHex('Hello'),
  challenge: textHex('Challenge'),
  data: dataHex([1, 2]),
  response: responseHex(0, 3, 2, 1.5),
}

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
  readonly content: Scene
  readonly header: Scene
}

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
  const inPlace = (seal: Arbitrary<Action>): Scene => fc.tuple(upTo(kind, rounds), seal)
  return {
    content: fc.oneof(
      { weight: 5, arbitrary: inPlace(fc.record({ ...base, body: one(...bodies(kind)) })) },
      { weight: 1, arbitrary: inPlace(fc.record({ ...base, opcode: one(50, 60), body: one(...CONTROLS) })) },
      {
        weight: 4,
        arbitrary: inPlace(fc.tuple(fc.record(base), padded(valid)).map(([seal, p]) => ({ ...seal, ...p }))),
      },
      { weight: 1, arbitrary: inPlace(fc.record({ ...base, body: one(...BODIES, ''), pad: one(...PADS, '') })) },
      { weight: 1, arbitrary: inPlace(fc.record({ ...base, tail: hex(17) })) },
      { weight: 1, arbitrary: inPlace(fc.record({ ...base, body: one(''), pad: one('') })) }, // no ciphertext at all
    ),
    header: fc.oneof(
      inPlace(
        fc.record({
          ...base,
          opcode: one(10, 20, 30, 40, 50, 60, 0, 31, 255),
          body: one(...Object.values(VALID), CONTROL_HEX),
        }),
      ),
      inPlace(fc.record({ ...base, direction: one(0, 1, 2, 3, 255) })),
      inPlace(fc.record({ ...base, id: one(1, 2, 3, 9, 255) })),
      inPlace(fc.record({ ...base, round: one(-1, 1, 2, 256, 65_536, 0x80000000) })),
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
export const forgedContent = (rounds: number): Scene => each((kind) => forgedAs(kind, rounds).content)

/** A valid payload under a valid tag and a header that is not the one awaited. */
export const forgedHeader = (rounds: number): Scene => each((kind) => forgedAs(kind, rounds).header)

/** Right in everything but that nobody awaits it: the session is idle. */
export const uncalled = (rounds: number): Scene =>
  fc
    .tuple(int(0, 2), int(0, rounds), one<Side>('client', 'client', 'server'), one(...KINDS, 'desync', 'terminate'))
    .map(([client, depth, side, what]) => {
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
      return [{ do: 'converse', client, rounds: depth }, seal]
    })

/** The time until just before, at or after one of these deadlines (ms), and the same in two parts. */
const pauses = (...limits: readonly number[]) =>
  fc.tuple(one(...limits), one(1, 2, 3), one(-1, 0, 0, 1)).map(([limit, part, off]) => {
    const first = part === 1 ? 1 : part === 2 ? limit / 2 : limit - 1
    const pause = (ms: number): Action => ({ do: 'advance', ms })
    return { whole: pause(limit + off), first: pause(first), rest: pause(limit + off - first) }
  })

/** An endpoint is left waiting, hears something that may or may not count as life, and is left waiting again. */
export const waiting = (rounds: number): Scene => {
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
  const left = (state: Arbitrary<Action>, side: Side, ...limits: readonly number[]): Scene => {
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
  return fc.oneof(
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

/** More connections than there is room for, in every state. */
export const crowd: Scene = fc.array(
  fc.oneof<Arbitrary<Action>[]>(
    fc.record({ do: one('inject'), to: one<End>({ side: 'server', n: NEW }), hex: one('', '00') }),
    fc.record({ do: one('converse'), client: int(0, 2), rounds: one(0, 1) }),
    fc.record({ do: one('converse'), client: int(0, 2), rounds: one(0), until: one('challenge', 'data') }),
  ),
  { minLength: 2, maxLength: 6 },
)

/** What one of them loses by rounding too early, the other brings to light. */
const vanishing: Arbitrary<readonly [readonly number[], readonly number[]]> = one(5e-324, -5e-324).chain((least) =>
  one([[least], [0, -0]], [[0, least], [0]]),
)
const cancelling = fc
  .tuple(one(1e15, 2 ** 53, 1e300), one(1, 0.1, 2 ** -60, 5e-324), one(1, -1))
  .map(([big, small, sign]) => [[sign * big, small], [-sign * big]] as const)

/** Two clients submit in the same round, one after the other, and see each other's values in the aggregate. */
export const together = (rounds: number): Scene =>
  fc
    .tuple(int(0, 2), int(0, 2), int(0, rounds), fc.oneof(fc.tuple(fewValues, fewValues), cancelling, vanishing))
    .map(([a, b, depth, [mine, yours]]) => {
      const submits = (client: number, values: typeof mine): readonly Action[] => [
        { do: 'converse', client, rounds: depth },
        { do: 'submit', run: -1, values: values.length > 0 ? values : [0.1] },
        { do: 'deliver', frame: -1, to: { side: 'server', n: -1 } },
        { do: 'deliver', frame: -1, to: { side: 'client', n: -1 } },
      ]
      return [...submits(a, mine), ...submits(b, yours)]
    })

/** The transport refuses what an endpoint has to send: an answer, a request, a farewell. */
export const failing = (rounds: number): Scene => {
  const server: End = { side: 'server', n: -1 }
  const client: End = { side: 'client', n: -1 }
  const fails = (at: End): Action => ({ do: 'failSend', at })
  const arrives: Action = { do: 'deliver', frame: -1, to: server }
  const after = (lead: Arbitrary<Action>, ...rest: readonly Action[]): Scene => lead.map((first) => [first, ...rest])
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
    after(fc.record({ do: one('connect'), client: int(0, 2), failSend: one(true) }), arrives),
  )
}

/** The start of something whose length is at a limit of PROTOCOL §2, where a frame is awaited. */
export const prefixed = (rounds: number): Scene =>
  each((kind) =>
    fc.tuple(
      upTo(kind, rounds),
      fc.record({
        do: one('inject'),
        to: one(receiver(kind)),
        hex: fc.tuple(one(...PREFIXES), hex(12)).map((h) => h.join('')),
      }),
    ),
  )

/** As many values as a DATA holds, or one more or less, in a round of their own. */
export const full = (rounds: number): Scene =>
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

/**
 * Two runs of one client, both with a session: the first DATA of either confirms it, and supersedes the other or is
 * refused because of it. The connection of the second may be the older one, and an answer may fail to be handed over.
 */
export const rivals: Scene = fc
  .record({
    client: int(0, 2),
    early: fc.boolean(),
    newerFirst: fc.boolean(),
    fails: one('none', 'none', 'first', 'second'),
    leaves: one('nobody', 'nobody', 'older', 'newer'),
    leavesAt: one('once', 'once confirmed'),
    how: one('finish', 'close', 'altered'),
  })
  .map(({ client, early, newerFirst, fails, leaves, leavesAt, how }) => {
    const server = (n: number): End => ({ side: 'server', n })
    const submits = (run: number, connection: number, failing: boolean): readonly Action[] => [
      { do: 'submit', run, values: [2] },
      ...(failing ? [{ do: 'failSend', at: server(connection) } as const] : []),
      // whom an action names has become the most recent
      { do: 'deliver', frame: -1, to: server(failing ? -1 : connection) },
    ]
    // one of the two ends, which must not touch the other
    const gone = leaves === 'older' ? -2 : -1
    const departs: readonly Action[] =
      how === 'finish'
        ? [
            { do: 'finish', run: gone },
            { do: 'deliver', frame: -1, to: server(gone) },
          ]
        : how === 'close'
          ? [{ do: 'close', at: server(gone) }]
          : [{ do: 'inject', to: server(gone), hex: '00000000' }]
    const leaving = (when: typeof leavesAt): readonly Action[] =>
      leaves !== 'nobody' && leavesAt === when ? departs : []
    const opened: readonly Action[] = early ? [{ do: 'inject', to: server(NEW), hex: '' }] : []
    return [
      ...opened,
      { do: 'connect', client },
      { do: 'deliver', frame: -1, to: server(NEW) },
      { do: 'deliver', frame: -1, to: { side: 'client', n: -1 } },
      { do: 'connect', client },
      { do: 'deliver', frame: -1, to: server(early ? -2 : NEW) },
      { do: 'deliver', frame: -1, to: { side: 'client', n: -1 } },
      ...leaving('once'),
      ...submits(newerFirst ? -1 : -2, newerFirst ? -1 : -2, fails === 'first'),
      ...leaving('once confirmed'),
      ...submits(-2, -2, fails === 'second'),
      { do: 'deliver', frame: -1, to: { side: 'client', n: -1 } },
    ]
  })
