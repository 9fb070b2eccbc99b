import { describe, expect, test } from 'vitest'
import { nodeCrypto } from './crypto.ts'
import { withPrefix } from './frame.ts'
import { encodeValues } from './payload.ts'
import { open, seal } from './primitives.ts'
import { altered, CONTROL, countingRng, hello, hex, house, keysIn, type Pair, unpadded } from './testkit.ts'

const DATA = encodeValues([1, 2])

describe('a first frame that fails a check: close, no frame, no session', () => {
  test.each<[string, Uint8Array]>([
    ['malformed', new Uint8Array(72)],
    ['unknown-opcode', hello(CONTROL, { opcode: 11, id: 9 })],
    ['wrong-client', hello(CONTROL, { id: 9, direction: 2 })],
    ['wrong-client', hello(CONTROL, { id: 0 })],
    ['wrong-direction', hello(CONTROL, { direction: 2, round: 1 })],
    ['future-round', hello(CONTROL, { round: 1, opcode: 30 })],
    ['out-of-phase', hello(DATA, { opcode: 30 })],
    ['out-of-phase', hello(CONTROL, { opcode: 60 })],
    ['bad-tag', altered(hello(), -1)],
    ['bad-padding', hello(CONTROL, {}, unpadded)],
    ['bad-payload', hello(Uint8Array.of(0xff))],
    ['bad-payload', hello(new Uint8Array(256))],
  ])('%s', (reason, frame) => {
    const { server, pair } = house()
    const p = pair(1)
    p.feed(frame)
    expect(p.down.log).toEqual([`rejected ${reason}`, 'ended rejected-frame'])
    expect(p.connection.state).toEqual({ id: null, phase: 'TERMINATED', round: 0, keys: null })
    expect(server.connections.size).toBe(0)
  })

  test('an illegal length prefix', () => {
    const { server, pair } = house()
    const p = pair(1)
    server.receive(p.connection, Uint8Array.of(0, 1, 0, 0), 0)
    expect(p.down.log).toEqual(['rejected malformed', 'ended rejected-frame'])
  })
})

test('a session begins in round 1, not confirmed, with nothing submitted', () => {
  expect(house().joined(1).active()).toMatchObject({ id: 1, round: 1, confirmed: false, order: 0, submissions: [] })
})

describe('a later frame that fails a check', () => {
  const loud: [string, (p: Pair) => Uint8Array][] = [
    ['malformed', () => new Uint8Array(72).fill(30)],
    ['unknown-opcode', (p) => p.forge(31, DATA)],
    ['wrong-client', (p) => p.forge(30, DATA, { id: 2 })],
    ['wrong-direction', (p) => p.forge(30, DATA, { direction: 2 })],
    ['stale-round', (p) => p.forge(30, DATA, { round: 1 })],
    ['stale-round', () => hello()],
    ['future-round', (p) => p.forge(30, DATA, { round: 3 })],
    ['out-of-phase', (p) => p.forge(20, CONTROL)],
    ['bad-tag', (p) => altered(p.forge(30, DATA), -32)],
    [
      'bad-padding',
      (p) => {
        const { keys, id, round } = p.active()
        return seal(unpadded, keys.c2s, countingRng(9), { opcode: 30, id, round, direction: 1 }, DATA)
      },
    ],
    ['bad-payload', (p) => p.forge(30, CONTROL)],
  ]
  test.each(loud)('%s: one KEY_DESYNC_ERROR under the keys as they were', (reason, frame) => {
    const { server, joined } = house()
    const [p, other] = [joined(1, [1]), joined(2, [2])]
    const [before, bystander] = [server.snapshot().connections[0]!.state, other.connection.state]
    const replaced = p.active().keys
    p.feed(frame(p))
    expect(p.down.log).toEqual([`rejected ${reason}`, 'sent 50', 'ended rejected-frame'])
    const [error] = p.down.frames
    expect(error!.length).toBe(71)
    expect([...error!.subarray(0, 7)]).toEqual([50, 1, 0, 0, 0, 2, 2])
    if (before.phase !== 'ACTIVE') expect.unreachable()
    else expect(open(nodeCrypto, before.keys.s2c, error!)).toEqual(CONTROL)
    expect(p.connection.state).toEqual({ id: 1, phase: 'TERMINATED', round: 2, keys: null })
    expect(keysIn(replaced).map(hex).join('')).toMatch(/^0+$/)
    expect(other.connection.state).toBe(bystander)
    expect(server.connections).toEqual(new Set([other.connection]))
  })

  test.each<[string, (p: Pair) => Uint8Array]>([
    ['malformed', () => new Uint8Array(72).fill(50)],
    ['malformed', () => new Uint8Array(4166).fill(60)],
    ['wrong-direction', (p) => p.forge(60, CONTROL, { direction: 2 })],
    ['out-of-phase', (p) => p.forge(50, CONTROL)],
    ['bad-tag', (p) => altered(p.forge(60, CONTROL), -1)],
    ['bad-payload', (p) => p.forge(60, DATA)],
  ])('%s, but it begins like a 50 or 60: close only', (reason, frame) => {
    const p = house().joined(1)
    p.feed(frame(p))
    expect(p.down.log).toEqual([`rejected ${reason}`, 'ended rejected-frame'])
  })

  test('an illegal length prefix is answered like any bad frame, and the rest of the chunk discarded', () => {
    const { server, joined } = house()
    const p = joined(1)
    server.receive(p.connection, Uint8Array.from([0, 0, 0, 70, ...withPrefix(p.forge(30, DATA))]), 0)
    expect(p.down.log).toEqual(['rejected malformed', 'sent 50', 'ended rejected-frame'])
  })

  test('the session ends even if the error frame cannot be sent', () => {
    const p = house().joined(1)
    p.down.up = false
    p.feed(p.forge(31, DATA))
    expect(p.down.log).toEqual(['rejected unknown-opcode', 'ended rejected-frame'])
  })
})

test('a valid TERMINATE is the decision of the peer and is not answered', () => {
  const p = house().joined(1)
  p.feed(p.forge(60, CONTROL))
  expect(p.down.log).toEqual(['accepted terminate', 'ended peer'])
})

test('several frames in one chunk are taken in order, each in the state its predecessor left', () => {
  const { server, joined } = house()
  const p = joined(1)
  const first = p.forge(30, DATA)
  server.receive(p.connection, Uint8Array.from([...withPrefix(first), ...withPrefix(first), ...withPrefix(first)]), 0)
  expect(p.down.log).toEqual(['sent 40', 'accepted data', 'rejected stale-round', 'sent 50', 'ended rejected-frame'])
})
