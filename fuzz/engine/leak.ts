/** Memory that executions leave behind: measured after garbage collection, and confirmed by running inputs again. */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Fault } from './fault.ts'

const RING = 256 // sampled inputs to look among
const SAMPLE_EVERY = 16 // executions; copying each would cost
const SUSPICIOUS = 128 * 1024 // bytes gained between two looks; without a leak it is some 20 KiB
const PER_EXECUTION = 24 // bytes; below that it is noise, above an object that stays
const CLEAR = 512 * 1024 // bytes: a gain that is no noise, not even where the list of what leaked has to grow
const PATIENCE = 4_096 // executions of one measurement, where that would take more

const LOOK_EVERY = 16_384 // executions of an ordinary target

/** Executions between two looks; a count, so that a run stays a function of its seed. `cost`: as a target says it. */
export const looksEvery = (cost = 1): number => LOOK_EVERY * cost

let collect: (() => void) | null = null

/** Bytes in use. */
const used = (): number => {
  if (collect === null) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  // The first collection may end a cycle begun before much became garbage, and array buffers are freed by a thread
  // that has finished for certain only when the next collection begins.
  for (let i = 0; i < 2; i++) collect()
  let bytes = process.memoryUsage().arrayBuffers
  // What the compiler makes of the program comes and goes by hundreds of KiB.
  for (const s of getHeapSpaceStatistics()) if (!s.space_name.includes('code')) bytes += s.space_used_size
  return bytes
}

type Run = (data: Uint8Array) => unknown

/** A series of measurements, each from where the last one ended. */
class Gauge {
  readonly #run: Run
  #level = used()

  constructor(run: Run) {
    this.#run = run
  }

  /** Bytes an execution gains, over as many as it takes to tell a gain of `expected` bytes from noise. */
  rate(inputs: readonly Uint8Array[], expected: number): number {
    const executions = Math.min(PATIENCE, CLEAR / Math.max(expected, PER_EXECUTION))
    const times = Math.ceil(executions / inputs.length)
    for (let i = 0; i < times; i++) for (const data of inputs) this.#run(data)
    const before = this.#level
    this.#level = used()
    return (this.#level - before) / (times * inputs.length)
  }
}

/** What stays in memory of one execution of an input; 0 where that is no more than noise. */
export const bytesPerExecution = (run: Run, data: Uint8Array): number => {
  const gauge = new Gauge(run)
  const bytes = Math.round(Math.min(gauge.rate([data], PER_EXECUTION), gauge.rate([data], PER_EXECUTION)))
  return bytes >= PER_EXECUTION ? bytes : 0
}

export const LEAK: Fault = { kind: 'leak', reason: 'memory grows', frames: [] }
export const leakDetail = (bytes: number): string => `${bytes} bytes stay with every execution`

export class LeakWatch {
  readonly #run: Run
  readonly #every: number
  readonly #ring: Uint8Array[] = []
  #samples = 0
  #base: number | null = null
  #own = 0

  /** `run` executes an input and never throws. `every`: executions between two looks. */
  constructor(run: Run, every: number) {
    this.#run = run
    this.#every = every
  }

  sample(data: Uint8Array, execution: number): void {
    if (execution % SAMPLE_EVERY === 0) this.#ring[this.#samples++ % RING] = data.slice()
  }

  /** `others`: bytes the engine keeps on purpose. Returns an input that leaks and how many bytes each time. */
  look(others: number): { readonly data: Uint8Array; readonly bytes: number } | null {
    const own = this.#ring.reduce((n, data) => n + data.length, others)
    const now = used()
    const gained = this.#base === null ? 0 : now - this.#base - (own - this.#own)
    this.#base = now
    this.#own = own
    if (gained < SUSPICIOUS) return null
    const found = this.#narrow(gained / this.#every)
    this.#base = used() // what the search for it left behind is known now
    return found
  }

  /** Halves the sample as long as it leaks. */
  #narrow(expected: number): { readonly data: Uint8Array; readonly bytes: number } | null {
    const gauge = new Gauge(this.#run)
    let suspects: readonly Uint8Array[] = [...this.#ring]
    let rate = gauge.rate(suspects, expected)
    while (suspects.length > 1 && rate >= expected / 4) {
      const [first, second] = [suspects.slice(0, suspects.length >> 1), suspects.slice(suspects.length >> 1)]
      const of = gauge.rate(first, rate)
      suspects = of >= rate ? first : second
      rate = of >= rate ? of : gauge.rate(second, rate)
    }
    const [data] = suspects
    if (data === undefined || suspects.length > 1) return null
    // Twice, for a leak goes on: what else allocates at some time does not do so every time.
    const bytes = Math.round(Math.min(gauge.rate(suspects, rate / 2), gauge.rate(suspects, rate / 2)))
    return bytes >= PER_EXECUTION ? { data, bytes } : null
  }
}
