import { describe, expect, test } from 'vitest'
import type { Event } from '../events.ts'
import type { End } from '../language.ts'
import { LIMITS } from '../language.ts'
import { judge } from '../model/checks.ts'
import { knows } from '../model/forgeries.ts'
import { forge } from '../model/frames.ts'
import { bindStep, evolve, evolveHandshake, helloStep, initialKeys, LABELS, pair } from '../model/keys.ts'
import { unheard } from '../model/server.ts'
import type { Connection, Keys, Setup } from '../model/state.ts'
import { Context, keysAfter } from './context.ts'
import type { State } from './endpoints.ts'
import { Model, type Segment } from './model.ts'
import { scope } from './scope.ts'

const c = (n: number): End => ({ side: 'client', n })
const s = (n: number): End => ({ side: 'server', n })

/** A model driven by hand: frames by origin, the first outcome. */
class Story {
  readonly model: Model
  state: State
  events: readonly Event[] = []

  constructor(...args: Parameters<typeof scope>) {
    this.model = new Model(scope(...args))
    this.state = this.model.initStates()[0]!
  }
  start(index = 0): this {
    return this.#play(this.model.moves.of({ do: 'connect', id: index + 1 }))
  }
  pass(by: End, nth: number, to: End, values: readonly number[] | null = null): this {
    const from = by.side === 'client' ? this.state.clients : this.state.conns
    const frame = from.ends[by.n]!.sent[nth]!
    const { moves } = this.model
    const opens = to.side === 'server' && to.n === this.state.conns.ends.length
    const reaction = values === null ? {} : { reaction: { do: 'submit', run: to.n, values } as const }
    return this.#play(moves.of({ do: 'deliver', frame, to, opens, ...reaction }))
  }
  submit(run: number, values: readonly number[]): this {
    return this.#play(this.model.moves.of({ do: 'submit', run, values }))
  }
  outcomes(by: End, nth: number, to: End): number {
    const frame = (by.side === 'client' ? this.state.clients : this.state.conns).ends[by.n]!.sent[nth]!
    return this.model.next(this.state, this.model.moves.of({ do: 'deliver', frame, to, opens: false })).length
  }
  #play(move: Parameters<Model['play']>[1]): this {
    const side = move.side === 'client' ? this.state.clients : this.state.conns
    const outcome = this.model.play(side, move)[0]!
    this.events = outcome.segments.flatMap((segment) => segment.events)
    this.state = this.model.apply(this.state, move, outcome)
    return this
  }
  /** The whole of a session of run n on connection n, up to its first response. */
  converse(n: number, values: readonly number[], index = 0): this {
    return this.start(index).pass(c(n), 0, s(n)).pass(s(n), 0, c(n), values).pass(c(n), 1, s(n))
  }
  aggregate() {
    const sent = this.events.find((e) => e.on === 'sent' && e.body.kind === 'aggregate')
    return sent?.on === 'sent' ? sent.body : null
  }
}

test('the example of PROTOCOL §8', () => {
  const story = new Story('2x1x2x1').converse(0, [10, 20])
  expect(story.aggregate()).toEqual({ kind: 'aggregate', sum: 30, count: 2, average: 15 })
  expect(story.pass(s(0), 1, c(0)).converse(1, [30, 40], 1).aggregate()).toEqual({
    kind: 'aggregate',
    sum: 100,
    count: 4,
    average: 25,
  })
})

test('both ends of a session hold the same four keys, which both follow from the transcript', () => {
  const { state } = new Story('1x1x1x1').converse(0, [1]).pass(s(0), 1, c(0))
  const [run, conn] = [state.clients.ends[0]!, state.conns.ends[0]!]
  expect(run.keys).toEqual(conn.keys)
  expect(run.keys).toEqual(run.expected)
  expect(run.facts.transcript).toBe(conn.facts.transcript)
  expect(run.round).toBe(2)
})

test('a session counts as confirmed, and supersedes the older one, from its first DATA (PROTOCOL §7)', () => {
  const story = new Story('1x2x2x1', { concurrent: true }).converse(0, [1])
  story.start().pass(c(1), 0, s(1))
  expect(story.state.conns.ends.map((e) => [e.phase, e.confirmed])).toEqual([
    ['ACTIVE', true],
    ['ACTIVE', false],
  ])
  story.pass(s(1), 0, c(1), [2]).pass(c(1), 1, s(1))
  expect(story.state.conns.ends.map((e) => [e.phase, e.confirmed])).toEqual([
    ['TERMINATED', false],
    ['ACTIVE', true],
  ])
  expect(story.aggregate()).toEqual({ kind: 'aggregate', sum: 2, count: 1, average: 2 })
})

