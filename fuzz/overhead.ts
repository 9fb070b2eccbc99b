/** What the engine costs beside the oracle: executions a second of both, on the same inputs. */
import { Engine } from './engine.ts'
import { Hunt } from './hunt.ts'
import { loadBare, loadGuided } from './loaded.ts'
import type { Target } from './target.ts'

export interface Overhead {
  /** Executions a second. */
  readonly engine: number
  readonly bare: number
}

const SAMPLE_EVERY = 16
const ROUNDS = 12

const QUIET = { before: () => {}, kept: () => {}, found: () => {}, threw: () => {} }

/** Inputs of a search: of one with the same seed, hence the same ones as are timed. */
const sampled = async (target: Target, executions: number): Promise<readonly Uint8Array[]> => {
  const sample: Uint8Array[] = []
  const before = (data: Uint8Array, n: number): void => {
    if (n > executions && n % SAMPLE_EVERY === 0) sample.push(data.slice())
  }
  const engine = new Engine(target, await loadGuided(target), { ...QUIET, before }, { seed: 1 })
  engine.load(target.seeds())
  engine.burst(2 * executions)
  return sample
}

/** Executions a second of the fastest of several rounds: what else the machine does can only slow a round down. */
const fastest = (executions: number, round: () => void): number => {
  let best = 0
  for (let i = 0; i < ROUNDS; i++) {
    const started = performance.now()
    round()
    best = Math.max(best, (executions * 1_000) / (performance.now() - started))
  }
  return best
}

/** The first `executions` are not timed: code gets compiled, the corpus grows. */
export const overheadOf = async (target: Target, executions: number): Promise<Overhead> => {
  const sample = await sampled(target, executions)
  const oracle = target.oracle((await loadBare()).src)
  const bare = fastest(sample.length, () => {
    for (const data of sample) oracle(data, () => {})
  })
  const hunt = new Hunt(target, await loadGuided(target), QUIET, { seed: 1 })
  hunt.engine.load(target.seeds())
  hunt.run(executions)
  const each = Math.ceil(executions / ROUNDS)
  return { engine: fastest(each, () => hunt.run(each)), bare }
}
