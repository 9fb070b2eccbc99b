/** What the processes of a soak tell each other. */
import type { EndReason, Mode, payload } from '../../../src/index.ts'

/** To the process of the server. It ends when its parent is gone. */
export type ServerAsk = { readonly ask: 'start'; readonly mode: Mode } | { readonly ask: 'usage' }

export type ServerReply =
  | { readonly kind: 'listening'; readonly port: number; readonly echoPort: number; readonly rss: number }
  /** Triples port of the client, id, round in the order of acceptance; round 0: that session ended. */
  | { readonly kind: 'journal'; readonly entries: Uint32Array }
  /** After the journal of everything until now. */
  | Usage

export interface Usage {
  readonly kind: 'usage'
  readonly cpuUs: number // of the whole process, since it started
  readonly rss: number // bytes
  readonly peakRss: number // the most that any look, every 50 ms, has seen
  readonly ended: Readonly<Partial<Record<EndReason, number>>> // connections, by why
  readonly troubles: readonly string[] // connections that could not be accepted, since the last time
}

/** An answer that a client accepted. Times as `clock` has them. */
export interface Answer {
  readonly port: number // of the client
  readonly id: number
  readonly round: number
  readonly aggregate: payload.Aggregate
  readonly sentAt: number
  readonly gotAt: number
}

/** To the process of the newcomer, which has its own so that no other load delays it. It ends when its parent is gone. */
export type NewcomerAsk =
  | { readonly ask: 'start'; readonly port: number; readonly mode: Mode; readonly seed: number; readonly id: number }
  | { readonly ask: 'visits' }
  | { readonly ask: 'stop' } // and then report

export interface NewcomerReply {
  readonly kind: 'visits'
  readonly served: number // times, from the connection to the answer of a first round
  readonly turnedAway: number // times, before it had submitted anything
  readonly lost: number // submitted, and never answered
  readonly longestMs: number // that it waited, or is waiting, from the first knock to the answer
  readonly medianMs: number
  readonly lateMs: number // that its own timers were overdue: what the machine alone makes anybody wait
  readonly answers: readonly Answer[] // since the last time
}

/** To the process of the hostile peers. It ends when its parent is gone. */
export interface HostileAsk {
  readonly ask: 'start'
  readonly port: number
  readonly mode: Mode
  readonly seed: number
  readonly peers: number
  readonly insiders: readonly number[] // ids that nobody else uses
  readonly held: readonly number[] // ids whose clients are connected
}

/** Every half second: how often each kind has begun. */
export interface HostileReply {
  readonly kind: 'begun'
  readonly times: Readonly<Record<string, number>>
}