test('a newcomer with the older HELLO is refused, and nothing of it is kept (PROTOCOL §7)', () => {
  const story = new Story('1x2x2x1', { concurrent: true }).start().start()
  story.pass(c(0), 0, s(0)).pass(c(1), 0, s(1)).pass(s(0), 0, c(0), [1]).pass(s(1), 0, c(1), [2])
  story.pass(c(1), 1, s(1)).pass(c(0), 1, s(0))
  expect(story.events).toContainEqual(expect.objectContaining({ on: 'rejected', reason: 'superseded' }))
  expect(story.events).toContainEqual(
    expect.objectContaining({ on: 'sent', at: s(0), header: { opcode: 60, id: 1, round: 1, direction: 2 } }),
  )
  expect(story.state.conns.ends.map((e) => e.phase)).toEqual(['TERMINATED', 'ACTIVE'])
})

test('the oldest half-open session gives way at the cap (PROTOCOL §7)', () => {
  const story = new Story('1x1x3x1', { unconfirmedPerId: 2 }).start()
  for (const n of [0, 1, 2]) story.pass(c(0), 0, s(n))
  expect(story.state.conns.ends.map((e) => e.phase)).toEqual(['TERMINATED', 'ACTIVE', 'ACTIVE'])
  expect(story.events).toContainEqual({ on: 'ended', at: s(0), by: 'evicted' })
})

test('a second request is refused while one is outstanding (PROTOCOL §5)', () => {
  const story = new Story('1x1x1x1').start().pass(c(0), 0, s(0)).pass(s(0), 0, c(0), [1])
  const before = story.state.clients
  expect(story.submit(0, [2]).events).toContainEqual({ on: 'submitted', at: c(0), values: [2], refused: true })
  expect(story.state.clients).toBe(before)
})

describe('the garbage event', () => {
  const story = (mode: 'bound' | 'literal') => {
    const t = new Story('1x1x2x1', { mode }).start().pass(c(0), 0, s(0)).pass(c(0), 0, s(1))
    return t.pass(s(0), 0, c(0), [1]).pass(c(0), 1, s(1))
  }
  test('in literal, a response of a sibling session verifies; then both branches are there', () => {
    expect(story('literal').outcomes(s(1), 1, c(0))).toBe(2)
  })
  test('in bound, the sibling accepts nothing in the first place', () => {
    const { events } = story('bound')
    expect(events).toContainEqual(expect.objectContaining({ on: 'rejected', reason: 'bad-tag' }))
  })
})

const setup: Setup = {
  mode: 'bound',
  keyring: [1, 2],
  insiders: [2],
  challenge: 'fresh',
  startRound: 1,
  limits: LIMITS,
}

describe('the key schedule on terms (PROTOCOL §4)', () => {
  const context = new Context(setup)
  const frame = (name: string, under: Keys) => {
    const [enc, mac] = pair(under, 1)
    const header = { opcode: 30, id: 1, round: 1, direction: 1 }
    return forge(context, { name, header, enc, mac, body: { kind: 'data', values: [1] }, padded: true, owner: 1 })
  }
  const k0 = initialKeys(context, 1)
  const [hello, challenge] = [frame('hello', k0), frame('challenge', k0)]
  const answer = context.plain({ kind: 'control' })

  test('four initial keys, other ones for another client', () => {
    expect(new Set([...k0, ...initialKeys(context, 2)]).size).toBe(8)
    expect(LABELS).toHaveLength(4)
  })
  test('the hello step is the evolution of round 0 for C2S, and another thing for S2C', () => {
    const k = helloStep(context, k0, hello)
    expect(k.slice(0, 2)).toEqual(evolve(context, k0, hello, answer).slice(0, 2))
    expect(k.map((t) => context.node(t).kind)).toEqual(['evolve', 'evolve', 'hello', 'hello'])
    expect(evolveHandshake(context, k, hello, answer).slice(0, 2)).toEqual(k.slice(0, 2))
  })
  test('an exchange and the bind step change all four', () => {
    for (const k of [evolve(context, k0, hello, answer), bindStep(context, k0, hello, challenge)])
      expect(k.some((t, i) => t === k0[i])).toBe(false)
  })
  test('literal has neither step', () => {
    const literal = new Context({ ...setup, mode: 'literal' })
    const k = initialKeys(literal, 1)
    expect(helloStep(literal, k, hello)).toBe(k)
    expect(bindStep(literal, k, hello, challenge)).toBe(k)
  })
  test('the fold over a transcript is the steps in a row', () => {
    const steps = bindStep(
      context,
      evolveHandshake(context, helloStep(context, k0, hello), hello, challenge.plain),
      hello,
      challenge,
    )
    expect(keysAfter(context, { id: 1, hello, challenge, exchanges: [] })).toEqual(steps)
  })
  test('knowledge: an insider’s keys and all that follows from them, a thief’s from the theft on', () => {
    const theirs = evolve(context, initialKeys(context, 2), hello, answer)
    expect([theirs.every((t) => knows(context, null, t)), k0.every((t) => knows(context, null, t))]).toEqual([
      true,
      false,
    ])
    const later = evolve(context, k0, hello, answer)
    expect(later.every((t) => knows(context, k0, t))).toBe(true)
    expect(k0.some((t) => knows(context, later, t))).toBe(false)
  })
})

