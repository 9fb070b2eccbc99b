/** What the proof speaks of: what never changes, the laws of the key formulas, and the state. */
import { and, declare, eq, type Fn, type Formula, fn, forall, int, ite, lt, plus, SORTS, type Term } from './logic.ts'

/** PROTOCOL §2. */
export const OP = { HELLO: 10, CHALLENGE: 20, DATA: 30, RESPONSE: 40, DESYNC: 50, TERMINATE: 60 } as const
/** PROTOCOL §1: the labels of the four keys. */
export const LABELS = ['C2S-ENC', 'C2S-MAC', 'S2C-ENC', 'S2C-MAC'] as const
export type Label = (typeof LABELS)[number]
const numberOf = (label: Label): Term => int(LABELS.indexOf(label) + 1)

// What never changes.
export const idOf = fn('idOf', ['Run'], 'Id') // of a client run
export const sidOf = fn('sidOf', ['Session'], 'Id') // of a server session
/** The adversary owns the master key of this id. */
export const insider = fn('insider', ['Id'], 'Bool')
/** The last round (PROTOCOL §4: 0xFFFFFFFF), at least 1. */
export const LAST = fn('last', [], 'Int')()
export const opcode = fn('opcode', ['Frame'], 'Int')
export const macKey = fn('macKey', ['Frame'], 'Key')
export const encKey = fn('encKey', ['Frame'], 'Key')
export const iv = fn('iv', ['Frame'], 'Input')
export const ciphertext = fn('ciphertext', ['Frame'], 'Input')
export const plaintext = fn('plaintext', ['Frame'], 'Input')
const garbage = fn('garbage', ['Key', 'Frame'], 'Input')
/** StatusCode 00, the only valid one (PROTOCOL §5). */
export const OK = fn('ok', [], 'Input')()
/** What a frame decrypts to under a key: its plaintext under its own, garbage under another. */
export const opened = (key: Term, frame: Term): Term =>
  ite(eq(encKey(frame), key), plaintext(frame), garbage(key, frame))

// PROTOCOL §4: KDF is one-way and without collisions, so its results are told apart by what went in.
const initialOf = fn('initial', ['Int', 'Id'], 'Key')
export const initial = (label: Label, id: Term): Term => initialOf(numberOf(label), id)
export const evolve = fn('evolve', ['Key', 'Input'], 'Key')
export const helloStep = fn('helloStep', ['Key', 'Frame'], 'Key')
export const bindStep = fn('bindStep', ['Key', 'Frame', 'Frame'], 'Key')

// What went into a key.
const labelOf = fn('label', ['Key'], 'Int')
export const owner = fn('owner', ['Key'], 'Id')
export const roundOf = fn('round', ['Key'], 'Int') // how often it evolved
export const firstInput = fn('firstInput', ['Key'], 'Input') // of its first evolution
export const hellos = fn('hellos', ['Key'], 'Int') // how many hello steps it took
export const absorbed = fn('absorbed', ['Key'], 'Frame') // the frame of the last of them
export const binds = fn('binds', ['Key'], 'Int') // how many bind steps it took
export const boundHello = fn('boundHello', ['Key'], 'Frame')
export const boundChallenge = fn('boundChallenge', ['Key'], 'Frame')
export const hasLabel = (key: Term, label: Label): Formula => eq(labelOf(key), numberOf(label))

const OBSERVERS = [labelOf, owner, roundOf, firstInput, hellos, absorbed, binds, boundHello, boundChallenge] as const
/** The key `after` was made of `before` and shows the same, but for what is given. */
const shows = (after: Term, before: Term, changed: ReadonlyMap<Fn, Term>): Formula =>
  and(...OBSERVERS.map((o) => eq(o(after), changed.get(o) ?? o(before))))

/** The laws of the formulas, and that there is a first round. */
export const AXIOMS: readonly Formula[] = [
  lt(int(0), LAST),
  forall(
    ['Int', 'Id'],
    (n, i) =>
      and(
        ...(
          [
            [labelOf, n],
            [owner, i],
            [roundOf, int(0)],
            [hellos, int(0)],
            [binds, int(0)],
          ] as const
        ).map(([o, x]) => eq(o(initialOf(n!, i!)), x!)),
      ),
    (n, i) => initialOf(n!, i!),
  ),
  forall(
    ['Key', 'Input'],
    (k, x) =>
      shows(
        evolve(k!, x!),
        k!,
        new Map([
          [roundOf, plus(roundOf(k!), int(1))],
          [firstInput, ite(eq(roundOf(k!), int(0)), x!, firstInput(k!))],
        ]),
      ),
    (k, x) => evolve(k!, x!),
  ),
  forall(
    ['Key', 'Frame'],
    (k, h) =>
      shows(
        helloStep(k!, h!),
        k!,
        new Map([
          [hellos, plus(hellos(k!), int(1))],
          [absorbed, h!],
        ]),
      ),
    (k, h) => helloStep(k!, h!),
  ),
  forall(
    ['Key', 'Frame', 'Frame'],
    (k, h, c) =>
      shows(
        bindStep(k!, h!, c!),
        k!,
        new Map([
          [binds, plus(binds(k!), int(1))],
          [boundHello, h!],
          [boundChallenge, c!],
        ]),
      ),
    (k, h, c) => bindStep(k!, h!, c!),
  ),
]

