/** What `listen` and `dial` refuse: with a RangeError, at once, before there is a socket or a timer. */
import { beforeEach, expect, test, vi } from 'vitest'
import { nodeCrypto } from '../index.ts'
import { KEYRING } from '../testkit.ts'
import { type DialOptions, dial } from './client.ts'
import { type ListenOptions, listen } from './server.ts'
import { stopTheClock } from './testkit.ts'

beforeEach(() => {
  stopTheClock()
})

const master = (bytes: number, fill = 7) => new Uint8Array(bytes).fill(fill)
const ring = (...entries: [number, Uint8Array][]) => new Map(entries)
const NUMBERS = [0, -1, -0, Number.NaN, Number.NEGATIVE_INFINITY]

const SERVER_LIMITS = [
  'unconfirmedPerId',
  'connections',
  'retainedRounds',
  'helloMs',
  'unconfirmedMs',
  'idleMs',
] as const
const servers: [string, Partial<ListenOptions>, string][] = [
  ['a master of 15 bytes', { keyring: ring([1, master(15)]) }, 'master key of client 1: expected 16..64 bytes, got 15'],
  ['a master of 65 bytes', { keyring: ring([9, master(65)]) }, 'master key of client 9: expected 16..64 bytes, got 65'],
  ['two masters that are alike', { keyring: ring([1, master(16)], [2, master(16)]) }, 'expected no two alike'],
  ['client 0', { keyring: ring([0, master(16)]) }, 'client id: expected 1..255, got 0'],
  ['client 256', { keyring: ring([256, master(16)]) }, 'client id: expected 1..255, got 256'],
  ['client 1.5', { keyring: ring([1.5, master(16)]) }, 'client id: expected 1..255, got 1.5'],
  ...SERVER_LIMITS.flatMap((name) =>
    NUMBERS.map((n): [string, Partial<ListenOptions>, string] => [
      `${name} ${n}`,
      { limits: { [name]: n } },
      `limit ${name}: expected a positive number, got ${n}`,
    ]),
  ),
  ...[...NUMBERS, 2 ** 31, Number.POSITIVE_INFINITY].map((n): [string, Partial<ListenOptions>, string] => [
    `a closing time of ${n}`,
    { closingMs: n },
    `closing time: expected 1..2147483647 ms, got ${n}`,
  ]),
  ...[-1, 65_536, 0.5, Number.NaN].map((n): [string, Partial<ListenOptions>, string] => [
    `port ${n}`,
    { port: n },
    `port: expected 0..65535, got ${n}`,
  ]),
  ['a text of 256 bytes', { challengeText: 'x'.repeat(256) }, 'text: expected at most 255 bytes, got 256'],
]

test.each(servers)('a server with %s', (_, settings, why) => {
  const options = {
    mode: 'bound',
    keyring: KEYRING,
    crypto: nodeCrypto,
    host: '127.0.0.1',
    port: 0,
    ...settings,
  } as const
  expect(() => listen(options, () => {})).toThrow(RangeError)
  expect(() => listen(options, () => {})).toThrow(why)
  expect(vi.getTimerCount()).toBe(0)
})

const clients: [string, Partial<DialOptions>, string][] = [
  ['a master of 15 bytes', { masterKey: master(15) }, 'master key of client 1: expected 16..64 bytes, got 15'],
  ['a master of 65 bytes', { masterKey: master(65) }, 'master key of client 1: expected 16..64 bytes, got 65'],
  ['id 0', { id: 0 }, 'client id: expected 1..255, got 0'],
  ['id 256', { id: 256 }, 'client id: expected 1..255, got 256'],
  ['id NaN', { id: Number.NaN }, 'client id: expected 1..255, got NaN'],
  ...(['challengeMs', 'responseMs'] as const).flatMap((name) =>
    NUMBERS.map((n): [string, Partial<DialOptions>, string] => [
      `${name} ${n}`,
      { limits: { [name]: n } },
      `limit ${name}: expected a positive number, got ${n}`,
    ]),
  ),
  ...[...NUMBERS, 2 ** 31].map((n): [string, Partial<DialOptions>, string] => [
    `a closing time of ${n}`,
    { closingMs: n },
    `closing time: expected 1..2147483647 ms, got ${n}`,
  ]),
  ['a text of 256 bytes', { helloText: 'ä'.repeat(128) }, 'text: expected at most 255 bytes, got 256'],
  ['port 65536', { port: 65_536 }, '65536'],
]

test.each(clients)('a client with %s', (_, settings, why) => {
  const masterKey = KEYRING.get(1)!
  const options = {
    id: 1,
    masterKey,
    mode: 'bound',
    crypto: nodeCrypto,
    host: '127.0.0.1',
    port: 9,
    ...settings,
  } as const
  expect(() => dial(options, () => {})).toThrow(RangeError)
  expect(() => dial(options, () => {})).toThrow(why)
  expect(vi.getTimerCount()).toBe(0)
})

test('masters of 16 and of 64 bytes, the ids 1 and 255, and closing times up to the longest that a timer waits are settings', async () => {
  const keyring = ring([1, master(16)], [255, master(64)], [254, master(16, 8)])
  for (const closingMs of [1, 2 ** 31 - 1]) {
    const options = { mode: 'bound', crypto: nodeCrypto, host: '127.0.0.1', port: 0, keyring, closingMs } as const
    const listening = await listen(options, () => {})
    expect(listening).toMatchObject({ kind: 'listening' })
    if (listening.kind === 'listening') await listening.stop()
  }
})