test('the order of the checks decides the reason (PROTOCOL §6)', () => {
  const context = new Context(setup)
  const keys = initialKeys(context, 1)
  const [enc, mac] = pair(keys, 1)
  const server: Connection = { ...unheard(0), phase: 'ACTIVE', id: 1, round: 3, keys }
  const reason = (header: object, padded = true, under = mac): string => {
    const h = { opcode: 30, id: 1, round: 3, direction: 1, ...header }
    const body = { kind: 'opaque', hex: 'ff' } as const
    const f = forge(context, { name: 'x', header: h, enc, mac: under, body, padded, owner: 1 })
    const [verdict] = judge(context, server, f)
    return verdict!.kind === 'rejected' ? verdict!.reason : 'accepted'
  }
  const wrong = { opcode: 99, id: 2, round: 4, direction: 2 }
  expect(reason(wrong)).toBe('unknown-opcode')
  expect(reason({ ...wrong, opcode: 20 })).toBe('wrong-client')
  expect(reason({ ...wrong, opcode: 20, id: 1 })).toBe('wrong-direction')
  expect(reason({ opcode: 20, round: 4 })).toBe('future-round')
  expect(reason({ opcode: 20, round: 2 })).toBe('stale-round')
  expect(reason({ opcode: 20 })).toBe('out-of-phase') // "opcode 20 with direction 1 at a server"
  expect(reason({ direction: 2 })).toBe('wrong-direction') // "opcode 30 with direction 2"
  expect(reason({}, false, keys[3])).toBe('bad-tag')
  expect(reason({}, false)).toBe('bad-padding')
  expect(reason({})).toBe('bad-payload')
})

test.each([
  ['two clients, one an insider, and leaks', scope('2x1x2x1', { powers: 'NIL' })],
  ['runs that supersede each other, and faults', scope('1x2x2x1', { powers: 'NF', concurrent: true })],
  ['sessions that give way', scope('1x1x3x1', { unconfirmedPerId: 1 })],
])('what is remembered of a move is what the rules make of the whole side (%s)', (_, s) => {
  const model = new Model(s)
  const [seen, compared] = [new Set<string>(), new Set<string>()]
  let level = model.initStates()
  while (level.length > 0) {
    const found: State[] = []
    for (const state of level)
      for (const move of model.actions(state)) {
        const side = move.side === 'client' ? state.clients : state.conns
        for (const next of move.leads ? model.next(state, move).filter((x) => model.withinBoundary(x)) : []) {
          const name = `${next.clients.n} ${next.conns.n} ${next.taken.n}`
          if (!seen.has(name)) found.push(next)
          seen.add(name)
        }
        const pair = `${side.kind} ${side.n} ${move.n}`
        if (compared.has(pair)) continue
        compared.add(pair)
        const outcomes = model.play(side, move)
        const told = (of: readonly Segment[]) =>
          of.map((x) => `${x.before.n} ${x.after.n} ${JSON.stringify(x.events)}`).join()
        const [remembered, whole] = [outcomes.map((o) => told(o.segments)), model.playWhole(side, move).map(told)]
        if (remembered.join() !== whole.join()) expect(remembered).toEqual(whole)
      }
    level = found
  }
  expect(model.plays.size / compared.size).toBeLessThan(0.5)
})
