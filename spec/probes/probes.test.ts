import { describe, expect, it } from 'vitest'
import type { Event, FrameId } from '../events.ts'
import type { Action, End, Schedule } from '../language.ts'
import { OP } from '../opcodes.ts'
import { carriedOut, opened, PROBES, type Probe, type Probed } from './probes.ts'

const end = (side: End['side'], n: number): End => ({ side, n })
const [c0, s0] = [end('client', 0), end('server', 0)]
const header = (opcode: number) => ({ opcode, id: 1, round: 1, direction: 2 })

const sent = (at: End, opcode = 10, sum = 0): Event => ({
  on: 'sent',
  at,
  frame: `f${opcode}` as FrameId,
  header: header(opcode),
  body: opcode === OP.RESPONSE ? { kind: 'aggregate', sum, count: 3, average: sum / 3 } : { kind: 'control' },
  bytes: 71,
})
const step = (n: number, action: Action): Event => ({ on: 'step', step: n, action, target: null })
const delivered = (at: End): Event => ({ on: 'delivered', at, frame: null, header: null, origin: 'genuine' })
const rejected = (at: End): Event => ({ on: 'rejected', at, frame: null, header: null, reason: 'malformed' })

const connect: Action = { do: 'connect', client: 0 }
const hello: Action = { do: 'deliver', frame: { by: c0, nth: 0 }, to: s0, cuts: [9] }
/** A run, its HELLO delivered twice in two pieces each. */
const first: readonly Event[] = [
  step(0, connect),
  { on: 'opened', at: c0, id: 1 },
  sent(c0),
  step(1, hello),
  { on: 'opened', at: s0, id: null },
  delivered(s0),
  step(2, hello),
  delivered(s0),
  rejected(s0),
]
const schedule: Schedule = {
  version: 1,
  seed: 1,
  mode: 'bound',
  powers: 'N',
  setup: { clients: [1], insiders: [], challenge: 'fresh', startRound: 1, limits: {} },
  actions: carriedOut(first),
}
const probeOf = (id: string): Probe => PROBES.find((p) => p.id === id)!
const check = (id: string, play: (s: Schedule, nth: number) => readonly Event[]): Probed & { asked: Schedule[] } => {
  const asked: Schedule[] = []
  const again = (s: Schedule): readonly Event[] => {
    asked.push(s)
    return play(s, asked.length - 1)
  }
  const probed = probeOf(id).check(schedule, first, again, () => 71)
  return { ...probed, asked }
}

it('what was carried out and opened is read from the events', () => {
  expect(carriedOut(first)).toEqual([connect, hello, hello])
  expect(opened(first)).toEqual({ runs: 1, connections: 1 })
})

describe('F2', () => {
  it('cuts every delivery elsewhere, and joins those to one endpoint whose frames exist already', () => {
    const { asked, violated, reached } = check('F2', () => first)
    expect(violated).toBeNull()
    expect(reached).toBe(2)
    const [cutUp, whole] = asked.map((s) => s.actions)
    expect(cutUp!.map((a) => (a.do === 'deliver' ? a.cuts!.length : 0))).toEqual([0, 34, 34])
    expect(cutUp![2]).toMatchObject({ cuts: expect.arrayContaining([74, 75, 98]) }) // single bytes, elsewhere each time
    const { cuts: _, ...rest } = hello
    expect(whole).toEqual([connect, { ...rest, with: [{ by: c0, nth: 0 }] }])
  })

  it('does not mind where actions begin, nor what macros and memory say', () => {
    const otherwise = first.filter((e) => e.on !== 'step')
    const more: Event[] = [
      { on: 'conversed', run: c0, asked: 1, done: 1 },
      { on: 'settled', step: 2 },
    ]
    expect(check('F2', () => [...otherwise, ...more]).violated).toBeNull()
  })

  it.each([
    ['one event less', first.slice(0, -1)],
    ['one event more', [...first, rejected(s0)]],
    ['another event', [...first.slice(0, -1), { on: 'ended', at: s0, by: 'rejection' } satisfies Event]],
  ])('is violated by %s', (_, other) => {
    for (const variation of [0, 1]) {
      const { violated } = check('F2', (_s, nth) => (nth === variation ? other : first))
      expect(violated).toMatchObject({ step: 2, why: expect.not.stringMatching(/[{"]/) }) // words, not JSON
    }
  })
})

describe('G6', () => {
  const s = (n: number): End => end('server', n)
  const answered = (...sums: number[]): readonly Event[] => [
    ...first,
    ...sums.map((sum, i) => sent(s(1 + i), OP.RESPONSE, sum)),
  ]

  it('lets three clients submit to one round in three orders, after everything else', () => {
    const { asked, violated, reached } = check('G6', () => answered(1, 2, 3))
    expect(violated).toBeNull()
    expect(reached).toBe(2)
    expect(asked.map((x) => x.actions.slice(0, 3))).toEqual(asked.map(() => carriedOut(first)))
    const arrivals = asked.map((x) => x.actions.slice(-3).map((a) => (a.do === 'deliver' ? a.to.n : -1)))
    expect(arrivals).toEqual([
      [1, 2, 3],
      [3, 1, 2],
      [3, 2, 1],
    ])
    expect(asked[0]!.setup.clients).toEqual([1, 3, 4, 5])
  })

  it('compares the last answer only, and counts an order only where all were answered', () => {
    expect(check('G6', (_, nth) => answered(nth, 2, 3))).toMatchObject({ violated: null, reached: 2 })
    expect(check('G6', () => answered(2, 3))).toMatchObject({ violated: null, reached: 0 })
  })

  it('is violated by a last answer that differs', () => {
    const { violated } = check('G6', (_, nth) => answered(1, 2, nth === 2 ? 3.0000000000000004 : 3))
    expect(violated?.why).toMatch(
      /^arrival at s1, s2, s3 ends with round 1: kind aggregate, sum 3, count \d+, average /,
    )
    expect(violated?.why).toContain('3.0000000000000004')
  })
})

describe('L3', () => {
  const talked = (done: number, asked = 1): Event => ({ on: 'conversed', run: c0, asked, done })

  it('surrounds the attacks, moved on by one run and one connection', () => {
    const { asked, violated, reached } = check('L3', () => [talked(1), rejected(s0), talked(1), talked(1)])
    expect(violated).toBeNull()
    expect(reached).toBe(2) // of clients 1 and 5, after; the one before proves nothing yet
    expect(asked[0]!.setup.clients).toEqual([1, 5])
    expect(asked[0]!.actions.map((a) => a.do)).toEqual([
      'converse',
      'connect',
      'deliver',
      'deliver',
      'converse',
      'converse',
    ])
    expect(asked[0]!.actions[2]).toMatchObject({ frame: { by: { n: 1 } }, to: { n: 1 } })
  })

  it('has reached nothing where nothing was rejected or no round could be asked for', () => {
    expect(check('L3', () => [talked(1), talked(1), talked(1)]).reached).toBe(0)
    expect(check('L3', () => [talked(0, 0), rejected(s0), talked(0, 0), talked(0, 0)]).reached).toBe(0)
  })

  it.each([
    ['before', [talked(0), talked(1), talked(1)], 'client 5 before the attacks failed: c0 did not complete'],
    ['after', [talked(1), talked(1), talked(0)], 'client 5 after the attacks failed: c0 did not complete'],
    ['at all', [talked(1), talked(1)], 'client 5 after the attacks failed: no session came about'],
  ])('is violated where a conversation fails %s', (_, events, why) => {
    expect(check('L3', () => events).violated?.why).toContain(why)
  })
})