/** The state: what changes, as functions. */
export const STATE = {
  // A client run.
  started: fn('started', ['Run'], 'Bool'), // its HELLO was sent
  active: fn('active', ['Run'], 'Bool'), // it accepted a CHALLENGE, be it ended since
  ended: fn('ended', ['Run'], 'Bool'),
  hello: fn('hello', ['Run'], 'Frame'),
  challenge: fn('challenge', ['Run'], 'Frame'),
  round: fn('clientRound', ['Run'], 'Int'),
  waiting: fn('waiting', ['Run'], 'Bool'), // for the response to `data`
  data: fn('data', ['Run'], 'Frame'),
  ce: fn('ce', ['Run'], 'Key'),
  cm: fn('cm', ['Run'], 'Key'),
  se: fn('se', ['Run'], 'Key'),
  sm: fn('sm', ['Run'], 'Key'),
  // A server session.
  open: fn('open', ['Session'], 'Bool'), // it accepted a HELLO, be it closed since
  closed: fn('closed', ['Session'], 'Bool'),
  confirmed: fn('confirmed', ['Session'], 'Bool'),
  order: fn('order', ['Session'], 'Int'), // PROTOCOL §7: HELLOs are ordered by a counter
  counter: fn('counter', [], 'Int'),
  sHello: fn('sHello', ['Session'], 'Frame'),
  sChallenge: fn('sChallenge', ['Session'], 'Frame'),
  sRound: fn('serverRound', ['Session'], 'Int'),
  lastData: fn('lastData', ['Session'], 'Frame'),
  lastResponse: fn('lastResponse', ['Session'], 'Frame'),
  sCe: fn('sCe', ['Session'], 'Key'),
  sCm: fn('sCm', ['Session'], 'Key'),
  sSe: fn('sSe', ['Session'], 'Key'),
  sSm: fn('sSm', ['Session'], 'Key'),
  // The network, and what happened.
  sentBy: fn('sentBy', ['Frame', 'Run'], 'Bool'),
  sentFrom: fn('sentFrom', ['Frame', 'Session'], 'Bool'),
  accepted: fn('accepted', ['Frame', 'Session'], 'Bool'), // a DATA
  taken: fn('taken', ['Frame', 'Run'], 'Bool'), // a response
  used: fn('used', ['Frame'], 'Bool'), // it was sent or accepted
  answers: fn('answers', ['Frame'], 'Frame'), // response → DATA
  // The adversary.
  known: fn('known', ['Key'], 'Bool'),
  leakedInit: fn('leakedInit', ['Frame'], 'Bool'), // the run of this HELLO lost its keys while it awaited its CHALLENGE
  leaked: fn('leaked', ['Frame', 'Frame'], 'Bool'), // the session of this HELLO and CHALLENGE lost its keys …
  leakRound: fn('leakRound', ['Frame', 'Frame'], 'Int'), // … in this round at the earliest
  helloOfCiphertext: fn('helloOfCiphertext', ['Input'], 'Frame'), // the HELLO of a run, by its ciphertext
  helloOfIv: fn('helloOfIv', ['Input'], 'Frame'),
} as const
export type Name = keyof typeof STATE
/** A state as formulas see it: each function applied to terms. */
export type State = Readonly<Record<Name, (...args: readonly Term[]) => Term>>

const RIGID = [
  idOf,
  sidOf,
  insider,
  fn('last', [], 'Int'),
  opcode,
  macKey,
  encKey,
  iv,
  ciphertext,
  plaintext,
  garbage,
  fn('ok', [], 'Input'),
  initialOf,
  evolve,
  helloStep,
  bindStep,
  ...OBSERVERS,
]
/** Declarations and laws, as SMT-LIB. */
export const PREAMBLE = [
  ...SORTS.map((s) => `(declare-sort ${s} 0)`),
  ...[...RIGID, ...Object.values(STATE)].map(declare),
  ...AXIOMS.map((a) => `(assert ${a.smt})`),
].join('\n')
