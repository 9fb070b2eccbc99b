import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plan, runChunk } from '../campaign/campaign.ts'
import { minimal } from '../campaign/minimal.ts'
import { emptyResult, merge, type Result, rows, type Verdict } from '../campaign/tally.ts'
import { schedules } from '../generate/arbitraries.ts'
import { BIASES } from '../generate/biases.ts'
import { examine } from '../judging/examine.ts'
import { systemOf } from '../world/system.ts'
import type { MakeParty, Party } from './index.ts'
import { changed } from './party.ts'
import { systemFrom } from './party-file.ts'
import { srcParty } from './src.ts'

const TOY = fileURLToPath(new URL('../../examples/toy.ts', import.meta.url))

const scratch = (text: string): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'gauntlet-')), 'mine.mjs')
  writeFileSync(file, text)
  return file
}

describe('the toy of the example', async () => {
  const loaded = await systemFrom(TOY)
  if (loaded.kind === 'bad') throw new Error(loaded.why)
  const toy = loaded.value
  const result = plan(7, 800, ['bound'], Object.keys(BIASES)).reduce<Result>(
    (r, c) => merge(r, runChunk(c, toy)),
    emptyResult(toy),
  )
  const verdict = (id: string): Verdict =>
    rows(result, ['bound'], new Set([id]), false).find((r) => r.invariant.id === id)!.verdict

  it.each([
    ['F2', 'takes a chunk for a frame'],
    ['S2', 'does not check the direction'],
    ['S4', 'ignores bad frames and goes on'],
    ['G5', 'does not check values'],
    ['B5', 'has no timers'],
    ['G3', 'never withdraws a value'],
  ])('%s: it %s', (id) => {
    expect(verdict(id)).toBe('violated')
  })

  it('shrinks a fault of the toy to a few actions', () => {
    const c = minimal('S4', result.tallies.bound.S4!.first!.schedule, toy)
    expect(c.schedule.actions.length).toBeLessThanOrEqual(6)
    expect(c.ladder.at(-1)).toContain('✗ S4: s0 ')
  })

  it.each(['C2', 'KAT', 'C5', 'S6', 'G2', 'I2', 'TWIN'])('%s needs what the toy does not tell', (id) => {
    expect(verdict(id)).toBe('not observable')
  })

  it('is at most 80 lines, and works: its frames are accepted and aggregates answered', () => {
    expect(readFileSync(TOY, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(80)
    expect(verdict('A2')).toBe('holds')
    expect(result.tallies.bound.G1!.witnesses).toBeGreaterThan(100)
  })
})

describe('a party that reports less', () => {
  const muted =
    (kinds: readonly string[]): MakeParty =>
    (host, setup): Party => {
      const whole = srcParty(
        {
          send: (at, frame) => host.send(at, frame),
          rng: (at) => host.rng(at),
          report: (r) => (kinds.includes(r.on) ? undefined : host.report(r)),
        },
        setup,
      )
      const emits = whole.emits.filter((e) => !kinds.includes(e))
      return changed(whole, {
        emits,
        ...(kinds.includes('memory') && { memory: undefined }),
        ...(kinds.includes('committed') && { view: () => null }),
      })
    }

  it.each([
    [['accepted']],
    [['rejected']],
    [['ended']],
    [['committed']],
    [['primitive']],
    [['memory']],
    [['rejected', 'ended', 'committed', 'primitive', 'memory']],
  ])('of %j raises no false alarm', (kinds) => {
    const system = systemOf('muted', muted(kinds), muted(kinds))
    for (const kind of kinds) expect(system.emits.has(kind as never)).toBe(false)
    for (const bias of Object.values(BIASES))
      for (const s of fc.sample(schedules(bias, 'bound'), { numRuns: 6, seed: 1 }))
        expect(examine(s, system)).toEqual([])
  })
})

it('a party that says it shows its sessions, and does not, is taken for one that does not', async () => {
  const fixture = new URL('./less.fixture.ts', import.meta.url).href
  const reference = new URL('./reference.ts', import.meta.url).href
  const file = scratch(`import { altered } from '${fixture}'
    import { referenceParty } from '${reference}'
    export const server = altered(() => ({ view: () => null }))(referenceParty)`)
  const loaded = await systemFrom(file)
  if (loaded.kind === 'bad') throw new Error(loaded.why)
  expect(loaded.value.emits.has('committed')).toBe(false)
  expect(loaded.value.emits.has('accepted')).toBe(true)
  expect(loaded.value.lacks.has('setRound')).toBe(true)
})

describe('a party file that is none', () => {
  it.each([
    ['nowhere.ts', 'nowhere.ts: expected a TypeScript or JavaScript file that exports a party, got no such file'],
    [scratch('export const x = 1'), 'expected an export `party`, `client` or `server`, got x'],
    [scratch(''), 'expected an export `party`, `client` or `server`, got none'],
    [scratch('export const party = 5'), 'client: expected a function (host, setup) => Party, got number'],
    [scratch('export const party = () => ({})'), 'expected parties of both sides to be made without a frame, got '],
    [scratch('export const party ='), 'expected a module that loads, got '],
  ])('%s is one clear line', async (file, why) => {
    const loaded = await systemFrom(file)
    expect(loaded.kind).toBe('bad')
    if (loaded.kind !== 'bad') return
    expect(loaded.why).toContain(why)
    expect(loaded.why).not.toContain('\n')
  })
})
