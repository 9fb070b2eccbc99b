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
  readonly keyring: readonly number[] // ids with a master key at the server
  readonly insiders: readonly number[] // ids whose master key the adversary owns (power I)
  readonly challenge: 'fresh' | 'constant'
  readonly startRound: number // in which sessions enter ACTIVE, instead of 1
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
  readonly by: Endpoint | null
  readonly id: number
  readonly answers: Frame | null
}

/** What client runs and connections have in common. `exchanges` are (DATA, RESPONSE) pairs, in order. */
interface Common {
  readonly at: End
  readonly phase: Phase
  readonly round: number
  readonly confirmed: boolean // of a connection (PROTOCOL §7)
  readonly outstanding: Frame | null // of a client: the DATA that awaits its response
  readonly keys: Keys | null // null: overwritten
  readonly hello: Frame | null // of a client null only while it is being built
  readonly challenge: Frame | null
  readonly exchanges: readonly Frame[]
  readonly sent: readonly Frame[]
  readonly failing: boolean // its next send fails
}

export interface ClientRun extends Common {
  readonly id: number
}

/** A connection at the server and its session, if any. */
export interface Connection extends Common {
  readonly id: number | null // null: no HELLO accepted
  readonly order: number | null // PROTOCOL §7: HELLOs are ordered by a counter
}

export type Endpoint = ClientRun | Connection

const NOTHING = { confirmed: false, outstanding: null, hello: null, challenge: null, exchanges: [], sent: [] }
/** Of an endpoint that has sent and heard nothing. */
export const SILENT = { phase: 'INIT', round: 0, ...NOTHING, failing: false } as const

/** What a session shows of itself; null without one. */
export const viewOf = ({ id, phase, round, confirmed, outstanding, keys }: Endpoint): View | null =>
  id === null ? null : { id, phase, round, confirmed, outstanding: outstanding !== null, keys }
