/** What holds of client runs and of what they sent. */
import { and, eq, exists, type Formula, forall, implies, int, le, lt, not, or, type Term } from './logic.ts'
import { after, type Claim, cleanRun, fourOf, is, keysOf, same, sessionKey, together } from './session-keys.ts'
import { ciphertext, encKey, evolve, idOf, initial, iv, macKey, OP, roundOf, type State } from './vocabulary.ts'

export const invariantsOfRuns = (w: State): Readonly<Record<string, Claim>> => {
  const runs = (body: (c: Term) => Formula): Formula => forall(['Run'], (c) => body(c!))
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
          same(keysOf(w, c), [
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
            fourOf(keysOf(w, c), idOf(c), w.round(c), w.hello(c), w.challenge(c)),
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
  }
}
