/** For the tests beside: a server, clients and peers without manners over TCP. Waits for what must happen, never for a time. */
import { connect, type Socket } from 'node:net'
import { afterEach, expect, vi } from 'vitest'
import { ClientSession, type EndReason, frame, nodeCrypto, nodeRng, type Outcome } from '../index.ts'
import { KEYRING } from '../testkit.ts'
import { dial, type Run } from './client.ts'
import { type ListenOptions, listen, type ServerEvent } from './server.ts'

/** What is to be undone after a test, the last first. */
export const cleanups: (() => unknown)[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const { setTimeout, clearTimeout } = globalThis // those of the machine, whatever a test puts there
const PATIENCE_MS = 10_000

/** Resolves with the first thing told, past or future, that matches; rejects when nothing does for 10 s. */
export const teller = <T>() => {
  const told: T[] = []
  const waiting: (() => void)[] = []
  const tell = (t: T) => {
    told.push(t)
    for (const wake of waiting.splice(0)) wake()
  }
  const until = async <U extends T>(matches: (t: T) => boolean, from = 0): Promise<U> => {
    for (;;) {
      const found = told.slice(from).find(matches)
      if (found !== undefined) return found as U
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`not told, but ${JSON.stringify(told.slice(-3))}`)),
          PATIENCE_MS,
        )
        waiting.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }
  return { told, tell, until }
}

/** Time passes for this process alone, when the test says so; its sockets are real and go on. */
export const stopTheClock = (): ((ms: number) => void) => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance', 'Date'] })
  return (ms) => vi.advanceTimersByTime(ms)
}

/** Many turns of the event loop: whatever is under way on this machine's sockets arrives. */
export const settle = async () => {
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
}

export const up = async (settings: Partial<ListenOptions> = {}) => {
  const events = teller<ServerEvent>()
  const options = {
    mode: 'bound',
    keyring: KEYRING,
    crypto: nodeCrypto,
    host: '127.0.0.1',
    port: 0,
    ...settings,
  } as const
  const listening = await listen(options, events.tell)
  if (listening.kind === 'failed') throw listening.error
  cleanups.push(listening.stop)
  /** The ends of connections so far. */
  const ends = () =>
    events.told.flatMap((e) =>
      e.kind === 'outcome' && e.outcome.kind === 'ended' ? [`${e.connection} ${e.outcome.by}`] : [],
    )
  const connected = (connection: number) => events.until((e) => e.kind === 'connected' && e.connection === connection)
  return { ...listening, events, ends, connected }
}

const isContent =
  (...kinds: string[]) =>
  (o: Outcome) =>
    o.kind === 'ended' || (o.kind === 'accepted' && kinds.includes(o.content.kind))

/** A client through `dial`, after its handshake. */
export const join = async (port: number, id: number, settings: Partial<Parameters<typeof dial>[0]> = {}) => {
  const outcomes = teller<Outcome>()
  const gone = teller<true>()
  const options = {
    id,
    masterKey: KEYRING.get(id)!,
    mode: 'bound',
    crypto: nodeCrypto,
    host: '127.0.0.1',
    port,
    ...settings,
  } as const
  const run: Run = dial(options, outcomes.tell, () => gone.tell(true))
  cleanups.push(() => run.finish())
  await outcomes.until(isContent('challenge'))
  const submit = async (...values: number[]) => {
    const from = outcomes.told.length
    expect(run.submit(values)).toEqual({ kind: 'sent' })
    const o = await outcomes.until((t) => t.kind === 'ended' || t.kind === 'accepted', from)
    return o.kind === 'accepted' && o.content.kind === 'aggregate' ? o.content.aggregate : o
  }
  const ended = () => outcomes.until((o) => o.kind === 'ended')
  return { run, outcomes, submit, ended, gone: () => gone.until(() => true) }
}

/** A peer without any manners; resolves when its connection is gone. One that is `stubborn` never closes by itself. */
export const raw = (port: number, act: (socket: Socket) => void = () => {}, stubborn = false): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: stubborn }, () => act(socket))
    socket.on('error', () => {})
    socket.on('close', () => resolve())
    socket.resume()
    cleanups.push(() => socket.destroy())
  })

/** The client of the core on a socket of its own, whose every byte is in the hands of the test. */
export const peer = async (port: number, id: number, keyring: ReadonlyMap<number, Uint8Array> = KEYRING) => {
  const outcomes = teller<Outcome>()
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true })
  cleanups.push(() => socket.destroy())
  const ends = teller<EndReason | 'stream'>()
  const session = new ClientSession(
    { id, masterKey: keyring.get(id)!, mode: 'bound', crypto: nodeCrypto, rng: nodeRng },
    {
      send: (f) => {
        socket.write(frame.withPrefix(f))
        return true
      },
      report: outcomes.tell,
    },
  )
  socket.on('data', (bytes) => session.receive(bytes))
  socket.on('error', () => {})
  socket.on('end', () => ends.tell('stream'))
  await new Promise((resolve) => socket.once('connect', resolve))
  const heard = (kind: string, from = 0) => outcomes.until(isContent(kind), from)
  /** The handshake, and a first submission. */
  const confirm = async (...values: number[]) => {
    session.start(0)
    await heard('challenge')
    if (values.length > 0) session.submit(values, 0)
    if (values.length > 0) await heard('aggregate')
  }
  return { socket, session, outcomes, heard, confirm, ended: () => ends.until(() => true) }
}
