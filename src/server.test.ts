import { describe, expect, test } from 'vitest'
import { nodeCrypto, type Rng } from './crypto.ts'
import { MAX_ROUND, withPrefix } from './frame.ts'
import type { Port } from './outcome.ts'
import { encodeValues } from './payload.ts'
import { Server } from './server.ts'
import { countingRng, hello, hex, house, KEYRING } from './testkit.ts'

const DATA = encodeValues([1, 2])

describe.each(['bound', 'literal'] as const)('PROTOCOL §8, the example, in mode %s', (mode) => {
  test('client 1 gets 30, 2, 15; client 2, while client 1 is connected, 100, 4, 25', () => {
    const { joined } = house(mode)
    const [one, two] = [joined(1, [10, 20]), joined(2, [30, 40])]
    expect(one.up.contents.at(-1)).toEqual({
      kind: 'aggregate',
      round: 1,
      aggregate: { sum: 30, count: 2, average: 15 },
    })
    expect(two.up.contents.at(-1)).toEqual({
      kind: 'aggregate',
      round: 1,
      aggregate: { sum: 100, count: 4, average: 25 },
    })
    expect(one.active().keys).toEqual(one.client.state.keys)
  })

  test('after client 1 is gone its values are withdrawn', () => {
    const { server, joined } = house(mode)
    server.close(joined(1, [10, 20]).connection)
    expect(joined(2, [30, 40]).up.contents.at(-1)).toMatchObject({ aggregate: { sum: 70, count: 2, average: 35 } })
  })
})

test('the text of a CHALLENGE is fresh, with its bytes drawn before those of the IV, or as set', () => {
  const { pair } = house()
  const p = pair(1)
  p.client.start(0)
  p.pump()
  expect(p.up.contents).toEqual([
    { kind: 'challenge', text: `Challenge from server ${'01'.repeat(4)}${'01'.repeat(12)}` },
  ])
  const fixed = new Server({ mode: 'bound', keyring: KEYRING, crypto: nodeCrypto, challengeText: 'constant' })
  const sent: Uint8Array[] = []
  const port = { send: (f: Uint8Array) => sent.push(f) > 0, report: () => {} }
  fixed.receive(fixed.open(port, countingRng(7), 0), withPrefix(hello()), 0)
  expect([...sent[0]!.subarray(7, 23)]).toEqual([7, 7, 7, 7, ...new Array<number>(12).fill(1)]) // the first draw
})

describe('commit: all of it or nothing', () => {
  test('a CHALLENGE that cannot be handed over leaves no session and evicts nobody', () => {
    const { server, pair, joined } = house('bound', { unconfirmedPerId: 1 })
    const old = joined(1)
    const p = pair(1)
    p.down.up = false
    p.feed(hello())
    expect(p.down.log).toEqual(['ended send-failed'])
    expect(p.connection.state).toEqual({ id: null, phase: 'TERMINATED', round: 0, keys: null })
    expect([old.down.log, server.connections.size]).toEqual([[], 1])
  })

  test('a response that cannot be handed over: no key, value, confirmation or supersession', () => {
    const { server, joined } = house()
    const [old, other] = [joined(1, [100]), joined(2, [1])]
    const p = joined(1)
    const oldState = old.connection.state
    p.down.up = false
    p.feed(p.forge(30, DATA))
    expect(p.down.log).toEqual(['ended send-failed'])
    expect(p.connection.state).toEqual({ id: 1, phase: 'TERMINATED', round: 1, keys: null })
    expect(old.connection.state).toBe(oldState)
    expect(server.connections).toEqual(new Set([old.connection, other.connection]))
    expect(joined(3, [1000]).up.contents.at(-1)).toMatchObject({ aggregate: { sum: 1101, count: 3 } })
  })

  test('round 0xFFFFFFFF cannot be left: DATA is neither counted nor answered, TERMINATE is sent', () => {
    const { server, joined } = house()
    const old = joined(1, [1])
    const p = joined(1)
    server.restore(p.connection, { ...p.active(), round: MAX_ROUND })
    p.feed(p.forge(30, DATA))
    expect(p.down.log).toEqual(['sent 60', 'ended rounds-exhausted'])
    expect(old.active().phase).toBe('ACTIVE')
    server.restore(old.connection, { ...old.active(), round: MAX_ROUND - 1 })
    old.feed(old.forge(30, DATA))
    expect(old.active()).toMatchObject({ phase: 'ACTIVE', round: MAX_ROUND })
  })
})

