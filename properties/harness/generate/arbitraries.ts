/** Generators of adversarial schedules. A bias says which and how often; every value is plain data, so stored examples shrink. */
import fc, { type Arbitrary } from 'fast-check'
import type { Action, Edit, End, Mode, Num, Pick, Powers, Schedule, Setup, Side } from '../../../spec/language.ts'
import { SCHEDULE_VERSION } from '../../../spec/language.ts'
import { CONTROL_HEX, dataHex, responseHex, textHex } from './payloads.ts'

/** How often each kind of action is drawn; kinds not named are not drawn. */
type Weights = Partial<Record<Kind, number>>
/** What is drawn: every action of the language, some of them in several kinds. */
export type Kind =
  | Exclude<Action['do'], 'seal'> // `deliver`: any frame to any endpoint
  | 'faithful' // the newest frames to the newest endpoints
  | 'edit'
  | 'cut'
  | 'part' // of a frame, the rest of which `continue` brings
  | 'insider'
  | 'leaked'
  | 'restartSameRng'

export interface Bias {
  readonly says: string
  readonly powers: Powers
  readonly length: readonly [min: number, max: number]
  readonly weights: Weights
  /** Several actions that belong together, drawn like one; beside `weights`. */
  readonly scenarios?: readonly { readonly weight: number; readonly arbitrary: Arbitrary<readonly Action[]> }[]
  readonly rounds: number // at most this many per faithful conversation
  readonly setup: Arbitrary<Setup>
  readonly values?: Arbitrary<readonly Num[]>
}

export const int = (min: number, max: number): Arbitrary<number> => fc.integer({ min, max })
export const one = <const T>(...xs: readonly T[]): Arbitrary<T> => fc.constantFrom(...xs)
export const hex = (maxBytes: number): Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...Array.from({ length: 256 }, (_, b) => b.toString(16).padStart(2, '0'))), {
      maxLength: maxBytes,
      size: 'max',
    })
    .map(
      (bytes) => bytes.join(''),
      (s) => (typeof s === 'string' ? (s.match(/../g) ?? []) : []),
    )

export const NEW = 10_000 // beyond every connection: opens one

const FINE = 2 ** 20
/** 1..max log-uniformly: as often from 4 to 8 as from 4,000 to 8,000; one time in eight the limit itself. */
export const scaled = (max: number): Arbitrary<number> =>
  fc
    .tuple(fc.noBias(int(0, FINE - 1)), fc.noBias(int(0, 7)))
    .map(([x, edge]) => (edge === 7 ? max : Math.min(max, Math.floor((max + 1) ** (x / FINE)))))

const MAX_ROUND = 0xffffffff
/** Any round: where bytes carry, where the lowest of them are zeros, at the end, in between. */
export const anyRound: Arbitrary<number> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(int(1, 32), int(-3, 1)).map(([k, off]) => Math.min(MAX_ROUND, Math.max(1, 2 ** k + off))),
  },
  { weight: 3, arbitrary: fc.tuple(int(1, 255), int(1, 3), int(-1, 0)).map(([top, k, off]) => top * 256 ** k + off) },
  { weight: 3, arbitrary: scaled(MAX_ROUND) },
)

export const recent = (side: Side): Arbitrary<End> => fc.record({ side: one(side), n: one(-1) })
const endOf = (side: Side): Arbitrary<End> =>
  fc.oneof(
    { weight: 5, arbitrary: recent(side) },
    { weight: 3, arbitrary: fc.record({ side: one(side), n: int(-4, 3) }) },
    { weight: side === 'server' ? 2 : 0, arbitrary: fc.record({ side: one(side), n: int(4, NEW) }) },
  )
const anyEnd = fc.oneof({ weight: 3, arbitrary: endOf('server') }, { weight: 2, arbitrary: endOf('client') })
/** By origin: never generated, but stored schedules hold such names and shrink through this arbitrary. */
const byOrigin: Arbitrary<Pick> = fc.record({
  by: fc.record({ side: one('client', 'server'), n: fc.nat(NEW) }),
  nth: fc.nat(NEW),
})
export const anyFrame: Arbitrary<Pick> = fc.oneof(
  { weight: 4, arbitrary: int(-3, -1) },
  { weight: 4, arbitrary: int(0, 12) },
  { weight: 1, arbitrary: fc.record({ any: int(-6, 12) }) },
  { weight: 0, arbitrary: byOrigin },
)

