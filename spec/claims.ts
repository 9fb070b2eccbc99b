/** How the explorer judges the ten claims of PROTOCOL §9. */
import { ATTACKS } from './checker/attacks.ts'
import type { Explored, Judged } from './checker/explore.ts'
import { type Scope, scope, sizeOf } from './checker/scope.ts'
import type { Claim } from './claim-list.ts'
import type { Mode } from './language.ts'

export { CLAIMS, type Claim } from './claim-list.ts'

/** Where the claims are judged. Two overlapping runs and two connections show every attack of `literal`. */
export const CLAIM_SCOPES: Readonly<Record<Mode, readonly Scope[]>> = {
  literal: [
    scope('1x2x2x1', { mode: 'literal', concurrent: true }),
    scope('1x2x2x1', { mode: 'literal', powers: 'NF' }),
    scope('1x1x3x1', { mode: 'literal', unconfirmedPerId: 2 }),
    scope('2x1x2x2', { mode: 'literal', powers: 'NI' }),
  ],
  bound: [
    scope('1x2x3x2', { powers: 'NLF' }),
    scope('1x2x2x2', { powers: 'NF', concurrent: true }),
    scope('1x1x3x1', { unconfirmedPerId: 2 }),
    scope('2x1x2x2', { powers: 'NI' }),
    scope('1x2x2x2', { powers: 'NLF', idle: true }),
    scope('2x2x2x1', { powers: 'NILF' }),
  ],
}
/** Explored beside those of the claims, each in a process of its own; with every power, a million states. */
export const MORE_SCOPES: readonly Scope[] = [
  scope('2x2x3x1', { powers: 'NILF' }),
  scope('1x2x2x2', { powers: 'NLF', concurrent: true }),
  scope('2x1x3x2', { powers: 'NIF' }),
  scope('1x3x3x1', { powers: 'NF' }),
]

export interface Counterexample {
  readonly invariant: string
  readonly found: Explored
  readonly judged: Judged
}

export interface Verdict {
  readonly claim: Claim
  readonly mode: Mode
  readonly holds: boolean
  /** "holds in scope …", or why it is false. */
  readonly evidence: string
  readonly counterexamples: readonly Counterexample[]
  /** How it differs from what PROTOCOL §9 says; empty: as expected. */
  readonly differs: readonly string[]
}

const ATTACK_IDS = new Set(ATTACKS.map((i) => i.id))

const shortest = (all: readonly Explored[], id: string): Counterexample | null => {
  const found = all.flatMap((r) =>
    r.judged
      .filter((j) => j.invariant.id === id && j.counterexample !== null)
      .map((j) => ({ invariant: id, found: r, judged: j })),
  )
  return found.sort((a, b) => a.judged.counterexample!.length - b.judged.counterexample!.length)[0] ?? null
}

const witnessed = (all: readonly Explored[], id: string): boolean =>
  all.some((r) => r.judged.some((j) => j.invariant.id === id && j.witness !== null))

/** `all`: what was explored in this mode, with the monitors of ATTACKS beside the invariants. */
export const judgeClaim = (claim: Claim, mode: Mode, all: readonly Explored[]): Verdict => {
  const differs: string[] = []
  const counterexamples: Counterexample[] = []
  for (const id of [...claim.holds, ...Object.keys(claim.breaks)]) {
    const found = shortest(all, id)
    const known = mode === 'literal' ? claim.breaks[id] : undefined
    if (found !== null) counterexamples.push(found)
    const moves = found?.judged.counterexample?.length ?? 0
    if (known === undefined && found !== null) differs.push(`${id} is violated: ${found.judged.why}`)
    if (known !== undefined && found === null) differs.push(`${id} should be violated and is not`)
    if (known !== undefined && found !== null && moves !== known)
      differs.push(`${id} is violated in ${moves} moves, PROTOCOL §9 or this table says ${known}`)
    if (found === null && !witnessed(all, id)) differs.push(`${id} was never put to the test`)
  }
  for (const r of all) if (r.stopped !== null) differs.push(`scope ${sizeOf(r.scope)} was not exhausted (${r.stopped})`)
  const holds = counterexamples.length === 0
  const where = all.map(
    (r) =>
      `${sizeOf(r.scope)} ${r.scope.powers}${r.scope.concurrent ? ' concurrent' : ''}${r.scope.idle ? ' idle' : ''} (${r.states} states)`,
  )
  return {
    claim,
    mode,
    holds,
    evidence: holds ? `holds in scope ${where.join(', ')}` : claim.literally,
    counterexamples: counterexamples.sort(
      (a, b) => Number(ATTACK_IDS.has(b.invariant)) - Number(ATTACK_IDS.has(a.invariant)),
    ),
    differs,
  }
}

/** Named sets of scopes for `npm run explore`. */
export const PROFILES: Readonly<Record<string, readonly Scope[]>> = {
  /** Seconds to half a minute; what the claims are judged in. */
  gate: [...CLAIM_SCOPES.literal, ...CLAIM_SCOPES.bound],
  /** Minutes: overlapping runs, and three of them, with every power; and three connections of `literal`. */
  long: [
    scope('1x2x3x2', { powers: 'NLF', concurrent: true }),
    scope('1x3x3x1', { powers: 'NLF' }),
    scope('1x2x3x2', { mode: 'literal', powers: 'NF' }),
  ],
}
