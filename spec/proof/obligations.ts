/**
 * What is claimed of `bound` (ADVERSARY, PROTOCOL §9), as consequences of the invariants where an action happens; and all
 * that has to be shown, as texts for the prover: each is unsatisfiable exactly if what it names holds.
 */
import { OP } from '../opcodes.ts'
import { type Action, actionsIn, after, BOUND, deliverable, guardOf, type Schedule } from './actions.ts'
import { invariantsOf } from './invariants.ts'
import {
  and,
  eq,
  exists,
  type Formula,
  forall,
  implies,
  int,
  le,
  lt,
  not,
  or,
  type Sort,
  type Term,
  variable,
} from './logic.ts'
import {
  type Claim,
  cleanRun,
  cleanSession,
  encKey,
  idOf,
  insider,
  is,
  macKey,
  type Name,
  owner,
  roundOf,
  STATE,
  type State,
  sidOf,
  together,
} from './vocabulary.ts'

interface Property extends Claim {
  /** The action that it speaks of, with what is asked where it happens; null: any state. */
  readonly on: Action | null
}

/** Name (of the invariants of ADVERSARY) → property. `actions`: those of the state `w`. */
export const propertiesOf = (
  w: State,
  actions: readonly Action[],
  c: Term,
  s: Term,
  f: Term,
): Readonly<Record<string, Property>> => {
  const named = (name: string): Action => {
    const a = actions.find((x) => x.name === name)
    if (a === undefined) throw new Error(`properties: expected an action named ${name}`)
    return a
  }
  const data = named('ServerData')
  const [at, frame] = data.parameters as readonly [Term, Term]
  const challenged = named('ClientChallenge')
  const [run, challenge] = challenged.parameters as readonly [Term, Term]
  const answered = named('ClientResponse')
  const [waiter, response] = answered.parameters as readonly [Term, Term]
  const live = (x: Term): Formula => and(w.open(x), not(w.closed(x)))
  /** A control frame reaches an end whose key verifies its tag. Not an action of its own: it only ends the end. */
  const control = (name: string, end: Term, living: Formula, key: Term, ...opcodes: readonly number[]): Action => ({
    name,
    says: 'a control frame verifies',
    parameters: [end, f],
    guards: { live: living, tag: eq(macKey(f), key), kind: is(f, ...opcodes), delivered: deliverable(w, f) },
    updates: [],
  })
  return {
    'A1s, O4': {
      says: 'A DATA that is accepted was sent in this session, and opens under its key.',
      on: data,
      holds: implies(
        cleanSession(w, at),
        exists(['Run'], (d) => and(w.sentBy(frame, d), w.active(d), together(w, d, at), eq(encKey(frame), w.sCe(at)))),
      ),
    },
    A2: {
      says: 'A DATA is accepted once, anywhere.',
      on: data,
      holds: implies(
        cleanSession(w, at),
        forall(['Session'], (u) => implies(cleanSession(w, u), not(w.accepted(frame, u)))),
      ),
    },
    A8: {
      says: 'A CHALLENGE that is accepted was made for this HELLO, and no other run accepted it.',
      on: challenged,
      holds: implies(
        and(not(insider(idOf(run))), not(w.leakedInit(w.hello(run)))),
        exists(['Session'], (u) =>
          and(
            w.sentFrom(challenge, u),
            eq(sidOf(u), idOf(run)),
            eq(w.sHello(u), w.hello(run)),
            eq(w.sChallenge(u), challenge),
          ),
        ),
        forall(['Run'], (d) => not(and(w.active(d), eq(w.challenge(d), challenge)))),
      ),
    },
    A3: {
      says: 'A response that is accepted answers the DATA that the run waits for, opens under its key, and is accepted once.',
      on: answered,
      holds: implies(
        cleanRun(w, waiter),
        exists(['Session'], (u) =>
          and(
            w.sentFrom(response, u),
            together(w, waiter, u),
            eq(w.answers(response), w.data(waiter)),
            w.accepted(w.data(waiter), u),
            eq(encKey(response), w.se(waiter)),
          ),
        ),
        forall(['Run'], (d) => implies(cleanRun(w, d), not(w.taken(response, d)))),
      ),
    },
    'A10 at a client': {
      says: 'A KEY_DESYNC_ERROR or TERMINATE that a run accepts is of its session.',
      on: control('run control', c, and(w.active(c), not(w.ended(c))), w.sm(c), OP.DESYNC, OP.TERMINATE),
      holds: implies(
        cleanRun(w, c),
        exists(['Session'], (u) => and(w.sentFrom(f, u), together(w, c, u))),
      ),
    },
    'A10 at the server': {
      says: 'A TERMINATE that a session accepts is of its run.',
      on: control('session control', s, live(s), w.sCm(s), OP.TERMINATE),
      holds: implies(
        cleanSession(w, s),
        exists(['Run'], (d) => and(w.sentBy(f, d), together(w, d, s))),
      ),
    },
    R2: {
      says: 'Equal handshake and round, equal keys.',
      on: null,
      holds: implies(
        and(w.active(c), w.open(s), cleanRun(w, c), together(w, c, s), eq(w.round(c), w.sRound(s))),
        and(eq(w.ce(c), w.sCe(s)), eq(w.cm(c), w.sCm(s)), eq(w.se(c), w.sSe(s)), eq(w.sm(c), w.sSm(s))),
      ),
    },
    A1: {
      says: 'No DATA fits two sessions: their keys differ.',
      on: null,
      holds: forall(['Session'], (u) => implies(and(w.open(s), w.open(u), eq(w.sCm(s), w.sCm(u))), eq(s, u))),
    },
    'R5 of runs': {
      says: 'Leaked keys open no frame of an earlier round of their session, and none of another: what a run sends.',
      on: null,
      holds: implies(
        and(w.sentBy(f, c), not(insider(idOf(c))), or(w.known(macKey(f)), w.known(encKey(f)))),
        or(
          w.leakedInit(w.hello(c)),
          and(w.leaked(w.hello(c), w.challenge(c)), le(w.leakRound(w.hello(c), w.challenge(c)), roundOf(macKey(f)))),
        ),
      ),
    },
    'R5 of sessions': {
      says: 'Leaked keys open no frame of an earlier round of their session, and none of another: what a session sends.',
      on: null,
      holds: implies(
        and(w.sentFrom(f, s), not(insider(sidOf(s))), or(w.known(macKey(f)), w.known(encKey(f)))),
        or(
          w.leakedInit(w.sHello(s)),
          and(
            w.leaked(w.sHello(s), w.sChallenge(s)),
            le(w.leakRound(w.sHello(s), w.sChallenge(s)), roundOf(macKey(f))),
          ),
        ),
      ),
    },
    'R5, apart': {
      says: 'A leak while a run awaits its CHALLENGE tells nothing of the handshake of another run.',
      on: null,
      holds: forall(['Run'], (d) =>
        implies(
          and(w.started(c), w.started(d), not(eq(c, d)), w.leakedInit(w.hello(d)), cleanRun(w, c), w.sentBy(f, c)),
          and(not(w.known(macKey(f))), not(w.known(encKey(f)))),
        ),
      ),
    },
    G2: {
      says: 'No aggregate has two submissions of one id: at most one confirmed session of it lives.',
      on: null,
      holds: forall(['Session'], (u) =>
        implies(and(live(s), live(u), w.confirmed(s), w.confirmed(u), eq(sidOf(s), sidOf(u))), eq(s, u)),
      ),
    },
    I5: {
      says: 'An older session never supersedes a newer one.',
      on: data,
      holds: forall(['Session'], (u) =>
        implies(
          and(not(w.confirmed(at)), live(u), w.confirmed(u), eq(sidOf(u), sidOf(at)), not(eq(u, at))),
          lt(w.order(u), w.order(at)),
        ),
      ),
    },
  }
}

