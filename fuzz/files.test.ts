import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Replacement } from '../properties/harness/process/variants.ts'
import { openFindings } from './check.ts'
import { coverage, printCoverage } from './engine/edges.ts'
import {
  type Finding,
  faultOf,
  findingOf,
  framesOf,
  isFuzzFinding,
  promoteFinding,
  publishFinding,
  saveFinding,
  signatureOf,
} from './engine/finding.ts'
import { loadGuided, regress } from './engine/judge.ts'
import { minimise, smallest } from './engine/minimise.ts'
import { corpusFolder, nameOf, readFolder, readInput, StoreError, saveInput } from './engine/store.ts'
import { Mismatch } from './engine/target.ts'
import { writeEntry } from './entries.ts'
import { TARGETS } from './targets/index.ts'
import { padding } from './targets/padding.ts'

const folder = mkdtempSync(join(tmpdir(), 'gauntlet-files-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const CORPUS_LIMIT = 256 * 1024 // bytes a target, committed

describe('the committed corpus', () => {
  it.each(TARGETS.map((t) => [t.name, t] as const))('of %s holds no input that fails', async (_, target) => {
    const { inputs, failures } = await regress(target)
    expect(failures).toEqual([])
    expect(inputs).toBeGreaterThan(target.seeds().length)
  })

  it.each(TARGETS.map((t) => t.name))('of %s is small, and every file is named by its content', (name) => {
    const files = readFolder(corpusFolder(name))
    for (const { path, data } of files) expect(path.endsWith(nameOf(data))).toBe(true)
    expect(files.reduce((n, f) => n + f.data.length, 0)).toBeLessThan(CORPUS_LIMIT)
  })
})

describe('store', () => {
  it('writes whole files named by content and reads them back in order', () => {
    const place = join(folder, 'store')
    const inputs = [Uint8Array.of(1), Uint8Array.of(2), new Uint8Array(0)]
    for (const data of inputs) saveInput(place, data)
    const read = readFolder(place)
    expect(read.map((r) => nameOf(r.data)).sort()).toEqual(inputs.map(nameOf).sort())
    expect(readdirSync(place)).toHaveLength(3)
    expect(readFolder(place, new Set(read.map((r) => nameOf(r.data))))).toEqual([])
    expect(readFolder(join(folder, 'nowhere'))).toEqual([])
  })

  it('names the file or folder it cannot use', () => {
    expect(() => readInput(join(folder, 'missing'))).toThrow(/missing: expected a readable file, got ENOENT/)
    expect(() => saveInput('/dev/null/x', Uint8Array.of(1))).toThrow(StoreError)
    expect(() => readFolder('/dev/null/x')).toThrow(/expected a readable folder, got ENOTDIR/)
  })
})

describe('smallest', () => {
  it('keeps what shows everything and drops the rest', async () => {
    const loaded = await loadGuided(padding)
    const given = Array.from({ length: 60 }, (_, i) => new Uint8Array(i).fill(i % 7))
    const { inputs, features } = smallest(padding, loaded, [...given, ...given])
    expect(inputs.length).toBeLessThan(given.length)
    expect(smallest(padding, loaded, inputs).features).toBe(features)
    expect(features).toBeGreaterThan(30)
  })
})

describe('writeEntry', () => {
  const load = async (name: string, replacements: readonly Replacement[]): Promise<(data: Uint8Array) => void> =>
    createRequire(import.meta.url)(await writeEntry('padding', join(folder, name), replacements)).fuzz

  it('compiles a target to a function that throws on a violation', async () => {
    const find = 'if (p < 1 || p > BLOCK || p > padded.length) return null'
    const replace = 'if (p < 1 || p > padded.length) return null'
    const [right, wrong] = [
      await load('right', []),
      await load('wrong', [{ file: 'src/primitives.ts', find, replace }]),
    ]
    for (const data of padding.seeds()) for (const fuzz of [right, wrong]) expect(() => fuzz(data)).not.toThrow()
    const data = new Uint8Array(32).fill(17)
    expect(() => right(data)).not.toThrow()
    expect(() => wrong(data)).toThrow(/removal of padding differs/)
  })
})

describe('minimise', () => {
  const has = (needle: number) => (data: Uint8Array) => data.includes(needle) && data.length >= 3

  it('removes and zeroes what is not needed, within its budget', () => {
    const data = Uint8Array.from({ length: 100 }, (_, i) => i + 1)
    expect([...minimise(data, has(42), 2_000)].sort((a, b) => a - b)).toEqual([0, 0, 42])
    let asked = 0
    const counted = (d: Uint8Array): boolean => ++asked > 0 && has(42)(d)
    minimise(data, counted, 10)
    expect(asked).toBe(10)
    expect(minimise(data, () => false, 1_000)).toBe(data)
  })
})

describe('fault', () => {
  const errorWith = (stack: string): Error => Object.assign(new TypeError('no 17 here'), { stack })

  it('is the same for the same place and cause, whatever the data and the line', () => {
    const at = (line: number): Error => errorWith(`TypeError: no\n    at Object.unpad (/x/src/primitives.ts:${line}:3)`)
    expect(faultOf(at(1)).reason).toBe('TypeError: no N here')
    expect(signatureOf('frame', faultOf(at(1)))).toBe(signatureOf('frame', faultOf(at(9))))
    expect(signatureOf('frame', faultOf(at(1)))).not.toBe(signatureOf('padding', faultOf(at(1))))
    const mismatch = (detail: string) => signatureOf('frame', faultOf(new Mismatch('tag differs', detail)))
    expect(mismatch('a')).toBe(mismatch('b'))
  })

  it('names the places of this repository, without lines', () => {
    const here = framesOf(new Error('x').stack ?? '')
    expect(here[0]).toMatch(/^fuzz\/files\.test\.ts /)
  })

  it('takes anything that is thrown', () => {
    expect(faultOf('oops 3')).toEqual({ kind: 'crash', reason: 'thrown: oops N', frames: [] })
  })
})

const finding = (data: Uint8Array): Finding =>
  findingOf(
    padding,
    { kind: 'mismatch', reason: 'r', frames: [] },
    { detail: 'd', data, foundBytes: 9, seed: 1, execution: 2, alone: true },
  )

describe('publishFinding', () => {
  const publish = (to: string) => {
    const told: string[] = []
    const run = () => publishFinding(padding, finding(Uint8Array.of(1, 2)), to, ({ lines }) => told.push(...lines))
    return { told, run }
  }

  it('saves first and says how to see it again', () => {
    const { told, run } = publish(join(folder, 'published'))
    run()
    const path = told.at(-1)!.replace(/^ +replay: npm run fuzz -- --replay /, '')
    expect(readInput(path)).toEqual(Uint8Array.of(1, 2))
    expect(existsSync(path.replace('.bin', '.json'))).toBe(true)
  })

  it('tells the input where it cannot be saved', () => {
    const { told, run } = publish('/dev/null/findings')
    expect(run).toThrow(StoreError)
    expect(told[0]).toBe('padding mismatch: r')
    expect(told.at(-1)).toBe('  not saved; the input in base64: AQI=')
  })
})

describe('promoteFinding', () => {
  const to = (target: string): string => join(folder, 'promoted', target)

  it('moves the input into the regressions of its target, whichever of the two files is named', () => {
    for (const end of ['.bin', '.json']) {
      const data = Uint8Array.of(1, 2, end.length)
      const path = saveFinding(padding, finding(data), join(folder, 'findings'))
      expect(isFuzzFinding(path.replace('.bin', end))).toBe(true)
      expect(promoteFinding(path.replace('.bin', end), to).kind).toBe('ok')
      expect(readInput(join(to('padding'), nameOf(data)))).toEqual(data)
      expect(existsSync(path)).toBe(false)
      expect(readdirSync(join(folder, 'findings'))).toEqual([])
    }
  })

  it('refuses what is no finding, or not the one its note names', () => {
    const alone = join(folder, 'alone.bin')
    writeFileSync(alone, 'x')
    expect(promoteFinding(alone)).toMatchObject({
      kind: 'bad',
      why: expect.stringMatching(/expected a finding of the fuzzer/),
    })
    const path = saveFinding(padding, finding(Uint8Array.of(5)), join(folder, 'other'))
    writeFileSync(path, 'changed')
    expect(promoteFinding(path, to)).toMatchObject({ kind: 'bad', why: expect.stringMatching(/that its note names/) })
    expect(isFuzzFinding('reports/findings/A2-bound.json')).toBe(false)
  })
})

describe('coverage', () => {
  it('counts branches and lists the lines of those not taken', () => {
    const edges = [
      { file: 'b.ts', line: 3 },
      { file: 'b.ts', line: 3 },
      { file: 'a.ts', line: 1 },
      { file: 'b.ts', line: 2 },
    ]
    const result = coverage(edges, [0, 2, 2])
    expect(result).toEqual([
      { file: 'a.ts', taken: 1, branches: 1, missed: [] },
      { file: 'b.ts', taken: 1, branches: 3, missed: [2, 3] },
    ])
    expect(printCoverage(result)[1]).toMatch(/1 of 3 branches; never reached: lines 2, 3/)
  })
})

describe('findings left behind', () => {
  it('are red where they cannot be read, and where their input is another', async () => {
    const place = join(folder, 'left')
    const whole = saveFinding(padding, finding(Uint8Array.of(1)), place)
    expect(await openFindings(place)).toEqual([]) // nothing wrong with it any more
    writeFileSync(whole, '')
    expect(await openFindings(place)).toMatchObject([
      { kind: 'error', text: expect.stringMatching(/got another input/) },
    ])
    writeFileSync(whole.replace('.bin', '.json'), '')
    expect(await openFindings(place)).toMatchObject([{ kind: 'error', text: expect.stringMatching(/cannot be read/) }])
    rmSync(whole)
    expect(await openFindings(place)).toHaveLength(1)
  }, 60_000)
})