export const anyValue: Arbitrary<Num> = fc.oneof(
  { weight: 3, arbitrary: int(-100, 100) },
  { weight: 1, arbitrary: fc.double({ min: -1e300, max: 1e300, noNaN: true }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Num>(
      0,
      '-0',
      0.1,
      1e15,
      -1e15,
      1e300,
      -1e300,
      5e-324,
      -5e-324,
      'NaN',
      'Infinity',
      '-Infinity',
      1.0000000000000002e300, // one unit in the last place too much
      -1.0000000000000002e300,
      2.2250738585072014e-308, // the least that is not subnormal
      2.225073858507201e-308,
    ),
  },
)
export const fewValues: Arbitrary<readonly Num[]> = fc.array(anyValue, { minLength: 0, maxLength: 4, size: 'max' })

/** Within a region; its ends are where checks go wrong. */
const position = fc.oneof({ weight: 1, arbitrary: one(0, -1) }, { weight: 2, arbitrary: int(-16, 200) })

export const edit: Arbitrary<Edit> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: one('flip'),
      at: one('header', 'iv', 'ciphertext', 'ciphertext', 'tag', 'tag', 'length'),
      pos: position,
      xor: one(1, 2, 4, 8, 16, 32, 64, 128, 255),
    }),
  },
  fc.record({ do: one('exchange'), at: one('header', 'iv', 'ciphertext', 'tag'), pos: position, and: position }),
  fc.record({ do: one('fill'), at: one('iv', 'ciphertext', 'tag'), value: one(0, 0xff) }),
  fc.record({ do: one('set'), field: one('opcode'), value: one(0, 10, 20, 30, 31, 40, 50, 60, 255) }),
  fc.record({ do: one('set'), field: one('id'), value: one(0, 1, 2, 3, 4, 5, 9, 255) }),
  fc.record({ do: one('set'), field: one('round'), value: one(0, 1, 2, 3, 4, 0xffff, 0xffffffff) }),
  fc.record({ do: one('set'), field: one('direction'), value: one(0, 1, 2, 3, 255) }),
  fc.record({ do: one('truncate'), bytes: int(0, 200) }),
  fc.record({ do: one('extend'), hex: hex(32) }),
  fc.record({ do: one('splice'), part: one('header', 'iv', 'ciphertext', 'tag'), from: anyFrame }),
)

export const BODIES = [
  CONTROL_HEX,
  ...[[1], [1, 2], [0], [-0], [1e300], [1.0000000000000002e300], [Number.NaN], [Number.POSITIVE_INFINITY]].map(dataHex),
  responseHex(0, 3, 2, 1.5),
  responseHex(0, 3, 0, 1.5),
  responseHex(1, 3, 2, 1.5),
  responseHex(0, Number.NaN, 1, 1),
  textHex('Hello'),
  textHex('x'.repeat(255)),
  textHex('x'.repeat(256)),
  'ff', // not UTF-8
  '',
  `0002${dataHex([5]).slice(4)}`, // says two values, carries one
  `0000`,
] as const

export const PADS = [
  '00',
  '01',
  '0202',
  '0302',
  '11',
  '04040404',
  '0404040304',
  '10'.repeat(16),
  '20'.repeat(32),
] as const

