import { describe, expect, it } from 'vitest'
import { type Chunk, plan } from './campaign.ts'
import { interval, leftOf, leftText, tooSmall } from './left.ts'
import { mergeShown, Novelty, type Shown } from './novelty.ts'

const chunk = (index: number, profile: string, runs: number): Chunk => ({
  index,
  mode: 'bound',
  profile,
  seed: 0,
  runs,
})

describe('what a run says about what it has not shown', () => {
  const shown: Readonly<Record<string, Shown>> = {
    replay: {
      'bound: first > A': [9, 0, 0],
      'bound: A > B': [1, 0, 4],
      'bound: A > C': [1, 0, 4], // by the same schedule
      'bound: B > D': [1, 1, 0],
    },
    tamper: { 'bound: first > A': [5, 2, 0], 'bound: B > D': [1, 2, 1], 'bound: B > E': [1, 2, 9] },
  }
  const left = leftOf(shown, [chunk(0, 'replay', 10), chunk(1, 'replay', 10), chunk(2, 'tamper', 20)])

  it('counts schedules that showed something no other of any bias did, each once', () => {
    expect(left.biases.map((b) => [b.name, b.schedules, b.alone])).toEqual([
      ['replay', 20, 1],
      ['tamper', 20, 1],
    ])
    expect([left.schedules, left.alone]).toEqual([40, 2])
  })

  it('has a curve over all biases in turns', () => {
    expect(left.curve.map((c) => [c.schedules, c.things, c.cells])).toEqual([
      [2, 1, 1],
      [2, 1, 1],
      [2, 1, 1],
      [4, 2, 2],
      [8, 2, 2],
      [20, 5, 5],
      [40, 5, 5],
    ])
  })

  it('says by itself when it is too small', () => {
    expect(tooSmall(left)).toBe(true)
    expect(leftText(left)).toBe(
      'the next schedule shows something new with probability 0–24 %; the run is too small (at most 1 %)',
    )
    expect(leftText({ ...left, low: 0.001, high: 0.01 })).toContain('0.1–1 %; the run is large enough')
  })

  it('has the exact interval of Garwood', () => {
    expect(interval(0).map((x) => x.toFixed(3))).toEqual(['0.000', '2.996'])
    expect(interval(10).map((x) => x.toFixed(3))).toEqual(['5.425', '16.962'])
    expect(interval(5_000).map(Math.round)).toEqual([4_884, 5_118])
  })

  it('holds for what really comes next, nine times in ten', () => {
    let x = 7
    const random = (): number => {
      x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
      return x / 2 ** 32
    }
    const THINGS = 4_000
    const weights = Array.from({ length: THINGS }, (_, i) => 1 / (i + 1) ** 1.3)
    const total = weights.reduce((a, b) => a + b)
    const ends: number[] = []
    for (const w of weights) ends.push((ends.at(-1) ?? 0) + w / total)
    const draw = (): number => {
      const at = random()
      let [low, high] = [0, THINGS - 1]
      while (low < high) {
        const middle = (low + high) >> 1
        if (ends[middle]! < at) low = middle + 1
        else high = middle
      }
      return low
    }
    let held = 0
    for (let run = 0; run < 200; run++) {
      const novelty = new Novelty()
      const seen = new Set<number>()
      for (let i = 0; i < 500; i++) {
        const thing = draw()
        seen.add(thing)
        novelty.see('s0', String(thing))
        novelty.ended()
      }
      const { low, high } = leftOf({ replay: novelty.shown('bound', 0) }, [chunk(0, 'replay', 500)])
      const chance = weights.reduce((sum, w, i) => (seen.has(i) ? sum : sum + w / total), 0)
      if (low <= chance && chance <= high) held++
    }
    expect(held).toBeGreaterThanOrEqual(180)
  })

  it('is the same in whatever order chunks are merged', () => {
    const [a, b] = [{ x: [1, 4, 2] }, { x: [2, 1, 7], y: [1, 1, 0] }] as unknown as [Shown, Shown]
    expect(mergeShown(a, b)).toEqual({ x: [3, 1, 7], y: [1, 1, 0] })
    expect(JSON.stringify(mergeShown(b, a))).toBe(JSON.stringify(mergeShown(a, b)))
  })

  it('knows the place of every chunk of a plan', () => {
    const chunks = plan(1, 1_200, ['bound', 'literal'], ['replay'])
    expect(chunks.length).toBe(6)
    const things = { replay: { 'literal: first > A': [1, 5, 99] } } as const
    expect(leftOf(things, chunks).curve.map((c) => c.things)).toEqual([0, 0, 0, 0, 0, 0, 1])
  })
})
