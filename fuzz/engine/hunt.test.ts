import { describe, expect, it } from 'vitest'
import type { Replacement } from '../../properties/harness/process/variants.ts'
import { targetNamed } from '../targets/index.ts'
import { type Finding, describe as say } from './finding.ts'
import { Hunt } from './hunt.ts'
import { loadGuided } from './judge.ts'

/** `enough`: findings to end with. */
const hunt = async (target: string, replacements: readonly Replacement[], executions: number, enough = 100) => {
  const found: Finding[] = []
  const hooks = { found: (f: Finding) => void found.push(f) }
  const h = new Hunt(targetNamed(target), await loadGuided(targetNamed(target), replacements), hooks, { seed: 1 })
  h.engine.load(targetNamed(target).seeds())
  for (let left = executions; left > 0 && found.length < enough; left -= 1_000) h.run(Math.min(left, 1_000))
  return found
}

const LENGTH_CHECK = 'if (frame.length < MIN_FRAME || frame.length > MAX_FRAME) return null'

describe('Hunt', () => {
  it('finds nothing where nothing is wrong', async () => {
    for (const target of ['frame', 'padding', 'stream', 'payload']) expect(await hunt(target, [], 3_000)).toEqual([])
  })

  it('reports a crash once, with the place in the source, minimised', async () => {
    const crash = `${LENGTH_CHECK}\n  if (frame[0] === 0xbe && frame[1]! > 200) throw new TypeError('planted ' + frame[1])`
    const found = await hunt('frame', [{ file: 'src/frame.ts', find: LENGTH_CHECK, replace: crash }], 6_000)
    expect(found).toHaveLength(1)
    const { fault, data } = found[0]!
    expect(say(fault)).toBe('crash: TypeError: planted N in src/frame.ts parseHeader')
    expect(data).toHaveLength(71)
    expect(data[0]).toBe(0xbe)
    expect(data.subarray(2).every((b) => b === 0)).toBe(true)
  })

  it('reports a mismatch by its reason', async () => {
    const longer = { file: 'src/frame.ts', find: LENGTH_CHECK, replace: 'if (frame.length < MIN_FRAME) return null' }
    const found = await hunt('frame', [longer], 6_000)
    expect(found.map((f) => say(f.fault))).toEqual(['mismatch: malformed frame parsed'])
    expect(found[0]!.data.length).toBe(4_167 + 16)
  })

  it('reports an endless loop, minimised', async () => {
    const find = 'return padded.subarray(0, padded.length - p)'
    const replace = `while (p === 3) padded.length\n  ${find}`
    const found = await hunt('padding', [{ file: 'src/primitives.ts', find, replace }], 2_000)
    expect(found.map((f) => say(f.fault))).toEqual(['hang: endless loop in src/primitives.ts unpad'])
    expect(found[0]!.data.length).toBeLessThan(17)
  })

  it('reports memory that stays', async () => {
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
    const found = await hunt('padding', replacements, 120_000, 1) // several looks: on a loaded machine garbage is late
    expect(found.map((f) => say(f.fault))).toEqual(['leak: memory grows'])
    expect(found[0]!.data.length).toBeGreaterThan(31)
  }, 180_000)
})
