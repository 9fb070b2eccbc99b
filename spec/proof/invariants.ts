/** What holds in every reachable state of `bound`, whatever the adversary does; together they are inductive. */
import { OP } from '../opcodes.ts'
import { and, eq, exists, type Formula, forall, implies, int, le, lt, not, or, plus, type Term } from './logic.ts'
import {
  afterHello,
  bindStep,
  type Claim,
  ciphertext,
  cleanRun,
  cleanSession,
  encKey,
  evolve,
  excused,
  fourOf,
  idOf,
  initial,
  insider,
  is,
  iv,
  keyOfRun,
  keyOfSession,
  keysOf,
  LAST,
  macKey,
  OK,
  owner,
  plaintext,
  roundOf,
  type State,
  same,
  sidOf,
  sKeysOf,
  together,
} from './vocabulary.ts'

const runs = (body: (c: Term) => Formula): Formula => forall(['Run'], body)
const sessions = (body: (s: Term) => Formula): Formula => forall(['Session'], body)
/** Of client runs, and of what they sent. */
const ofRuns = (w: State): Readonly<Record<string, Claim>> => ({
  run: {
    says: 'The HELLO of a run is sealed under the initial keys of its id, and found by its IV and its ciphertext.',
    holds: runs((c) => {
      const hello = w.hello(c)
      return implies(
        w.started(c),
        w.used(hello),
        w.sentBy(hello, c),
        is(hello, OP.HELLO),
        eq(macKey(hello), initial('C2S-MAC', idOf(c))),
        eq(encKey(hello), initial('C2S-ENC', idOf(c))),
        eq(w.helloOfCiphertext(ciphertext(hello)), hello),
        eq(w.helloOfIv(iv(hello)), hello),
      )
    }),
  },
  runStarted: {
    says: 'Only a run that started is active, waiting or ended.',
    holds: runs((c) =>
      and(implies(w.active(c), w.started(c)), implies(w.ended(c), w.started(c)), implies(w.waiting(c), w.active(c))),
    ),
  },
  ownHello: {
    says: 'No two runs have the same HELLO (§2: a fresh IV for every frame).',
    holds: forall(['Run', 'Run'], (c, d) =>
      implies(and(w.started(c), w.started(d), eq(w.hello(c), w.hello(d))), eq(c, d)),
    ),
  },
  waitingKeys: {
    says: 'A run that awaits its CHALLENGE holds no key that another HELLO shares (§4, hello step).',
    holds: runs((c) => {
      const [id, h] = [idOf(c), w.hello(c)]
      return implies(
        and(w.started(c), not(w.active(c))),
        same(keysOf(w, c), [
          evolve(initial('C2S-ENC', id), ciphertext(h)),
          evolve(initial('C2S-MAC', id), iv(h)),
          afterHello('S2C-ENC', id, h),
          afterHello('S2C-MAC', id, h),
        ]),
      )
    }),
  },
  runKeys: {
    says: 'The keys of an active run are those of its handshake in its round (§4).',
    holds: runs((c) =>
      implies(
        w.active(c),
        w.used(w.challenge(c)),
        eq(macKey(w.challenge(c)), afterHello('S2C-MAC', idOf(c), w.hello(c))),
        le(int(1), w.round(c)),
        fourOf(keysOf(w, c), idOf(c), w.round(c), w.hello(c), w.challenge(c)),
      ),
    ),
  },
  runHasSession: {
    says: 'An active run has the server session that made its CHALLENGE for its HELLO.',
    holds: runs((c) =>
      implies(
        and(w.active(c), cleanRun(w, c)),
        exists(['Session'], (s) => and(w.open(s), together(w, c, s))),
      ),
    ),
  },
  sentByRun: {
    says: 'What a run sends is its HELLO, or DATA and TERMINATE under its keys of a round it reached.',
    holds: forall(['Frame', 'Run'], (f, c) => {
      const [enc, mac] = [encKey(f), macKey(f)]
      const later = and(
        is(f, OP.DATA, OP.TERMINATE),
        w.active(c),
        keyOfRun(w, mac, 'C2S-MAC', c),
        keyOfRun(w, enc, 'C2S-ENC', c),
        eq(roundOf(enc), roundOf(mac)),
        le(int(1), roundOf(mac)),
        le(roundOf(mac), w.round(c)),
      )
      return implies(w.sentBy(f, c), w.used(f), w.started(c), or(eq(f, w.hello(c)), later))
    }),
  },
  oneData: {
    says: 'A run sends one DATA a round, and waits for its response.',
    holds: forall(['Frame', 'Run'], (f, c) =>
      implies(and(w.sentBy(f, c), is(f, OP.DATA), eq(roundOf(macKey(f)), w.round(c))), w.waiting(c), eq(w.data(c), f)),
    ),
  },
  outstanding: {
    says: 'The DATA that a run waits for is sealed under its current keys.',
    holds: runs((c) => {
      const data = w.data(c)
      const sealed = [eq(macKey(data), w.cm(c)), eq(encKey(data), w.ce(c))]
      return implies(w.waiting(c), w.sentBy(data, c), is(data, OP.DATA), ...sealed)
    }),
  },
  takenResponse: {
    says: 'A response that a run accepted is under its key of an earlier round.',
    holds: forall(['Frame', 'Run'], (f, c) => {
      const early = [keyOfRun(w, macKey(f), 'S2C-MAC', c), lt(roundOf(macKey(f)), w.round(c))]
      return implies(w.taken(f, c), w.used(f), w.active(c), is(f, OP.RESPONSE), ...early)
    }),
  },
})

