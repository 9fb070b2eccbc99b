/**
 * Memory that executions leave behind. A gain of the whole search only raises a suspicion; the verdict on an input is that
 * of a sign test over many blocks of executions, which counts executions and bytes and never time.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { median } from '../../properties/harness/terminal/text.ts'
import type { Fault } from './finding.ts'

const RING = 256 // sampled inputs to look among
const SAMPLE_EVERY = 16 // executions; copying each would cost
const SUSPICIOUS = 128 * 1024 // bytes gained between two looks; without a leak it is some 20 KiB
const PER_EXECUTION = 24 // bytes; below that it is noise, above an object that stays
const CLEAR = 512 * 1024 // bytes: a gain that is no noise, not even where the list of what leaked has to grow
const PATIENCE = 4_096 // executions of one measurement while a sample is halved, where that would take more
const BLOCK = 4_096 // executions of an ordinary target between two measurements of the sign test
const BLOCK_AT_LEAST = 256
const BLOCKS = 20
const EXCEPTIONS = 3 // blocks that may gain less: what else was kept is let go at some time

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

/** Executions after which a gain of so many bytes each is no noise. */
const clearOf = (bytes: number): number => Math.ceil(CLEAR / Math.max(bytes, PER_EXECUTION))

/** A series of measurements, each from where the last one ended: bytes an execution gains, over so many or a few more. */
const gaugeOf = (run: Run) => {
  let level = used()
  return (inputs: readonly Uint8Array[], executions: number): number => {
    const times = Math.ceil(executions / inputs.length)
    for (let i = 0; i < times; i++) for (const data of inputs) run(data)
    const before = level
    level = used()
    return (level - before) / (times * inputs.length)
  }
}

/** Bytes an execution gains if all but three blocks of executions gain; 0 as soon as another one does not. */
const batch = (next: () => number): number => {
  const gains: number[] = []
  let short = 0
  while (gains.length < BLOCKS) {
    const gain = next()
    if (gain < PER_EXECUTION && ++short > EXCEPTIONS) return 0
    gains.push(gain)
  }
  return median(gains)
}

/**
 * A sign test. `next` makes another block of executions and says how many bytes each gained. A leak gains in every block.
 * Without one, what the engine, compiler and collector keep or let go in a block comes and goes: whatever went before, a
 * block gains that much every other time at most. So 17 of 20 blocks gain by chance for one input in 776, and those of a
 * second, independent batch as well for one in 602,000. What only begins by growing (code that gets compiled, a cache)
 * has ended by then. 0: no leak.
 */
export const steadyGain = (next: () => number): number => {
  next() // compiles most of the code
  const first = batch(next)
  return first === 0 ? 0 : Math.round(Math.min(first, batch(next)))
}

/** What stays in memory of one execution of an input; 0 where that is no more than noise. `cost`: as a target says it. */
export const bytesPerExecution = (run: Run, data: Uint8Array, cost = 1): number => {
  const gain = gaugeOf(run)
  const most = Math.max(BLOCK_AT_LEAST, Math.ceil(BLOCK / cost))
  let executions = most
  return steadyGain(() => {
    const bytes = gain([data], executions)
    executions = Math.min(most, clearOf(bytes)) // the next block need be no longer
    return bytes
  })
}

export const LEAK: Fault = { kind: 'leak', reason: 'memory grows', frames: [] }
export const leakDetail = (bytes: number): string => `${bytes} bytes stay with every execution`

interface Leak {
  readonly data: Uint8Array
  /** That stay with every execution. */
  readonly bytes: number
}

/** Halves a sample as long as it leaks. */
const narrow = (run: Run, sample: readonly Uint8Array[], expected: number, cost: number): Leak | null => {
  const gain = gaugeOf(run)
  /** Over as many as it takes to tell a gain of `bytes` from noise, mostly. */
  const rateOf = (some: readonly Uint8Array[], bytes: number) => gain(some, Math.min(PATIENCE, clearOf(bytes)))
  let suspects = sample
  let rate = rateOf(suspects, expected)
  while (suspects.length > 1 && rate >= expected / 4) {
    const [first, second] = [suspects.slice(0, suspects.length >> 1), suspects.slice(suspects.length >> 1)]
    const of = rateOf(first, rate)
    suspects = of >= rate ? first : second
    rate = of >= rate ? of : rateOf(second, rate)
  }
  const [data] = suspects
  if (data === undefined || suspects.length > 1) return null
  const bytes = bytesPerExecution(run, data, cost)
  return bytes > 0 ? { data, bytes } : null
}

/** `run` executes an input and never throws. `every`: executions between two looks. */
export const leakWatch = (run: Run, every: number) => {
  const ring: Uint8Array[] = []
  let samples = 0
  let base: number | null = null
  let own = 0
  return {
    sample(data: Uint8Array, execution: number): void {
      if (execution % SAMPLE_EVERY === 0) ring[samples++ % RING] = data.slice()
    },
    /** An input that leaks, if memory has grown; `others`: bytes the engine keeps on purpose. */
    look(others: number): Leak | null {
      const before = own
      own = ring.reduce((n, data) => n + data.length, others)
      const now = used()
      const gained = base === null ? 0 : now - base - (own - before)
      base = now
      if (gained < SUSPICIOUS) return null
      const found = narrow(run, [...ring], gained / every, every / LOOK_EVERY)
      base = used() // what the search for it left behind is known now
      return found
    },
  }
}
