/** What holds in every reachable state of `bound`, whatever the adversary does; together they are inductive. */
import { and, eq, exists, type Formula, forall, implies, int, le, lt, not, or, plus, type Term } from './logic.ts'
import {
  absorbed,
  bindStep,
  binds,
  boundChallenge,
  boundHello,
  ciphertext,
  encKey,
  evolve,
  firstInput,
  hasLabel,
  helloStep,
  hellos,
  idOf,
  initial,
  insider,
  iv,
  LAST,
  type Label,
  macKey,
  OK,
  OP,
  opcode,
  owner,
  plaintext,
  roundOf,
  type State,
  sidOf,
} from './vocabulary.ts'

export interface Claim {
  /** In a sentence, with the clause of PROTOCOL it comes from where there is one. */
  readonly says: string
  readonly holds: Formula
}

const is = (f: Term, ...opcodes: readonly number[]): Formula => or(...opcodes.map((o) => eq(opcode(f), int(o))))

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

/** Neither an insider's run nor one whose keys leaked. */
export const cleanRun = (w: State, c: Term): Formula =>
  and(not(insider(idOf(c))), not(w.leakedInit(w.hello(c))), not(w.leaked(w.hello(c), w.challenge(c))))
export const cleanSession = (w: State, s: Term): Formula =>
  and(not(insider(sidOf(s))), not(w.leakedInit(w.sHello(s))), not(w.leaked(w.sHello(s), w.sChallenge(s))))
/** A run and a server session have the same handshake. */
export const together = (w: State, c: Term, s: Term): Formula =>
  and(eq(idOf(c), sidOf(s)), eq(w.hello(c), w.sHello(s)), eq(w.challenge(c), w.sChallenge(s)))

