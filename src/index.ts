/**
 * The public surface of the implementation: `ClientSession` and `Server`, which are told bytes and times (ms) and tell
 * frames and outcomes through a `Port`, and the layers below them by name. Synchronous, without sockets and clocks:
 * src/net has them. Settings that PROTOCOL does not allow throw a RangeError; bytes of a peer never throw.
 */
export * as aggregate from './aggregate.ts'
export type { Keyring } from './checks.ts'
export { type ClientOptions, ClientSession, type Refusal, type Requested } from './client-session.ts'
export type { ClientSnapshot, ClientState } from './client-state.ts'
export { type Crypto, nodeCrypto, nodeRng, type Rng } from './crypto.ts'
export * as frame from './frame.ts'
export type { Keys, Mode } from './keys.ts'
export * as keys from './keys.ts'
export * from './outcome.ts'
export * as payload from './payload.ts'
export * as primitives from './primitives.ts'
export { type Connection, Server, type ServerOptions, type ServerResumption, type ServerSnapshot } from './server.ts'
export type { Active, ServerState } from './server-session.ts'
