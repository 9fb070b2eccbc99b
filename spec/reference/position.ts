/** How far a session has come: what both its ends agree on, as a value. A step gives a new one. */
import type { EndedBy, Header, Reason, View } from '../events.ts'
import { exactSum } from '../exact-sum.ts'
import type { Mode, Side } from '../language.ts'
import { type KeyPair, parseFrame, seal } from './frame.ts'
import { bindStep, evolvedC2S, evolvedS2C, helloStep, initialKeys, type Keys } from './keys.ts'

export interface Position {
  readonly mode: Mode
  readonly id: number
  readonly phase: 'INIT' | 'ACTIVE'
  readonly round: number
  readonly keys: Keys
  /** The client's frame of this exchange, not answered yet: the HELLO in INIT, a DATA in ACTIVE. */
  readonly request: Uint8Array | null
}

/** Before the HELLO (PROTOCOL §1: the round starts at 0). */
export const initialPosition = (mode: Mode, id: number, master: Uint8Array): Position => ({
  mode,
  id,
  phase: 'INIT',
  round: 0,
  keys: initialKeys(master),
  request: null,
})

/** After a HELLO or DATA. §4: only the HELLO moves keys: S2C by the hello step, C2S by its evolution of R = 0. */
export function afterRequest(p: Position, request: Uint8Array): Position {
  const hello = p.phase === 'INIT' && p.mode === 'bound' ? parseFrame(request) : null
  if (hello === null) return { ...p, request }
  return { ...p, request, keys: { c2s: evolvedC2S(p.keys.c2s, hello), s2c: helloStep(p.keys.s2c, request) } }
}

const STATUS_OF_ROUND_0 = Uint8Array.of(0) // §4: the single byte 00

/** After a CHALLENGE or AGGR_RESPONSE with this plaintext: the keys of the next round (§4). */
export function afterAnswer(p: Position, answer: Uint8Array, plaintext: Uint8Array): Position {
  const request = p.request === null ? null : parseFrame(p.request)
  if (p.request === null || request === null) return p // an answer to nothing moves nothing
  const next = { ...p, phase: 'ACTIVE', round: p.round + 1, request: null } as const
  if (p.phase === 'INIT') {
    const s2c = evolvedS2C(p.keys.s2c, plaintext, STATUS_OF_ROUND_0)
    const keys =
      p.mode === 'bound'
        ? bindStep({ c2s: p.keys.c2s, s2c }, p.request, answer)
        : { c2s: evolvedC2S(p.keys.c2s, request), s2c }
    return { ...next, keys }
  }
  const [StatusCode, AggregatedData] = [plaintext.subarray(0, 1), plaintext.subarray(1)] // §5
  const keys = { c2s: evolvedC2S(p.keys.c2s, request), s2c: evolvedS2C(p.keys.s2c, AggregatedData, StatusCode) }
  return { ...next, keys }
}

/** §2: 1 = client to server, 2 = server to client. */
export const directionFrom = (side: Side): number => (side === 'client' ? 1 : 2)

export const keysFrom = (p: Position, side: Side): KeyPair => (side === 'client' ? p.keys.c2s : p.keys.s2c)

/** A frame that `side` sends at this position. `iv`: 16 fresh bytes for every frame (§2). */
export function sealed(p: Position, side: Side, opcode: number, plaintext: Uint8Array, iv: Uint8Array): Uint8Array {
  const header: Header = { opcode, id: p.id, round: p.round, direction: directionFrom(side) }
  return seal(keysFrom(p, side), header, plaintext, iv)
}

/** The public state of an endpoint at this position. */
export function viewOf(p: Position, of: { confirmed: boolean; outstanding: boolean }): View<Uint8Array> {
  const { c2s, s2c } = p.keys
  return { id: p.id, phase: p.phase, round: p.round, ...of, keys: [c2s.enc, c2s.mac, s2c.enc, s2c.mac] }
}

/** What one endpoint of a party can do to the outside: send, draw random bytes, and report. */
export interface Environment {
  /** Hands over one whole frame, without length prefix; false: the transport has failed or is closed. */
  send(frame: Uint8Array): boolean
  /** The endpoint's own fresh bytes: 16 for a fresh CHALLENGE text, then 16 for the IV of each frame, as sent. */
  random(bytes: number): Uint8Array
  accepted(frame: Uint8Array): void
  /** `frame` null: a length prefix that no frame can have. */
  rejected(frame: Uint8Array | null, reason: Reason): void
  ended(by: EndedBy): void
}

/** One session of the server as a value: a change is a new session, assigned in one place (PROTOCOL §4, §7, §8). */
export interface Session {
  readonly position: Position // keys and round
  readonly order: number // §7: HELLOs are ordered by a counter, not a clock
  readonly confirmed: boolean // §7: by its first accepted DATA
  readonly since: number // when its HELLO, later its last DATA, was accepted
  /** §8: at most one submission a round; oldest first. */
  readonly submissions: readonly Submission[]
}

export interface Submission {
  readonly round: number
  readonly values: readonly number[]
}

/** What the session is once this DATA has been accepted; the position moves with the answer. */
export const withSubmission = (s: Session, submission: Submission, now: number, retained: number): Session => ({
  ...s,
  confirmed: true, // §7: its first accepted DATA confirms it
  since: now,
  submissions: [...s.submissions, submission].slice(-retained), // §8: kept for the newest 64 rounds of each session
})

/** §8: sum, count, average over all values submitted for that round by the sessions given. */
export function aggregate(sessions: readonly Session[], round: number) {
  const values = sessions.flatMap((s) => s.submissions.filter((x) => x.round === round).flatMap((x) => x.values))
  const sum = exactSum(values) // §8: the exact sum rounded once, so it does not depend on arrival order
  return { sum, count: values.length, average: sum / values.length + 0 } // §8: binary64; a zero result is +0
}
