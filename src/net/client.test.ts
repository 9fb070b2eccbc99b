import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { frame, nodeCrypto, type Outcome } from '../index.ts'
import { KEYRING } from '../testkit.ts'
import { Run } from './client.ts'
import { Host } from './server.ts'
import { opcodes, SimulatedSocket } from './simulated.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const setup = (limits = {}) => {
  const socket = new SimulatedSocket()
  const outcomes: Outcome[] = []
  const gone = vi.fn()
  const options = { id: 1, masterKey: KEYRING.get(1)!, mode: 'bound', crypto: nodeCrypto, limits } as const
  const run = new Run(
    options,
    () => socket,
    (o) => outcomes.push(o),
    gone,
  )
  /** A server at the other end of the wire; moves everything, both ways. */
  const host = new Host({ mode: 'bound', keyring: KEYRING, crypto: nodeCrypto }, () => {})
  const far = new SimulatedSocket()
  host.accept(far, 'simulated')
  const [there, back] = [{ done: 0 }, { done: 0 }]
  const move = (from: SimulatedSocket, to: SimulatedSocket, at: { done: number }) => {
    from.drain()
    const bytes = Uint8Array.from(from.arrived.slice(at.done))
    at.done = from.arrived.length
    if (bytes.length > 0) to.deliver(bytes)
    return bytes.length
  }
  const pump = () => {
    while (move(socket, far, there) + move(far, socket, back) > 0);
  }
  const said = () =>
    outcomes.map((o) => (o.kind === 'accepted' ? o.content.kind : o.kind === 'ended' ? o.by : o.reason))
  return { socket, far, run, host, pump, said, gone }
}

test('sends HELLO at once, then submits and gets its aggregate', () => {
  const { socket, run, pump, said } = setup()
  expect(opcodes(socket.unsent.map((bytes) => bytes.subarray(4)))).toEqual([10])
  expect(run.submit([1])).toEqual({ kind: 'refused', why: 'not-ready' })
  pump()
  expect(run.submit([1, 2])).toEqual({ kind: 'sent' })
  expect(run.submit([1, 2])).toEqual({ kind: 'refused', why: 'outstanding' })
  pump()
  expect(said()).toEqual(['challenge', 'aggregate'])
})

test('gives up without a CHALLENGE after 5 s, without a response after 10 s', () => {
  const early = setup()
  vi.advanceTimersByTime(4_900)
  expect(early.said()).toEqual([])
  vi.advanceTimersByTime(200)
  expect([early.said(), early.socket.writable]).toEqual([['timeout'], false])
  const late = setup()
  late.pump()
  late.run.submit([1])
  vi.advanceTimersByTime(9_900)
  expect(late.said()).toEqual(['challenge'])
  vi.advanceTimersByTime(200)
  expect(late.said()).toEqual(['challenge', 'timeout'])
})

test('a rejected frame closes, and nothing is sent', () => {
  const { socket, pump, said } = setup()
  pump()
  const before = socket.arrived.length
  socket.deliver(frame.withPrefix(new Uint8Array(71).fill(50)))
  socket.drain()
  expect([said(), socket.arrived.length, socket.shutDown]).toEqual([
    ['challenge', 'wrong-client', 'rejected-frame'],
    before,
    true,
  ])
})

test('finishing says TERMINATE, or only closes when a request is outstanding', () => {
  const calm = setup()
  calm.pump()
  calm.run.finish()
  calm.pump()
  expect([calm.said(), opcodes(calm.socket.frames), calm.socket.shutDown]).toEqual([
    ['challenge', 'finished'],
    [10, 60],
    true,
  ])
  const busy = setup()
  busy.pump()
  busy.run.submit([1])
  busy.run.finish()
  busy.pump()
  expect([busy.said(), opcodes(busy.socket.frames)]).toEqual([
    ['challenge', 'finished'],
    [10, 30],
  ])
})

test('an end of stream while an answer is outstanding ends the run, which is gone when its socket is', async () => {
  const { socket, run, pump, said, gone } = setup()
  pump()
  run.submit([1])
  socket.emit('end')
  expect([said(), socket.writable, gone.mock.calls.length]).toEqual([['challenge', 'closed'], false, 0])
  socket.destroy()
  await vi.waitFor(() => expect(gone.mock.calls.length).toBe(1))
})

test('a broken connection is told with its error, and leaves no timer', () => {
  const { socket, run, host, said, gone } = setup()
  socket.break(new Error('refused'))
  expect([said(), run.error?.message, gone.mock.calls.length]).toEqual([['closed'], 'refused', 1])
  expect(run.submit([1])).toEqual({ kind: 'refused', why: 'not-ready' })
  void host.stop()
  vi.advanceTimersByTime(0) // the turn ends
  expect(vi.getTimerCount()).toBe(1) // the closing time of the server's connection
})

test('an unsent queue of more than 64 KiB ends the session at the next submission', () => {
  const { socket, run, pump, said } = setup()
  pump()
  socket.unsent = [new Uint8Array(70_000)]
  expect(run.submit([1])).toEqual({ kind: 'failed' })
  expect(said()).toEqual(['challenge', 'send-failed'])
})

test('a setting that is refused opens no socket', () => {
  const open = vi.fn(() => new SimulatedSocket())
  const options = { id: 300, masterKey: KEYRING.get(1)!, mode: 'bound', crypto: nodeCrypto } as const
  expect(() => new Run(options, open, () => {})).toThrow('client id: expected 1..255, got 300')
  expect(open).not.toHaveBeenCalled()
})
