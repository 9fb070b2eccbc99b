/** What the engine costs beside the oracle: executions a second of both, on the same inputs. */
import { Engine } from '../engine/engine.ts'
import { cpuMs, Hunt } from '../engine/hunt.ts'
import { loadBare, loadGuided } from '../engine/judge.ts'
import { looksEvery } from '../engine/leak.ts'
import type { Target } from '../engine/target.ts'

interface Overhead {
  /** Executions a second of processor time. */
  readonly engine: number
  readonly bare: number
}

const SAMPLE_EVERY = 16
const ROUNDS = 6

const QUIET = { kept: () => {}, threw: () => {} }

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

/** Executions a second of processor time. */
const rate = (executions: number, round: () => void): number => {
  const started = cpuMs()
  round()
  return (executions * 1_000) / (cpuMs() - started)
}

/**
 * Each in the fastest of several rounds, taken in turns: what else the machine does can only slow a round down. The
 * first `executions` are not timed: code gets compiled, the corpus grows.
 */
export const overheadOf = async (target: Target, executions: number): Promise<Overhead> => {
  const sample = await sampled(target, executions)
  const oracle = target.oracle((await loadBare()).src)
  const hunt = new Hunt(target, await loadGuided(target), {}, { seed: 1 })
  hunt.engine.load(target.seeds())
  hunt.run(executions)
  const round = looksEvery() / (target.cost ?? 1) // one look at the memory included, where an execution is cheap
  let [engine, bare] = [0, 0]
  for (let i = 0; i < ROUNDS; i++) {
    engine = Math.max(
      engine,
      rate(round, () => hunt.run(round)),
    )
    bare = Math.max(
      bare,
      rate(sample.length, () => {
        for (const data of sample) oracle(data, () => {})
      }),
    )
  }
  return { engine, bare }
}
