/** The frames of clients with somebody in the middle: they wait, in the order of sending, until it is decided on them. */
import { endName } from '../../../../spec/events.ts'
import type { End, FrameRef } from '../../../../spec/language.ts'
import type { WireFrame } from '../../../harness/wire.ts'
import type { World } from '../../../harness/world.ts'

export class Waiting {
  readonly #world: World
  readonly #partners = new Map<string, End | null>() // of runs and of their connections; null: there is none yet
  #frames: readonly WireFrame[] = []
  #taken: WireFrame | null = null
  #seen = 0

  constructor(world: World) {
    this.#world = world
  }

  /** The one to decide on. */
  get first(): WireFrame | null {
    return this.#frames[0] ?? null
  }

  has(run: End): boolean {
    return this.#partners.has(endName(run))
  }

  /** From its first frame on, what this run and its connection send waits. */
  add(run: End): void {
    this.#partners.set(endName(run), null)
  }

  /** Takes notice of what was sent since the last look. */
  look(): void {
    const { frames } = this.#world.wire
    this.#frames = [...this.#frames, ...frames.slice(this.#seen).filter((f) => this.has(f.ref.by))]
    this.#seen = frames.length
  }

  /** Where a waiting frame would go by itself; the first of a run opens a connection, which then belongs to it. */
  towards({ by }: FrameRef): End {
    const known = this.#partners.get(endName(by))
    if (known != null) return known
    const connection: End = { side: 'server', n: this.#world.ledger.servers.length }
    this.#partners.set(endName(by), connection)
    this.#partners.set(endName(connection), by)
    return connection
  }

  /** The first one waits no longer; null: none does. */
  take(): WireFrame | null {
    const [first = null, ...others] = this.#frames
    this.#taken = first
    this.#frames = others
    return first
  }

  /** The one that was taken waits again, behind the others. */
  putBack(): void {
    if (this.#taken !== null) this.#frames = [...this.#frames, this.#taken]
    this.#taken = null
  }
}
