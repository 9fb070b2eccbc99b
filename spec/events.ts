/**
 * What systems report while a schedule is played: names instead of bytes or terms, so that the same invariants judge
 * the implementation, the reference, a mutant, a stranger's server and the symbolic model.
 */
import type { Action, End, LimitName, Mode, Powers, Side } from './language.ts'

/** Bytes: interned content. Model: interned term. Equal bytes <=> equal term <=> equal id. */
export type FrameId = string & { readonly b: 'frame' }
export type KeyId = string & { readonly b: 'key' }

/** PROTOCOL §2, as read from the wire. */
export interface Header {
  readonly opcode: number
  readonly id: number
  readonly round: number
  readonly direction: number
}

/** A payload as the passive tracker decoded it with the keys it derived; `opaque`: opens, but is no valid payload. */
export type Body =
  | { readonly kind: 'hello' | 'challenge'; readonly text: string }
  | { readonly kind: 'data'; readonly values: readonly number[] }
  | {
      readonly kind: 'aggregate'
      readonly sum: number
      readonly count: number
      readonly average: number
      readonly product?: number // of a dialect that tells one
    }
  | { readonly kind: 'control' }
  | { readonly kind: 'opaque'; readonly hex: string }
  | { readonly kind: 'sealed' } // the tracker's keys do not open it

/** What an application hears of an accepted frame; `id`, `round`: null where it is not told. */
export interface Told {
  readonly opcode: number
  readonly id: number | null
  readonly round: number | null
  readonly body: Body
  readonly answer: Body | null // at a server: the aggregate in its answer
}

/** PROTOCOL §6, in the order of the checks. */
export const REASONS = [
  'malformed',
  'unknown-opcode',
  'wrong-client',
  'wrong-direction',
  'stale-round',
  'future-round',
  'out-of-phase',
  'bad-tag',
  'bad-padding',
  'bad-payload',
  'superseded',
] as const
export type Reason = (typeof REASONS)[number]

export type Phase = 'INIT' | 'ACTIVE' | 'TERMINATED'

/** The public state of one session; `keys` in the order C2S-ENC, C2S-MAC, S2C-ENC, S2C-MAC, null once overwritten. */
export interface View<K = KeyId> {
  readonly id: number
  readonly phase: Phase
  readonly round: number
  readonly confirmed: boolean // server only; a client's is always false
  readonly outstanding: boolean // client only: a DATA awaits its response
  readonly keys: readonly [K, K, K, K] | null
}

export type EndedBy = 'peer' | 'rejection' | 'timer' | 'supersede' | 'evicted' | 'close' | 'finish' | 'fault'

/** How a delivered frame relates to what was sent. */
export type Origin =
  | 'genuine' // bit-identical to a frame some endpoint sent
  | 'sealed' // made by an insider or with leaked keys, under a valid tag
  | 'altered' // neither: edited, forged, junk

/** A frame and the endpoint it has to do with; `N` null: it may be no frame. */
interface FrameAt<N = never> {
  readonly at: End
  readonly frame: FrameId | N
  readonly header: Header | N
}

export type Event =
  /** One action begins. `target`: the endpoint it feeds, if it feeds one. */
  | { readonly on: 'step'; readonly step: number; readonly action: Action; readonly target: End | null }
  /** The action and all it set off are done; end checks belong here. */
  | { readonly on: 'settled'; readonly step: number }
  /** A client run for `id` was started, or a connection accepted (`id` null). */
  | { readonly on: 'opened'; readonly at: End; readonly id: number | null }
  /** The application handed values to a client run. `refused`: not sent, by the local rules of PROTOCOL §5. */
  | { readonly on: 'submitted'; readonly at: End; readonly values: readonly number[]; readonly refused: boolean }
  /** A complete frame (or, `frame` null, an illegal length prefix) reached a live endpoint. */
  | ({ readonly on: 'delivered'; readonly origin: Origin } & FrameAt<null>)
  /** The adversary made a frame under keys it owns; the holder of `id`'s key counts as its sender. */
  | { readonly on: 'sealed'; readonly to: End; readonly frame: FrameId; readonly header: Header; readonly body: Body }
  /** Decoded by the passive tracker, so it works over TCP too. `bytes`: length of the frame. */
  | ({
      readonly on: 'sent'
      readonly body: Body
      readonly bytes: number
      readonly iv?: Iv // where there are bytes to look at
      readonly exposes?: boolean // a value that an honest application submitted stands in the frame in clear
    } & FrameAt)
  /** The transport refused a frame: a send failed (power F). */
  | { readonly on: 'unsent'; readonly at: End }
  /** Over TCP inferred from the answer. `before`: the view before the frame. */
  | ({ readonly on: 'accepted'; readonly before: View | null } & FrameAt)
  /** What the application is told of a frame that was accepted; after the frames that its acceptance caused. */
  | ({ readonly on: 'told'; readonly told: Told } & FrameAt)
  /** Over TCP the reason is null. */
  | ({ readonly on: 'rejected'; readonly reason: Reason | null } & FrameAt<null>)
  /** A session's public state changed. */
  | { readonly on: 'committed'; readonly at: End; readonly before: View | null; readonly view: View }
  | { readonly on: 'ended'; readonly at: End; readonly by: EndedBy }
  /** An exception escaped. */
  | { readonly on: 'fault'; readonly at: End; readonly error: string }
  /** Seen at the Crypto seam. `during`: the frame being processed, for `decrypt` the one whose ciphertext it is. */
  | {
      readonly on: 'primitive'
      readonly at: End
      readonly op: 'hmac' | 'encrypt' | 'decrypt' | 'erase'
      readonly key: KeyId
      readonly during: FrameId | null
    }
  /** A frame on the wire, earlier or later, opened by keys leaked from `at` in `round`, or by what follows from them (L). */
  | { readonly on: 'exposed'; readonly at: End; readonly round: number; readonly frame: FrameId }
  /** What a system still holds after it was fed: stream bytes of `at`, rounds of values of `at`, open connections. */
  | {
      readonly on: 'memory'
      readonly at: End
      readonly buffered: number
      readonly retained: number
      readonly connections: number
      /** Secrets made on the way to keys, and keys, that no session holds and nobody overwrote; absent: none, or not told. */
      readonly secrets?: number
    }
  /** A faithful conversation (macro `converse`) ended: how many of the rounds asked for were completed. */
  | { readonly on: 'conversed'; readonly run: End; readonly asked: number; readonly done: number }

