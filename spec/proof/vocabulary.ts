/**
 * What the proof speaks of: what never changes, the laws of the key formulas, the state; and in their words the keys of a
 * session, honest ends, and why a key may be known.
 */
import { LABELS } from '../model/keys.ts'
import {
  and,
  declare,
  eq,
  type Fn,
  type Formula,
  fn,
  forall,
  int,
  ite,
  le,
  lt,
  not,
  or,
  plus,
  SORTS,
  type Term,
} from './logic.ts'

export type Label = (typeof LABELS)[number]
const numberOf = (label: Label): Term => int(LABELS.indexOf(label) + 1)

// What never changes.
export const idOf = fn('idOf', ['Run'], 'Id') // of a client run
export const sidOf = fn('sidOf', ['Session'], 'Id') // of a server session
/** The adversary owns the master key of this id. */
export const insider = fn('insider', ['Id'], 'Bool')
/** The last round (PROTOCOL §4: 0xFFFFFFFF), at least 1. */
const last = fn('last', [], 'Int')
export const LAST = last()
export const opcode = fn('opcode', ['Frame'], 'Int')
export const macKey = fn('macKey', ['Frame'], 'Key')
export const encKey = fn('encKey', ['Frame'], 'Key')
export const iv = fn('iv', ['Frame'], 'Input')
export const ciphertext = fn('ciphertext', ['Frame'], 'Input')
export const plaintext = fn('plaintext', ['Frame'], 'Input')
const garbage = fn('garbage', ['Key', 'Frame'], 'Input')
/** StatusCode 00, the only valid one (PROTOCOL §5). */
const ok = fn('ok', [], 'Input')
export const OK = ok()
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
/** The law of a formula: what every key shows that it makes. The prover uses it wherever such a key occurs (the pattern). */
const law = (makes: Fn, shows: (made: Term, ...from: readonly Term[]) => Formula): Formula =>
  forall(makes.takes, (...from) => shows(makes(...from), ...from), makes)
/** `made` shows the same as the key that it was made of, but for what is given. */
const shows = (made: Term, before: Term, ...changed: readonly (readonly [Fn, Term])[]): Formula =>
  and(...OBSERVERS.map((o) => eq(o(made), new Map(changed).get(o) ?? o(before))))
const oneMore = (o: Fn, key: Term): Term => plus(o(key), int(1))

