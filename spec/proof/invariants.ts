/** What holds in every reachable state of `bound`, whatever the adversary does; together they are inductive. */
import { invariantsOfRuns } from './invariants-of-runs.ts'
import { and, eq, exists, type Formula, forall, implies, int, le, lt, not, or, plus, type Term } from './logic.ts'
import {
  after,
  type Claim,
  cleanRun,
  cleanSession,
  excused,
  fourOf,
  is,
  keysOf,
  same,
  sessionKey,
  sKeysOf,
  together,
} from './session-keys.ts'
import {
  bindStep,
  ciphertext,
  encKey,
  evolve,
  idOf,
  initial,
  insider,
  iv,
  LAST,
  macKey,
  OK,
  OP,
  owner,
  plaintext,
  roundOf,
  type State,
  sidOf,
} from './vocabulary.ts'

/** Name → invariant. */
export const invariantsOf = (w: State): Readonly<Record<string, Claim>> => {
  const runs = (body: (c: Term) => Formula): Formula => forall(['Run'], (c) => body(c!))
  const sessions = (body: (s: Term) => Formula): Formula => forall(['Session'], (s) => body(s!))
  return {
    ...invariantsOfRuns(w),
    sessionKeys: {
      says: 'The keys of a server session are those of its handshake in its round (§4).',
      holds: sessions((s) =>
        implies(
          w.open(s),
          and(
            w.used(w.sHello(s)),
            w.used(w.sChallenge(s)),
            is(w.sHello(s), OP.HELLO),
            w.sentFrom(w.sChallenge(s), s),
            is(w.sChallenge(s), OP.CHALLENGE),
            eq(macKey(w.sChallenge(s)), after('S2C-MAC', sidOf(s), w.sHello(s))),
            eq(encKey(w.sChallenge(s)), after('S2C-ENC', sidOf(s), w.sHello(s))),
            le(int(1), w.sRound(s)),
            fourOf(sKeysOf(w, s), sidOf(s), w.sRound(s), w.sHello(s), w.sChallenge(s)),
          ),
        ),
      ),
    },
    sessionHasRun: {
      says: 'The HELLO of a session was sent by a run of that id.',
      holds: sessions((s) =>
        implies(
          and(w.open(s), not(insider(sidOf(s)))),
          exists(['Run'], (c) => and(w.started(c!), eq(idOf(c!), sidOf(s)), eq(w.hello(c!), w.sHello(s)))),
        ),
      ),
    },
    ownChallenge: {
      says: 'No two sessions have the same CHALLENGE.',
      holds: forall(['Session', 'Session'], (s, u) =>
        implies(and(w.open(s!), w.open(u!), eq(w.sChallenge(s!), w.sChallenge(u!))), eq(s!, u!)),
      ),
    },
    sentBySession: {
      says: 'What a session sends is its CHALLENGE, or responses, errors and TERMINATE under its keys of a round it reached.',
      holds: forall(['Frame', 'Session'], (f, s) => {
        const round = roundOf(macKey(f!))
        return implies(
          w.sentFrom(f!, s!),
          and(
            w.used(f!),
            w.open(s!),
            or(
              eq(f!, w.sChallenge(s!)),
              and(
                sessionKey(macKey(f!), 'S2C-MAC', sidOf(s!), w.sHello(s!), w.sChallenge(s!)),
                sessionKey(encKey(f!), 'S2C-ENC', sidOf(s!), w.sHello(s!), w.sChallenge(s!)),
                eq(roundOf(encKey(f!)), round),
                le(int(1), round),
                or(
                  and(is(f!, OP.RESPONSE), lt(round, w.sRound(s!))),
                  and(is(f!, OP.DESYNC, OP.TERMINATE), le(round, w.sRound(s!))),
                ),
              ),
            ),
          ),
        )
      }),
    },
    answered: {
      says: 'A response answers a DATA that its session accepted in the same round.',
      holds: forall(['Frame', 'Session'], (f, s) =>
        implies(
          and(w.sentFrom(f!, s!), is(f!, OP.RESPONSE)),
          and(w.accepted(w.answers(f!), s!), eq(roundOf(macKey(w.answers(f!))), roundOf(macKey(f!)))),
        ),
      ),
    },
    acceptedData: {
      says: 'A DATA that a session accepted is under its key of an earlier round.',
      holds: forall(['Frame', 'Session'], (f, s) =>
        implies(
          w.accepted(f!, s!),
          and(
            w.used(f!),
            w.open(s!),
            w.confirmed(s!),
            is(f!, OP.DATA),
            sessionKey(macKey(f!), 'C2S-MAC', sidOf(s!), w.sHello(s!), w.sChallenge(s!)),
            le(int(1), roundOf(macKey(f!))),
            lt(roundOf(macKey(f!)), w.sRound(s!)),
          ),
        ),
      ),
    },
    acceptedWasSent: {
      says: 'A DATA that a session accepted was sent by a run.',
      holds: forall(['Frame', 'Session'], (f, s) =>
        implies(
          and(w.accepted(f!, s!), cleanSession(w, s!)),
          exists(['Run'], (c) => w.sentBy(f!, c!)),
        ),
      ),
    },
    oneResponse: {
      says: 'A session sends one response a round.',
      holds: forall(['Frame', 'Frame', 'Session'], (f, g, s) =>
        implies(
          and(
            w.sentFrom(f!, s!),
            w.sentFrom(g!, s!),
            is(f!, OP.RESPONSE),
            is(g!, OP.RESPONSE),
            eq(roundOf(macKey(f!)), roundOf(macKey(g!))),
          ),
          eq(f!, g!),
        ),
      ),
    },
    lastExchange: {
      says: 'After round 1 a session knows its last exchange.',
      holds: sessions((s) =>
        implies(
          and(w.open(s), lt(int(1), w.sRound(s))),
          and(
            w.accepted(w.lastData(s), s),
            w.sentFrom(w.lastResponse(s), s),
            is(w.lastResponse(s), OP.RESPONSE),
            eq(w.answers(w.lastResponse(s)), w.lastData(s)),
            eq(plus(roundOf(macKey(w.lastResponse(s))), int(1)), w.sRound(s)),
          ),
        ),
      ),
    },
    step: {
      says: 'Both ends of a session have equal keys, or the server is one exchange ahead: that of the DATA the client waits for.',
      holds: forall(['Run', 'Session'], (c, s) => {
        const [data, response] = [w.data(c!), w.lastResponse(s!)]
        const [ce, cm, se, sm] = keysOf(w, c!)
        return implies(
          and(w.active(c!), w.open(s!), cleanRun(w, c!), together(w, c!, s!)),
          or(
            and(eq(w.sRound(s!), w.round(c!)), same(sKeysOf(w, s!), keysOf(w, c!))),
            and(
              eq(w.sRound(s!), plus(w.round(c!), int(1))),
              w.waiting(c!),
              eq(w.lastData(s!), data),
              eq(macKey(response), sm!),
              eq(encKey(response), se!),
              same(sKeysOf(w, s!), [
                evolve(ce!, ciphertext(data)),
                evolve(cm!, iv(data)),
                evolve(se!, plaintext(response)),
                evolve(sm!, OK),
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
            bindStep(evolve(after('S2C-ENC', id, h), plaintext(c)), h, c),
            bindStep(evolve(after('S2C-MAC', id, h), OK), h, c),
          ]),
        )
      }),
    },
    knowledge: {
      says: 'A key of no insider is known only where the keys of its session leaked, in its round or before (R5).',
      holds: forall(['Key'], (k) => implies(and(w.known(k!), not(insider(owner(k!)))), excused(w, k!))),
    },
    lostHello: {
      says: 'A HELLO whose keys leaked is that of a run.',
      holds: forall(['Frame'], (f) =>
        implies(
          w.leakedInit(f!),
          exists(['Run'], (c) => and(w.started(c!), eq(w.hello(c!), f!))),
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
          implies(and(w.open(s!), w.open(u!), eq(w.order(s!), w.order(u!))), eq(s!, u!)),
        ),
      ),
    },
    oneConfirmed: {
      says: 'At most one confirmed session of an id lives (§7, G2).',
      holds: forall(['Session', 'Session'], (s, u) => {
        const confirmed = (x: Term): Formula => and(w.confirmed(x), not(w.closed(x)))
        return implies(and(confirmed(s!), confirmed(u!), eq(sidOf(s!), sidOf(u!))), eq(s!, u!))
      }),
    },
    lastRound: {
      says: 'The last round is never left (§4).',
      holds: and(
        runs((c) => implies(w.active(c), le(w.round(c), LAST))),
        sessions((s) => implies(w.open(s), le(w.sRound(s), LAST))),
      ),
    },
  }
}
