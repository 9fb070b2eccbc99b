/** What can happen (PROTOCOL §4–§7, ADVERSARY powers N, I, L, F), each action as guards and updates. */
import { OP } from '../opcodes.ts'
import {
  and,
  eq,
  exists,
  FALSE,
  type Formula,
  forall,
  implies,
  int,
  ite,
  le,
  lt,
  not,
  or,
  plus,
  type Sort,
  type Term,
  TRUE,
} from './logic.ts'
import {
  bindStep,
  ciphertext,
  encKey,
  evolve,
  type Four,
  helloStep,
  idOf,
  initial,
  is,
  iv,
  keysOf,
  LAST,
  type Label,
  macKey,
  type Name,
  OK,
  opened,
  plaintext,
  STATE,
  type State,
  sidOf,
  sKeysOf,
} from './vocabulary.ts'

/** At these arguments, this value; or, for every argument, a value made of the one before. */
type Update =
  | { readonly of: Name; readonly at: readonly Term[]; readonly is: Term }
  | { readonly of: Name; readonly all: (before: Term, args: readonly Term[]) => Term }

export interface Action {
  readonly name: string
  /** What happens, and where PROTOCOL says so. */
  readonly says: string
  readonly parameters: readonly Term[]
  /** Rule → what it asks for. The action can happen where all hold. */
  readonly guards: Readonly<Record<string, Formula>>
  readonly updates: readonly Update[]
}

/** The rules of the key schedule, which a mode or an experiment may leave out. */
export interface Schedule {
  readonly hello: boolean // the hello step
  readonly bind: boolean // the bind step
  readonly early: boolean // the client takes its C2S keys through the evolution of round 0 with its HELLO
  readonly ratchet: boolean // keys evolve after an exchange
}
export const BOUND: Schedule = { hello: true, bind: true, early: true, ratchet: true }
export const LITERAL: Schedule = { ...BOUND, hello: false, bind: false, early: false }

const set = (of: Name, at: readonly Term[], is: Term): Update => ({ of, at, is })
const sends = (frame: Term, of: 'sentBy' | 'sentFrom', by: Term): readonly Update[] => [
  set(of, [frame, by], TRUE),
  set('used', [frame], TRUE),
]
const KEYS = ['ce', 'cm', 'se', 'sm'] as const
const SKEYS = ['sCe', 'sCm', 'sSe', 'sSm'] as const

/** On the network: somebody sent it, or the adversary can make it. (It may send whatever it likes; the tag decides.) */
export const deliverable = (w: State, f: Term): Formula =>
  or(
    w.known(macKey(f)),
    exists(['Run'], (c) => w.sentBy(f, c)),
    exists(['Session'], (s) => w.sentFrom(f, s)),
  )

/** The state after an action. */
export const after = (w: State, a: Action): State =>
  Object.fromEntries(
    Object.keys(STATE).map((name) => [
      name,
      (...args: readonly Term[]) =>
        a.updates
          .filter((u) => u.of === name)
          .reduce(
            (before, u) =>
              'all' in u ? u.all(before, args) : ite(and(...args.map((x, i) => eq(x, u.at[i]!))), u.is, before),
            w[name as Name](...args),
          ),
    ]),
  ) as unknown as State

export const guardOf = (a: Action): Formula => and(...Object.values(a.guards))

