import { describe, expect, it } from 'vitest'
import * as original from '../../src/index.ts'
import { TARGETS } from '../targets/index.ts'
import { loadWithCompares, solved } from './compares.ts'
import { loadWithEdges } from './edges.ts'
import { Hang } from './target.ts'

const MODULES = ['src/frame.ts', 'src/primitives.ts', 'src/payload.ts']

describe('instrumentation', () => {
  it('changes nothing that the targets can see', async () => {
    const { src } = await loadWithEdges(MODULES)
    const log = await loadWithCompares(MODULES)
    for (const target of TARGETS) {
      for (const data of target.seeds()) {
        const notes = [original, src, log.src].map((impl) => {
          const seen: number[] = []
          target.oracle(impl)(data, (tag, value) => seen.push(tag, value))
          return seen
        })
        expect(notes[1]).toEqual(notes[0])
        expect(notes[2]).toEqual(notes[0])
      }
    }
  })

  it('counts the branch that was taken, on its line of the TypeScript source', async () => {
    const { src, counts, edges } = await loadWithEdges(['src/frame.ts'])
    const linesFor = (length: number): readonly number[] => {
      counts.fill(0)
      src.frame.parseHeader(new Uint8Array(length))
      return edges.flatMap((edge, i) => (counts[i + 1]! > 0 ? [edge.line] : []))
    }
    // The function, the second half of the length check, and either its refusal or what comes after it.
    expect(linesFor(10)).toEqual([56, 57])
    expect(linesFor(5_000)).toEqual([56, 57, 57])
    expect(linesFor(72)).toEqual([56, 57, 57, 58])
    expect(edges.every((e) => e.file === 'src/frame.ts' && e.line > 0)).toBe(true)
  })

  it('stops a loop that does not end', async () => {
    const { src } = await loadWithEdges(
      ['src/primitives.ts'],
      [{ file: 'src/primitives.ts', find: 'if (p < 1 ||', replace: 'for (;;) if (p > 99) break\n  if (p < 1 ||' }],
    )
    expect(() => src.primitives.unpad(new Uint8Array(16))).toThrow(Hang)
  })
})

describe('comparisons', () => {
  it('logs unequal numbers and puts one in the place of the other', async () => {
    const { src, take } = await loadWithCompares(['src/payload.ts'])
    const data = Uint8Array.of(0, 7, 1, 2, 3)
    take()
    src.payload.decodeValues(data)
    const pairs = take()
    expect(pairs).toContainEqual([5, 2 + 8 * 7]) // the length, and the one that the count asks for
    expect(take()).toEqual([])
    expect(solved(data, [[7, 513]]).map((d) => [...d])).toContainEqual([2, 1, 1, 2, 3])
    expect(solved(data, [[5, 58]]).map((d) => d.length)).toContain(58)
    expect(solved(data, [[99, 100]])).toEqual([])
  })
})
