/** How far the model is explored, and what a scope is too small or too weak to reach. */
import type { Invariant } from '../invariants/index.ts'
import { LIMITS, type LimitName, type Mode } from '../language.ts'
import type { Bounds } from '../model/adversary.ts'
import type { Setup } from '../model/state.ts'

export interface Scope extends Bounds {
  readonly mode: Mode
  readonly clients: number
  readonly challenge: 'fresh' | 'constant'
  readonly unconfirmedPerId: number
  /** False: frames refused by one endpoint for the same reason and opcode count as one, as the model cannot tell them apart. */
  readonly everyFrame: boolean
}

export const SMALLEST: Scope = {
  mode: 'bound',
  clients: 1,
  runs: 1,
  connections: 1,
  rounds: 1,
  powers: 'N',
  concurrent: false,
  idle: false,
  challenge: 'fresh',
  unconfirmedPerId: LIMITS.unconfirmedPerId,
  faults: 1,
  forgeries: 1,
  everyFrame: false,
}

/** Whether it is four numbers 1..9, as `scope` takes them. */
export const isSize = (size: string): boolean => /^[1-9]([x×][1-9]){3}$/.test(size)

/** "1x2x3x2": clients × runs × connections × rounds. */
export const scope = (size: string, rest: Partial<Scope> = {}): Scope => {
  if (!isSize(size))
    throw new RangeError(
      `scope: expected clients x runs x connections x rounds, each 1..9, such as 1x2x3x2, got "${size}"`,
    )
  const [clients, runs, connections, rounds] = size.split(/[x×]/).map(Number) as [number, number, number, number]
  return { ...SMALLEST, clients, runs, connections, rounds, ...rest }
}

export const sizeOf = (s: Scope): string => `${s.clients}x${s.runs}x${s.connections}x${s.rounds}`

/** With power I the last client is the insider: the adversary speaks for it, and it starts no runs of its own. */
export const setupOf = (s: Scope): Setup => {
  const ids = Array.from({ length: s.clients }, (_, i) => i + 1)
  const limits: Record<LimitName, number> = { ...LIMITS, unconfirmedPerId: s.unconfirmedPerId }
  return {
    mode: s.mode,
    keyring: ids,
    insiders: s.powers.includes('I') ? ids.slice(-1) : [],
    challenge: s.challenge,
    startRound: 1,
    limits,
  }
}

const sealing = (s: Scope): string | null => (/[IL]/.test(s.powers) ? null : 'needs power I or L')
const garbage = (s: Scope): string | null => (s.mode === 'literal' ? siblings(s) : sealing(s))
const atLeast = (what: 'clients' | 'runs' | 'connections' | 'rounds', n: number) => (s: Scope) =>
  s[what] >= n ? null : `needs ${n} ${what}`
const siblings = atLeast('connections', 2)
const both =
  (...needs: readonly ((s: Scope) => string | null)[]) =>
  (s: Scope): string | null =>
    needs.map((need) => need(s)).find((why) => why !== null) ?? null
const cap = (s: Scope): string | null =>
  s.connections > s.unconfirmedPerId ? null : `needs more connections than half-open sessions (${s.unconfirmedPerId})`
const power = (p: string) => (s: Scope) => (s.powers.includes(p) ? null : `needs power ${p}`)

/** Two sessions of one client that both submit: two runs, in `literal` a replayed one, or the adversary under its keys. */
const twice = both(siblings, (s) =>
  s.runs >= 2 || s.mode === 'literal' || /[IL]/.test(s.powers) ? null : 'needs 2 runs',
)

/** What the witness of an invariant needs; those not named are reached in every scope. */
const WITNESS: Readonly<Record<string, (s: Scope) => string | null>> = {
  S1: sealing,
  S2: sealing,
  R6: power('L'),
  R3: power('F'),
  R5: power('L'),
  C3: garbage,
  G5: garbage,
  R1: atLeast('rounds', 2),
  A1s: siblings,
  A2: siblings,
  A3: atLeast('runs', 2),
  A8: atLeast('runs', 2),
  I4: siblings,
  I5: twice,
  G1: both(siblings, atLeast('clients', 2)),
  G2: twice,
  G3: both(siblings, (s) =>
    s.runs * s.clients >= 2 || s.mode === 'literal' || s.powers.includes('L') ? null : 'needs 2 client runs',
  ),
  G4: both(siblings, atLeast('rounds', 2)),
  B1: cap,
  B4: cap,
  B6: () => 'needs a limit of connections below what a scope opens',
}

/** What finding it violated in `literal` needs. */
const VIOLATION: Readonly<Record<string, (s: Scope) => string | null>> = {
  A1s: siblings,
  A2: siblings,
  A3: atLeast('runs', 2),
  A8: atLeast('runs', 2),
  A10: siblings,
  O4: (s) => (s.runs >= 2 || s.connections >= 2 ? null : 'needs 2 runs or 2 connections'),
}

/** Why the witness is out of reach here; null: it must be found. */
export const outOfReach = (i: Invariant, s: Scope): string | null => WITNESS[i.id]?.(s) ?? null

/** Whether the invariant must be found violated, must hold, or (null) neither is known for a scope this small. */
export const expected = (i: Invariant, s: Scope): 'holds' | 'violated' | null => {
  if (s.mode === 'bound' || i.literal === 'holds') return 'holds'
  return (VIOLATION[i.id]?.(s) ?? null) === null ? 'violated' : null
}