describe('many clients', () => {
  test('a newer session supersedes when its first DATA is accepted, not before', () => {
    const { joined } = house()
    const old = joined(1, [100])
    const p = joined(1)
    expect(old.down.log).toEqual([])
    p.client.submit([1], 0)
    p.pump()
    expect(old.down.log).toEqual(['sent 60', 'ended superseded'])
    expect(p.down.contents.at(-1)).toMatchObject({ kind: 'data', values: [1], answer: { sum: 1, count: 1 } })
    old.pump()
    expect(old.up.log).toEqual(['accepted terminate', 'ended peer'])
  })

  test('an older session never supersedes a newer one: it is told TERMINATE', () => {
    const { joined } = house()
    const old = joined(1)
    const newer = joined(1, [7])
    const state = newer.connection.state
    old.client.submit([1], 0)
    old.pump()
    expect(old.down.log).toEqual(['rejected superseded', 'sent 60', 'ended rejected-frame'])
    expect(newer.connection.state).toBe(state)
  })

  test('of the unconfirmed sessions of an id the oldest gives way; confirmed and other ids do not count', () => {
    const { joined } = house()
    const [confirmed, foreign] = [joined(1, [1]), joined(2)]
    const half = [joined(1), joined(1), joined(1), joined(1)]
    expect(half.map((p) => p.down.log)).toEqual([[], [], [], []])
    joined(1)
    expect(half.map((p) => p.down.log)).toEqual([['sent 60', 'ended displaced'], [], [], []])
    expect([confirmed.down.log, foreign.down.log]).toEqual([[], []])
  })

  test('the oldest is the one whose HELLO came first, not the connection that was opened first', () => {
    const { pair, joined } = house('bound', { unconfirmedPerId: 2 })
    const [late, early] = [pair(1), pair(1)]
    for (const p of [early, late]) {
      p.client.start(0)
      p.pump()
    }
    joined(1)
    expect(early.down.log.slice(2)).toEqual(['sent 60', 'ended displaced'])
    expect(late.down.log.slice(2)).toEqual([])
  })

  test('sessions are ordered by their HELLOs after others have ended, too', () => {
    const { server, joined } = house()
    server.close(joined(2).connection)
    const [old, newer] = [joined(1), joined(1, [7])]
    expect([old, newer].map((p) => p.active().order)).toEqual([1, 2])
    old.client.submit([1], 0)
    old.pump()
    expect(old.down.log[0]).toBe('rejected superseded')
  })

  test('what a HELLO said is reported', () => {
    expect(house().joined(3).down.contents).toEqual([{ kind: 'hello', id: 3, text: 'Hello from client 3' }])
  })

  test('at the limit of connections the oldest without a confirmed session is displaced, else the new one', () => {
    const { server, pair, joined } = house('bound', { connections: 3 })
    const [confirmed, half, silent] = [joined(1, [1]), joined(2), pair(3)]
    const fourth = joined(3, [1])
    expect(half.down.log).toEqual(['sent 60', 'ended displaced'])
    const fifth = joined(2, [1])
    expect(silent.down.log).toEqual(['ended displaced'])
    const sixth = pair(2)
    expect(sixth.down.log).toEqual(['ended displaced'])
    sixth.feed(hello())
    expect(sixth.down.log).toEqual(['ended displaced'])
    expect(server.connections).toEqual(new Set([confirmed, fourth, fifth].map((p) => p.connection)))
  })

  test('values older than the retained rounds no longer count', () => {
    const { joined } = house('bound', { retainedRounds: 2 })
    const one = joined(1, [1])
    for (const v of [2, 3]) {
      one.client.submit([v], 0)
      one.pump()
    }
    expect(joined(2, [10]).up.contents.at(-1)).toMatchObject({ aggregate: { sum: 10, count: 1 } })
    const late = joined(3, [10])
    late.client.submit([20], 0)
    late.pump()
    expect(late.up.contents.at(-1)).toMatchObject({ round: 2, aggregate: { sum: 22, count: 2 } })
  })
})

describe('timers', () => {
  test('a connection without an accepted HELLO is closed after 5 s; partial frames extend nothing', () => {
    const { server, pair } = house()
    const p = pair(1)
    server.receive(p.connection, withPrefix(hello()).subarray(0, 70), 4_999)
    server.tick(4_999)
    expect(p.down.log).toEqual([])
    server.tick(5_000)
    expect(p.down.log).toEqual(['ended timeout'])
  })

  test('an unconfirmed session ends 120 s after its HELLO, a confirmed one 600 s after its last DATA', () => {
    const { server, joined } = house()
    const [half, full] = [joined(1, [], 1_000), joined(2, [1], 1_000)]
    server.tick(120_999)
    expect([half.down.log, full.down.log]).toEqual([[], []])
    server.tick(121_000)
    expect([half.down.log, full.down.log]).toEqual([['sent 60', 'ended timeout'], []])
    full.client.submit([1], 500_000)
    full.pump(500_000)
    full.down.log.length = 0
    server.receive(full.connection, new Uint8Array(3), 1_000_000)
    server.tick(1_099_999)
    expect(full.down.log).toEqual([])
    server.tick(1_100_000)
    expect(full.down.log).toEqual(['sent 60', 'ended timeout'])
    expect(server.connections.size).toBe(0)
  })
})

