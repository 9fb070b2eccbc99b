/** The inputs worth mutating, and how much each deserves it: the rarer the rarest thing it shows, the more. */
import type { Rng } from '../../properties/harness/world/rng.ts'
import { concat } from '../../spec/reference/bytes.ts'
import type { Features } from './features.ts'
import type { Target } from './target.ts'

export interface Entry {
  readonly data: Uint8Array
  readonly features: Uint32Array
}

const WEIGH_EVERY = 2_048 // picks; rarity changes slowly
const WEIGH_SOON = 256 // picks after something new: where much is new, weighing would cost as much as all the rest

export class Pool {
  readonly #features: Features
  readonly #long: number
  readonly entries: Entry[] = []
  /** Memory its inputs and feature lists take. */
  bytes = 0
  #until: number[] = [] // running sum of weights
  #picksLeft = 0

  /** `long`: bytes of an input that deserves half of what an empty one does. */
  constructor(features: Features, long = 512) {
    this.#features = features
    this.#long = long
  }

  add(entry: Entry): void {
    this.entries.push(entry)
    this.bytes += entry.data.length + entry.features.byteLength + 512
    this.#until.push((this.#until.at(-1) ?? 0) + this.#weight(entry))
    this.#picksLeft = Math.min(this.#picksLeft, WEIGH_SOON)
  }

  /** Null while there is nothing. */
  pick(rng: Rng): Entry | null {
    if (this.#picksLeft-- <= 0) this.#weigh()
    const total = this.#until.at(-1)
    if (total === undefined) return null
    const at = (rng.u32() / 0x1_0000_0000) * total
    let [lo, hi] = [0, this.#until.length - 1]
    while (lo < hi) {
      const middle = (lo + hi) >> 1
      if (this.#until[middle]! > at) hi = middle
      else lo = middle + 1
    }
    return this.entries[lo]!
  }

  #weigh(): void {
    this.#picksLeft = WEIGH_EVERY
    let sum = 0
    for (const [i, entry] of this.entries.entries()) {
      sum += this.#weight(entry)
      this.#until[i] = sum
    }
  }

  #weight({ data, features }: Entry): number {
    let rarest = Number.POSITIVE_INFINITY
    for (const f of features) rarest = Math.min(rarest, this.#features.hits(f))
    // A long input costs more time and leaves mutations more room to miss; the root keeps the common ones alive.
    return 1 / (Math.sqrt(1 + rarest) * (1 + data.length / this.#long))
  }
}

const WHOLE = 4 // mutations of an input that is open to change from its beginning
const REST = 32 // of what follows a place: what comes before it is played once (target.ts, steps)
const LAST = 1 // steps that may follow it; what comes earlier has had its turn in shorter inputs

/** What is mutated next: an input of the pool, or, many times in a row, what follows a place in one. */
interface Parent {
  /** Stays as it is; the head and some steps, or nothing. */
  readonly before: Uint8Array
  /** What mutation gets: an input of its own, with the same head. */
  readonly rest: Uint8Array
}

const NOTHING = new Uint8Array(0)

/** `steps`: as a target says them; without them every input is open to change from its beginning. */
export const seriesOf = (pool: Pool, steps: Target['steps']): ((rng: Rng) => Parent) => {
  const pick = (rng: Rng): Uint8Array => pool.pick(rng)?.data ?? NOTHING
  if (steps === undefined) return (rng) => ({ before: NOTHING, rest: pick(rng) })
  const { head, step } = steps
  let parent: Parent = { before: NOTHING, rest: NOTHING }
  let left = 0
  return (rng) => {
    if (left-- > 0) return parent
    const data = pick(rng)
    const all = Math.max(0, Math.floor((data.length - head) / step))
    const kept = rng.oneIn(3) ? 0 : Math.max(0, all - rng.below(LAST + 1))
    left = (kept === 0 ? WHOLE : REST) - 1
    const at = head + kept * step
    const rest = (): Uint8Array => concat(data.subarray(0, head), data.subarray(at))
    parent = kept === 0 ? { before: NOTHING, rest: data } : { before: data.subarray(0, at), rest: rest() }
    return parent
  }
}
