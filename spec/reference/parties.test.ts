import { describe, expect, it } from 'vitest'
import type { Mode } from '../language.ts'
import { prefixed } from './frame.ts'
import { opcodes, opened, world } from './testbed.ts'

describe('PROTOCOL §8, the example', () => {
  it.each(['bound', 'literal'] as const)('in mode %s', (mode) => {
    const w = world(mode)
    const one = w.connect(1)
    expect(w.exchange(one, [10, 20])).toEqual({ kind: 'aggregate', sum: 30, count: 2, average: 15 })
    const two = w.connect(2)
    expect(w.exchange(two, [30, 40])).toEqual({ kind: 'aggregate', sum: 100, count: 4, average: 25 })
  })
  it('values of the departed are withdrawn', () => {
    const w = world()
    const one = w.connect(1)
    w.exchange(one, [10, 20])
    w.server.close(one.line)
    expect(w.exchange(w.connect(2), [30, 40])).toEqual({ kind: 'aggregate', sum: 70, count: 2, average: 35 })
  })
  it('the sum is exact and zero is +0', () => {
    const w = world()
    expect(w.exchange(w.connect(1), [1e15, 0.1, -1e15])).toMatchObject({ sum: 0.1 })
    expect(w.exchange(w.connect(2), [-1e15, -0.1, 1e15])).toEqual({ kind: 'aggregate', sum: 0, count: 6, average: 0 })
    expect(w.exchange(w.connect(255), [-Number.MIN_VALUE])).toMatchObject({ sum: -Number.MIN_VALUE, average: 0 })
  })
  it('values are kept for the newest rounds only', () => {
    const w = world('bound', { retainedRounds: 2 })
    const one = w.connect(1)
    const two = w.connect(2)
    for (const value of [1, 2, 3]) w.exchange(one, [value])
    expect([10, 20, 30].map((v) => w.exchange(two, [v]))).toMatchObject([{ sum: 10 }, { sum: 22 }, { sum: 33 }])
  })
})

describe('PROTOCOL §4, the commit rule', () => {
  it('a response that cannot be handed over: nothing has happened, and the session ended', () => {
    const w = world()
    const old = w.connect(1)
    w.exchange(old, [5])
    const young = w.connect(1)
    young.run.submit([7], 0)
    young.far.fails = true
    w.toServer(young.near, young.line)
    expect(young.far.said).toEqual(['accepted', 'fault'])
    expect(young.line.view).toMatchObject({ phase: 'TERMINATED', keys: null })
    expect(old.line.view).toMatchObject({ phase: 'ACTIVE', confirmed: true }) // not superseded
    expect(w.exchange(w.connect(2), [1])).toMatchObject({ sum: 6, count: 2 }) // 7 was not kept
  })
  it('a CHALLENGE that cannot be handed over makes no session and evicts nobody', () => {
    const w = world('bound', { unconfirmedPerId: 1 })
    const first = w.connect(1)
    const { near } = w.client(1)
    const { far, line } = w.accept()
    far.fails = true
    w.toServer(near, line)
    expect([far.said, line.view]).toEqual([['fault'], null])
    expect(first.line.view?.phase).toBe('ACTIVE')
  })
  it('sending DATA moves nothing on the client', () => {
    const { run } = world().connect(1)
    const before = run.view
    run.submit([1], 0)
    expect(run.view).toEqual({ ...before, outstanding: true })
  })
  it('an error frame is sealed under the keys as they were', () => {
    const w = world()
    const s = w.connect(1)
    const { position } = s.line.session!
    w.server.receive(s.line, prefixed(s.near.sent[0]!), 0) // the HELLO again
    expect(s.far.said).toEqual(['accepted', 'stale-round', 'rejection'])
    expect(opened(position, s.far.sent.at(-1)!)).toEqual({ kind: 'control' })
    expect(s.far.sent.at(-1)).toHaveLength(71)
  })
  it('round 0xFFFFFFFF cannot be left: DATA is neither counted nor answered', () => {
    const w = world()
    const s = w.connect(1)
    w.server.setRound(s.line, 0xffffffff)
    s.run.setRound(0xffffffff)
    w.submit(s, [1])
    expect([opcodes(s.far), s.far.said]).toEqual([
      [20, 60],
      ['accepted', 'finish'],
    ])
    w.toClient(s.far, s.run)
    expect(s.near.said).toEqual(['accepted', 'accepted', 'peer'])
  })
  it('the draws: 16 bytes for the text of a CHALLENGE, 16 for each IV', () => {
    const w = world()
    const s = w.connect(1)
    w.exchange(s, [1])
    expect([s.near.draws, s.far.draws]).toEqual([2, 3])
  })
})