/** Every action in the state `w`; `v` makes its parameters. */
export const actionsIn = (w: State, v: (sort: Sort) => Term, rules: Schedule = BOUND): readonly Action[] => {
  const hello = (k: Term, h: Term): Term => (rules.hello ? helloStep(k, h) : k)
  const bind = (k: Term, h: Term, c: Term): Term => (rules.bind ? bindStep(k, h, c) : k)
  const evolved = (k: Term, x: Term): Term => (rules.ratchet ? evolve(k, x) : k)
  const afterHello = (label: Label, id: Term, h: Term): Term => hello(initial(label, id), h)
  /** The keys of round 1; `text`: what the CHALLENGE says. */
  const handshake = (id: Term, h: Term, c: Term, text: Term): Four => [
    bind(evolve(initial('C2S-ENC', id), ciphertext(h)), h, c),
    bind(evolve(initial('C2S-MAC', id), iv(h)), h, c),
    bind(evolve(afterHello('S2C-ENC', id, h), text), h, c),
    bind(evolve(afterHello('S2C-MAC', id, h), OK), h, c),
  ]
  const exchange = ([ce, cm, se, sm]: Four, request: Term, answer: Term): Four => [
    evolved(ce, ciphertext(request)),
    evolved(cm, iv(request)),
    evolved(se, answer),
    evolved(sm, OK),
  ]
  const setAll = (names: readonly Name[], at: Term, keys: readonly Term[]): Update[] =>
    names.map((n, i) => set(n, [at], keys[i]!))
  /** A new frame, sealed under these keys. */
  const sealed = (f: Term, enc: Term, mac: Term): Record<string, Formula> => ({
    fresh: not(w.used(f)),
    sealed: and(eq(macKey(f), mac), eq(encKey(f), enc)),
  })
  const living = (c: Term): Formula => and(w.active(c), not(w.ended(c)))
  const serving = (s: Term): Formula => and(w.open(s), not(w.closed(s)))
  const learn = (keys: Four): Update[] => keys.map((k) => set('known', [k], TRUE))

  const c = v('Run')
  const s = v('Session')
  const f = v('Frame')
  const g = v('Frame')
  const k = v('Key')
  const x = v('Input')
  const id = idOf(c)
  const sid = sidOf(s)
  const initialKeys: Four = [
    initial('C2S-ENC', id),
    initial('C2S-MAC', id),
    afterHello('S2C-ENC', id, f),
    afterHello('S2C-MAC', id, f),
  ]
  /** A confirmed session of the same id that this one would meet on its confirmation. */
  const rival = (u: Term): Formula => and(serving(u), w.confirmed(u), eq(sidOf(u), sid), not(eq(u, s)))
  const session = [w.sHello(s), w.sChallenge(s)] as const
  const ofRun = [w.hello(c), w.challenge(c)] as const
  const loses = (hc: readonly [Term, Term], round: Term): Update[] => [
    set('leakRound', hc, ite(and(w.leaked(...hc), le(w.leakRound(...hc), round)), w.leakRound(...hc), round)),
    set('leaked', hc, TRUE),
  ]

  return [
    {
      name: 'ClientStart',
      says: 'A client run builds its HELLO with a fresh IV; hello step; C2S keys of round 0 are gone at once (§4, §5).',
      parameters: [c, f],
      guards: {
        unborn: not(w.started(c)),
        kind: is(f, OP.HELLO),
        ...sealed(f, initial('C2S-ENC', id), initial('C2S-MAC', id)),
        freshIv: forall(['Run'], (d) =>
          implies(w.started(d), not(or(eq(iv(w.hello(d)), iv(f)), eq(ciphertext(w.hello(d)), ciphertext(f))))),
        ),
      },
      updates: [
        set('started', [c], TRUE),
        set('hello', [c], f),
        ...sends(f, 'sentBy', c),
        set('helloOfCiphertext', [ciphertext(f)], f),
        set('helloOfIv', [iv(f)], f),
        ...setAll(
          KEYS,
          c,
          rules.early
            ? [evolve(initialKeys[0], ciphertext(f)), evolve(initialKeys[1], iv(f)), initialKeys[2], initialKeys[3]]
            : initialKeys,
        ),
      ],
    },
    {
      name: 'ServerHello',
      says: 'A HELLO that passes every check opens a session, which answers with a CHALLENGE and is unconfirmed in round 1 (§7).',
      parameters: [s, f, g],
      guards: {
        unborn: not(w.open(s)),
        delivered: deliverable(w, f),
        kind: and(is(f, OP.HELLO), is(g, OP.CHALLENGE), not(eq(f, g))),
        tag: eq(macKey(f), initial('C2S-MAC', sid)),
        ...sealed(g, afterHello('S2C-ENC', sid, f), afterHello('S2C-MAC', sid, f)),
      },
      updates: [
        set('open', [s], TRUE),
        set('order', [s], w.counter()),
        set('counter', [], plus(w.counter(), int(1))),
        set('sHello', [s], f),
        set('sChallenge', [s], g),
        set('sRound', [s], int(1)),
        set('used', [f], TRUE),
        ...sends(g, 'sentFrom', s),
        ...setAll(SKEYS, s, handshake(sid, f, g, plaintext(g))),
      ],
    },
    {
      name: 'ClientChallenge',
      says: 'A run accepts a CHALLENGE: its keys of round 1 (§4).',
      parameters: [c, f],
      guards: {
        phase: and(w.started(c), not(w.active(c)), not(w.ended(c))),
        delivered: deliverable(w, f),
        kind: is(f, OP.CHALLENGE),
        tag: eq(macKey(f), afterHello('S2C-MAC', id, w.hello(c))),
      },
      updates: [
        set('active', [c], TRUE),
        set('challenge', [c], f),
        set('round', [c], int(1)),
        set('used', [f], TRUE),
        ...setAll(KEYS, c, handshake(id, w.hello(c), f, opened(afterHello('S2C-ENC', id, w.hello(c)), f))),
      ],
    },
    {
      name: 'ClientData',
      says: 'A run submits: one DATA under its current keys. Sending moves no key (§4, commit rule).',
      parameters: [c, f],
      guards: { phase: living(c), idle: not(w.waiting(c)), kind: is(f, OP.DATA), ...sealed(f, w.ce(c), w.cm(c)) },
      updates: [...sends(f, 'sentBy', c), set('waiting', [c], TRUE), set('data', [c], f)],
    },
    {
      name: 'ServerData',
      says: 'A session accepts a DATA and answers; keys, round, confirmation and supersession commit at once (§4, §7).',
      parameters: [s, f, g],
      guards: {
        phase: serving(s),
        delivered: deliverable(w, f),
        kind: and(is(f, OP.DATA), is(g, OP.RESPONSE), not(eq(f, g))),
        tag: eq(macKey(f), w.sCm(s)),
        lastRound: lt(w.sRound(s), LAST),
        order: or(
          w.confirmed(s),
          forall(['Session'], (u) => implies(rival(u), lt(w.order(u), w.order(s)))),
        ),
        ...sealed(g, w.sSe(s), w.sSm(s)),
      },
      updates: [
        set('accepted', [f, s], TRUE),
        set('used', [f], TRUE),
        ...sends(g, 'sentFrom', s),
        set('answers', [g], f),
        set('lastData', [s], f),
        set('lastResponse', [s], g),
        set('sRound', [s], plus(w.sRound(s), int(1))),
        { of: 'closed', all: (before, [u]) => or(before, and(not(w.confirmed(s)), rival(u!))) },
        set('confirmed', [s], TRUE),
        ...setAll(SKEYS, s, exchange(sKeysOf(w, s), f, plaintext(g))),
      ],
    },
    {
      name: 'ClientResponse',
      says: 'A run accepts the response it waits for and commits (§4); in the last round it is out of phase.',
      parameters: [c, f],
      guards: {
        phase: and(living(c), w.waiting(c)),
        delivered: deliverable(w, f),
        kind: is(f, OP.RESPONSE),
        tag: eq(macKey(f), w.sm(c)),
        lastRound: lt(w.round(c), LAST),
      },
      updates: [
        set('taken', [f, c], TRUE),
        set('used', [f], TRUE),
        set('waiting', [c], FALSE),
        set('round', [c], plus(w.round(c), int(1))),
        ...setAll(KEYS, c, exchange(keysOf(w, c), w.data(c), opened(w.se(c), f))),
      ],
    },
    {
      name: 'ClientTerminate',
      says: 'A run with no request outstanding ends with TERMINATE (§6).',
      parameters: [c, f],
      guards: {
        phase: living(c),
        idle: not(w.waiting(c)),
        kind: is(f, OP.TERMINATE),
        ...sealed(f, w.ce(c), w.cm(c)),
      },
      updates: [...sends(f, 'sentBy', c), set('ended', [c], TRUE)],
    },
    {
      name: 'ServerTerminate',
      says: 'A session ends with KEY_DESYNC_ERROR (a frame was refused) or TERMINATE, under the keys as they were (§6, §7).',
      parameters: [s, f],
      guards: { phase: serving(s), kind: is(f, OP.DESYNC, OP.TERMINATE), ...sealed(f, w.sSe(s), w.sSm(s)) },
      updates: [...sends(f, 'sentFrom', s), set('closed', [s], TRUE)],
    },
    {
      name: 'ClientEnd',
      says: 'A run ends without a frame: refused input, a control frame, a timer, a closed connection (§6).',
      parameters: [c],
      guards: { phase: and(w.started(c), not(w.ended(c))) },
      updates: [set('ended', [c], TRUE)],
    },
    {
      name: 'ServerEnd',
      says: 'A session ends without a frame: a control frame, a closed connection, a restart, a failed hand-over, of which nothing has happened (§4, §6, §7).',
      parameters: [s],
      guards: { phase: serving(s) },
      updates: [set('closed', [s], TRUE)],
    },
    {
      name: 'LeakWaiting',
      says: 'The four keys of a run that awaits its CHALLENGE become known (power L).',
      parameters: [c],
      guards: { phase: and(w.started(c), not(w.active(c)), not(w.ended(c))) },
      updates: [...learn(keysOf(w, c)), set('leakedInit', [w.hello(c)], TRUE)],
    },
    {
      name: 'LeakRun',
      says: 'The four keys of an active run become known (power L).',
      parameters: [c],
      guards: { phase: living(c) },
      updates: [...learn(keysOf(w, c)), ...loses(ofRun, w.round(c))],
    },
    {
      name: 'LeakSession',
      says: 'The four keys of a server session become known (power L).',
      parameters: [s],
      guards: { phase: serving(s) },
      updates: [...learn(sKeysOf(w, s)), ...loses(session, w.sRound(s))],
    },
    {
      name: 'Derive',
      says: 'Whoever knows a key knows what the public formulas make of it, with any input.',
      parameters: [k, x, f, g],
      guards: { known: w.known(k) },
      updates: [
        set('known', [evolve(k, x)], TRUE),
        set('known', [helloStep(k, f)], TRUE),
        set('known', [bindStep(k, f, g)], TRUE),
      ],
    },
  ]
}
