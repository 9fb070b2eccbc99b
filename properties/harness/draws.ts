/** The random bytes of a world's endpoints: each has its own stream, and nothing else is ever drawn. */
import { endName } from '../../spec/events.ts'
import type { End } from '../../spec/language.ts'
import { stream } from './rng.ts'

type Rng = (bytes: number) => Uint8Array

export class Draws {
  readonly #seed: number
  readonly #drawn: (at: End, bytes: Uint8Array) => void
  readonly #rngs = new Map<string, Rng>()
  /** Draws so far, by endpoint. */
  readonly #counts: Map<string, number>
  #epoch = { name: '', firstConnection: 0 }

  /** `drawn` is told of every draw. `base`: draws that these go on from and leave as they are. */
  constructor(seed: number, drawn: (at: End, bytes: Uint8Array) => void, base: Draws | null = null) {
    this.#seed = seed
    this.#drawn = drawn
    this.#counts = new Map(base === null ? null : base.#counts)
    if (base !== null) this.#epoch = base.#epoch
  }

  of(at: End): Rng {
    const end = endName(at)
    const known = this.#rngs.get(end)
    if (known !== undefined) return known
    // After a restart a server counts its connections anew; with generator state reused its streams start again too.
    const n = at.side === 'server' ? at.n - this.#epoch.firstConnection : at.n
    const name = `${at.side === 'server' ? this.#epoch.name : ''}${at.side}${n}`
    const draw = stream(this.#seed, name, this.#counts.get(end) ?? 0)
    const rng: Rng = (bytes) => {
      const drawn = draw(bytes)
      this.#counts.set(end, (this.#counts.get(end) ?? 0) + 1)
      this.#drawn(at, drawn)
      return drawn
    }
    this.#rngs.set(end, rng)
    return rng
  }

  /** A new server process; `connections`: how many there were before it. `sameRng`: its generator has the old state. */
  restart(connections: number, sameRng: boolean): void {
    const name = sameRng ? this.#epoch.name : `restart ${connections} `
    this.#epoch = { name, firstConnection: connections }
  }
}
