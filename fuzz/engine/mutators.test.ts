import { describe, expect, it } from 'vitest'
import { Rng } from '../../properties/harness/world/rng.ts'
import { TARGETS } from '../targets/index.ts'
import { BLIND, fillRun, fromDictionary, Input, type Mutator, spliceWith } from './input.ts'

const bytes = (...all: number[]): Uint8Array => Uint8Array.from(all)

describe('Input', () => {
  const input = new Input(8)
  const edited = (change: () => void, ...start: number[]): number[] => {
    input.set(bytes(...start))
    change()
    return [...input.bytes]
  }

  it('inserts, deletes, overwrites and resizes', () => {
    expect(edited(() => input.insert(1, bytes(8, 9)), 1, 2, 3)).toEqual([1, 8, 9, 2, 3])
    expect(edited(() => input.delete(1, 2), 1, 2, 3, 4)).toEqual([1, 4])
    expect(edited(() => input.write(2, bytes(7, 7)), 1, 2, 3)).toEqual([1, 2, 7])
    expect(edited(() => input.resize(4), 1, 2)).toEqual([1, 2, 0, 0])
    expect(edited(() => input.resize(1), 1, 2)).toEqual([1])
  })

  it('never grows beyond its maximum', () => {
    expect(edited(() => input.insert(2, bytes(9, 9, 9)), 1, 2, 3, 4, 5, 6, 7)).toEqual([1, 2, 9, 9, 9, 3, 4, 5])
    expect(edited(() => input.insert(8, bytes(9)), 1, 2, 3, 4, 5, 6, 7, 8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(edited(() => input.resize(99), 1)).toHaveLength(8)
    expect(edited(() => {}, ...Array.from({ length: 12 }, () => 5))).toHaveLength(8)
  })

  it('lies inside something larger, so that reading beyond it shows', () => {
    const held = Input.holding(bytes(1, 2, 3))
    expect([...held]).toEqual([1, 2, 3])
    expect(held.byteOffset).toBeGreaterThan(0)
    expect(new Uint8Array(held.buffer)[held.byteOffset + 3]).toBe(0xa5)
  })
})

describe('mutators', () => {
  const all: readonly (readonly [string, Mutator])[] = [
    ...BLIND.map((m, i) => [`blind ${i} ${m.name}`, m] as const),
    ['fillRun', fillRun],
    ['fromDictionary', fromDictionary([bytes(1, 2, 3)])],
    ['spliceWith', spliceWith(() => bytes(1, 2, 3, 4))],
    ...TARGETS.flatMap((t) => t.mutators.map((m, i) => [`${t.name} ${i} ${m.name}`, m] as const)),
  ]

  const seeds = TARGETS.flatMap((t) => t.seeds())

  it.each(all)('%s survives any input, keeps the maximum and changes something sooner or later', (_, mutate) => {
    const rng = new Rng(3)
    let changed = 0
    for (let round = 0; round < 600; round++) {
      const input = new Input(300)
      const random = new Uint8Array(rng.below(301)).map(() => rng.below(256))
      const start = rng.oneIn(4) ? random : rng.pick(seeds)
      input.set(start)
      mutate(input, rng)
      expect(input.length).toBeLessThanOrEqual(300)
      if (Buffer.compare(input.bytes, start) !== 0) changed++
    }
    expect(changed).toBeGreaterThan(10)
  })

  it('changes nothing from an empty dictionary', () => {
    const [rng, input] = [new Rng(3), new Input(8)]
    input.set(bytes(1, 2))
    fromDictionary([])(input, rng)
    expect([...input.bytes]).toEqual([1, 2])
  })

  it('is a function of input and numbers drawn', () => {
    const run = (): string => {
      const [rng, input] = [new Rng(5), new Input(64)]
      input.set(bytes(1, 2, 3, 4, 5, 6, 7, 8))
      for (let i = 0; i < 200; i++) rng.pick(BLIND)(input, rng)
      return Buffer.from(input.bytes).toString('hex')
    }
    expect(run()).toBe(run())
  })
})
