/** A client's run as data, and what a frame means in a state. Pure; sending and the commit are the session's business. */
import { checkHeader, type Rejected, rejected } from './checks.ts'
import type { Crypto } from './crypto.ts'
import { MAX_ROUND, OPCODE, TO_CLIENT } from './frame.ts'
import { evolve, type Keys, keysOfRoundOne, type Mode } from './keys.ts'
import type { Content } from './outcome.ts'
import * as payload from './payload.ts'
import { open } from './primitives.ts'

/** Plain data, one value per run. */
export type ClientState =
  | Live
  | { readonly id: number; readonly phase: 'TERMINATED'; readonly round: number; readonly keys: null }
export interface Live {
  readonly id: number
  readonly phase: 'INIT' | 'ACTIVE'
  readonly round: number
  readonly keys: Keys
  readonly pending: Uint8Array | null // the HELLO or DATA whose answer is awaited
  readonly deadline: number | null // ms: when to give up waiting
}

/**
 * A run at rest, as plain data: its state and the bytes of an incomplete frame. For harnesses, that fork a run or go on
 * from a state of their own; the programs take none.
 */
export interface ClientSnapshot {
  readonly state: ClientState
  readonly buffered: Uint8Array
}

/** PROTOCOL §2, last column; §4: a response in the last round would wrap the counter, so none is legal there. */
const legalAt = ({ phase, round, pending }: Live) => {
  if (phase === 'INIT') return pending === null ? [] : [OPCODE.challenge]
  const control = [OPCODE.desync, OPCODE.terminate]
  return pending === null || round === MAX_ROUND ? control : [OPCODE.aggregate, ...control]
}

/** What an accepted frame says, and the state that holds after it. */
export type Accepted = { readonly kind: 'accepted'; readonly content: Content; readonly next: ClientState }

/** What a frame means, after every check. */
export const examine = (c: Crypto, mode: Mode, state: Live, frame: Uint8Array): Accepted | Rejected => {
  const { id, round, keys } = state
  const header = checkHeader(frame, { id, direction: TO_CLIENT, round, legal: legalAt(state) })
  if (typeof header === 'string') return rejected(header)
  const plaintext = open(c, keys.s2c, frame)
  if (typeof plaintext === 'string') return rejected(plaintext)
  switch (header.opcode as ReturnType<typeof legalAt>[number]) {
    case OPCODE.challenge: {
      const text = payload.decodeText(plaintext)
      if (text === null) return rejected('bad-payload')
      const next = keysOfRoundOne(c, mode, keys, state.pending!, frame, plaintext)
      return { kind: 'accepted', content: { kind: 'challenge', text }, next: advanced(state, next) }
    }
    case OPCODE.aggregate: {
      const aggregate = payload.decodeAggregate(plaintext)
      if (aggregate === null) return rejected('bad-payload')
      const data = payload.aggregatedDataOf(plaintext)
      const next = evolve(c, keys, state.pending!, data, payload.statusOf(plaintext))
      return { kind: 'accepted', content: { kind: 'aggregate', round, aggregate }, next: advanced(state, next) }
    }
    case OPCODE.desync:
    case OPCODE.terminate: {
      if (!payload.isControlPayload(plaintext)) return rejected('bad-payload')
      // PROTOCOL §6: the peer's decision; never answered, and no key is reset or derived again.
      const kind = header.opcode === OPCODE.desync ? 'desync' : 'terminate'
      return { kind: 'accepted', content: { kind }, next: terminated(state) }
    }
  }
}

/** PROTOCOL §4: keys and round together. */
const advanced = (state: Live, keys: Keys): Live => {
  return { id: state.id, phase: 'ACTIVE', round: state.round + 1, keys, pending: null, deadline: null }
}

export const terminated = ({ id, round }: ClientState): ClientState => ({ id, phase: 'TERMINATED', round, keys: null })