test('shutting down tells every session and closes every connection', () => {
  const { server, pair, joined } = house()
  const [full, half, silent] = [joined(1, [1]), joined(3), pair(2)]
  server.shutdown()
  const told = ['sent 60', 'ended finished']
  expect([full.down.log, half.down.log, silent.down.log]).toEqual([told, told, ['ended finished']])
})

test('an ended connection takes no more bytes, ends no second time, and is not restored', () => {
  const { server, joined } = house()
  const p = joined(1)
  const state = p.active()
  const data = p.forge(30, DATA)
  server.close(p.connection)
  p.feed(data)
  server.close(p.connection)
  server.restore(p.connection, state)
  expect(p.down.log).toEqual(['ended closed'])
  server.receive({ state, held: 0 }, withPrefix(data), 0) // not a connection of this server
  expect(server.connections.size).toBe(0)
})

test('a transport may close its connection when it hears of a rejection', () => {
  const server = new Server({ mode: 'bound', keyring: KEYRING, crypto: nodeCrypto })
  const log: string[] = []
  const connection = server.open(
    {
      send: () => true,
      report(outcome) {
        log.push(outcome.kind)
        server.close(connection)
      },
    },
    countingRng(1),
    0,
  )
  server.receive(connection, new Uint8Array(4), 0)
  expect(log).toEqual(['rejected', 'ended'])
})

test('a session goes on from another state of its own', () => {
  const { server, joined } = house()
  const p = joined(1)
  const { state } = server.snapshot().connections[0]!
  const kept = structuredClone(state)
  const data = p.forge(30, DATA)
  for (let n = 0; n < 2; n++) {
    p.feed(data)
    expect(p.active().round).toBe(2)
    server.restore(p.connection, state)
    expect(p.active()).toEqual(kept) // the keys of the given state are not overwritten with those of the session
  }
})

test('a session that goes on from its own state has the same keys, not overwritten', () => {
  const { server, joined } = house()
  const { connection, active } = joined(1)
  const [state, kept] = [active(), structuredClone(active())]
  server.restore(connection, { ...state, round: 7 })
  expect(active()).toEqual({ ...kept, round: 7 })
  expect(active().keys).toBe(state.keys)
})

test('a server goes on from a snapshot, half a frame included, as often as one likes', () => {
  const { server, pair, joined } = house()
  const [one, two] = [joined(1, [1]), joined(2)]
  const greeting = withPrefix(hello())
  const half = pair(3).connection
  server.receive(half, greeting.subarray(0, 30), 0)
  expect(half.held).toBe(30)
  const data = withPrefix(two.forge(30, DATA))
  const snapshot = server.snapshot()
  const play = () => {
    const log: string[] = []
    const attach = (n: number): { port: Port; rng: Rng } => ({
      port: { send: (f) => log.push(`${n} ${hex(f)}`) > 0, report: (o) => void log.push(`${n} ${o.kind}`) },
      rng: countingRng(n),
    })
    const again = new Server({ mode: 'bound', keyring: KEYRING, crypto: nodeCrypto }, { snapshot, attach })
    expect(again.snapshot()).toEqual(snapshot)
    const connections = [...again.connections]
    again.receive(connections[1]!, data, 0)
    again.receive(connections[2]!, greeting.subarray(30), 0)
    again.close(connections[0]!)
    expect(connections[1]!.state).toMatchObject({ id: 2, round: 2, confirmed: true })
    expect(connections[2]!.state).toMatchObject({ id: 1, round: 1, order: 2 })
    return log
  }
  const first = play()
  expect(play()).toEqual(first)
  expect(first.map((line) => line.slice(0, 4))).toEqual(['1 28', '1 ac', '2 14', '2 ac', '0 en'])
  one.client.submit([5], 0)
  one.pump()
  expect(one.up.contents.at(-1)).toMatchObject({ aggregate: { sum: 5, count: 1 } })
})

test('a keyring or text that PROTOCOL does not allow is refused in one line', () => {
  const make =
    (keyring: Map<number, Uint8Array>, challengeText = '') =>
    () =>
      new Server({ mode: 'bound', keyring, crypto: nodeCrypto, challengeText })
  const key = (fill: number, length = 16) => new Uint8Array(length).fill(fill)
  expect(make(new Map([[256, key(1)]]))).toThrow('client id: expected 1..255, got 256')
  expect(
    make(
      new Map([
        [1, key(1)],
        [2, key(1)],
      ]),
    ),
  ).toThrow('master key of client 2: expected no two alike')
  expect(
    make(
      new Map([
        [1, key(1)],
        [2, key(1, 17)],
        [3, key(3)],
        [4, key(3).with(15, 1)],
      ]),
    ),
  ).not.toThrow()
  expect(make(new Map(), 'x'.repeat(256))).toThrow('text: expected at most 255 bytes, got 256')
})
