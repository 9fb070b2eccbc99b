/** What the invariants speak of: the keys of a session, honest ends, and why a key may be known. */
import { and, eq, type Formula, int, le, lt, not, or, type Term } from './logic.ts'
import {
  absorbed,
  binds,
  boundChallenge,
  boundHello,
  ciphertext,
  firstInput,
  hasLabel,
  helloStep,
  hellos,
  idOf,
  initial,
  insider,
  iv,
  type Label,
  opcode,
  owner,
  roundOf,
  type State,
  sidOf,
} from './vocabulary.ts'

export interface Claim {
  /** In a sentence, with the clause of PROTOCOL it comes from where there is one. */
  readonly says: string
  readonly holds: Formula
}

export const is = (f: Term, ...opcodes: readonly number[]): Formula => or(...opcodes.map((o) => eq(opcode(f), int(o))))

/** `key` is the key `label` of the session of `id`, HELLO `h` and CHALLENGE `c` in some round. */
export const sessionKey = (key: Term, label: Label, id: Term, h: Term, c: Term): Formula =>
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

export const fourOf = (keys: readonly Term[], id: Term, round: Term, h: Term, c: Term): Formula =>
  and(
    ...(['C2S-ENC', 'C2S-MAC', 'S2C-ENC', 'S2C-MAC'] as const).map((label, i) =>
      and(sessionKey(keys[i]!, label, id, h, c), eq(roundOf(keys[i]!), round)),
    ),
  )
export const after = (label: Label, id: Term, h: Term): Term => helloStep(initial(label, id), h)
export const keysOf = (w: State, c: Term): readonly Term[] => [w.ce(c), w.cm(c), w.se(c), w.sm(c)]
export const sKeysOf = (w: State, s: Term): readonly Term[] => [w.sCe(s), w.sCm(s), w.sSe(s), w.sSm(s)]
export const same = (a: readonly Term[], b: readonly Term[]): Formula => and(...a.map((k, i) => eq(k, b[i]!)))
