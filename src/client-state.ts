/** The public state of a client run: plain data that a session can be restored from. */
import { MAX_ROUND, OPCODE } from './frame.ts'
import { copyKeys, type Keys } from './keys.ts'

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

/** A whole session at rest: its state and the bytes of an incomplete frame. */
export interface ClientSnapshot {
  readonly state: ClientState
  readonly buffered: Uint8Array
}

/** PROTOCOL §2, last column; §4: a response in the last round would wrap the counter, so none is legal there. */
export const legalAt = ({ phase, round, pending }: Live) => {
  if (phase === 'INIT') return pending === null ? [] : [OPCODE.challenge]
  const control = [OPCODE.desync, OPCODE.terminate]
  return pending === null || round === MAX_ROUND ? control : [OPCODE.aggregate, ...control]
}

export const terminated = ({ id, round }: ClientState): ClientState => ({ id, phase: 'TERMINATED', round, keys: null })

export const copyState = (state: ClientState): ClientState =>
  state.keys === null ? state : { ...state, keys: copyKeys(state.keys) }