/** Why a key of no insider can be known: the keys of its session leaked no later than in its round, or no session has it. */
const excused = (w: State, k: Term): Formula => {
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

/** Name → invariant. */
export const invariantsOf = (w: State): Readonly<Record<string, Claim>> => {
  const runs = (body: (c: Term) => Formula): Formula => forall(['Run'], (c) => body(c!))
  const sessions = (body: (s: Term) => Formula): Formula => forall(['Session'], (s) => body(s!))
  const fourOf = (keys: readonly Term[], id: Term, round: Term, h: Term, c: Term): Formula =>
    and(
      ...(['C2S-ENC', 'C2S-MAC', 'S2C-ENC', 'S2C-MAC'] as const).map((label, i) =>
        and(sessionKey(keys[i]!, label, id, h, c), eq(roundOf(keys[i]!), round)),
      ),
    )
  const after = (label: Label, id: Term, h: Term): Term => helloStep(initial(label, id), h)
  const keysOf = (c: Term): readonly Term[] => [w.ce(c), w.cm(c), w.se(c), w.sm(c)]
  const sKeysOf = (s: Term): readonly Term[] => [w.sCe(s), w.sCm(s), w.sSe(s), w.sSm(s)]
  const same = (a: readonly Term[], b: readonly Term[]): Formula => and(...a.map((k, i) => eq(k, b[i]!)))
  return {
    run: {
      says: 'The HELLO of a run is sealed under the initial keys of its id, and found by its IV and its ciphertext.',
      holds: runs((c) =>
        implies(
          w.started(c),
          and(
            w.used(w.hello(c)),
            w.sentBy(w.hello(c), c),
            is(w.hello(c), OP.HELLO),
            eq(macKey(w.hello(c)), initial('C2S-MAC', idOf(c))),
            eq(encKey(w.hello(c)), initial('C2S-ENC', idOf(c))),
            eq(w.helloOfCiphertext(ciphertext(w.hello(c))), w.hello(c)),
            eq(w.helloOfIv(iv(w.hello(c))), w.hello(c)),
          ),
        ),
      ),
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
        implies(and(w.started(c!), w.started(d!), eq(w.hello(c!), w.hello(d!))), eq(c!, d!)),
      ),
    },
    waitingKeys: {
      says: 'A run that awaits its CHALLENGE holds no key that another HELLO shares (§4, hello step).',
      holds: runs((c) =>
        implies(
          and(w.started(c), not(w.active(c))),
          same(keysOf(c), [
            evolve(initial('C2S-ENC', idOf(c)), ciphertext(w.hello(c))),
            evolve(initial('C2S-MAC', idOf(c)), iv(w.hello(c))),
            after('S2C-ENC', idOf(c), w.hello(c)),
            after('S2C-MAC', idOf(c), w.hello(c)),
          ]),
        ),
      ),
    },
    runKeys: {
      says: 'The keys of an active run are those of its handshake in its round (§4).',
      holds: runs((c) =>
        implies(
          w.active(c),
          and(
            w.used(w.challenge(c)),
            eq(macKey(w.challenge(c)), after('S2C-MAC', idOf(c), w.hello(c))),
            le(int(1), w.round(c)),
            fourOf(keysOf(c), idOf(c), w.round(c), w.hello(c), w.challenge(c)),
          ),
        ),
      ),
    },
    runHasSession: {
      says: 'An active run has the server session that made its CHALLENGE for its HELLO.',
      holds: runs((c) =>
        implies(
          and(w.active(c), cleanRun(w, c)),
          exists(['Session'], (s) => and(w.open(s!), together(w, c, s!))),
        ),
      ),
    },
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
            fourOf(sKeysOf(s), sidOf(s), w.sRound(s), w.sHello(s), w.sChallenge(s)),
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
    sentByRun: {
      says: 'What a run sends is its HELLO, or DATA and TERMINATE under its keys of a round it reached.',
      holds: forall(['Frame', 'Run'], (f, c) =>
        implies(
          w.sentBy(f!, c!),
          and(
            w.used(f!),
            w.started(c!),
            or(
              eq(f!, w.hello(c!)),
              and(
                is(f!, OP.DATA, OP.TERMINATE),
                w.active(c!),
                sessionKey(macKey(f!), 'C2S-MAC', idOf(c!), w.hello(c!), w.challenge(c!)),
                sessionKey(encKey(f!), 'C2S-ENC', idOf(c!), w.hello(c!), w.challenge(c!)),
                eq(roundOf(encKey(f!)), roundOf(macKey(f!))),
                le(int(1), roundOf(macKey(f!))),
                le(roundOf(macKey(f!)), w.round(c!)),
              ),
            ),
          ),
        ),
      ),
    },
    oneData: {
      says: 'A run sends one DATA a round, and waits for its response.',
      holds: forall(['Frame', 'Run'], (f, c) =>
        implies(
          and(w.sentBy(f!, c!), is(f!, OP.DATA), eq(roundOf(macKey(f!)), w.round(c!))),
          and(w.waiting(c!), eq(w.data(c!), f!)),
        ),
      ),
    },
    outstanding: {
      says: 'The DATA that a run waits for is sealed under its current keys.',
      holds: runs((c) =>
        implies(
          w.waiting(c),
          and(
            w.sentBy(w.data(c), c),
            is(w.data(c), OP.DATA),
            eq(macKey(w.data(c)), w.cm(c)),
            eq(encKey(w.data(c)), w.ce(c)),
          ),
        ),
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
    takenResponse: {
      says: 'A response that a run accepted is under its key of an earlier round.',
      holds: forall(['Frame', 'Run'], (f, c) =>
        implies(
          w.taken(f!, c!),
          and(
            w.used(f!),
            w.active(c!),
            is(f!, OP.RESPONSE),
            sessionKey(macKey(f!), 'S2C-MAC', idOf(c!), w.hello(c!), w.challenge(c!)),
            lt(roundOf(macKey(f!)), w.round(c!)),
          ),
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
        const [ce, cm, se, sm] = keysOf(c!)
        return implies(
          and(w.active(c!), w.open(s!), cleanRun(w, c!), together(w, c!, s!)),
          or(
            and(eq(w.sRound(s!), w.round(c!)), same(sKeysOf(s!), keysOf(c!))),
            and(
              eq(w.sRound(s!), plus(w.round(c!), int(1))),
              w.waiting(c!),
              eq(w.lastData(s!), data),
              eq(macKey(response), sm!),
              eq(encKey(response), se!),
              same(sKeysOf(s!), [
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
          same(sKeysOf(s), [
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
