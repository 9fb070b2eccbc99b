/** PROTOCOL §4 on terms: the key schedule, as single steps and as one fold over a whole transcript. */

import type { Context, Frame, Keys } from '../checker/context.ts'
import type { Term } from '../checker/terms.ts'
import type { Rule } from './rules.ts'

export const LABELS = ['C2S-ENC', 'C2S-MAC', 'S2C-ENC', 'S2C-MAC'] as const
type InForce = (rule: Rule) => boolean
const ALL: InForce = () => true

/** K0 = KDF(master, "init" ‖ 00 ‖ label). */
export const initialKeys = (c: Context, id: number): Keys => {
  const master = c.terms.make('master', id)
  const [a, b, d, e] = LABELS.map((label) => c.terms.make('initial', master, label))
  return c.keys(a!, b!, d!, e!)
}

/** The hello step: S2C-ENC[0] and S2C-MAC[0] absorb the HELLO frame; only in `bound`. */
export const helloStep = (c: Context, k: Keys, hello: Frame, inForce: InForce = (r) => c.on(r)): Keys => {
  if (c.setup.mode === 'literal' || !inForce('hello-step')) return k
  const [a, b, d, e] = k.terms
  return c.keys(a, b, c.terms.make('hello', d, hello.id), c.terms.make('hello', e, hello.id))
}

/** The bind step, after the evolution of round 0: all four keys absorb both handshake frames; only in `bound`. */
export const bindStep = (
  c: Context,
  k: Keys,
  hello: Frame,
  challenge: Frame,
  inForce: InForce = (r) => c.on(r),
): Keys => {
  if (c.setup.mode === 'literal' || !inForce('bind-step')) return k
  const [a, b, d, e] = k.terms.map((t) => c.terms.make('bind', t, hello.id, challenge.id))
  return c.keys(a!, b!, d!, e!)
}

/** The four evolution formulas, for the exchange of `mine` (the client's frame) answered by plaintext `answer`. */
export const evolve = (c: Context, k: Keys, mine: Frame, answer: Term, inForce: InForce = (r) => c.on(r)): Keys => {
  const step = (rule: Rule, key: Term, input: Term | string) =>
    inForce(rule) ? c.terms.make('evolve', key, input) : key
  const [a, b, d, e] = k.terms
  return c.keys(
    step('evolve-c2s-enc', a, mine.ciphertext),
    step('evolve-c2s-mac', b, mine.iv),
    step('evolve-s2c-enc', d, answer),
    step('evolve-s2c-mac', e, '00'), // StatusCode: 00 is the only valid one (§5), and the single byte 00 in round 0
  )
}

/** Everything that determines a session's keys: its handshake, then (DATA, response) pairs. */
export interface Transcript {
  readonly id: number
  readonly hello: Frame | null
  readonly challenge: Frame | null
  readonly exchanges: readonly Frame[]
}

/** What §4 makes of a transcript; independent of the stepwise commits, and of any rule that is switched off. */
export const keysAfter = (c: Context, t: Transcript): Keys => {
  let k = initialKeys(c, t.id)
  if (t.hello === null) return k
  k = helloStep(c, k, t.hello, ALL)
  if (t.challenge === null) return k
  k = bindStep(c, evolve(c, k, t.hello, t.challenge.plain, ALL), t.hello, t.challenge, ALL)
  for (let i = 0; i + 1 < t.exchanges.length; i += 2) k = evolve(c, k, t.exchanges[i]!, t.exchanges[i + 1]!.plain, ALL)
  return k
}
