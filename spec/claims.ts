/** The ten claims of PROTOCOL §9: what is expected of each mode, and how the explorer judges it. */
import { ATTACKS } from './checker/attacks.ts'
import type { Explored, Judged } from './checker/explore.ts'
import { type Scope, scope, sizeOf } from './checker/scope.ts'
import type { Mode } from './language.ts'

export interface Claim {
  readonly n: number
  readonly says: string
  /** Invariants that must hold in both modes. */
  readonly holds: readonly string[]
  /** Invariants that hold in `bound` and must be found broken in `literal`; moves of the shortest counterexample. */
  readonly breaks: Readonly<Record<string, number>>
  /** PROTOCOL §9, column `literal`, where something breaks. */
  readonly literally: string
}

/** Lengths are those of PROTOCOL §9 where it gives one, else what was found once. */
export const CLAIMS: readonly Claim[] = [
  {
    n: 1,
    says: 'replay is defended',
    holds: [],
    breaks: { A2: 6, A3: 7, A8: 4 },
    literally: 'a recorded session replays whole, and a recorded CHALLENGE is taken by another run',
  },
  { n: 2, says: 'modification is detected', holds: ['C1', 'C3'], breaks: {}, literally: '' },
  { n: 3, says: 'reordering is detected', holds: ['S2', 'S6', 'S7'], breaks: {}, literally: '' },
  { n: 4, says: 'reflection is rejected', holds: ['S1', 'S2'], breaks: {}, literally: '' },
  {
    n: 5,
    says: 'key desync is detected, updates are atomic',
    holds: ['R1', 'R3', 'R4', 'S4', 'S6'],
    breaks: { 'foreign-desync': 6 },
    literally: 'detected, but an authentic KEY_DESYNC_ERROR of one session ends another',
  },
  {
    n: 6,
    says: 'padding tampering is defended',
    holds: ['C2', 'C3', 'O1'],
    breaks: { 'sibling-response': 6 },
    literally: 'a genuine response of a sibling session verifies and then fails, or passes, unpadding',
  },
  { n: 7, says: 'invalid HMAC rejected before decryption', holds: ['C2'], breaks: {}, literally: '' },
  { n: 8, says: 'state violations end the session', holds: ['S1', 'S3', 'S4', 'O1', 'O2'], breaks: {}, literally: '' },
  {
    n: 9,
    says: 'unauthorised clients get nothing',
    holds: ['A9', 'B1', 'B4', 'I2', 'O2'],
    breaks: { A1s: 5, 'replay-supersedes': 6 },
    literally: 'a keyless replay is confirmed, contributes values and supersedes the live session',
  },
  {
    n: 10,
    says: 'man in the middle is defended',
    holds: ['A1', 'A9', 'C1'],
    breaks: { A1s: 5, A3: 7, A8: 4, A10: 5, 'foreign-terminate': 5 },
    literally: 'content holds, session identity does not',
  },
]

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
  ],
}

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
    (r) => `${sizeOf(r.scope)} ${r.scope.powers}${r.scope.concurrent ? ' concurrent' : ''} (${r.states} states)`,
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
  /** Minutes: overlapping runs with every power, and what accepted foreign frames make of three connections. */
  long: [
    scope('1x2x3x2', { powers: 'NLF', concurrent: true }),
    scope('2x1x3x2', { powers: 'NIF' }),
    scope('1x2x3x2', { mode: 'literal', powers: 'NF' }),
  ],
}