/** A forged frame towards `side`. Most go to the session whose keys they are under; the others test that this matters. */
export const sealed = (power: 'I' | 'L', side: Side): Arbitrary<Action> => {
  const [right, exchange] = side === 'server' ? ([1, 30] as const) : ([2, 40] as const)
  const valid = side === 'server' ? dataHex([1, 2]) : responseHex(0, 3, 2, 1.5)
  const base = {
    do: one('seal'),
    power: one(power),
    under: one<'current' | 'previous' | 'initial'>('current'),
    opcode: one<number>(exchange),
    id: one<number>(0),
    round: one<number>(0),
    direction: one<number>(right),
    body: one<string>(valid),
  }
  type Base = typeof base
  const shape = (over: Partial<Base> & { pad?: Arbitrary<string> }): Arbitrary<Action> => {
    const own = { ...base, ...over, as: recent(side), to: recent(side) }
    const other = { ...own, as: endOf(side), to: endOf(side) }
    return fc.oneof({ weight: 3, arbitrary: fc.record(own) }, { weight: 1, arbitrary: fc.record(other) })
  }
  const body = fc.oneof({ weight: 5, arbitrary: one<string>(...BODIES) }, { weight: 1, arbitrary: hex(40) })
  return fc.oneof(
    { weight: 4, arbitrary: shape({ body }) },
    { weight: 3, arbitrary: shape({ body, pad: fc.oneof(one<string>(...PADS), hex(20)) }) },
    { weight: 1, arbitrary: shape({ direction: one(0, 1, 2, 3, 255) }) },
    { weight: 1, arbitrary: shape({ id: one(1, 2, 3, 9, 255) }) },
    { weight: 1, arbitrary: shape({ round: one(-1, 1, 2, 256, 65_536, 0x80000000) }) },
    { weight: 1, arbitrary: shape({ under: one('previous', 'initial') }) },
    { weight: 2, arbitrary: shape({ opcode: one(10, 20, 30, 40, 50, 60), body }) },
    {
      weight: 2,
      arbitrary: shape({
        under: one('current', 'current', 'previous', 'initial'),
        opcode: one(10, 20, 30, 40, 50, 60, 0, 31, 255),
        id: one(0, 0, 1, 9),
        round: one(0, 0, 0, -1, 1),
        direction: one(right, 1, 2, 3),
        body,
      }),
    },
  )
}

export const PREFIXES = [
  0, 1, 55, 70, 71, 72, 4_151, 4_167, 4_168, 0xffff, 0x10047, 0x7fffffff, 0x80000047, 0xffffffff,
].map((n) => n.toString(16).padStart(8, '0'))

const run = fc.oneof({ weight: 3, arbitrary: one(-1) }, { weight: 1, arbitrary: int(-3, NEW) })
/** Frames of one to four blocks with their prefixes, as they lie behind or before others in a stream. */
const boundary = fc.tuple(one(75, 91, 107, 123, -75, -91, -107), int(-1, 5)).map(([at, off]) => at + off)
export const cuts = fc.array(fc.oneof(int(0, 300), boundary), { minLength: 1, maxLength: 3 })

/** Where a frame is cut between two actions. */
export const upTo = fc.oneof(boundary, int(1, 80), int(-40, -1))

