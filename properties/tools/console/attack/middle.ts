/** The frames of clients with somebody in the middle: they wait, in the order of sending, until it is decided on them. */
import { endName } from '../../../../spec/events.ts'
import type { End, FrameRef } from '../../../../spec/language.ts'
import type { WireFrame } from '../../../harness/wire.ts'
import type { Scene } from './scene.ts'

export class Middle {
  readonly #scene: Scene
  readonly #runs = new Map<string, End | null>() // run -> its connection, once there is one
  readonly #connections = new Map<string, End>() // connection -> its run
  #waiting: WireFrame[] = []
  #seen = 0

  constructor(scene: Scene) {
    this.#scene = scene
  }

  get waiting(): readonly WireFrame[] {
    return this.#waiting
  }

  has(run: End): boolean {
    return this.#runs.has(endName(run))
  }

  /** From its first frame on, what this run and its connection send waits. */
  add(run: End): void {
    this.#runs.set(endName(run), null)
  }

  /** Takes notice of what was sent since the last look. */
  look(): void {
    const { frames } = this.#scene.world.wire
    for (const f of frames.slice(this.#seen)) {
      const name = endName(f.ref.by)
      if (this.#runs.has(name) || this.#connections.has(name)) this.#waiting.push(f)
    }
    this.#seen = frames.length
  }

  /** Where a waiting frame would go by itself; the first of a run opens a connection, which then belongs to it. */
  towards({ by }: FrameRef): End {
    if (by.side === 'server') return this.#connections.get(endName(by))!
    const known = this.#runs.get(endName(by))
    if (known != null) return known
    const connection: End = { side: 'server', n: this.#scene.world.ledger.servers.length }
    this.#runs.set(endName(by), connection)
    this.#connections.set(endName(connection), by)
    return connection
  }

  /** The first one waits no longer. */
  decided(): void {
    this.#waiting = this.#waiting.slice(1)
  }

  /** The first one goes behind the others. */
  postpone(): void {
    const [first, ...others] = this.#waiting
    if (first !== undefined) this.#waiting = [...others, first]
  }
}
