import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ClientSession, frame, type Limits, nodeCrypto, nodeRng } from '../index.ts'
import { KEYRING } from '../testkit.ts'
import { MAX_UNSENT } from './channel.ts'
import { Host, type ServerEvent } from './server.ts'
import { opcodes, SimulatedSocket } from './simulated.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A host, and clients whose frames are delivered and read in pieces of `step` bytes. */
const setup = (limits: Partial<Limits> = {}, closingMs?: number) => {
  const events: ServerEvent[] = []
  const keep = (event: ServerEvent) => events.push(event)
  const host = new Host(
    { mode: 'bound', keyring: KEYRING, crypto: nodeCrypto, limits, ...(closingMs ? { closingMs } : {}) },
    keep,
  )
  const plug = () => {
    const socket = new SimulatedSocket()
    host.accept(socket, 'simulated')
    return socket
  }
  const client = (id: number, step = Number.POSITIVE_INFINITY) => {
    const socket = plug()
    const said: string[] = []
    const session = new ClientSession(
      { id, masterKey: KEYRING.get(id)!, mode: 'bound', crypto: nodeCrypto, rng: nodeRng },
      {
        send: (f) => {
          const bytes = frame.withPrefix(f)
          for (let at = 0; at < bytes.length; at += step) socket.deliver(bytes.subarray(at, at + step))
          return true
        },
        report: (o) => {
          if (o.kind === 'accepted' && o.content.kind === 'aggregate')
            said.push(`${o.content.aggregate.sum} ${o.content.aggregate.count} ${o.content.aggregate.average}`)
          else said.push(o.kind === 'accepted' ? o.content.kind : o.kind)
        },
      },
    )
    let taken = 0
    const read = () => {
      while (socket.unsent.length > 0) {
        socket.drain(step)
        session.receive(Uint8Array.from(socket.arrived.slice(taken)))
        taken = socket.arrived.length
      }
    }
    const submit = (...values: number[]) => {
      session.submit(values, 0)
      read()
    }
    session.start(0)
    read()
    return { socket, session, said, submit, read }
  }
  const ends = () =>
    events.flatMap((e) =>
      e.kind === 'outcome' && e.outcome.kind === 'ended' ? [`${e.connection} ${e.outcome.by}`] : [],
    )
  return { host, plug, client, events, ends }
}

const pass = (ms: number) => vi.advanceTimersByTime(ms)

test.each([Number.POSITIVE_INFINITY, 1, 7])('the example of PROTOCOL §8, in pieces of %d bytes', (step) => {
  const { client, host } = setup()
  const one = client(1, step)
  one.submit(10, 20)
  const two = client(2, step)
  two.submit(30, 40)
  expect([one.said, two.said]).toEqual([
    ['challenge', '30 2 15'],
    ['challenge', '100 4 25'],
  ])
  void host.stop()
})

test('an event tells the state after the outcome', () => {
  const { client, events } = setup()
  client(1).submit(1)
  expect(
    events.map((e) =>
      e.kind === 'outcome' ? [e.outcome.kind, e.state?.phase, e.state && 'round' in e.state && e.state.round] : e.kind,
    ),
  ).toEqual(['connected', ['accepted', 'ACTIVE', 1], ['accepted', 'ACTIVE', 2]])
})

test('connections are counted from 1, however many there were', () => {
  const { plug, events } = setup()
  const ids = Array.from({ length: 1_000 }, (_, i) => i + 1)
  for (const _ of ids) plug().break(new Error('gone'))
  expect(events.flatMap((e) => (e.kind === 'connected' ? [e.connection] : []))).toEqual(ids)
  expect(events.flatMap((e) => (e.kind === 'closed' ? [e.connection] : []))).toEqual(ids)
})