const kinds = (p: Bias): Readonly<Record<Kind, Arbitrary<Action>>> => ({
  converse: fc.record(
    {
      do: one('converse'),
      client: int(0, 2),
      rounds: int(0, p.rounds),
      until: one('hello', 'challenge', 'data', 'response'),
    },
    { requiredKeys: ['do', 'client', 'rounds'] },
  ),
  connect: fc.record({ do: one('connect'), client: int(0, 2) }),
  submit: fc.record({ do: one('submit'), run, values: p.values ?? fewValues }),
  finish: fc.record({ do: one('finish'), run }),
  faithful: fc.record({ do: one('deliver'), frame: one(-1), to: fc.oneof(recent('server'), recent('client')) }),
  deliver: fc.record({ do: one('deliver'), frame: anyFrame, to: anyEnd }),
  edit: fc.record({
    do: one('deliver'),
    frame: fc.oneof({ weight: 5, arbitrary: one(-1) }, { weight: 1, arbitrary: anyFrame }),
    to: anyEnd,
    edit,
  }),
  cut: fc.record(
    { do: one('deliver'), frame: anyFrame, to: anyEnd, cuts, with: fc.array(anyFrame, { minLength: 1, maxLength: 2 }) },
    { requiredKeys: ['do', 'frame', 'to'] },
  ),
  part: fc.record({ do: one('deliver'), frame: anyFrame, to: anyEnd, upTo }),
  continue: fc.record({ do: one('continue'), to: anyEnd, upTo }, { requiredKeys: ['do', 'to'] }),
  inject: fc.record({
    do: one('inject'),
    to: anyEnd,
    hex: fc.oneof(
      hex(12),
      hex(90).map((h) => `0000004700${h}`),
      // around the limits of PROTOCOL §2
      fc.tuple(one(...PREFIXES), hex(12)).map(([prefix, h]) => prefix + h),
    ),
  }),
  insider: fc.oneof({ weight: 3, arbitrary: sealed('I', 'server') }, { weight: 1, arbitrary: sealed('I', 'client') }),
  leaked: fc.oneof(sealed('L', 'server'), sealed('L', 'client')),
  leak: fc.record({ do: one('leak'), at: anyEnd }),
  close: fc.record({ do: one('close'), at: anyEnd }),
  failSend: fc.record({
    do: one('failSend'),
    at: fc.oneof(
      { weight: 3, arbitrary: recent('server') },
      { weight: 1, arbitrary: recent('client') },
      { weight: 1, arbitrary: anyEnd },
    ),
  }),
  advance: fc.record({
    do: one('advance'),
    ms: one(1, 4_999, 5_000, 5_001, 9_999, 10_000, 10_001, 119_999, 120_000, 599_999, 600_000),
  }),
  restart: fc.record({ do: one('restart') }),
  restartSameRng: fc.record({ do: one('restart'), sameRng: one(true) }),
})

/** `over`: ids 1..3 in it stand for the drawn ones; rounds are drawn where it says none. */
export const plainSetup = (over: Partial<Setup> = {}): Arbitrary<Setup> => {
  const three = fc.uniqueArray(scaled(255), { minLength: 3, maxLength: 3 })
  const ids = fc.oneof({ weight: 2, arbitrary: fc.constant([1, 2, 3]) }, { weight: 1, arbitrary: three })
  const round = fc.oneof({ weight: 3, arbitrary: one(1) }, { weight: 1, arbitrary: anyRound })
  return fc
    .record({
      ids,
      challenge: one('fresh', 'fresh', 'constant'),
      startRound: over.startRound === undefined ? round : fc.constant(over.startRound),
    })
    .map(({ ids, challenge, startRound }) => {
      const drawn = (all: readonly number[]): readonly number[] => all.map((id) => ids[id - 1]!)
      const clients = drawn(over.clients ?? [1, 2, 3])
      return { clients, insiders: drawn(over.insiders ?? []), challenge, startRound, limits: over.limits ?? {} }
    })
}

/** Actions of every kind that a schedule may hold, named numerically or by origin: what fast-check shrinks over. */
export const actions = (p: Bias): Arbitrary<readonly Action[]> => {
  const all = kinds(p)
  const drawn = Object.entries(p.weights).map(([kind, weight]) => ({ weight, arbitrary: all[kind as Kind] }))
  return fc.array(fc.oneof(...drawn), { minLength: p.length[0], maxLength: p.length[1], size: 'max' })
}

/** With scenarios: generated only, for a flattened list does not shrink. */
const played = (p: Bias): Arbitrary<readonly Action[]> => {
  if (p.scenarios === undefined) return actions(p)
  const all = kinds(p)
  const drawn = Object.entries(p.weights).map(([kind, weight]) => ({
    weight,
    arbitrary: all[kind as Kind].map((a): readonly Action[] => [a]),
  }))
  return fc
    .array(fc.oneof(...drawn, ...p.scenarios), { minLength: p.length[0], maxLength: p.length[1], size: 'max' })
    .map((scenarios) => scenarios.flat())
}

export const schedules = (p: Bias, mode: Mode): Arbitrary<Schedule> =>
  fc.record({
    version: fc.constant<typeof SCHEDULE_VERSION>(SCHEDULE_VERSION),
    seed: fc.noBias(fc.integer({ min: 0, max: 0xffffffff })),
    mode: fc.constant(mode),
    powers: fc.constant(p.powers),
    setup: p.setup,
    actions: played(p),
  })
