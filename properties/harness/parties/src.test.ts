import { describe, expect, test } from 'vitest'
import { type End, LIMITS, type Mode } from '../../../spec/language.ts'
import type { Host, MakeParty, Party, PartySetup, Report } from './party.ts'
import { srcParty } from './src.ts'

const KEYRING = new Map([1, 2].map((id) => [id, new Uint8Array(16).fill(id)]))
const client = (n: number): End => ({ side: 'client', n })
const server = (n: number): End => ({ side: 'server', n })

/** Client n talks to connection n; frames travel when `run` is called. */
const network = (make: MakeParty, mode: Mode, challenge: PartySetup['challenge'] = 'fresh') => {
  const queue: { to: End; frame: Uint8Array }[] = []
  const reports: Report[] = []
  let draws = 0
  const host: Host = {
    send(at, frame) {
      queue.push({ to: at.side === 'client' ? server(at.n) : client(at.n), frame })
      return true
    },
    report: (r) => {
      reports.push(r.on === 'primitive' ? { ...r, key: r.key.slice() } : r)
    },
    rng: () => (bytes) => new Uint8Array(bytes).fill(++draws),
  }
  const setup = { mode, keyring: KEYRING, limits: LIMITS, challenge }
  const sides: Record<End['side'], Party> = {
    client: make(host, { ...setup, side: 'client' }),
    server: make(host, { ...setup, side: 'server' }),
  }
  const run = () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const prefixed = new Uint8Array(4 + next.frame.length)
      new DataView(prefixed.buffer).setUint32(0, next.frame.length)
      prefixed.set(next.frame, 4)
      sides[next.to.side].receive(next.to, prefixed, 0)
    }
  }
  const connect = (n: number, id: number) => {
    sides.server.open(server(n), 0, 0)
    sides.client.open(client(n), id, 0)
    run()
  }
  return { ...sides, reports, run, connect }
}

describe.each(['bound', 'literal'] as const)('mode %s', (mode) => {
  test('a handshake and three rounds leave both sides with equal keys and rounds', () => {
    const net = network(srcParty, mode)
    net.connect(0, 1)
    for (const round of [1, 2, 3]) {
      expect(net.client.view(client(0))).toMatchObject({ phase: 'ACTIVE', round, outstanding: false })
      expect(net.client.submit!(client(0), [round, 0.5], 0)).toBe(true)
      expect(net.client.view(client(0))?.outstanding).toBe(true)
      net.run()
    }
    const [mine, yours] = [net.client.view(client(0))!, net.server.view(server(0))!]
    expect(mine).toMatchObject({ id: 1, phase: 'ACTIVE', round: 4, confirmed: false })
    expect(yours).toMatchObject({ id: 1, phase: 'ACTIVE', round: 4, confirmed: true })
    expect(mine.keys).toEqual(yours.keys)
    expect(net.reports.filter((r) => r.on === 'accepted')).toHaveLength(2 + 3 * 2)
    expect(net.reports.filter((r) => r.on === 'rejected' || r.on === 'ended')).toEqual([])
  })

  test('a session goes on from the round it was set to', () => {
    const net = network(srcParty, mode, 'constant')
    net.connect(0, 1)
    net.client.setRound!(client(0), 0xffff)
    net.server.setRound!(server(0), 0xffff)
    net.client.submit!(client(0), [7], 0)
    net.run()
    expect(net.client.view(client(0))).toMatchObject({ phase: 'ACTIVE', round: 0x10000 })
    expect(net.client.view(client(0))?.keys).toEqual(net.server.view(server(0))?.keys)
  })
})

test('a view stays the same object until its session changes, and survives the erasure of the keys', () => {
  const net = network(srcParty, 'bound')
  net.connect(0, 1)
  const before = net.server.view(server(0))!
  const keys = before.keys!.map((k) => k.slice())
  expect(net.server.view(server(0))).toBe(before)
  net.client.submit!(client(0), [1], 0)
  net.run()
  expect(net.server.view(server(0))).not.toBe(before)
  expect(before.keys).toEqual(keys)
})

test('a newer session supersedes an older one: the keys of each are used and erased in its own name', () => {
  const net = network(srcParty, 'bound')
  net.connect(0, 1)
  net.client.submit!(client(0), [1], 0)
  net.run()
  net.connect(1, 1)
  const [, , , oldMac] = net.server.view(server(0))!.keys!
  net.reports.length = 0
  net.client.submit!(client(1), [2], 0)
  net.run()
  const uses = net.reports.filter(
    (r) => r.on === 'primitive' && Buffer.compare(r.key, oldMac!) === 0 && r.at.side === 'server',
  )
  expect(uses.map((r) => r.on === 'primitive' && [r.at.n, r.op])).toEqual([
    [0, 'hmac'],
    [0, 'erase'],
  ])
  expect(net.reports.filter((r) => r.on === 'ended')).toEqual([
    { on: 'ended', at: server(0), by: 'supersede' },
    { on: 'ended', at: client(0), by: 'peer' },
  ])
  expect(net.server.view(server(0))).toEqual({
    id: 1,
    phase: 'TERMINATED',
    round: 2,
    confirmed: false,
    outstanding: false,
    keys: null,
  })
})

test('ends are reported with their causes', () => {
  const net = network(srcParty, 'bound')
  net.connect(0, 1)
  net.client.finish!(client(0), 0)
  net.run()
  net.connect(1, 2)
  net.server.receive(server(1), new Uint8Array(4), 0)
  net.server.open(server(2), 0, 0)
  net.server.tick(5_000)
  net.server.open(server(3), 0, 0)
  net.server.close(server(3), 0)
  expect(net.reports.flatMap((r) => (r.on === 'ended' ? [`${r.at.side} ${r.at.n} ${r.by}`] : []))).toEqual([
    'client 0 finish',
    'server 0 peer',
    'server 1 rejection',
    'server 2 timer',
    'server 3 close',
  ])
  expect(net.server.view(server(2))).toBeNull()
})

test('calls for unknown, ended or forgotten endpoints do nothing', () => {
  const net = network(srcParty, 'bound')
  net.connect(0, 1)
  net.client.close(client(0), 0)
  net.server.restart!(0)
  net.reports.length = 0
  for (const n of [0, 9]) {
    net.client.receive(client(n), new Uint8Array(99), 0)
    expect(net.client.submit!(client(n), [1], 0)).toBe(false)
    net.client.finish!(client(n), 0)
    net.client.close(client(n), 0)
    net.client.setRound!(client(n), 5)
    net.server.receive(server(n), new Uint8Array(99), 0)
    net.server.close(server(n), 0)
    net.server.setRound!(server(n), 5)
    expect(net.server.view(server(n))).toBeNull()
  }
  net.client.tick(1e9)
  net.server.tick(1e9)
  expect(net.reports).toEqual([])
  expect(net.client.view(client(9))).toBeNull()
})