/** `value` names the bytes; `drawn`: they are one of the random draws that this endpoint was given; null: it draws its own. */
export interface Iv {
  readonly value: string
  readonly drawn: boolean | null
}

/** One act of sending, by an endpoint or by an insider (`by` null: the adversary, for the holder of `id`'s key). */
export interface Sent {
  readonly by: End | null
  readonly id: number // the client whose session it belongs to; 0: none yet
  readonly frame: FrameId
  readonly header: Header
  readonly body: Body
  readonly hello: FrameId | null // the sender's handshake at that moment
  readonly challenge: FrameId | null
  readonly answers: FrameId | null // the frame whose acceptance made the sender send it
  readonly step: number
}

/** Values that the server accepted (PROTOCOL §8). `live`: its session has neither ended nor been superseded. */
export interface Submission {
  readonly at: End
  readonly id: number
  readonly round: number
  readonly values: readonly number[]
  readonly live: boolean
}

/** What is known of one endpoint. */
export interface Facts {
  readonly at: End
  readonly id: number | null // null: a connection without an accepted HELLO
  readonly hello: FrameId | null // sent (client) or accepted (server)
  readonly challenge: FrameId | null // accepted (client) or sent (server)
  readonly view: View | null // as the system reports it; null when it cannot or has no session
  /** Ordinal of the accepted HELLO over all connections (PROTOCOL §7 orders sessions by it); null for clients. */
  readonly order: number | null
  /** Names the committed exchanges in order: equal name <=> equal transcript. */
  readonly transcript: string
  /** What PROTOCOL §4 makes of this endpoint's transcript, from the reference; null when there is no session. */
  readonly expected: View | null
  readonly ended: boolean
}

/**
 * The history so far, as monitors may ask about it. The world keeps one; the model derives one from its state.
 * It includes the event being judged, except `accepted`: there it still shows what the receiver had before the frame.
 */
export interface Ledger {
  readonly mode: Mode
  readonly powers: Powers
  readonly step: number
  readonly limits: Readonly<Record<LimitName, number>>
  readonly insiders: ReadonlySet<number>
  /** True once a restart reused generator state: all freshness rests on the IVs (PROTOCOL §9, not claimed). */
  readonly rngRepeats: boolean
  /** Every act of sending exactly these bytes so far. */
  senders(frame: FrameId): readonly Sent[]
  /** How often a frame of exactly these bytes was accepted so far, anywhere. */
  accepted(frame: FrameId): number
  facts(at: End): Facts | undefined
  /** Every connection ever opened, in order. */
  connections(): readonly Facts[]
  /** Every submission accepted, in order; those of a session superseded by the latest acceptance are no longer live. */
  submissions(): readonly Submission[]
  /** Whether the full tag of the frame verifies under the receive MAC key that `at` should hold now. */
  verifies(frame: FrameId, at: End): boolean
}

const nameOf = (side: Side, n: number): string => `${side === 'client' ? 'c' : 's'}${n}`
const first = (side: Side): readonly string[] => Array.from({ length: 64 }, (_, n) => nameOf(side, n))
const NAMES = { client: first('client'), server: first('server') } // monitors ask for names all the time

/** The name of an endpoint in prints and maps: c0, s3. */
export const endName = (e: End): string => NAMES[e.side][e.n] ?? nameOf(e.side, e.n)
export const sameEnd = (a: End, b: End): boolean => a.side === b.side && a.n === b.n

export const sameHeader = (a: Header, b: Header): boolean =>
  a.opcode === b.opcode && a.id === b.id && a.round === b.round && a.direction === b.direction
