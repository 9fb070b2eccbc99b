import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { INVARIANTS } from '../../../spec/invariants/index.ts'
import { plan, runChunk } from '../../harness/campaign/campaign.ts'
import { minimal } from '../../harness/campaign/minimal.ts'
import { emptyResult, isRed, merge, type Result, rows } from '../../harness/campaign/tally.ts'
import { BIASES } from '../../harness/generate/biases.ts'
import { srcSystem } from '../../harness/parties/party-file.ts'
import { defaultsOf } from '../../harness/terminal/options.ts'
import { unpainted } from '../../harness/terminal/text.ts'
import type { System } from '../../harness/world/system.ts'
import { prop } from './check.ts'
import { cellProblems, cellText } from './sections.ts'

const SEED = 7

/** The runner of `prop`, in this process and with a small budget. */
const run = (system: System, runs: number, mode: 'bound' | 'literal', profiles = Object.keys(BIASES)): Result =>
  plan(SEED, runs, [mode], profiles).reduce((r, c) => merge(r, runChunk(c, system)), emptyResult(system))

const broken = (r: Result, mode: 'bound' | 'literal'): string[] =>
  Object.entries(r.tallies[mode]).flatMap(([id, t]) => (t.broken > 0 ? [id] : []))

it('is red for a party that does not converse, whatever it reports', async () => {
  const party = join(mkdtempSync(join(tmpdir(), 'gauntlet-mute-')), 'mute.mjs')
  writeFileSync(
    party,
    'export const server = () => ({ emits: [], open() {}, receive() {}, close() {}, tick() {}, view: () => null })',
  )
  const o = { ...defaultsOf(prop), party, runs: 1, profile: ['replay'] as const, mode: ['bound'] as const }
  const { signal } = new AbortController()
  const c = { out: dirname(party), processes: 1, signal, progress() {}, say() {}, paint: unpainted }
  const { problems } = await prop.run(o, c)
  expect(problems.map((p) => [p.kind, p.text])).toEqual([
    ['failed', expect.stringMatching(/^bound: expected a faithful conversation of one round, got too few frames/)],
  ])
})

describe('prop on src', () => {
  it('finds nothing in bound', () => {
    expect(broken(run(srcSystem, 264, 'bound'), 'bound')).toEqual([])
  })

  it('finds session replay and the old CHALLENGE in literal by itself, and shrinks them to at most 8 actions', () => {
    const r = run(srcSystem, 500, 'literal', ['replay', 'flood'])
    for (const id of ['A2', 'A8']) {
      const { first } = r.tallies.literal[id]!
      expect(first, id).not.toBeNull()
      const c = minimal(id, first!.schedule, srcSystem)
      expect(c.schedule.actions.length, id).toBeLessThanOrEqual(8)
      expect(c.ladder.at(-1), id).toContain(`✗ ${id}: `)
    }
    const unexpected = broken(r, 'literal').filter((id) => INVARIANTS.find((i) => i.id === id)?.literal === 'holds')
    expect(unexpected).toEqual([])
  })

  it('reaches round 5 in most schedules of the profile `rounds`', () => {
    const { rounds, schedules } = run(srcSystem, 200, 'bound', ['rounds']).distribution.rounds!
    const deep = Object.entries(rounds).reduce((n, [round, count]) => n + (Number(round) >= 5 ? count : 0), 0)
    expect(deep).toBeGreaterThan(schedules / 2)
  })

  it('plays only what judges the invariants asked for, and judges them as often as all together', () => {
    const [chunk] = plan(SEED, 48, ['bound'], ['insider'])
    const all = runChunk(chunk!, srcSystem)
    const one = runChunk(chunk!, srcSystem, new Set(['TWIN', 'A1']))
    expect(one.tallies.bound.TWIN).toEqual(all.tallies.bound.TWIN)
    expect(one.tallies.bound.A1).toEqual(all.tallies.bound.A1)
    expect(one.tallies.bound.C1!.judged).toBe(0)
    const twin = runChunk(chunk!, srcSystem, new Set(['TWIN']))
    expect(twin.tallies.bound.TWIN).toEqual(all.tallies.bound.TWIN)
    expect(twin.distribution.insider!.schedules).toBe(all.tallies.bound.TWIN!.judged)
  })

  it('gives the same result for the same seed, in whatever order the chunks come', () => {
    const chunks = plan(SEED, 120, ['literal'], ['replay', 'faults', 'insider'])
    const forth = chunks.reduce((r, c) => merge(r, runChunk(c, srcSystem)), emptyResult(srcSystem))
    const back = chunks.toReversed().reduce((r, c) => merge(r, runChunk(c, srcSystem)), emptyResult(srcSystem))
    expect(JSON.stringify(back)).toBe(JSON.stringify(forth))
  })
})

describe('the verdict', () => {
  const quiet = run(srcSystem, 16, 'literal', ['rounds'])

  it('is red where a witness stayed below its floor', () => {
    const floored = rows(quiet, ['literal'], new Set(['G5']), true)
    expect(floored.map((r) => r.verdict)).toEqual(['unreached'])
    expect(floored.every((r) => isRed(r.verdict))).toBe(true)
  })

  it('is red where literal was expected to break and did not', () => {
    const r = rows(quiet, ['literal'], new Set(['A8']), true)[0]!
    // a tally with enough witnesses and nothing broken, so that only the missing violation remains
    const tally = { ...r.tally, broken: 0, first: null, witnesses: r.invariant.witness.floor }
    const reached: Result = {
      ...quiet,
      tallies: { ...quiet.tallies, literal: { ...quiet.tallies.literal, A8: tally } },
    }
    const verdict = rows(reached, ['literal'], new Set(['A8']), true)[0]!.verdict
    expect(verdict).toBe('not violated')
    expect(isRed(verdict)).toBe(true)
  })
})

it('a cell that was not exercised is red for src, and one line for a party', () => {
  const cell = { role: 'server', phase: 'INIT', opcode: 'HELLO', verdict: 'accepted', bound: 0, literal: null } as const
  expect(cellProblems([cell], true).map((p) => p.kind)).toEqual(['cell'])
  expect(cellProblems([cell], false)).toEqual([])
  expect(cellText([cell])).toContain('0 of 1 in bound')
})
