/** What is mutated next: an input of the pool, or, many times in a row, what follows a place in one. */

import type { Rng } from '../../properties/harness/rng.ts'
import type { Pool } from './pool.ts'
import type { Target } from './target.ts'

const WHOLE = 4 // mutations of an input that is open to change from its beginning
const REST = 32 // of what follows a place: what comes before it is played once (target.ts, steps)
const LAST = 1 // steps that may follow it; what comes earlier has had its turn in shorter inputs

export interface Parent {
  /** Stays as it is; the head and some steps, or nothing. */
  readonly before: Uint8Array
  /** What mutation gets: an input of its own, with the same head. */
  readonly rest: Uint8Array
}

const NOTHING = new Uint8Array(0)

export class Series {
  readonly #pool: Pool
  readonly #steps: Target['steps']
  #parent: Parent = { before: NOTHING, rest: NOTHING }
  #left = 0

  constructor(pool: Pool, steps: Target['steps']) {
    this.#pool = pool
    this.#steps = steps
  }

  next(rng: Rng): Parent {
    if (this.#steps === undefined) return { before: NOTHING, rest: this.#pool.pick(rng)?.data ?? NOTHING }
    if (this.#left-- <= 0) this.#begin(rng, this.#steps)
    return this.#parent
  }

  #begin(rng: Rng, { head, step }: NonNullable<Target['steps']>): void {
    const data = this.#pool.pick(rng)?.data ?? NOTHING
    const steps = Math.max(0, Math.floor((data.length - head) / step))
    const kept = rng.oneIn(3) ? 0 : Math.max(0, steps - rng.below(LAST + 1))
    this.#left = (kept === 0 ? WHOLE : REST) - 1
    if (kept === 0) {
      this.#parent = { before: NOTHING, rest: data }
      return
    }
    const at = head + kept * step
    const rest = new Uint8Array(head + data.length - at)
    rest.set(data.subarray(0, head))
    rest.set(data.subarray(at), head)
    this.#parent = { before: data.subarray(0, at), rest }
  }
}
