/**
 * The search: pick an input, change it, run it, keep it if it showed something new. Synchronous, and a function of its
 * seed, its inputs and the number of steps alone.
 */
import { Rng } from '../../properties/harness/world/rng.ts'
import { solved } from './compares.ts'
import { Features } from './features.ts'
import { BLIND, fillRun, fromDictionary, Input, type Mutator, spliceWith } from './input.ts'
import type { Loaded } from './judge.ts'
import { Pool, seriesOf } from './pool.ts'
import type { Oracle, Target } from './target.ts'

/** Told about every execution. Must not keep the bytes of `before`. */
export interface Observer {
  before(data: Uint8Array, execution: number): void
  /** Something new was shown; the data is a copy. */
  kept(data: Uint8Array): void
  /** The oracle threw; the data is a copy. */
  threw(data: Uint8Array, error: unknown): void
}

export interface EngineOptions {
  readonly seed: number
  /** Tells processes of one run apart. */
  readonly stream?: number
  /** Neither feedback nor dictionary nor knowledge of the format: the baseline of the bench. */
  readonly blind?: boolean
}

const MAX_QUEUED = 512 // inputs made from comparisons
const ANEW = 8 // one input in so many is made anew, where a target can
const ASK_AGAIN = 256 // one mutation in so many asks its input for comparisons again

export class Engine {
  readonly target: Target
  readonly features: Features
  readonly pool: Pool
  /** How many features were known after how many executions. */
  readonly curve: [executions: number, features: number][] = []
  readonly #observer: Observer
  readonly #blind: boolean
  readonly #oracle: Oracle
  readonly #logging: Oracle | null // logs comparisons
  readonly #loaded: Loaded
  readonly #rng: Rng
  readonly #input: Input
  readonly #general: readonly Mutator[]
  readonly #specific: readonly Mutator[]
  readonly #series: ReturnType<typeof seriesOf>
  readonly #queue: Uint8Array[] = []
  executions = 0
  /** The execution that last showed something new. */
  lastNew = 0

  constructor(target: Target, loaded: Loaded, observer: Observer, options: EngineOptions) {
    this.target = target
    this.#observer = observer
    this.#loaded = loaded
    this.#blind = options.blind ?? false
    this.#oracle = target.oracle(loaded.src, loaded.counts)
    this.#logging = loaded.compares === null ? null : target.oracle(loaded.compares.src, null)
    this.features = new Features(loaded.counts)
    this.pool = new Pool(this.features, target.long)
    this.#series = seriesOf(this.pool, this.#blind ? undefined : target.steps)
    this.#rng = new Rng(options.seed, options.stream ?? 0)
    this.#input = new Input(target.maxBytes)
    const donor = (): Uint8Array | null => this.pool.pick(this.#rng)?.data ?? null
    const informed = this.#blind ? [] : [fillRun, fromDictionary(target.dictionary), fromDictionary(target.dictionary)]
    this.#general = [...BLIND, spliceWith(donor), ...informed]
    this.#specific = this.#blind || target.mutators.length === 0 ? this.#general : target.mutators
  }

  /** Memory it keeps on purpose: its inputs, and those waiting to be run. */
  get bytes(): number {
    return this.#queue.reduce((n, data) => n + data.length + 128, this.pool.bytes)
  }

  /** Runs inputs as they are; each that shows something new is kept. */
  load(inputs: readonly Uint8Array[]): void {
    for (const data of inputs) {
      this.#input.set(data)
      this.#execute(true)
    }
  }

  /** `n` executions of mutated inputs. Needs at least one input that was kept, or starts from the empty one. */
  burst(n: number): void {
    for (let i = 0; i < n; i++) {
      // Every other time: one input can suggest hundreds, and mutation must go on.
      const queued = this.executions % 2 === 0 ? this.#queue.pop() : undefined
      if (queued === undefined) this.#mutate()
      else this.#input.set(queued)
      this.#execute(false)
    }
  }

  #mutate(): void {
    const rng = this.#rng
    const { anew, steps } = this.target
    if (anew !== undefined && !this.#blind && rng.oneIn(ANEW)) {
      rng.pick(anew)(this.#input, rng)
      return
    }
    const { before, rest } = this.#series(rng)
    // What was suggested once may have been dropped, or tried on an input that was not ready for it.
    if (this.#queue.length === 0 && rng.oneIn(ASK_AGAIN)) this.#ask(rest)
    this.#input.set(rest)
    // 1, 2, 4 or, of a whole input, 8 changes on top of each other
    for (let left = 1 << rng.below(before.length > 0 ? 3 : 4); left > 0; left--)
      rng.pick(rng.oneIn(2) ? this.#general : this.#specific)(this.#input, rng)
    this.#input.follow(before, steps?.head ?? 0)
  }

  /** The last of every eighth of a decade is enough to draw. */
  #grew(): void {
    const eighth = (n: number): number => Math.floor(8 * Math.log10(n))
    const last = this.curve.at(-1)
    if (last !== undefined && eighth(last[0]) === eighth(this.executions)) this.curve.pop()
    this.curve.push([this.executions, this.features.distinct])
  }

  #execute(given: boolean): void {
    const data = this.#input.bytes
    this.executions++
    this.#observer.before(data, this.executions)
    this.features.begin()
    try {
      this.#oracle(data, this.features.note)
    } catch (error) {
      this.#observer.threw(data.slice(), error)
      return
    }
    const fresh = this.features.end()
    if (fresh === 0 || (this.#blind && !given)) return
    const kept = data.slice()
    this.pool.add({ data: kept, features: this.features.shown() })
    this.lastNew = this.executions
    this.#grew()
    this.#observer.kept(kept)
    this.#ask(kept)
  }

  /** Queues what the comparisons made during this input suggest. */
  #ask(data: Uint8Array): void {
    const log = this.#loaded.compares
    if (log === null || this.#logging === null) return
    log.take()
    try {
      this.#logging(data, () => {})
    } catch {
      // It did not throw a moment ago; what it logged until now still counts.
    }
    this.#queue.push(...solved(data, log.take()))
    if (this.#queue.length > MAX_QUEUED) this.#queue.splice(0, this.#queue.length - MAX_QUEUED)
  }
}
