import { createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { frame, nodeCrypto } from '../../../src/index.ts'
import { listen } from '../../../src/net/index.ts'
import { type BurstOptions, burst, Wire } from './burst.ts'
import { KEYRING } from './plan.ts'
import { Steady } from './steady.ts'

const HOST = '127.0.0.1'
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A server that does what it is told with each chunk that it gets. */
const serve = async (hear: (socket: Socket, chunk: Buffer) => void): Promise<Wire> => {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('data', (chunk) => hear(socket, chunk)).on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const wire = new Wire(HOST, (server.address() as { port: number }).port)
  closers.push(() => wire.close())
  return wire
}

const OPTIONS: BurstOptions = { patienceMs: 10_000, sent: () => {}, answered: () => {}, stopped: () => false }
const requests = [1, 2, 3].map((n) => frame.withPrefix(new Uint8Array(71).fill(n)))

describe('a burst', () => {
  test('sends the next request when the last one is answered, however the answer is cut', async () => {
    const wire = await serve((socket, chunk) => {
      socket.write(chunk.subarray(0, 10), () => socket.write(chunk.subarray(10)))
    })
    const counts = { sent: 0, answered: 0 }
    const { answers } = await burst([{ wire, requests }], {
      ...OPTIONS,
      sent: () => counts.sent++,
      answered: () => counts.answered++,
    })
    expect(answers[0]!.frames.map((f) => [f.length, f[0]])).toEqual([
      [71, 1],
      [71, 2],
      [71, 3],
    ])
    expect([answers[0]!.wrong, answers[0]!.sentAt.length, answers[0]!.gotAt.length, counts]).toEqual([
      null,
      3,
      3,
      { sent: 3, answered: 3 },
    ])
  })

  test('ends when a connection does', async () => {
    let heard = 0
    const wire = await serve((socket, chunk) => (++heard === 1 ? socket.write(chunk) : socket.end()))
    const { answers } = await burst([{ wire, requests }], OPTIONS)
    expect([answers[0]!.frames.length, answers[0]!.wrong]).toEqual([1, 'the server closed the connection'])
    const after = await burst([{ wire, requests }], OPTIONS)
    expect(after.answers[0]!.wrong).toBe('the server closed the connection')
  })

  test('waits no longer than its patience', async () => {
    const wire = await serve(() => {})
    const { answers } = await burst([{ wire, requests }], { ...OPTIONS, patienceMs: 10 })
    expect([answers[0]!.frames, answers[0]!.wrong]).toEqual([[], 'no answer within 0.01 s'])
  })

  test('sends nothing more when it is to stop', async () => {
    const wire = await serve((socket, chunk) => socket.write(chunk))
    const { answers } = await burst([{ wire, requests }], { ...OPTIONS, stopped: () => true })
    expect([answers[0]!.frames.length, answers[0]!.wrong]).toEqual([1, null])
  })

  test('without lanes ends at once', async () => {
    expect(await burst([], OPTIONS)).toEqual({ ms: 0, answers: [] })
  })
})

describe('a client that stays', () => {
  const joined = async (mode: 'bound' | 'literal' = 'bound') => {
    const listening = await listen(
      { host: HOST, port: 0, mode: 'bound', keyring: KEYRING, crypto: nodeCrypto },
      () => {},
    )
    if (listening.kind === 'failed') throw listening.error
    closers.push(() => listening.stop())
    const client = new Steady(3, 1, mode, listening.port)
    closers.push(() => client.wire.close())
    return { client, wrong: await client.join(10_000) }
  }

  test('sends what its session would have sent, and accepts the answers, over several bursts', async () => {
    const { client, wrong } = await joined()
    expect(wrong).toBeNull()
    for (const rounds of [3, 70]) {
      const prepared = client.prepare(rounds)
      const { answers } = await burst([{ wire: client.wire, requests: prepared }], OPTIONS)
      const verdict = client.verify(prepared, answers[0]!.frames)
      expect([verdict.verified.length, verdict.wrong]).toEqual([rounds, null])
    }
  })

  test('refuses an altered answer, and every one after it', async () => {
    const { client } = await joined()
    const prepared = client.prepare(3)
    const { answers } = await burst([{ wire: client.wire, requests: prepared }], OPTIONS)
    const { frames } = answers[0]!
    frames[1]![30]! ^= 1
    const verdict = client.verify(prepared, frames)
    expect(verdict.verified.map((v) => v.round)).toEqual([1])
    expect(verdict.wrong).toBe('client 3, round 2: expected aggregate, got a frame that is rejected (bad-tag)')
    expect(client.prepare(1)).toEqual([])
  })

  test('says so when the handshake fails', async () => {
    const { wrong } = await joined('literal')
    expect(wrong).toBe('expected challenge, got a frame that is rejected (bad-tag)')
  })
})
