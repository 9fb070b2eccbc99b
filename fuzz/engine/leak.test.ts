import { type ChildProcess, spawn } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Rng } from '../../properties/harness/world/rng.ts'
import { padding } from '../targets/padding.ts'
import { judgeWith } from './judge.ts'
import { bytesPerExecution, steadyGain } from './leak.ts'

const NOISE = 400 // bytes an execution: several times what blocks differ by, however small

/** From -1 to 1. */
const chance = (rng: Rng): number => rng.u32() / 0x8000_0000 - 1

describe('steadyGain', () => {
  const verdicts = (make: (rng: Rng) => () => number, series: number): readonly number[] => {
    const rng = new Rng(1)
    return Array.from({ length: series }, () => steadyGain(make(rng)))
  }
  const leaks = (all: readonly number[]): number => all.filter((bytes) => bytes > 0).length

  it('takes nothing that comes and goes for a leak: levels that differ by chance, and gains that do', () => {
    const levels = (rng: Rng) => {
      let last = 0
      return () => {
        const level = NOISE * chance(rng)
        const gain = level - last
        last = level
        return gain
      }
    }
    expect(leaks(verdicts(levels, 20_000))).toBe(0)
    expect(leaks(verdicts((rng) => () => NOISE * chance(rng), 20_000))).toBe(0)
  })

  it('has the error rate that it states, of one batch: where the second one always gains', () => {
    const once = (rng: Rng) => {
      let left = 1 + 20
      return () => (left-- > 0 ? NOISE * chance(rng) + 24 : NOISE)
    }
    const found = leaks(verdicts(once, 20_000))
    expect(found / 20_000).toBeGreaterThan(0.6 / 776)
    expect(found / 20_000).toBeLessThan(1.6 / 776)
  })

  it('takes no beginning for a leak: what grows by less and less', () => {
    const fading = (rng: Rng) => {
      let gain = 4_000
      return () => {
        gain /= 1.5
        return gain + NOISE * chance(rng)
      }
    }
    expect(leaks(verdicts(fading, 20_000))).toBe(0)
  })

  it('finds every leak larger than the noise, and says how large it is', () => {
    const found = verdicts((rng) => () => 200 + 50 * chance(rng), 1_000)
    expect(leaks(found)).toBe(1_000)
    for (const bytes of found) expect(Math.abs(bytes - 200)).toBeLessThan(60)
    expect(leaks(verdicts(() => () => 24, 10))).toBe(10)
    // Where one block in twenty lets go of what others kept.
    expect(leaks(verdicts((rng) => () => (rng.oneIn(20) ? -1_000 : 200), 1_000))).toBeGreaterThan(900)
  })
})

describe('the verdict on one input, on a machine with other work', () => {
  let others: readonly ChildProcess[] = []
  beforeAll(() => {
    others = Array.from({ length: 3 }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }))
  })
  afterAll(() => {
    for (const child of others) child.kill('SIGKILL')
  })

  it('is that memory stays where it does, and for no other input', async () => {
    const replacements = [
      {
        file: 'src/primitives.ts',
        find: 'const BLOCK = 16',
        replace: 'const BLOCK = 16\nconst KEPT: Uint8Array[] = []',
      },
      {
        file: 'src/primitives.ts',
        find: 'padded.set(plaintext)',
        replace: 'padded.set(plaintext)\n  if (plaintext.length > 31) KEPT.push(new Uint8Array(500))',
      },
    ]
    const run = await judgeWith(padding, replacements)
    expect(bytesPerExecution(run, new Uint8Array(32))).toBeGreaterThan(500)
    for (let i = 0; i < 4; i++) expect(bytesPerExecution(run, new Uint8Array(31 - i))).toBe(0)
  }, 120_000)
})
