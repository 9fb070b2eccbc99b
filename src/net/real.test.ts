/** The same over TCP. Nothing here waits for a time: only for what must happen. */
import { connect, Server } from 'node:net'
import { expect, test, vi } from 'vitest'
import { nodeCrypto } from '../index.ts'
import { KEYRING } from '../testkit.ts'
import { type Listening, listen } from './server.ts'
import { cleanups, join, raw, up } from './testkit.ts'

test('the example of PROTOCOL §8, and a client that leaves takes its values along', async () => {
  const { port, events } = await up()
  const one = await join(port, 1)
  expect(await one.submit(10, 20)).toEqual({ sum: 30, count: 2, average: 15 })
  const two = await join(port, 2)
  expect(await two.submit(30, 40)).toEqual({ sum: 100, count: 4, average: 25 })
  one.run.finish()
  await one.gone()
  await events.until((e) => e.kind === 'outcome' && e.connection === 1 && e.outcome.kind === 'ended')
  expect(await (await join(port, 3)).submit(1)).toEqual({ sum: 71, count: 3, average: 71 / 3 })
})

test('511 values of any size, many rounds', async () => {
  const { port } = await up()
  const one = await join(port, 1)
  for (let round = 1; round <= 20; round++) {
    const values = new Array<number>(511).fill(round)
    expect(await one.submit(...values)).toEqual({ sum: 511 * round, count: 511, average: round })
  }
})

test('junk, resets, half-open and oversized peers go, a client in between does not notice', async () => {
  const { port } = await up()
  const one = await join(port, 1)
  const peers: Promise<void>[] = []
  for (let round = 1; round <= 10; round++) {
    peers.push(
      raw(port, (s) => s.write(Buffer.alloc(200_000, round))),
      raw(port, (s) => s.write(Buffer.of(0xff, 0xff, 0xff, 0xff))),
      raw(port, (s) => s.write(Buffer.of(0, 0, 0, 71, 10, 1), () => s.resetAndDestroy())),
      raw(port, (s) => s.end(Buffer.of(0, 0, 0, 71, 10, 1))),
      raw(port, (s) => s.end()),
    )
    expect(await one.submit(round)).toEqual({ sum: round, count: 1, average: round })
  }
  await Promise.all(peers)
  expect(await one.submit(1)).toMatchObject({ count: 1 })
})

test('a flood of silent connections beyond the limit displaces itself only', async () => {
  const { port, events } = await up({ limits: { connections: 8 } })
  const one = await join(port, 1)
  await one.submit(1)
  const flood = Array.from({ length: 40 }, () => raw(port, () => {}))
  await events.until((e) => e.kind === 'connected' && e.connection === 41)
  expect(await one.submit(2)).toMatchObject({ sum: 2 })
  await Promise.all(flood.slice(0, 20))
})

test('stopping tells every client, and the port is free at once', async () => {
  const first = await up()
  const one = await join(first.port, 1)
  await one.submit(1)
  await Promise.all([first.stop(), one.gone()])
  const kinds = one.outcomes.told.map((o) =>
    o.kind === 'accepted' ? o.content.kind : o.kind === 'ended' ? o.by : o.kind,
  )
  expect(kinds).toEqual(['challenge', 'aggregate', 'terminate', 'peer'])
  const second = await up({ port: first.port })
  expect(await (await join(second.port, 1)).submit(7)).toMatchObject({ sum: 7, count: 1 })
})

test('a port in use is a failure with its code, and leaves nothing running', async () => {
  const { port } = await up()
  const options = { mode: 'bound', keyring: KEYRING, crypto: nodeCrypto, host: '127.0.0.1', port } as const
  const [began, stopped] = [vi.spyOn(globalThis, 'setInterval'), vi.spyOn(globalThis, 'clearInterval')]
  const second: Listening = await listen(options, () => {})
  expect(second).toMatchObject({ kind: 'failed', error: { code: 'EADDRINUSE' } })
  expect(stopped.mock.calls.map(([timer]) => timer)).toEqual(began.mock.results.map(({ value }) => value))
  expect(began).toHaveBeenCalledTimes(1)
  vi.restoreAllMocks()
})

test('a server that is not there is told with the error of the connection', async () => {
  const { port, stop } = await up()
  await stop()
  const one = await join(port, 1)
  expect(await one.ended()).toEqual({ kind: 'ended', by: 'closed' })
  expect(one.run.error).toMatchObject({ code: 'ECONNREFUSED' })
})

test('a connection is told with the address of its peer', async () => {
  const { port, connected } = await up()
  // Where there is a second address of this machine that is always there, to tell both ends apart.
  const localAddress = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1'
  for (const connection of [1, 2]) {
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    cleanups.push(() => socket.destroy())
    expect(await connected(connection)).toMatchObject({ peer: `${localAddress}:${socket.localPort}` })
  }
})

test('a connection that could not be accepted is told, and the server goes on', async () => {
  const listeners: Server[] = []
  const { listen: real } = Server.prototype
  const spy = vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...args: unknown[]) {
    listeners.push(this)
    return real.apply(this, args as Parameters<typeof real>)
  })
  const { port, events } = await up()
  spy.mockRestore()
  const error = new Error('EMFILE')
  listeners[0]!.emit('error', error)
  listeners[0]!.emit('error', error)
  expect(events.told).toEqual([
    { kind: 'accept-failed', error },
    { kind: 'accept-failed', error },
  ])
  expect(await (await join(port, 1)).submit(7)).toMatchObject({ sum: 7, count: 1 })
})
