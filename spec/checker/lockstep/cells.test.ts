import { describe, expect, test } from 'vitest'
import type { Event } from '../../events.ts'
import { Model } from '../model.ts'
import { type Scope, scope, sizeOf } from '../scope.ts'
import { type Cell, cellName, cellOf, coverings } from './cells.ts'
import { playOnModel } from './play.ts'

const names = (cells: readonly Cell[]): readonly string[] => cells.map(cellName).sort()

describe.each(['bound', 'literal'] as const)('mode %s', (mode) => {
  const all = coverings(mode)

  test('every cell has a schedule whose last action hits it', () => {
    for (const { cell, schedule } of all) {
      const hit = playOnModel(schedule, [])
        .at(-1)!
        .flatMap((d) => d.verdicts.map(cellOf))
      expect(names(hit)).toContain(cellName(cell))
    }
  })

  test('the number of reachable cells is frozen', () => {
    expect(all).toHaveLength(167)
    expect(new Set(all.map((c) => cellName(c.cell))).size).toBe(167)
  })
})

test('both modes reach the same cells: what differs is whose frames they accept', () => {
  expect(names(coverings('literal').map((c) => c.cell))).toEqual(names(coverings('bound').map((c) => c.cell)))
})

test('a TERMINATED endpoint judges nothing, and no first frame can be stale', () => {
  const all = names(coverings('bound').map((c) => c.cell))
  expect(all.filter((n) => n.includes('TERMINATED'))).toEqual([])
  expect(all.filter((n) => n.includes('INIT') && n.endsWith('stale-round'))).toEqual([])
  expect(all).toContain('server ACTIVE CLIENT_DATA superseded')
})

/** Cells hit anywhere within some moves of the start. */
const explored = (s: Scope, depth: number): ReadonlySet<string> => {
  const model = new Model(s)
  const hit = new Set<string>()
  const seen = new Set<string>()
  let level = model.initStates()
  for (let d = 0; d < depth; d++) {
    level = level.flatMap((state) =>
      model.actions(state).flatMap((move) => {
        const side = move.side === 'client' ? state.clients : state.conns
        return model.play(side, move).flatMap((o) => {
          for (const segment of o.segments)
            for (const e of segment.events)
              if (e.on === 'accepted' || e.on === 'rejected') hit.add(cellName(of(e, segment)))
          const next = model.apply(state, move, o)
          const key = `${next.clients.n} ${next.conns.n} ${next.taken.n}`
          if (seen.has(key) || !model.withinBoundary(next)) return []
          seen.add(key)
          return [next]
        })
      }),
    )
  }
  return hit
}

const of = (
  e: Extract<Event, { on: 'accepted' | 'rejected' }>,
  segment: ReturnType<Model['play']>[number]['segments'][number],
): Cell =>
  cellOf({
    at: e.at,
    phase: segment.before.ends[e.at.n]?.phase ?? 'INIT',
    opcode: e.header?.opcode ?? null,
    verdict: e.on === 'accepted' ? 'accepted' : e.reason!,
  })

test.each(
  [scope('1x2x2x1', { mode: 'literal' }), scope('2x1x2x2', { powers: 'NI' }), scope('1x2x2x1', { powers: 'NLF' })].map(
    (s) => [`${s.mode} ${sizeOf(s)} ${s.powers}`, s] as const,
  ),
)('the explorer reaches no cell that is not listed (%s)', (_, s) => {
  const listed = new Set(names(coverings(s.mode).map((c) => c.cell)))
  const hit = explored(s, 9)
  expect([...hit].filter((n) => !listed.has(n))).toEqual([])
  expect(hit.size).toBeGreaterThan(20)
})
