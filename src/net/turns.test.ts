import { connect, createServer } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { Channel, CLOSING_MS } from './channel.ts'
import { SimulatedSocket } from './simulated.ts'
import { SLICE, Turns } from './turns.ts'

afterEach(() => {
  vi.useRealTimers()
})

const PEERS = 40
const CHUNK = 100 // bytes: eleven of them exceed a slice
const A_TURN = Math.ceil(SLICE / CHUNK)

test('what many peers send at once is worked on over many turns, in the order of arrival', () => {
  vi.useFakeTimers()
  const turns = new Turns()
  const worked: number[] = []
  const sockets = Array.from({ length: PEERS }, (_, n) => {
    const socket = new SimulatedSocket()
    const listener = { received: () => worked.push(n), lost: () => {}, closed: () => {} }
    new Channel(socket, listener, CLOSING_MS, turns)
    return socket
  })
  for (const socket of sockets) socket.deliver(new Uint8Array(CHUNK))
  for (let most = A_TURN; most < PEERS; most += A_TURN) {
    expect(worked).toHaveLength(most)
    vi.advanceTimersToNextTimer()
  }
  expect(worked).toEqual(Array.from({ length: PEERS }, (_, n) => n))
  vi.runAllTimers()
  expect(sockets.some((socket) => socket.paused)).toBe(false)
})

test('a turn that nobody used up leaves the next one whole', () => {
  vi.useFakeTimers()
  const turns = new Turns()
  expect([turns.admit(SLICE - 1), turns.admit(1), turns.admit(1)]).toEqual([true, true, false])
  vi.runAllTimers()
  expect(vi.getTimerCount()).toBe(0)
  expect(turns.admit(SLICE)).toBe(true)
})

test('over TCP, an end of stream waits for what many peers sent before it', async () => {
  const turns = new Turns()
  let connected = 0
  let allConnected = () => {}
  const all = new Promise<void>((resolve) => {
    allConnected = resolve
  })
  const told: string[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let bytes = 0
    new Channel(
      socket,
      {
        received: (chunk) => {
          bytes += chunk.length
        },
        lost: (error) => told.push(`${bytes} bytes, ${error?.message ?? 'end'}`),
        closed: () => {},
      },
      CLOSING_MS,
      turns,
    )
    if (++connected === PEERS) allConnected()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const peers = Array.from({ length: PEERS }, () => connect(port, '127.0.0.1').resume())
  const gone = peers.map((peer) => new Promise((resolve) => peer.on('close', resolve)))
  await all
  for (const peer of peers) peer.end(new Uint8Array(3 * CHUNK))
  await Promise.all(gone)
  expect(told).toEqual(Array(PEERS).fill(`${3 * CHUNK} bytes, end`))
  await new Promise((resolve) => server.close(resolve))
})
