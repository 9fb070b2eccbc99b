/**
 * What was played so far, as an attacker sees it: what the words of a command name there, and the frames of clients with
 * somebody in the middle, which wait, in the order of sending, until it is decided on them. Throws UsageErrors.
 */
import { endName } from '../../../../spec/events.ts'
import type { End, FrameRef } from '../../../../spec/language.ts'
import { formatIds } from '../../../../src/cli/keyring.ts'
import type { FrameLine } from '../../../harness/attack/frames.ts'
import { UsageError } from '../../../harness/terminal/options.ts'
import type { Endpoint } from '../../../harness/world/ledger.ts'
import type { WireFrame } from '../../../harness/world/wire.ts'
import type { Place } from '../arguments.ts'
import type { Choice } from '../surroundings.ts'
import { type Now, shown } from '../words.ts'
import type { RemotePlay } from './remote-play.ts'

/** An endpoint for a person: who it is, and where it stands by the reference. */
export const standing = (e: Endpoint): string => {
  const who = e.id === null ? 'nobody yet' : `client ${e.id}`
  const round = e.node === null ? '' : ` r${e.node.round}`
  return `${endName(e.at)}  ${who}  ${e.ended ? 'TERMINATED' : `${e.node?.phase ?? 'INIT'}${round}`}`
}

const live = (all: readonly Endpoint[]): readonly Choice[] =>
  all.filter((e) => !e.ended).map((e) => ({ value: endName(e.at), label: standing(e) }))

const MOST_SAID = 40 // characters of a payload in a menu

const frameChoice = (f: FrameLine): Choice => ({
  value: f.frame,
  label: `${f.frame}  ${f.name} r${f.round}  client ${f.id}  ${f.says.slice(0, MOST_SAID)}`,
})

export class Network {
  readonly #play: RemotePlay
  readonly #partners = new Map<string, End | null>() // of runs in the middle and their connections; null: none yet
  #waiting: WireFrame[] = []
  #seen = 0 // frames

  constructor(play: RemotePlay) {
    this.#play = play
  }

  /** What there is to choose from. */
  get now(): Now {
    const { clients, world } = this.#play
    const frames = this.#play.frames().map(frameChoice)
    const ends = { runs: live(world.ledger.clients), connections: live(world.ledger.servers) }
    return { clients, ...ends, frames, waiting: this.waiting?.id ?? null, timed: false }
  }

  // what words name

  frame(name: string): WireFrame {
    const { frames } = this.#play.world.wire
    const found = frames.find((f) => f.id === name)
    if (found !== undefined) return found
    throw new UsageError(
      frames.length === 0
        ? `expected a captured frame, got ${name}; nothing was captured yet (converse 1 10,20 would do)`
        : `expected a captured frame (frames lists them), got ${shown(name)}`,
    )
  }

  /** An endpoint that exists, or the connection that would be the next one. */
  place(place: Place): End {
    const { ledger } = this.#play.world
    if (place === 'new') return { side: 'server', n: ledger.servers.length }
    if (ledger.endpoint(place) !== undefined) return place
    throw new UsageError(`expected an endpoint that exists (who lists them), got ${endName(place)}`)
  }

  /** The index of a client in the actions. */
  client(id: number, about = ''): number {
    const { clients } = this.#play
    const index = clients.indexOf(id)
    if (index >= 0) return index
    throw new UsageError(`${about}expected a client with a key (${formatIds(clients)}), got ${id}`)
  }

  inSession(run: End): boolean {
    const partner = this.#play.partner(run)
    const me = this.#play.world.ledger.endpoint(run)
    return me?.node?.phase === 'ACTIVE' && !me.ended && partner !== null && !partner.ended
  }

  /** A client run in the middle of a session, and its connection. */
  session(run: End): { readonly run: Endpoint; readonly connection: Endpoint } {
    if (!this.inSession(run))
      throw new UsageError(`expected a client in a session (who lists them), got ${endName(run)}`)
    return { run: this.#play.world.ledger.endpoint(run)!, connection: this.#play.partner(run)! }
  }

  /** Where a frame goes by itself: the other end of its session, else a new connection; null: nobody waits for it. */
  usual({ by }: FrameRef): Place | null {
    const partner = this.#play.partner(by)
    if (partner !== null && !partner.ended) return partner.at
    return by.side === 'client' ? 'new' : null
  }

  // frames that wait

  /** The frame to decide on. */
  get waiting(): WireFrame | null {
    return this.#waiting[0] ?? null
  }

  /** Whether somebody sits in the middle of this run, or connection. */
  isHeld(end: End): boolean {
    return this.#partners.has(endName(end))
  }

  /** From its first frame on, what the next run of a client and its connection send waits. */
  holdNext(): void {
    this.#partners.set(endName({ side: 'client', n: this.#play.world.ledger.clients.length }), null)
  }

  /** Takes notice of what was sent since the last look. */
  look(): void {
    const { frames } = this.#play.world.wire
    this.#waiting.push(...frames.slice(this.#seen).filter((f) => this.isHeld(f.ref.by)))
    this.#seen = frames.length
  }

  /** The first one waits no longer. */
  take(): WireFrame {
    const first = this.#waiting.shift()
    if (first !== undefined) return first
    throw new UsageError('expected a frame that waits for a decision, got none (connect ID starts a session)')
  }

  /** The first one waits behind the others. */
  delay(): void {
    this.#waiting.push(this.take())
  }

  /** Where a waiting frame would go by itself; the first of a run opens a connection, which then belongs to it. */
  towards({ by }: FrameRef): End {
    const known = this.#partners.get(endName(by))
    if (known != null) return known
    const connection = this.place('new')
    this.#partners.set(endName(by), connection)
    this.#partners.set(endName(connection), by)
    return connection
  }
}
