import { beforeAll, describe, expect, it } from 'vitest'
import { frame } from '../targets/frame.ts'
import { Engine } from './engine.ts'
import { Features } from './features.ts'
import { type Loaded, loadBlind, loadGuided } from './judge.ts'
import { nameOf } from './store.ts'

const quiet = { before: () => {}, kept: () => {}, threw: () => {} }

let loaded: Loaded
beforeAll(async () => {
  loaded = await loadGuided(frame)
})

const search = (seed: number, executions: number, stream = 0): Engine => {
  const engine = new Engine(frame, loaded, quiet, { seed, stream })
  engine.load(frame.seeds())
  engine.burst(executions)
  return engine
}
const corpus = (engine: Engine): readonly string[] => engine.pool.entries.map((e) => nameOf(e.data))

describe('Engine', () => {
  it('does the same for the same seed, whatever the bursts, and something else for another', () => {
    const [a, b] = [search(1, 3_000), search(1, 1_000)]
    b.burst(1_500)
    b.burst(500)
    expect(corpus(b)).toEqual(corpus(a))
    expect(b.features.distinct).toBe(a.features.distinct)
    expect(corpus(search(2, 3_000))).not.toEqual(corpus(a))
    expect(corpus(search(1, 3_000, 1))).not.toEqual(corpus(a))
  })

  it('keeps only what showed something new, and grows', () => {
    const engine = search(3, 4_000)
    expect(engine.pool.entries.length).toBeGreaterThan(frame.seeds().length + 10)
    const again = new Engine(frame, loaded, quiet, { seed: 3 })
    again.load(engine.pool.entries.map((e) => e.data))
    expect(again.features.distinct).toBe(engine.features.distinct)
    again.load(engine.pool.entries.map((e) => e.data))
    expect(again.pool.entries.length).toBe(engine.pool.entries.length)
  })

  it('keeps nothing but the seeds when blind', async () => {
    const blind = new Engine(frame, await loadBlind(frame), quiet, { seed: 1, blind: true })
    blind.load(frame.seeds())
    blind.burst(3_000)
    expect(blind.pool.entries.length).toBe(frame.seeds().length)
    expect(blind.executions).toBe(3_000 + frame.seeds().length)
  })

  it('goes on after an oracle threw, and hands over a copy of the input', () => {
    const thrown: Uint8Array[] = []
    const broken = { ...frame, oracle: () => (data: Uint8Array) => void (data.length > 80 && fail()) }
    const fail = (): never => {
      throw new Error('no')
    }
    const engine = new Engine(broken, loaded, { ...quiet, threw: (data) => thrown.push(data) }, { seed: 1 })
    engine.load(frame.seeds())
    engine.burst(500)
    expect(engine.executions).toBe(500 + frame.seeds().length)
    expect(thrown.length).toBeGreaterThan(10)
    expect(new Set(thrown.map((d) => d.buffer)).size).toBe(thrown.length)
    expect(thrown.every((d) => d.length > 80)).toBe(true)
  })
})

describe('Features', () => {
  it('are new once, count executions, and tell counts apart by class', () => {
    const counts = new Uint32Array(3)
    const features = new Features(counts)
    const execution = (edge: number, ...notes: number[]): number => {
      features.begin()
      for (const value of notes) features.note(1, value)
      counts[1] = edge
      return features.end()
    }
    expect(execution(1, 5, 5)).toBe(2)
    expect(execution(1, 5)).toBe(0)
    expect(execution(4, 5)).toBe(1) // class 4-7
    expect(execution(7, 5)).toBe(0)
    expect(execution(200)).toBe(1)
    expect(execution(100_000)).toBe(0)
    expect(features.distinct).toBe(4)
    expect(features.hits(256 + 5)).toBe(4)
    expect(features.takenEdges()).toEqual([0])
  })
})
