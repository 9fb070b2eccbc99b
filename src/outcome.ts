/** What sessions tell the outside, and the port they tell it through. */
import type { Aggregate } from './payload.ts'

/** Why a complete frame was rejected, in the order of the checks (PROTOCOL §6). For logs and tests only. */
export type Reason =
  | 'malformed' // length, alignment, length prefix
  | 'unknown-opcode'
  | 'wrong-client'
  | 'wrong-direction'
  | 'stale-round'
  | 'future-round'
  | 'out-of-phase' // not legal at this receiver now
  | 'bad-tag'
  | 'bad-padding'
  | 'bad-payload'
  | 'superseded' // a newer session of the same client is confirmed (§7)

/** Why a session or a connection without one ended. */
export type EndReason =
  | 'rejected-frame'
  | 'peer' // a valid KEY_DESYNC_ERROR or TERMINATE
  | 'timeout'
  | 'superseded' // by a newer session of the same client
  | 'displaced' // gave way at a limit
  | 'send-failed' // the transport refused an answer or request
  | 'rounds-exhausted' // round 0xFFFFFFFF cannot be left (§4)
  | 'finished' // by its own application
  | 'closed' // by the transport

/** What an accepted frame said. */
export type Content =
  | { readonly kind: 'hello'; readonly id: number; readonly text: string }
  | { readonly kind: 'challenge'; readonly text: string }
  | {
      readonly kind: 'data'
      readonly id: number
      readonly round: number
      readonly values: readonly number[]
      readonly answer: Aggregate
    }
  | { readonly kind: 'aggregate'; readonly round: number; readonly aggregate: Aggregate }
  | { readonly kind: 'desync' }
  | { readonly kind: 'terminate' }

export type Outcome =
  /** Reported when all effects of the frame have taken place. */
  | { readonly kind: 'accepted'; readonly frame: Uint8Array; readonly content: Content }
  /** `frame` is null for an illegal length prefix. An `ended` follows, after the error frame if one is due. */
  | { readonly kind: 'rejected'; readonly frame: Uint8Array | null; readonly reason: Reason }
  /** The last outcome of a connection: the transport is to be closed (§6, Closing). */
  | { readonly kind: 'ended'; readonly by: EndReason }

/**
 * The transport of one endpoint. Sessions call it synchronously, in the order in which things happen; it must not
 * feed a session or server from inside `send` (§4: nothing else is processed between the checks and the commit).
 */
export interface Port {
  /** Hands over one whole frame, without prefix; true: queued whole on a connection not known to be closed (§4). */
  send(frame: Uint8Array): boolean
  /** `frame` in an outcome may be a view of the received chunk: copy it to keep it beyond the call. */
  report(outcome: Outcome): void
}

/** PROTOCOL §6–§8: every limit and time is a setting; times in ms. */
export const DEFAULT_LIMITS = {
  unconfirmedPerId: 4,
  connections: 1024,
  retainedRounds: 64,
  helloMs: 5_000, // a connection without an accepted HELLO
  unconfirmedMs: 120_000, // a session without DATA
  idleMs: 600_000, // a confirmed session since its last DATA
  challengeMs: 5_000, // a client without its CHALLENGE
  responseMs: 10_000, // a client without its response
}
export type Limits = Readonly<Record<keyof typeof DEFAULT_LIMITS, number>>
