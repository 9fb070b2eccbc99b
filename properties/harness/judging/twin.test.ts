import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Schedule } from '../../../spec/language.ts'
import { minimal, save } from '../campaign/minimal.ts'
import { changed, type MakeParty, type Party, type Report } from '../parties/party.ts'
import { srcSystem } from '../parties/party-file.ts'
import { referenceSystem } from '../parties/reference.ts'
import { partyOf, srcParty } from '../parties/src.ts'
import { loadVariant } from '../process/variants.ts'
import { replay } from '../schedules/replay.ts'
import { readStored } from '../schedules/stored.ts'
import { play } from '../world/play.ts'
import { type System, systemOf } from '../world/system.ts'
import { Prober } from './probing.ts'
import { comparable, firstDifference, stepOf, TWIN } from './twin.ts'

const schedule = (over: Partial<Schedule> = {}): Schedule => ({
  version: 1,
  seed: 3,
  mode: 'bound',
  powers: 'N',
  setup: { clients: [1, 1], insiders: [], challenge: 'fresh', startRound: 1, limits: { unconfirmedPerId: 1 } },
  actions: [
    { do: 'converse', client: 0, rounds: 1 },
    { do: 'converse', client: 1, rounds: 0, until: 'hello' }, // a second run of client 1, on its way
    { do: 'deliver', frame: -1, to: { side: 'server', n: 9 } },
    { do: 'deliver', frame: -1, to: { side: 'client', n: -1 } },
    { do: 'submit', run: -1, values: [2] },
    { do: 'deliver', frame: -1, to: { side: 'server', n: -1 } }, // supersedes the first
    { do: 'converse', client: 1, rounds: 0, until: 'challenge' },
    { do: 'converse', client: 1, rounds: 0, until: 'challenge' }, // evicts the half-open one before
  ],
  ...over,
})

const trace = (s: Schedule, system: System) => comparable(new Prober(system).replay(s))

/** src, but for the order in which one input's reports and frames of different endpoints reach the host. */
const reordered =
  (order: (held: readonly Report[]) => readonly Report[]): MakeParty =>
  (host, setup): Party => {
    let held: Report[] | null = null
    const party = srcParty(
      {
        send: (at, frame) => host.send(at, frame),
        rng: (at) => host.rng(at),
        report: (r) => (held === null || r.on === 'primitive' ? host.report(r) : void held.push(r)),
      },
      setup,
    )
    return changed(party, {
      receive(at, bytes, now) {
        held = []
        party.receive(at, bytes, now)
        const reports = held
        held = null
        for (const r of order(reports)) host.report(r)
      },
    })
  }

describe('one order for what parties may report in another', () => {
  it('superseding and evicting: the acceptance and the other session’s end, either way round', () => {
    const expected = trace(schedule(), srcSystem)
    const ends = expected.flatMap((e) => (e.on === 'ended' ? [`${e.at.side} ${e.at.n} ${e.by}`] : []))
    expect(ends).toEqual(['server 0 supersede', 'server 2 evicted'])
    for (const order of [(r: readonly Report[]) => r, (r: readonly Report[]) => r.toReversed()]) {
      const party = reordered(order)
      expect(firstDifference(expected, trace(schedule(), systemOf('reordered', party, party)))).toBeNull()
    }
  })

  it('a frame behind the one that supersedes, in the same chunk, comes after all of that', () => {
    const { actions } = schedule()
    const behind = actions.map((a, i) => (i === 5 && a.do === 'deliver' ? { ...a, with: [0] } : a))
    const superseding = schedule({ actions: behind.slice(0, 6) })
    const expected = trace(superseding, srcSystem)
    expect(expected.map((e) => e.on).slice(-9)).toEqual([
      'committed', // the newcomer, confirmed
      'committed', // the one it supersedes, TERMINATED
      'ended',
      'delivered',
      'rejected',
      'sent',
      'committed',
      'ended',
      'settled',
    ])
    const other = trace(superseding, referenceSystem)
    expect(firstDifference(expected, other)).toBeNull()
  })

  it('the newcomer’s change comes before the end it causes', () => {
    const events = trace(schedule(), referenceSystem)
    const end = events.findIndex((e) => e.on === 'ended' && e.by === 'supersede')
    const confirmed = events.findIndex((e) => e.on === 'committed' && e.at.n === 1 && e.view.confirmed)
    expect(confirmed).toBeGreaterThan(0)
    expect(confirmed).toBeLessThan(end)
  })
})

describe('a difference', async () => {
  const party = partyOf(
    await loadVariant([
      {
        file: 'src/checks.ts',
        find: "if (header.round < expected.round) return 'stale-round'",
        replace: "if (header.round < expected.round) return 'future-round'",
      },
    ]),
  )
  const odd = systemOf('odd', party, party)
  const stale = schedule({
    actions: [...schedule().actions.slice(0, 1), { do: 'deliver', frame: 0, to: { side: 'server', n: 0 } }],
  })
  const found = minimal('TWIN', { ...stale, actions: play(stale, odd).executed }, odd)

  it('names its action and both sides', () => {
    const { replay: again } = new Prober(odd)
    const { violated, reached } = TWIN.check(stale, again(stale), again, () => 71)
    expect(violated?.step).toBe(1)
    expect(violated?.why).toMatch(/^system: .*future-round.*; system client, reference server: .*stale-round/)
    expect(reached).toBeGreaterThan(4)
  })

  it('shrinks, and is printed with both sides next to each other', () => {
    expect(found.schedule.actions.length).toBeLessThanOrEqual(3)
    const text = found.ladder.join('\n')
    expect(text).toMatch(/ {2}odd +system client, reference server\n/)
    expect(text).toMatch(
      /≠ s0 rejected CLIENT_HELLO r0 f0: future-round +s0 rejected CLIENT_HELLO r0 f0: stale-round\n/,
    )
    expect(text).toContain('reason: "future-round" | "stale-round"')
  })

  it('is stored and replayed like any other finding', () => {
    const plain = (text: string): string => text
    const file = save(found, mkdtempSync(join(tmpdir(), 'gauntlet-')))
    const stored = readStored(file, file)
    expect(stored).toMatchObject({ kind: 'ok', value: { violates: ['TWIN'] } })
    const again = replay(file, odd, plain)
    expect(again.code).toBe(1)
    expect(again.lines.join('\n')).toMatch(/^violated: TWIN at action \d: system: /m)
    expect(again.lines.join('\n')).toContain('≠ s0 rejected')
    const mended = replay(file, srcSystem, plain)
    expect(mended.code).toBe(1)
    expect(mended.lines.join('\n')).toContain('no longer violates TWIN')
  })
})

it('a trace that stops early differs where it stops, in the last action', () => {
  const events = trace(schedule(), srcSystem)
  expect(firstDifference(events, events.slice(0, -1))).toBe(events.length - 1)
  expect(firstDifference(events.slice(0, -1), events)).toBe(events.length - 1)
  expect(firstDifference(events, events)).toBeNull()
  expect(stepOf(events, events.length - 1)).toBe(7)
})