describe('peers that misbehave', () => {
  test('a silent one is closed after 5 s, one that trickles a frame too', () => {
    const { plug, ends } = setup()
    const [silent, slow] = [plug(), plug()]
    const hello = frame.withPrefix(new Uint8Array(71).fill(10))
    for (let second = 0; second < 4; second++) {
      slow.deliver(hello.subarray(second, second + 1))
      pass(1_000)
    }
    expect(ends()).toEqual([])
    pass(1_100)
    expect(ends()).toEqual(['1 timeout', '2 timeout'])
    expect([silent.arrived, silent.unsent, silent.shutDown, slow.shutDown]).toEqual([[], [], true, true])
  })

  test('a session without DATA gets TERMINATE after 120 s, an idle one after 600 s', () => {
    const { client, ends } = setup()
    const [idle, unconfirmed] = [client(1), client(2)]
    idle.submit(1)
    pass(119_000)
    expect(ends()).toEqual([])
    pass(1_100)
    unconfirmed.read()
    expect([ends(), unconfirmed.said]).toEqual([['2 timeout'], ['challenge', 'terminate', 'ended']])
    pass(480_000)
    idle.read()
    expect([ends(), idle.said.slice(-2)]).toEqual([
      ['2 timeout', '1 timeout'],
      ['terminate', 'ended'],
    ])
  })

  test('an oversized length ends the connection before anything of the frame is there', () => {
    const { plug, ends } = setup()
    const socket = plug()
    socket.deliver(Uint8Array.of(0, 0, 0x10, 0x48)) // 4,168
    expect(ends()).toEqual(['1 rejected-frame'])
    expect([socket.arrived, socket.shutDown]).toEqual([[], true])
  })

  test('one that reads nothing is refused at 64 KiB; its values are withdrawn and nobody else notices', () => {
    const { client, ends } = setup()
    const [deaf, other] = [client(1), client(2)]
    deaf.submit(1)
    deaf.socket.unsent = [new Uint8Array(MAX_UNSENT + 1)]
    other.submit(2)
    deaf.session.submit([3], 0)
    expect(ends()).toEqual(['1 send-failed'])
    expect(deaf.socket.writableLength).toBe(MAX_UNSENT + 1)
    client(3).submit(4)
    other.submit(5)
    expect(other.said).toEqual(['challenge', '3 2 1.5', '5 1 5'])
    pass(1_000)
    expect(deaf.socket.destroyed).toBe(true)
  })

  test('one that breaks off within a frame takes its session and values along', () => {
    const { client, ends } = setup()
    const [one, two] = [client(1), client(2)]
    one.submit(1)
    one.socket.deliver(Uint8Array.of(0, 0, 0, 71, 30))
    one.socket.break(new Error('ECONNRESET'))
    two.submit(2)
    expect([ends(), two.said.at(-1)]).toEqual([['1 closed'], '2 1 2'])
  })

  test('one that shuts down sending still gets the answer it asked for', () => {
    const { client, ends } = setup()
    const one = client(1)
    one.session.submit([5], 0)
    one.socket.emit('end')
    one.read()
    expect([ends(), one.said, one.socket.shutDown]).toEqual([['1 closed'], ['challenge', '5 1 5'], true])
  })

  test('junk after a rejected frame, in the same chunk and later, is discarded', () => {
    const { client, ends } = setup()
    const one = client(1)
    one.socket.deliver(new Uint8Array(5_000))
    one.socket.deliver(new Uint8Array(5_000))
    one.socket.drain()
    expect([ends(), opcodes(one.socket.frames)]).toEqual([['1 rejected-frame'], [20, 50]])
  })

  test('a flood of connections: as many sockets as the limit says, closing ones included; a confirmed session stays', () => {
    const { client, plug } = setup({ connections: 4 })
    const one = client(1)
    one.submit(1)
    const flood = Array.from({ length: 50 }, plug)
    expect(flood.filter((s) => !s.destroyed)).toHaveLength(3)
    one.submit(2)
    expect(one.said).toEqual(['challenge', '1 1 1', '2 1 2'])
  })

  test('closing sockets stay while all together are within the limit; then the one that began first goes, and no other', () => {
    const { plug } = setup({ connections: 4 })
    const closing = [plug(), plug()]
    for (const socket of closing) socket.deliver(new Uint8Array(4))
    const open = [plug(), plug()]
    const gone = () => [...closing, ...open].map((socket) => socket.destroyed)
    expect(gone()).toEqual([false, false, false, false])
    plug()
    expect(gone()).toEqual([true, false, false, false])
    plug()
    expect(gone()).toEqual([true, true, false, false])
  })

  test('a socket that is gone counts no more', async () => {
    const { plug } = setup({ connections: 4 })
    const [first, ...others] = Array.from({ length: 4 }, plug)
    for (const socket of [first!, ...others]) socket.deliver(new Uint8Array(4))
    for (const socket of others) socket.destroy()
    await Promise.resolve() // and it is told
    plug()
    expect(first!.destroyed).toBe(false)
  })

  test('at the limit with confirmed sessions only, the newcomer is turned away', () => {
    const { client, plug, ends, events } = setup({ connections: 1 })
    client(1).submit(1)
    const late = plug()
    expect(ends()).toEqual(['2 displaced'])
    expect(late.destroyed).toBe(true)
    expect(events.at(-1)).toMatchObject({ kind: 'outcome', connection: 2, state: null })
  })
})

describe('stopping', () => {
  test('every session gets TERMINATE; done when the last socket is gone', async () => {
    const { host, client, plug, ends } = setup()
    const [one, two, silent] = [client(1), client(2), plug()]
    one.submit(1)
    let stopped = false
    const done = Promise.all([host.stop(), host.stop()]).then(() => {
      stopped = true
    })
    one.read()
    two.read()
    expect([one.said.slice(-2), two.said.slice(-2), silent.frames]).toEqual([
      ['terminate', 'ended'],
      ['terminate', 'ended'],
      [],
    ])
    expect(ends()).toEqual(['1 finished', '2 finished', '3 finished'])
    one.socket.destroy()
    two.socket.destroy()
    await Promise.resolve()
    expect(stopped).toBe(false)
    pass(1_000) // the silent peer never closes
    await done
    expect([stopped, silent.destroyed, vi.getTimerCount()]).toEqual([true, true, 0])
  })

  test('with nobody there it is done at once', async () => {
    const { host } = setup()
    await host.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('settings PROTOCOL does not allow are refused before a timer runs', () => {
  expect(() => setup({ connections: 0 })).toThrow('limit connections: expected a positive number, got 0')
  expect(vi.getTimerCount()).toBe(0)
})