/** Name → invariant. */
export const invariantsOf = (w: State): Readonly<Record<string, Claim>> => ({
  ...ofRuns(w),
  sessionKeys: {
    says: 'The keys of a server session are those of its handshake in its round (§4).',
    holds: sessions((s) =>
      implies(
        w.open(s),
        w.used(w.sHello(s)),
        w.used(w.sChallenge(s)),
        is(w.sHello(s), OP.HELLO),
        w.sentFrom(w.sChallenge(s), s),
        is(w.sChallenge(s), OP.CHALLENGE),
        eq(macKey(w.sChallenge(s)), afterHello('S2C-MAC', sidOf(s), w.sHello(s))),
        eq(encKey(w.sChallenge(s)), afterHello('S2C-ENC', sidOf(s), w.sHello(s))),
        le(int(1), w.sRound(s)),
        fourOf(sKeysOf(w, s), sidOf(s), w.sRound(s), w.sHello(s), w.sChallenge(s)),
      ),
    ),
  },
  sessionHasRun: {
    says: 'The HELLO of a session was sent by a run of that id.',
    holds: sessions((s) =>
      implies(
        and(w.open(s), not(insider(sidOf(s)))),
        exists(['Run'], (c) => and(w.started(c), eq(idOf(c), sidOf(s)), eq(w.hello(c), w.sHello(s)))),
      ),
    ),
  },
  ownChallenge: {
    says: 'No two sessions have the same CHALLENGE.',
    holds: forall(['Session', 'Session'], (s, u) =>
      implies(and(w.open(s), w.open(u), eq(w.sChallenge(s), w.sChallenge(u))), eq(s, u)),
    ),
  },
  sentBySession: {
    says: 'What a session sends is its CHALLENGE, or responses, errors and TERMINATE under its keys of a round it reached.',
    holds: forall(['Frame', 'Session'], (f, s) => {
      const round = roundOf(macKey(f))
      const later = and(
        keyOfSession(w, macKey(f), 'S2C-MAC', s),
        keyOfSession(w, encKey(f), 'S2C-ENC', s),
        eq(roundOf(encKey(f)), round),
        le(int(1), round),
        or(
          and(is(f, OP.RESPONSE), lt(round, w.sRound(s))),
          and(is(f, OP.DESYNC, OP.TERMINATE), le(round, w.sRound(s))),
        ),
      )
      return implies(w.sentFrom(f, s), w.used(f), w.open(s), or(eq(f, w.sChallenge(s)), later))
    }),
  },
  answered: {
    says: 'A response answers a DATA that its session accepted in the same round.',
    holds: forall(['Frame', 'Session'], (f, s) =>
      implies(
        and(w.sentFrom(f, s), is(f, OP.RESPONSE)),
        w.accepted(w.answers(f), s),
        eq(roundOf(macKey(w.answers(f))), roundOf(macKey(f))),
      ),
    ),
  },
  acceptedData: {
    says: 'A DATA that a session accepted is under its key of an earlier round.',
    holds: forall(['Frame', 'Session'], (f, s) =>
      implies(
        w.accepted(f, s),
        w.used(f),
        w.open(s),
        w.confirmed(s),
        is(f, OP.DATA),
        keyOfSession(w, macKey(f), 'C2S-MAC', s),
        le(int(1), roundOf(macKey(f))),
        lt(roundOf(macKey(f)), w.sRound(s)),
      ),
    ),
  },
  acceptedWasSent: {
    says: 'A DATA that a session accepted was sent by a run.',
    holds: forall(['Frame', 'Session'], (f, s) =>
      implies(
        and(w.accepted(f, s), cleanSession(w, s)),
        exists(['Run'], (c) => w.sentBy(f, c)),
      ),
    ),
  },
  oneResponse: {
    says: 'A session sends one response a round.',
    holds: forall(['Frame', 'Frame', 'Session'], (f, g, s) =>
      implies(
        and(
          w.sentFrom(f, s),
          w.sentFrom(g, s),
          is(f, OP.RESPONSE),
          is(g, OP.RESPONSE),
          eq(roundOf(macKey(f)), roundOf(macKey(g))),
        ),
        eq(f, g),
      ),
    ),
  },
  lastExchange: {
    says: 'After round 1 a session knows its last exchange.',
    holds: sessions((s) =>
      implies(
        and(w.open(s), lt(int(1), w.sRound(s))),
        w.accepted(w.lastData(s), s),
        w.sentFrom(w.lastResponse(s), s),
        is(w.lastResponse(s), OP.RESPONSE),
        eq(w.answers(w.lastResponse(s)), w.lastData(s)),
        eq(plus(roundOf(macKey(w.lastResponse(s))), int(1)), w.sRound(s)),
      ),
    ),
  },
  step: {
    says: 'Both ends of a session have equal keys, or the server is one exchange ahead: that of the DATA the client waits for.',
    holds: forall(['Run', 'Session'], (c, s) => {
      const [data, response] = [w.data(c), w.lastResponse(s)]
      const [ce, cm, se, sm] = keysOf(w, c)
      return implies(
        and(w.active(c), w.open(s), cleanRun(w, c), together(w, c, s)),
        or(
          and(eq(w.sRound(s), w.round(c)), same(sKeysOf(w, s), keysOf(w, c))),
          and(
            eq(w.sRound(s), plus(w.round(c), int(1))),
            w.waiting(c),
            eq(w.lastData(s), data),
            eq(macKey(response), sm),
            eq(encKey(response), se),
            same(sKeysOf(w, s), [
              evolve(ce, ciphertext(data)),
              evolve(cm, iv(data)),
              evolve(se, plaintext(response)),
              evolve(sm, OK),
            ]),
          ),
        ),
      )
    }),
  },
  firstRound: {
    says: 'The keys of round 1 are the evolution of round 0, bound to both handshake frames (§4, bind step).',
    holds: sessions((s) => {
      const [id, h, c] = [sidOf(s), w.sHello(s), w.sChallenge(s)]
      return implies(
        and(w.open(s), eq(w.sRound(s), int(1))),
        same(sKeysOf(w, s), [
          bindStep(evolve(initial('C2S-ENC', id), ciphertext(h)), h, c),
          bindStep(evolve(initial('C2S-MAC', id), iv(h)), h, c),
          bindStep(evolve(afterHello('S2C-ENC', id, h), plaintext(c)), h, c),
          bindStep(evolve(afterHello('S2C-MAC', id, h), OK), h, c),
        ]),
      )
    }),
  },
  knowledge: {
    says: 'A key of no insider is known only where the keys of its session leaked, in its round or before (R5).',
    holds: forall(['Key'], (k) => implies(and(w.known(k), not(insider(owner(k)))), excused(w, k))),
  },
  lostHello: {
    says: 'A HELLO whose keys leaked is that of a run.',
    holds: forall(['Frame'], (f) =>
      implies(
        w.leakedInit(f),
        exists(['Run'], (c) => and(w.started(c), eq(w.hello(c), f))),
      ),
    ),
  },
  sessionState: {
    says: 'Only an open session is closed or confirmed; in round 1 it is not confirmed, later it is (§7).',
    holds: sessions((s) =>
      and(
        implies(w.closed(s), w.open(s)),
        implies(w.confirmed(s), and(w.open(s), lt(int(1), w.sRound(s)))),
        implies(and(w.open(s), lt(int(1), w.sRound(s))), w.confirmed(s)),
      ),
    ),
  },
  ordered: {
    says: 'HELLOs are ordered by a counter: no two sessions share a place (§7).',
    holds: and(
      sessions((s) => implies(w.open(s), lt(w.order(s), w.counter()))),
      forall(['Session', 'Session'], (s, u) =>
        implies(and(w.open(s), w.open(u), eq(w.order(s), w.order(u))), eq(s, u)),
      ),
    ),
  },
  oneConfirmed: {
    says: 'At most one confirmed session of an id lives (§7, G2).',
    holds: forall(['Session', 'Session'], (s, u) => {
      const confirmed = (x: Term): Formula => and(w.confirmed(x), not(w.closed(x)))
      return implies(and(confirmed(s), confirmed(u), eq(sidOf(s), sidOf(u))), eq(s, u))
    }),
  },
  lastRound: {
    says: 'The last round is never left (§4).',
    holds: and(
      runs((c) => implies(w.active(c), le(w.round(c), LAST))),
      sessions((s) => implies(w.open(s), le(w.sRound(s), LAST))),
    ),
  },
})
