/**
 * The interface between the harness and a system under test: one side of the conversation, bytes in, bytes out.
 *
 *     export const server: MakeParty = (host, { keyring, mode }) => ({
 *       emits: ['accepted', 'rejected', 'ended'],
 *       open: (at) => connections.set(at.n, new Connection(keyring, mode, host.rng(at))),
 *       receive: (at, bytes, now) => {
 *         for (const answer of connections.get(at.n)!.feed(bytes, now)) host.send(at, answer)
 *       },
 *       ...
 *     })
 */
import type { EndedBy, Event, Reason, Told, View } from '../../../spec/events.ts'
import type { End, LimitName, Mode, Side } from '../../../spec/language.ts'

/**
 * What a party reports beside its frames. Report an acceptance after it has taken effect and before the next frame of the
 * same bytes does: what `view` shows then is taken for what came of it. `frame`: the bytes behind the length prefix, header
 * to tag; null: an illegal length prefix (PROTOCOL §2). `reason` null: it is not known. `told`: what the application hears
 * of it, where the party shows that.
 */
export type Report =
  | { readonly on: 'accepted'; readonly at: End; readonly frame: Uint8Array; readonly told?: Told }
  | { readonly on: 'rejected'; readonly at: End; readonly frame: Uint8Array | null; readonly reason: Reason | null }
  | { readonly on: 'ended'; readonly at: End; readonly by: EndedBy }
  | {
      readonly on: 'primitive'
      readonly at: End
      readonly op: 'hmac' | 'encrypt' | 'decrypt' | 'erase'
      readonly key: Uint8Array
      readonly data: Uint8Array // what it was applied to; empty for erase
    }

/** What the harness gives a party. Frames are 71..4167 bytes (PROTOCOL §2); none of its calls throws, but `rng`. */
export interface Host {
  /** Hands one whole frame (no length prefix) to the network; false: the transport has failed or is closed. */
  send(at: End, frame: Uint8Array): boolean
  report(r: Report): void
  /**
   * Which of these frames a server has accepted that sends this CHALLENGE or response, by whose keys it opens: for parties
   * that see nothing but frames. Null: it opens under none, or nobody can tell. Not there: nobody follows.
   */
  answered?(at: End, frames: readonly (Uint8Array | null)[], answer: Uint8Array): number | null
  /**
   * The endpoint's own random bytes: the draws of one endpoint do not depend on any other's. The only draws a party
   * makes: 16 bytes for the text of a fresh CHALLENGE, then 16 for the IV of each frame, in the order of sending. Throws
   * a RangeError where one draw asks for more than 32 bytes.
   */
  rng(at: End): (bytes: number) => Uint8Array
  /** The next draws of 16 bytes, which are not drawn by it; null: a frame of this endpoint would not be taken. */
  ahead?(at: End, draws: number): readonly Uint8Array[] | null
}

export interface PartySetup {
  readonly side: Side
  readonly mode: Mode
  /** Client id (1..255) -> master key (16..64 bytes, PROTOCOL §1). A server holds all; a client run uses that of its id. */
  readonly keyring: ReadonlyMap<number, Uint8Array>
  readonly limits: Readonly<Record<LimitName, number>> // counts, and times in ms (spec/language.ts)
  /** constant: "a constant text!", which is a whole block; bytes: this text, which is UTF-8. */
  readonly challenge: 'fresh' | 'constant' | Uint8Array
  /** The round that `setRound` will be called with; 1, the default: it will not. */
  readonly startRound?: number
  /** Clients: the text of the HELLO of run n, in UTF-8. Default: that of PROTOCOL §5. */
  readonly hello?: (n: number) => Uint8Array | undefined
  /** HELLOs that a server counts as accepted before; one that cannot begin there counts from 0, which nobody sees. */
  readonly hellos?: number
}

/**
 * All client runs, or one server with all its connections. Exceptions are caught by the harness and reported as
 * faults. Times are ms since the start of the schedule. Calls for an endpoint that is unknown or ended do nothing.
 */
