/**
 * The schedule language: plain JSON data that says what an adversary does, in order.
 * No imports, no classes, no closures, so a schedule replays from a file, prints, diffs and shrinks.
 * Every action is total: one that has nothing to act on does nothing.
 */

export const MODES = ['bound', 'literal'] as const
export type Mode = (typeof MODES)[number]
export type Side = 'client' | 'server'

/**
 * The n-th client run ever started, or the n-th connection ever opened at the server (both from 0, restarts included).
 * Generators may count from the most recently used one: -1, -2, …; normalising rewrites those too.
 */
export interface End {
  readonly side: Side
  readonly n: number
}

/** A frame named by origin: the nth (from 0) that endpoint `by` ever sent. Survives the deletion of other actions. */
export interface FrameRef {
  readonly by: End
  readonly nth: number
}

/**
 * Generators name frames by number: among those sent towards the side that is to receive it, or `any` among all, modulo
 * what exists, negative numbers from the newest. Normalising rewrites numbers to origins.
 */
export type Pick = FrameRef | number | { readonly any: number }

export type Region = 'header' | 'iv' | 'ciphertext' | 'tag'
export type Field = 'opcode' | 'id' | 'round' | 'direction'

/** What the adversary does to a frame on its way. Positions and values wrap to the size of what they address. */
export type Edit =
  | { readonly do: 'flip'; readonly at: Region | 'length'; readonly pos: number; readonly xor: number }
  | { readonly do: 'exchange'; readonly at: Region; readonly pos: number; readonly and: number } // two of its bytes
  | { readonly do: 'fill'; readonly at: Region; readonly value: number } // all of its bytes become this one
  | { readonly do: 'set'; readonly field: Field; readonly value: number }
  | { readonly do: 'truncate'; readonly bytes: number } // keeps the first `bytes` bytes, prefix corrected
  | { readonly do: 'extend'; readonly hex: string } // appended after the tag, prefix corrected
  | { readonly do: 'splice'; readonly part: Region; readonly from: Pick } // that part of another frame instead

/** What JSON cannot say as a number. */
export type Num = number | 'NaN' | 'Infinity' | '-Infinity' | '-0'

export const numberOf = (v: Num): number => (v === '-0' ? -0 : Number(v))

/**
 * Forges a frame with a valid tag: under the keys of session `as` (which the tracker derives), in the direction that
 * `to` receives. Power I: the session's client must be an insider. Power L: that session must have been leaked, and
 * the keys are those of the moment of the leak. `initial` needs no session: the keys are those of `id`'s master key.
 */
export interface Seal {
  readonly do: 'seal'
  readonly power: 'I' | 'L'
  readonly as: End
  readonly under: 'current' | 'previous' | 'initial'
  readonly to: End
  readonly opcode: number
  readonly id: number // 0: the session's own
  readonly round: number // relative to the round `to` expects, modulo 2^32; 0: the right one
  readonly direction: number
  readonly body: string // hex of the plaintext before padding
  readonly pad?: string // hex instead of correct PKCS#7 padding; zero-filled to a whole block
  readonly tail?: string // hex behind the ciphertext, under the tag: whole blocks no more
}

export type Action =
  | Seal
  /**
   * `rounds` faithful rounds of client `client` (an index into setup.clients), on its live session or on a new one; then
   * on faithfully up to the next frame of kind `until`, which is sent but not delivered (`hello`: by a new run).
   */
  | {
      readonly do: 'converse'
      readonly client: number
      readonly rounds: number
      readonly until?: 'hello' | 'challenge' | 'data' | 'response'
    }
  /** `failSend`: the transport refuses its HELLO. */
  | { readonly do: 'connect'; readonly client: number; readonly failSend?: true }
  | { readonly do: 'submit'; readonly run: number; readonly values: readonly Num[] }
  /** The user of a client run asks it to end (PROTOCOL §6). */
  | { readonly do: 'finish'; readonly run: number }
  /**
   * `to` one past the last connection opens it. `cuts` split the bytes into several chunks; `with` follow in the last.
   * `upTo`: only so many of the bytes arrive (it wraps); the others are held back, instead of what was before.
   */
  | {
      readonly do: 'deliver'
      readonly frame: Pick
      readonly to: End
      readonly edit?: Edit
      readonly cuts?: readonly number[]
      readonly with?: readonly Pick[]
      readonly upTo?: number
    }
  /** What is held back of a delivery to `to` arrives, or the next `upTo` bytes of it; the frames in between were others'. */
  | { readonly do: 'continue'; readonly to: End; readonly upTo?: number }
  | { readonly do: 'inject'; readonly to: End; readonly hex: string } // raw stream bytes, no prefix added
  | { readonly do: 'close' | 'failSend' | 'leak'; readonly at: End }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'restart'; readonly sameRng?: boolean }

