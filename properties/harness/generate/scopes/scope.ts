/** An exhaustive scope: every schedule of a small, exactly counted set. */
import {
  type Action,
  type End,
  type FrameRef,
  LIMITS,
  type Mode,
  type Powers,
  type Schedule,
  type Setup,
} from '../../../../spec/language.ts'
import { OP } from '../../../../spec/opcodes.ts'
import { CONTROL_HEX, dataHex, responseHex, textHex } from '../payloads.ts'

export interface Scope {
  readonly says: string
  /** Everything but the mode. Lazy, deterministic, without randomness. */
  schedules(mode: Mode): Iterable<Omit<Schedule, 'mode'>>
  /** Probes that every schedule gets; the others get their share. */
  readonly probes?: readonly string[]
}

export const client = (n: number): End => ({ side: 'client', n })
export const server = (n: number): End => ({ side: 'server', n })
export const sentBy = (by: End, nth: number): FrameRef => ({ by, nth })
export const pass = (frame: FrameRef, to: End): Action => ({ do: 'deliver', frame, to })

const SEED = 1 // of the schedules; any other shows the same

export const schedule = (
  powers: Powers,
  setup: Partial<Setup>,
  actions: readonly Action[],
): Omit<Schedule, 'mode'> => ({
  version: 1,
  seed: SEED,
  powers,
  setup: { clients: [1], insiders: [], challenge: 'fresh', startRound: 1, limits: {}, ...setup },
  actions,
})

/** Run `n` of client `index` with its connection: both ACTIVE, in round 1. */
export const handshake = (n: number, index = 0): readonly Action[] => [
  { do: 'connect', client: index },
  pass(sentBy(client(n), 0), server(n)),
  pass(sentBy(server(n), 0), client(n)),
]

/** One frame of each of the six types, on its way to every receiver that could accept it (PROTOCOL §2, last column). */
export interface Target {
  readonly opcode: number
  readonly to: End
  readonly direction: number
  /** The round that the receiver expects. */
  readonly round: number
  /** Plaintext of a valid frame of this type, in hex. */
  readonly body: string
  /** After these a forged frame would be accepted, if it were authentic. */
  readonly before: readonly Action[]
  /** After `before` and these the genuine frame exists. */
  readonly making: readonly Action[]
  readonly frame: FrameRef
  readonly bytes: number // of the genuine frame
}

const run = client(0)
const connection = server(0)

export const TARGETS: readonly Target[] = [
  {
    opcode: OP.HELLO,
    to: connection,
    direction: 1,
    round: 0,
    body: textHex('Hello from client 1'),
    before: [{ do: 'connect', client: 0 }],
    making: [],
    frame: sentBy(run, 0),
    bytes: 87,
  },
  {
    opcode: OP.CHALLENGE,
    to: run,
    direction: 2,
    round: 0,
    body: textHex('constant'),
    before: [{ do: 'connect', client: 0 }],
    making: [pass(sentBy(run, 0), connection)],
    frame: sentBy(connection, 0),
    bytes: 119,
  },
  {
    opcode: OP.DATA,
    to: connection,
    direction: 1,
    round: 1,
    body: dataHex([1]),
    before: handshake(0),
    making: [{ do: 'submit', run: 0, values: [1] }],
    frame: sentBy(run, 1),
    bytes: 71,
  },
  {
    opcode: OP.RESPONSE,
    to: run,
    direction: 2,
    round: 1,
    body: responseHex(0, 1, 1, 1),
    before: [...handshake(0), { do: 'submit', run: 0, values: [1] }],
    making: [pass(sentBy(run, 1), connection)],
    frame: sentBy(connection, 1),
    bytes: 87,
  },
  {
    opcode: OP.DESYNC,
    to: run,
    direction: 2,
    round: 1,
    body: CONTROL_HEX,
    before: handshake(0),
    making: [{ do: 'inject', to: connection, hex: '00000000' }], // an illegal length, answered with the error frame
    frame: sentBy(connection, 1),
    bytes: 71,
  },
  {
    opcode: OP.TERMINATE,
    to: run,
    direction: 2,
    round: 1,
    body: CONTROL_HEX,
    before: handshake(0),
    making: [{ do: 'advance', ms: LIMITS.unconfirmedMs }],
    frame: sentBy(connection, 1),
    bytes: 71,
  },
  {
    opcode: OP.TERMINATE,
    to: connection,
    direction: 1,
    round: 1,
    body: CONTROL_HEX,
    before: handshake(0),
    making: [{ do: 'finish', run: 0 }],
    frame: sentBy(run, 1),
    bytes: 71,
  },
]
