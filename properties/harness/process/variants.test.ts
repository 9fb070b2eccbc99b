import { describe, expect, it } from 'vitest'
import * as original from '../../../src/index.ts'
import { loadVariant, type Replacement, VariantError, variantStack } from './variants.ts'

const smaller: Replacement = { file: 'src/frame.ts', find: 'const TAG_BYTES = 32', replace: 'const TAG_BYTES = 31' }
const throwing: Replacement = {
  file: 'src/frame.ts',
  find: 'if (frame.length % 16 !== 7) return null',
  replace: "throw new Error('planted')",
}
const frame71 = new Uint8Array(71)

describe('loadVariant', () => {
  it('without replacements behaves as the original and is not the original', async () => {
    const copy = await loadVariant([])
    expect(Object.keys(copy).sort()).toEqual(Object.keys(original).sort())
    expect(copy.frame.parseHeader(frame71)).toEqual(original.frame.parseHeader(frame71))
    expect(copy.frame.parseHeader).not.toBe(original.frame.parseHeader)
  })

  it('changes what the replacement says, in every module that uses it, and nothing else', async () => {
    const variant = await loadVariant([smaller])
    expect(variant.frame.MAX_FRAME).toBe(original.frame.MAX_FRAME - 1)
    expect(variant.primitives.pad(new Uint8Array(3))).toEqual(original.primitives.pad(new Uint8Array(3)))
    expect(original.frame.MAX_FRAME).toBe(4167)
  })

  it('applies several replacements, also to one file', async () => {
    const variant = await loadVariant([
      smaller,
      { file: 'src/frame.ts', find: 'const TAG_BYTES = 31', replace: 'const TAG_BYTES = 30' },
      { file: 'src/payload.ts', find: 'export const MAX_VALUES = 511', replace: 'export const MAX_VALUES = 1' },
    ])
    expect(variant.frame.MAX_FRAME).toBe(original.frame.MAX_FRAME - 2)
    expect(variant.payload.valuesProblem([1, 2])).toBe('too-many-values')
  })

  it('takes `$` in a replacement literally', async () => {
    const variant = await loadVariant([
      { file: 'src/payload.ts', find: "return 'no-values'", replace: "return 'no-values$&' as 'no-values'" },
    ])
    expect(variant.payload.valuesProblem([])).toBe('no-values$&')
  })

  it('gives a fresh instance each time', async () => {
    const [a, b] = [await loadVariant([smaller]), await loadVariant([smaller])]
    expect(a.payload.CONTROL).not.toBe(b.payload.CONTROL)
  })

  it('names file and text of a replacement that does not apply', async () => {
    const attempt = (find: string, file = 'src/frame.ts') => loadVariant([{ file, find, replace: '' }])
    await expect(attempt('no such text')).rejects.toThrow(
      new VariantError('src/frame.ts: expected this text once, found it 0 times: no such text'),
    )
    await expect(attempt('export')).rejects.toThrow(
      /src\/frame.ts: expected this text once, found it \d\d times: export/,
    )
    await expect(attempt('')).rejects.toThrow(VariantError)
    await expect(attempt('x', 'src/nowhere.ts')).rejects.toThrow(
      new VariantError('src/nowhere.ts: expected a file of this repository to replace text in'),
    )
  })

  it('refuses a replacement in a file that the entry does not import', async () => {
    await expect(loadVariant([smaller], 'src/outcome.ts')).rejects.toThrow(
      new VariantError('src/frame.ts: expected a module that is part of the build'),
    )
  })

  it('hands every module to the transform, replacements applied', async () => {
    const seen = new Map<string, string>()
    const variant = await loadVariant([smaller], 'src/index.ts', (file, source) => {
      seen.set(file, source)
      return source.replace('const BLOCK = 16', 'const BLOCK = 8')
    })
    expect(seen.get('src/frame.ts')).toContain('TAG_BYTES = 31')
    expect([...seen.keys()]).toContain('src/server.ts')
    expect(variant.primitives.pad(new Uint8Array(3)).length).toBe(8)
  })
})

describe('variantStack', () => {
  it('names file and line of the TypeScript source', async () => {
    const variant = await loadVariant([throwing])
    const thrown = (): string => {
      try {
        variant.frame.parseHeader(frame71)
      } catch (e) {
        return e instanceof Error ? (e.stack ?? '') : ''
      }
      return ''
    }
    expect(thrown()).toMatch(/variant-\d+:\d+:\d+/)
    expect(variantStack(thrown())).toMatch(/Error: planted\n +at .*parseHeader \(src\/frame\.ts:58:\d+\)/)
  })

  it('leaves other positions alone', () => {
    expect(variantStack('at f (variant-9999:1:1)')).toBe('at f (variant-9999:1:1)')
  })
})