export interface Party {
  /** The events this party can report; an invariant that needs another is "not observable", never "holds". */
  readonly emits: readonly Event['on'][]
  /** Its random bytes are its own and not the host's, so whether an IV was drawn freshly cannot be told. */
  readonly ownRng?: true
  /** It has no timers, so time does not pass for its system, and B5 is not observable. */
  readonly timeless?: true
  /** It is given one frame at a time, however many a chunk brings. */
  readonly framewise?: true
  /** Clients: start a run for `id`, which sends its HELLO. Server: a connection was accepted; `id` is 0. */
  open(at: End, id: number, now: number): void
  /** Stream bytes arrive; chunk boundaries carry no meaning. Every frame follows its length as u32 (PROTOCOL §2). */
  receive(at: End, bytes: Uint8Array, now: number): void
  /** Clients: the application submits. False: refused locally (PROTOCOL §5), nothing moved. */
  submit?(at: End, values: readonly number[], now: number): boolean
  /** Clients: the application ends the run (PROTOCOL §6). */
  finish?(at: End, now: number): void
  /** The transport of `at` was closed by the network. */
  close(at: End, now: number): void
  /** Time has passed: every timer of every endpoint may fire. */
  tick(now: number): void
  /**
   * For a party whose endpoints are elsewhere, so that their reactions come later: reports and sends what has arrived
   * since the last call. It is called once after each action, when the driver has waited for quiet.
   */
  poll?(now: number): void
  /** Server: all connections are gone without a frame sent; a new process with the same keyring. */
  restart?(now: number): void
  /** The public state; null when there is no session (yet) or this party has none to show. Same object while unchanged. */
  view(at: End): View<Uint8Array> | null
  /** What is held for `at`: stream bytes, rounds of submitted values; and how many connections the server keeps. */
  memory?(at: End): Omit<Extract<Event, { on: 'memory' }>, 'on' | 'at'> | null
  /** A party in the same state under another host; this one goes on as if nothing had happened. */
  fork?(host: Host): Party
  /** Restores an ACTIVE session from its own public state with another round. */
  setRound?(at: End, round: number): void
  /** For a party that takes the calls of several schedules together: this call is the next one, and its answer can wait. */
  foretell?(call: (p: Party) => void): void
}

/** Makes a party at the start of a schedule; it may not send before its first call. */
export type MakeParty = (host: Host, setup: PartySetup) => Party

/** What is not in `changes`, `party` does. A change that is undefined takes away what is optional. */
export const changed = (party: Party, changes: { readonly [K in keyof Party]?: Party[K] | undefined }): Party =>
  new Proxy(party, {
    get(target, name) {
      if (name in changes) return Reflect.get(changes, name)
      const own: unknown = Reflect.get(target, name)
      return typeof own === 'function' ? own.bind(target) : own
    },
  })

/** Throws where a party offers no forks. */
export const forkOf = (party: Party, host: Host): Party => {
  if (party.fork === undefined) throw new Error('a world can go on from another where both parties can be forked')
  return party.fork(host)
}

export class LateFork implements Party {
  readonly emits: readonly Event['on'][]
  readonly #base: Party
  readonly #make: (base: Party) => Party
  #own: Party | null = null

  /** `base` must not change any more. `make` is called when something is about to happen to the fork. */
  constructor(base: Party, make: (base: Party) => Party) {
    this.emits = base.emits
    this.#base = base instanceof LateFork ? base.#now : base
    this.#make = make
  }

  get #now(): Party {
    return this.#own ?? this.#base
  }

  #mine(): Party {
    this.#own ??= this.#make(this.#base)
    return this.#own
  }

  open(at: End, id: number, now: number): void {
    this.#mine().open(at, id, now)
  }
  receive(at: End, bytes: Uint8Array, now: number): void {
    this.#mine().receive(at, bytes, now)
  }
  submit(at: End, values: readonly number[], now: number): boolean {
    return this.#mine().submit?.(at, values, now) ?? false
  }
  finish(at: End, now: number): void {
    this.#mine().finish?.(at, now)
  }
  close(at: End, now: number): void {
    this.#mine().close(at, now)
  }
  tick(now: number): void {
    this.#mine().tick(now)
  }
  restart(now: number): void {
    this.#mine().restart?.(now)
  }
  setRound(at: End, round: number): void {
    this.#mine().setRound?.(at, round)
  }
  view(at: End): ReturnType<Party['view']> {
    return this.#now.view(at)
  }
  memory(at: End): ReturnType<NonNullable<Party['memory']>> {
    return this.#now.memory?.(at) ?? null
  }
  fork(host: Host): Party {
    return new LateFork(this, (base) => forkOf(base, host))
  }
}
