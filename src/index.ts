/** The public surface of the implementation. */
export { aggregateOf, type Submission, submissionOf } from './aggregate.ts'
export { type ClientOptions, ClientSession, type Refusal, type Requested } from './client-session.ts'
export type { ClientSnapshot, ClientState } from './client-state.ts'
export type { Connection, ServerSnapshot } from './connection.ts'
export { type Crypto, nodeCrypto, nodeRng, type Rng } from './crypto.ts'
export {
  encodeUntagged,
  type Header,
  MAX_FRAME,
  MAX_ROUND,
  OPCODE,
  parseHeader,
  Reassembler,
  withPrefix,
} from './frame.ts'
export type { Keys, Mode } from './keys.ts'
export {
  type Content,
  DEFAULT_LIMITS,
  type EndReason,
  type Limits,
  type Outcome,
  type Port,
  type Reason,
} from './outcome.ts'
export * as payload from './payload.ts'
export { open, pad, seal, unpad } from './primitives.ts'
export { Server, type ServerOptions } from './server.ts'
export type { Active, ServerState } from './server-session.ts'