/** The power that an action takes beyond N; '' where it takes none (ADVERSARY §1). */
export const powerOf = (a: Action): '' | 'I' | 'L' | 'F' => {
  switch (a.do) {
    case 'seal':
      return a.power
    case 'leak':
      return 'L'
    case 'close':
    case 'failSend':
    case 'advance':
    case 'restart':
      return 'F'
    case 'connect':
      return a.failSend ? 'F' : ''
    case 'converse':
    case 'submit':
    case 'finish':
    case 'deliver':
    case 'continue':
    case 'inject':
      return ''
  }
}

/** `true` where `Named` leaves out none of `All`, else what it leaves out: `true satisfies Covers<Action['do'], Kind>`. */
export type Covers<All, Named> = [Exclude<All, Named>] extends [never]
  ? true
  : { readonly missing: Exclude<All, Named> }

/** PROTOCOL §6–§8: every limit and time is a setting; these are the defaults. Times in ms. */
export const LIMITS = {
  unconfirmedPerId: 4,
  connections: 1024,
  retainedRounds: 64,
  helloMs: 5_000,
  unconfirmedMs: 120_000,
  idleMs: 600_000,
  challengeMs: 5_000,
  responseMs: 10_000,
} as const
export type LimitName = keyof typeof LIMITS

export interface Setup {
  readonly clients: readonly number[] // client ids, 1..255
  readonly insiders: readonly number[] // ids whose master key the adversary owns (power I)
  readonly challenge: 'fresh' | 'constant' // text of the CHALLENGE
  readonly startRound: number // sessions enter ACTIVE in this round instead of 1; 1 changes nothing
  readonly startHello?: number // HELLOs that the server counts as accepted before (PROTOCOL §7); default 0
  readonly limits: Partial<Readonly<Record<LimitName, number>>>
}

/** Adversary powers, in this order: Network, Insider, Leak, Faults. N is always there. */
export type Powers = string

export const SCHEDULE_VERSION = 1

export interface Schedule {
  readonly version: typeof SCHEDULE_VERSION
  readonly seed: number // u32
  readonly mode: Mode
  readonly powers: Powers
  readonly setup: Setup
  readonly actions: readonly Action[]
}

/** The action with the endpoints that it names under the names that `end` gives them; null: one that it needs has none. */
export const renamed = (a: Action, end: (e: End) => End | null): Action | null => {
  const pick = (p: Pick): Pick | null => {
    if (typeof p === 'number' || 'any' in p) return p
    const by = end(p.by)
    return by && { by, nth: p.nth }
  }
  switch (a.do) {
    case 'connect':
    case 'converse':
    case 'advance':
    case 'restart':
      return a
    case 'submit':
    case 'finish': {
      const run = end({ side: 'client', n: a.run })
      return run && { ...a, run: run.n }
    }
    case 'deliver': {
      const [to, frame] = [end(a.to), pick(a.frame)]
      const from = a.edit?.do === 'splice' ? pick(a.edit.from) : undefined
      if (to === null || frame === null || from === null) return null
      const { with: also, ...rest } = a
      const more = also?.flatMap((p) => pick(p) ?? []) ?? []
      const edit = a.edit?.do === 'splice' && from !== undefined ? { ...a.edit, from } : a.edit
      return { ...rest, to, frame, ...(edit && { edit }), ...(more.length > 0 && { with: more }) }
    }
    case 'continue':
    case 'inject': {
      const to = end(a.to)
      return to && { ...a, to }
    }
    case 'seal': {
      const [to, as] = [end(a.to), end(a.as)]
      return to && as && { ...a, to, as }
    }
    case 'close':
    case 'failSend':
    case 'leak': {
      const at = end(a.at)
      return at && { ...a, at }
    }
  }
}