export interface Obligation {
  readonly kind: 'initiation' | 'preservation' | 'property'
  readonly action: string // empty for initiation
  readonly claim: string
  readonly text: string // declarations of constants and assertions, to follow the preamble
}

/** What is left out of the system; nothing: `bound`. */
export interface Experiment {
  readonly schedule?: Schedule
  /** An action, and the rule among its guards that is not asked for. */
  readonly without?: readonly [action: string, rule: string]
  /** An action, and the part of the state that it no longer changes. */
  readonly keeps?: readonly [action: string, of: Name]
}

/** Nothing has happened; the adversary knows what the master keys of its insiders give (power I). */
export const initially = (w: State, insiderOf: (key: Term) => Formula): Formula =>
  and(
    forall(['Run'], (c) => and(...([w.started, w.active, w.ended, w.waiting] as const).map((p) => not(p(c))))),
    forall(['Session'], (s) => and(...([w.open, w.closed, w.confirmed] as const).map((p) => not(p(s))))),
    forall(['Frame', 'Run'], (f, c) => not(or(w.sentBy(f, c), w.taken(f, c)))),
    forall(['Frame', 'Session'], (f, s) => not(or(w.sentFrom(f, s), w.accepted(f, s)))),
    forall(['Frame'], (f) => not(or(w.used(f), w.leakedInit(f)))),
    forall(['Frame', 'Frame'], (f, g) => not(w.leaked(f, g))),
    forall(['Key'], (k) => implies(w.known(k), insiderOf(k))),
    eq(w.counter(), int(0)),
  )

