import { describe, expect, test } from 'vitest'
import type { Event } from '../events.ts'
import type { Schedule } from '../language.ts'
import type { State } from './endpoints.ts'
import { explore } from './explore.ts'
import { playOnModel } from './lockstep/play.ts'
import { Lockstep } from './lockstep.ts'
import type { Model } from './model.ts'
import type { Move } from './moves.ts'
import { scheduleOf } from './paths.ts'
import { scope, sizeOf } from './scope.ts'

/** The events of a path, as a system that behaves like the model would report them. */
const eventsOf = (m: Model, path: readonly Move[]): readonly Event[] => {
  let s: State = m.initStates()[0]!
  return path.flatMap((move) => {
    const outcome = m.play(move.side === 'client' ? s.clients : s.conns, move)[0]!
    s = m.apply(s, move, outcome)
    return outcome.segments.flatMap((segment) => segment.events)
  })
}

const judge = (schedule: Schedule, ids: readonly number[], events: readonly Event[]) => {
  const lockstep = new Lockstep(schedule, ids, () => 71)
  for (const e of events) {
    const difference = lockstep.observe(e)
    if (difference !== null) return difference
  }
  return null
}

/** Paths with something of everything: the shortest to each witness of a scope. */
const paths = (s: Parameters<typeof explore>[0]) => {
  const r = explore(s)
  const found = r.judged.flatMap((j) => [j.witness, j.counterexample]).filter((p) => p !== null)
  return found.map((path) => ({
    schedule: scheduleOf(s, path),
    events: eventsOf(r.model, path),
    ids: r.model.context.setup.keyring,
  }))
}

const SCOPES = [
  scope('1x2x2x1', { mode: 'literal' }),
  scope('1x2x2x2', { powers: 'NF' }),
  scope('1x1x3x1', { unconfirmedPerId: 1 }),
  scope('2x1x2x1', { powers: 'NI' }),
]

describe.each(SCOPES.map((s) => [`${s.mode} ${sizeOf(s)} ${s.powers}`, s] as const))(
  'a system that does what the model does (%s)',
  (_, s) => {
    const all = paths(s).filter(({ schedule }) => schedule.actions.every((a) => a.do !== 'advance'))

    test('is never seen to differ', () => {
      expect(all.length).toBeGreaterThan(10)
      for (const { schedule, events, ids } of all) expect(judge(schedule, ids, events)).toBeNull()
    })
  },
)

/** The same paths with one kind of event changed or left out. */
describe('what the model does not allow is seen', () => {
  const all = paths(scope('1x2x2x1'))
  const differences = (change: (e: Event) => Event | null) =>
    all.flatMap(({ schedule, ids, events }) => {
      const changed = events.flatMap((e) => change(e) ?? [])
      const same = changed.length === events.length && changed.every((e, i) => e === events[i])
      return same ? [] : [judge(schedule, ids, changed)]
    })

  test('as it is, nothing', () => {
    for (const { schedule, ids, events } of all) expect(judge(schedule, ids, events)).toBeNull()
  })

  const wrongs: readonly (readonly [string, (e: Event) => Event | null])[] = [
    ['another reason', (e) => (e.on === 'rejected' ? { ...e, reason: 'malformed' } : e)],
    [
      'a refused frame accepted',
      (e) => (e.on === 'rejected' ? { ...e, on: 'accepted', frame: e.frame!, header: e.header!, before: null } : e),
    ],
    ['no end after a refusal', (e) => (e.on === 'ended' ? null : e)],
    ['a missing frame', (e) => (e.on === 'sent' && e.header.opcode === 40 ? null : e)],
    [
      'another opcode',
      (e) => (e.on === 'sent' && e.header.opcode === 50 ? { ...e, header: { ...e.header, opcode: 60 } } : e),
    ],
    [
      'another round in a frame',
      (e) => (e.on === 'sent' && e.header.opcode === 40 ? { ...e, header: { ...e.header, round: 9 } } : e),
    ],
    [
      'another direction',
      (e) => (e.on === 'sent' ? { ...e, header: { ...e.header, direction: 3 - e.header.direction } } : e),
    ],
    [
      'another aggregate',
      (e) => (e.on === 'sent' && e.body.kind === 'aggregate' ? { ...e, body: { ...e.body, sum: e.body.sum + 1 } } : e),
    ],
    [
      'a frame under other keys',
      (e) => (e.on === 'sent' && e.body.kind === 'control' ? { ...e, body: { kind: 'sealed' } } : e),
    ],
    [
      'another round in a session',
      (e) =>
        e.on === 'committed' && e.view.phase === 'ACTIVE' ? { ...e, view: { ...e.view, round: e.view.round + 1 } } : e,
    ],
    [
      'a session confirmed too early',
      (e) => (e.on === 'committed' && e.at.side === 'server' ? { ...e, view: { ...e.view, confirmed: true } } : e),
    ],
    ['no commit', (e) => (e.on === 'committed' && e.view.phase === 'ACTIVE' ? null : e)],
  ]
  test.each(wrongs)('%s', (_, change) => {
    const found = differences(change)
    expect(found.length).toBeGreaterThan(0)
    for (const difference of found) {
      expect(difference).not.toBeNull()
      expect(difference!.allowed).not.toContain(difference!.saw)
    }
  })
})

describe('the model plays schedules alone', () => {
  const schedule: Schedule = {
    version: 1,
    seed: 1,
    mode: 'literal',
    powers: 'N',
    setup: { clients: [1], insiders: [], challenge: 'fresh', startRound: 1, limits: {} },
    actions: [
      { do: 'connect', client: 0 },
      { do: 'deliver', frame: { by: { side: 'client', n: 0 }, nth: 0 }, to: { side: 'server', n: 0 } },
      { do: 'deliver', frame: { by: { side: 'client', n: 0 }, nth: 0 }, to: { side: 'server', n: 1 } },
      { do: 'deliver', frame: { by: { side: 'server', n: 0 }, nth: 0 }, to: { side: 'client', n: 0 } },
      { do: 'submit', run: 0, values: [1, 2] },
      { do: 'deliver', frame: { by: { side: 'client', n: 0 }, nth: 1 }, to: { side: 'server', n: 1 } },
      { do: 'deliver', frame: { by: { side: 'server', n: 1 }, nth: 1 }, to: { side: 'client', n: 0 } },
    ],
  }
  const steps = playOnModel(schedule, [])

  test('one outcome for each action, but for the garbage event', () => {
    expect(steps.map((s) => s.length)).toEqual([1, 1, 1, 1, 1, 1, 2])
    expect(steps.at(-1)!.map((d) => d.verdicts[0]!.verdict)).toEqual(['bad-padding', 'bad-payload'])
  })
  test('frames come with their plaintext', () => {
    expect(steps[5]![0]!.sent[0]!.body).toEqual({ kind: 'aggregate', sum: 3, count: 2, average: 1.5 })
  })
  test('what only bytes can tell is refused by name', () => {
    const cut: Schedule = { ...schedule, actions: [{ do: 'converse', client: 0, rounds: 1 }] }
    expect(() => playOnModel(cut, [])).toThrow('whole frames by origin, got {"do":"converse"')
  })
})