/** The laws of the formulas, and that there is a first round. */
export const AXIOMS: readonly Formula[] = [
  lt(int(0), LAST),
  law(initialOf, (made, label: Term, id: Term) =>
    and(eq(labelOf(made), label), eq(owner(made), id), ...[roundOf, hellos, binds].map((o) => eq(o(made), int(0)))),
  ),
  law(evolve, (made, k: Term, x: Term) => {
    const first = ite(eq(roundOf(k), int(0)), x, firstInput(k))
    return shows(made, k, [roundOf, oneMore(roundOf, k)], [firstInput, first])
  }),
  law(helloStep, (made, k: Term, h: Term) => shows(made, k, [hellos, oneMore(hellos, k)], [absorbed, h])),
  law(bindStep, (made, k: Term, h: Term, c: Term) =>
    shows(made, k, [binds, oneMore(binds, k)], [boundHello, h], [boundChallenge, c]),
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
  ...[idOf, sidOf, insider, last, opcode, macKey, encKey, iv, ciphertext, plaintext, garbage, ok],
  ...[initialOf, evolve, helloStep, bindStep, ...OBSERVERS],
]
/** Declarations and laws, as SMT-LIB. */
export const PREAMBLE = [
  ...SORTS.map((s) => `(declare-sort ${s} 0)`),
  ...[...RIGID, ...Object.values(STATE)].map(declare),
  ...AXIOMS.map((a) => `(assert ${a.smt})`),
].join('\n')

export interface Claim {
  /** In a sentence, with the clause of PROTOCOL it comes from where there is one. */
  readonly says: string
  readonly holds: Formula
}

/** A frame of one of these kinds. */
export const is = (f: Term, ...opcodes: readonly number[]): Formula => or(...opcodes.map((o) => eq(opcode(f), int(o))))

/** `key` is the key `label` of the session of `id`, HELLO `h` and CHALLENGE `c` in some round. */
const sessionKey = (key: Term, label: Label, id: Term, h: Term, c: Term): Formula =>
  and(
    hasLabel(key, label),
    eq(owner(key), id),
    eq(binds(key), int(1)),
    eq(boundHello(key), h),
    eq(boundChallenge(key), c),
    label === 'C2S-ENC'
      ? eq(firstInput(key), ciphertext(h))
      : label === 'C2S-MAC'
        ? eq(firstInput(key), iv(h))
        : and(eq(hellos(key), int(1)), eq(absorbed(key), h)),
  )
/** It is that of a client run, of a server session. */
export const keyOfRun = (w: State, key: Term, label: Label, c: Term): Formula =>
  sessionKey(key, label, idOf(c), w.hello(c), w.challenge(c))
export const keyOfSession = (w: State, key: Term, label: Label, s: Term): Formula =>
  sessionKey(key, label, sidOf(s), w.sHello(s), w.sChallenge(s))

/** Neither an insider's run nor one whose keys leaked. */
export const cleanRun = (w: State, c: Term): Formula =>
  and(not(insider(idOf(c))), not(w.leakedInit(w.hello(c))), not(w.leaked(w.hello(c), w.challenge(c))))
export const cleanSession = (w: State, s: Term): Formula =>
  and(not(insider(sidOf(s))), not(w.leakedInit(w.sHello(s))), not(w.leaked(w.sHello(s), w.sChallenge(s))))
/** A run and a server session have the same handshake. */
export const together = (w: State, c: Term, s: Term): Formula =>
  and(eq(idOf(c), sidOf(s)), eq(w.hello(c), w.sHello(s)), eq(w.challenge(c), w.sChallenge(s)))

/** Why a key of no insider can be known: the keys of its session leaked no later than in its round, or no session has it. */
export const excused = (w: State, k: Term): Formula => {
  const [h, c] = [boundHello(k), boundChallenge(k)]
  const late = and(eq(binds(k), int(1)), w.leaked(h, c), le(w.leakRound(h, c), roundOf(k)))
  const lost = (hello: Term, part: (f: Term) => Term): Formula =>
    and(w.leakedInit(hello), eq(part(hello), firstInput(k)))
  const c2s = (label: Label, helloOf: Formula, input: Formula): Formula =>
    and(hasLabel(k, label), le(int(1), roundOf(k)), or(helloOf, and(late, input)))
  return or(
    lt(int(1), binds(k)),
    c2s('C2S-ENC', lost(w.helloOfCiphertext(firstInput(k)), ciphertext), eq(firstInput(k), ciphertext(h))),
    c2s('C2S-MAC', lost(w.helloOfIv(firstInput(k)), iv), eq(firstInput(k), iv(h))),
    and(
      or(hasLabel(k, 'S2C-ENC'), hasLabel(k, 'S2C-MAC')),
      or(
        lt(int(1), hellos(k)),
        and(eq(hellos(k), int(1)), w.leakedInit(absorbed(k))),
        and(eq(hellos(k), int(1)), late, eq(absorbed(k), h)),
      ),
    ),
  )
}

/** These are the four keys of that session in this round. */
export const fourOf = (keys: Four, id: Term, round: Term, h: Term, c: Term): Formula =>
  and(...LABELS.map((label, i) => and(sessionKey(keys[i]!, label, id, h, c), eq(roundOf(keys[i]!), round))))
/** A key of round 0 after the hello step. */
export const afterHello = (label: Label, id: Term, h: Term): Term => helloStep(initial(label, id), h)
/** ENC and MAC key of either direction, in the order of LABELS. */
export type Four = readonly [c2sEnc: Term, c2sMac: Term, s2cEnc: Term, s2cMac: Term]
export const keysOf = (w: State, c: Term): Four => [w.ce(c), w.cm(c), w.se(c), w.sm(c)]
export const sKeysOf = (w: State, s: Term): Four => [w.sCe(s), w.sCm(s), w.sSe(s), w.sSm(s)]
export const same = (a: readonly Term[], b: readonly Term[]): Formula => and(...a.map((k, i) => eq(k, b[i]!)))