const asserted = (fs: readonly Formula[]): string => fs.map((f) => `(assert ${f.smt})`).join('\n')
const denied = (f: Formula): string => `(assert (not ${f.smt}))`

/** Every obligation; the assumptions of each are all invariants and the guard of its action. */
export const obligations = ({ schedule = BOUND, without, keeps }: Experiment = {}): readonly Obligation[] => {
  const constants: Term[] = []
  const constant = (sort: Sort): Term => {
    const v = variable(sort)
    constants.push(v)
    return v
  }
  const w: State = STATE
  const changed = (a: Action): Action => ({
    ...a,
    guards: Object.fromEntries(
      Object.entries(a.guards).filter(([rule]) => !(without?.[0] === a.name && without[1] === rule)),
    ),
    updates: a.updates.filter((u) => !(keeps?.[0] === a.name && keeps[1] === u.of)),
  })
  const all = actionsIn(w, constant, schedule).map(changed)
  const [c, s, f] = [constant('Run'), constant('Session'), constant('Frame')]
  const properties = propertiesOf(w, all, c, s, f)
  const declared = constants.map((v) => `(declare-const ${v.smt} ${v.sort})`).join('\n')
  const before = invariantsOf(w)
  const assumed = asserted(Object.values(before).map((i) => i.holds))
  const start = `${declared}\n${asserted([initially(w, (k) => insider(owner(k)))])}`
  return [
    ...Object.entries(before).map(
      ([claim, i]): Obligation => ({ kind: 'initiation', action: '', claim, text: `${start}\n${denied(i.holds)}` }),
    ),
    ...all.flatMap((a) =>
      Object.entries(invariantsOf(after(w, a))).map(
        ([claim, i]): Obligation => ({
          kind: 'preservation',
          action: a.name,
          claim,
          text: `${declared}\n${assumed}\n${asserted([guardOf(a)])}\n${denied(i.holds)}`,
        }),
      ),
    ),
    ...Object.entries(properties).map(
      ([claim, p]): Obligation => ({
        kind: 'property',
        action: p.on?.name ?? '',
        claim,
        text: `${declared}\n${assumed}\n${p.on === null ? '' : asserted([guardOf(changed(p.on))])}\n${denied(p.holds)}`,
      }),
    ),
  ]
}