describe('PROTOCOL §7, many clients', () => {
  it('a first DATA supersedes the confirmed session with the older HELLO', () => {
    const w = world()
    const old = w.connect(1)
    w.exchange(old, [5])
    const young = w.connect(1)
    expect(old.line.view?.confirmed).toBe(true) // a HELLO never touches a confirmed session
    expect(w.exchange(young, [7])).toMatchObject({ sum: 7, count: 1 })
    expect([opcodes(old.far), old.far.said.at(-1)]).toEqual([[20, 40, 60], 'supersede'])
  })
  it('and is rejected where that HELLO was accepted later', () => {
    const w = world()
    const old = w.connect(1)
    const young = w.connect(1)
    w.exchange(young, [5])
    w.submit(old, [7])
    expect([opcodes(old.far), old.far.said]).toEqual([
      [20, 60],
      ['accepted', 'superseded', 'rejection'],
    ])
    expect(young.line.view?.phase).toBe('ACTIVE')
  })
  it('at most 4 unconfirmed sessions per id: the oldest gives way, others stay', () => {
    const w = world()
    const confirmed = w.connect(1)
    w.exchange(confirmed, [1])
    const other = w.connect(2)
    const half = Array.from({ length: 5 }, () => w.connect(1))
    expect(half.map((s) => s.far.said.at(-1))).toEqual(['evicted', ...Array(4).fill('accepted')])
    expect(opcodes(half[0]!.far)).toEqual([20, 60])
    expect([confirmed, other].map((s) => s.line.view?.phase)).toEqual(['ACTIVE', 'ACTIVE'])
  })
  it('timers: 5 s without HELLO, 120 s unconfirmed, 600 s idle', () => {
    const w = world()
    const mute = w.accept(0)
    const half = w.connect(1, 0)
    const busy = w.connect(2, 0)
    w.exchange(busy, [1], 50_000)
    const said = (now: number) => {
      w.server.tick(now)
      return [mute.far, half.far, busy.far].map((e) => e.said.at(-1))
    }
    expect(said(4_999)).toEqual([undefined, 'accepted', 'accepted'])
    expect(said(5_000)).toEqual(['timer', 'accepted', 'accepted'])
    expect(said(119_999)).toEqual(['timer', 'accepted', 'accepted'])
    expect(said(120_000)).toEqual(['timer', 'timer', 'accepted'])
    expect(said(649_999)).toEqual(['timer', 'timer', 'accepted'])
    expect(said(650_000)).toEqual(['timer', 'timer', 'timer'])
    expect([mute.far, half.far, busy.far].map(opcodes)).toEqual([[], [20, 60], [20, 40, 60]])
  })
  it('at the limit a new connection displaces the oldest without a confirmed session', () => {
    const w = world('bound', { connections: 3 })
    const confirmed = w.connect(1)
    w.exchange(confirmed, [1])
    const [half, mute, late] = [w.connect(2), w.accept(), w.accept()]
    expect([confirmed, half, mute, late].map((c) => c.far.said.at(-1))).toEqual([
      'accepted',
      'evicted',
      undefined,
      undefined,
    ])
  })
  it('which is the newcomer where all others have one', () => {
    const w = world('bound', { connections: 1 })
    w.exchange(w.connect(1), [1])
    expect(w.accept().far.said).toEqual(['evicted'])
  })
  it('a recorded session replays whole in literal and not at all in bound (§9)', () => {
    const replay = (mode: Mode) => {
      const w = world(mode)
      const genuine = w.connect(1)
      w.exchange(genuine, [5])
      const { far, line } = w.accept()
      // In literal the C2S keys take nothing from the server, so the recorded DATA fits any new CHALLENGE.
      for (const frame of genuine.near.sent) w.server.receive(line, prefixed(frame), 0)
      return far.said
    }
    expect(replay('literal')).toEqual(['accepted', 'accepted'])
    expect(replay('bound')).toEqual(['accepted', 'bad-tag', 'rejection'])
  })
})
