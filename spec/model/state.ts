/** What the model is made of: symbols instead of bytes, frames, client runs, server connections. Plain values, never changed. */
import type { Body, FrameId, Header, KeyId, Origin, Phase, View } from '../events.ts'
import type { End, LimitName, Mode, Side } from '../language.ts'

/** The kinds of symbol; on each line what its parts are. */
export const KINDS = {
  master: 'client id',
  initial: 'master, label', // PROTOCOL §4: K0
  evolve: 'key, input',
  hello: 'key, frame', // §4: hello step
  bind: 'key, HELLO frame, CHALLENGE frame', // §4: bind step
  iv: 'name of the endpoint that drew it, how many it had drawn before', // §2: fresh for every frame
  plain: 'content', // a padded plaintext, by its content
  garbage: 'key, ciphertext', // what a ciphertext opens to under another key than its own
  ciphertext: 'key, IV, plaintext',
  frame: 'header, IV, ciphertext, MAC key', // the tag is determined by these
  alien: 'content', // a key or a frame of the adversary's making that equals nothing else
} as const
export type Kind = keyof typeof KINDS

/** A key, IV, plaintext or ciphertext. Two are equal exactly if they were made of the same parts. */
export type Term = KeyId
export type Part = string | number

/** PROTOCOL §2, the direction byte. */
export const DIRECTION = { C2S: 1, S2C: 2 } as const
export type Direction = (typeof DIRECTION)[keyof typeof DIRECTION]
export const receivedBy = (side: Side): Direction => (side === 'server' ? DIRECTION.C2S : DIRECTION.S2C)
export const sentBy = (side: Side): Direction => (side === 'client' ? DIRECTION.C2S : DIRECTION.S2C)

export interface Setup {
  readonly mode: Mode
  /** Ids with a master key at the server. */
  readonly keyring: readonly number[]
  /** Ids whose master key the adversary owns (power I). */
  readonly insiders: readonly number[]
  readonly challenge: 'fresh' | 'constant'
  /** Sessions enter ACTIVE in this round instead of 1. */
  readonly startRound: number
  readonly limits: Readonly<Record<LimitName, number>>
}

/** The four keys of a session (PROTOCOL §1). */
export type Keys = readonly [c2sEnc: Term, c2sMac: Term, s2cEnc: Term, s2cMac: Term]

/** What is in a frame. */
export interface Contents {
  readonly header: Header
  readonly malformed: boolean
  readonly iv: Term
  readonly enc: Term // the key it is encrypted under
  readonly mac: Term // the key its tag was made with
  readonly plain: Term
  readonly body: Body // what `plain` says
  readonly padded: boolean // whether the padding is correct PKCS#7
  readonly origin: Origin
}
export interface Frame extends Contents {
  readonly id: FrameId // equal contents, equal name
  readonly ciphertext: Term
  readonly shows: Body // to one who listens and has the master key: `sealed` under other keys than §4 makes
  readonly bytes: number
}

/** Where symbols and frames come from: equal content has the same name. */
export interface Symbols {
  readonly setup: Setup
  term(kind: Kind, ...parts: readonly Part[]): Term
  node(t: Term): { readonly kind: Kind; readonly parts: readonly Part[] }
  plain(body: Body): Term
  /** `from`: who sealed it, with a key of which client, in answer to what; null: nobody. */
  frame(contents: Contents, from: Provenance | null): Frame
}
export interface Provenance {
  readonly by: Sender | null
  readonly id: number
  readonly answers: Frame | null
}

/** What client runs and connections have in common. `exchanges` are (DATA, RESPONSE) pairs, in order. */
interface Endpoint {
  readonly at: End
  readonly phase: Phase
  readonly round: number
  readonly keys: Keys | null // null: overwritten
  readonly hello: Frame | null // of a client null only while it is being built
  readonly challenge: Frame | null
  readonly exchanges: readonly Frame[]
  readonly sent: readonly Frame[]
  readonly failing: boolean // its next send fails
}

export interface ClientRun extends Endpoint {
  readonly id: number
  readonly outstanding: Frame | null // the DATA that awaits its response
}

/** A connection at the server and its session, if any. */
export interface Connection extends Endpoint {
  readonly id: number | null // null: no HELLO accepted
  readonly order: number | null // PROTOCOL §7: HELLOs are ordered by a counter
  readonly confirmed: boolean
}

export type Sender = Omit<ClientRun | Connection, 'keys' | 'phase'>

/** What a session shows of itself; null without one. */
export const viewOf = (e: ClientRun | Connection): View | null =>
  e.id === null
    ? null
    : {
        id: e.id,
        phase: e.phase,
        round: e.round,
        confirmed: 'confirmed' in e && e.confirmed,
        outstanding: 'outstanding' in e && e.outstanding !== null,
        keys: e.keys,
      }

/** The endpoints with this one in its place. */
export const put = <E extends { readonly at: End }>(ends: readonly E[], e: E): readonly E[] =>
  ends.map((x) => (x.at.n === e.at.n ? e : x))
