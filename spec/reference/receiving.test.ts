import { describe, expect, it } from 'vitest'
import type { Reason } from '../events.ts'
import { concat, fromHex } from './bytes.ts'
import { prefixed, seal } from './frame.ts'
import { type Conversation, opcodes, world } from './testbed.ts'

const wholeBlocks = (bytes: Uint8Array): Uint8Array => concat(bytes, new Uint8Array(-bytes.length & 15))

describe('PROTOCOL §6, receiving', () => {
  const bytesOf = (frame: Uint8Array, change: (f: Uint8Array) => void): Uint8Array => {
    const copy = frame.slice()
    change(copy)
    return copy
  }
  /** One altered frame at an ACTIVE server in round 1 with valid DATA at hand. */
  const atServer = (make: (data: Uint8Array, s: Conversation) => Uint8Array) => {
    const w = world()
    const s = w.connect(1)
    s.run.submit([1], 0)
    w.server.receive(s.line, make(s.near.sent.at(-1)!, s), 0)
    return { reasons: s.far.said.slice(1), answer: opcodes(s.far).slice(1) }
  }
  const framed = (change: (f: Uint8Array) => void) => (data: Uint8Array) => prefixed(bytesOf(data, change))
  const sealed = (opcode: number, plaintext: string, padding?: string) => (_: Uint8Array, s: Conversation) =>
    prefixed(
      seal(
        s.line.session!.position.keys.c2s,
        { opcode, id: 1, round: 1, direction: 1 },
        fromHex(plaintext),
        new Uint8Array(16),
        padding === undefined ? undefined : (bytes) => wholeBlocks(concat(bytes, fromHex(padding))),
      ),
    )

  it.each<[Reason, number[], Parameters<typeof atServer>[0]]>([
    ['malformed', [50], () => fromHex('00000046')],
    ['malformed', [50], (data) => prefixed(data.subarray(1))],
    ['unknown-opcode', [50], framed((f) => f.set([99], 0))],
    ['wrong-client', [50], framed((f) => f.set([2], 1))],
    ['wrong-direction', [50], framed((f) => f.set([2], 6))],
    ['stale-round', [50], framed((f) => f.set([0], 5))],
    ['future-round', [50], framed((f) => f.set([2], 5))],
    ['out-of-phase', [50], framed((f) => f.set([40], 0))],
    ['out-of-phase', [50], framed((f) => f.set([20], 0))],
    ['out-of-phase', [], framed((f) => f.set([50], 0))],
    ['bad-tag', [50], framed((f) => f.set([f.at(-1)! ^ 1], f.length - 1))],
    ['bad-tag', [], framed((f) => f.set([60], 0))],
    ['bad-padding', [50], sealed(30, '00013ff0000000000000', '0707070707')],
    ['bad-padding', [], sealed(60, '00', '00')],
    ['bad-payload', [50], sealed(30, '0000')],
    ['bad-payload', [], sealed(60, '01')],
  ])('%s is answered with %j', (reason, answer, make) => {
    expect(atServer(make)).toEqual({ reasons: [reason, 'rejection'], answer })
  })

  it.each<[Reason, (hello: Uint8Array) => Uint8Array]>([
    ['malformed', () => fromHex('ffffffff')],
    ['unknown-opcode', framed((f) => f.set([11], 0))],
    ['wrong-client', framed((f) => f.set([7], 1))],
    ['wrong-direction', framed((f) => f.set([2], 6))],
    ['future-round', framed((f) => f.set([1], 5))],
    ['out-of-phase', framed((f) => f.set([30], 0))],
    ['bad-tag', framed((f) => f.set([2], 1))],
  ])('a first frame that is %s: close, no frame', (reason, make) => {
    const w = world()
    const { near } = w.client(1)
    const { far, line } = w.accept()
    w.server.receive(line, make(near.sent[0]!), 0)
    expect([far.said, far.sent, line.view]).toEqual([[reason, 'rejection'], [], null])
  })

  it('a client sends nothing and ends; what follows in the chunk is discarded', () => {
    const w = world()
    const { near, run } = w.client(1)
    const { far, line } = w.accept()
    w.toServer(near, line)
    const challenge = prefixed(far.sent[0]!)
    run.receive(Uint8Array.from([...framed((f) => f.set([9], 1))(far.sent[0]!), ...challenge]), 0)
    expect([near.said, near.sent.length, run.view.phase]).toEqual([['wrong-client', 'rejection'], 1, 'TERMINATED'])
  })

  it('a client ends with TERMINATE when nothing is outstanding, else by closing', () => {
    const w = world()
    const [idle, asking] = [w.connect(1), w.connect(2)]
    idle.run.finish()
    asking.run.submit([1], 0)
    asking.run.finish()
    expect([opcodes(idle.near), opcodes(asking.near)]).toEqual([
      [10, 60],
      [10, 30],
    ])
    w.toServer(idle.near, idle.line)
    expect(idle.far.said).toEqual(['accepted', 'accepted', 'peer'])
    expect(opcodes(idle.far)).toEqual([20])
  })

  it('a client gives up 5 s without CHALLENGE, 10 s without response', () => {
    const w = world()
    const alone = w.client(1, 1_000)
    alone.run.tick(5_999)
    expect(alone.near.said).toEqual([])
    alone.run.tick(6_000)
    expect(alone.near.said).toEqual(['timer'])
    const asking = w.connect(2, 0)
    asking.run.tick(60_000)
    asking.run.submit([1], 60_000)
    asking.run.tick(69_999)
    expect(asking.near.said).toEqual(['accepted'])
    asking.run.tick(70_000)
    expect(asking.near.said).toEqual(['accepted', 'timer'])
  })

  it.each<[string, readonly number[]]>([
    ['no values', []],
    ['too many', Array(512).fill(1)],
    ['NaN', [1, Number.NaN]],
    ['too large', [1.1e300]],
  ])('§5: a caller may not send %s', (_, values) => {
    const { run, near } = world().connect(1)
    const before = run.view
    expect(run.submit(values, 0)).toBe(false)
    expect([run.view, near.sent.length]).toEqual([before, 1])
  })
  it('§5: nor before the CHALLENGE, nor a second request', () => {
    const w = world()
    expect(w.client(1).run.submit([1], 0)).toBe(false)
    const { run } = w.connect(1)
    expect([run.submit([1], 0), run.submit([2], 0)]).toEqual([true, false])
  })
})
