import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Channel, MAX_UNSENT } from './channel.ts'
import { SimulatedSocket } from './simulated.ts'
import { SLICE } from './turns.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const setup = (closingMs?: number) => {
  const socket = new SimulatedSocket()
  const log: string[] = []
  const received: number[] = []
  const channel: Channel = new Channel(
    socket,
    {
      received: (bytes) => {
        log.push(`received ${bytes.length}`)
        received.push(...bytes)
      },
      lost: (error) => log.push(`lost ${error?.message ?? 'end'}, ${channel.send(FRAME) ? 'may send' : 'mute'}`),
      closed: () => log.push('closed'),
    },
    closingMs,
  )
  return { socket, log, received, channel }
}
const FRAME = new Uint8Array(71).fill(7)
const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i)

describe('handing over', () => {
  test('a frame arrives whole behind its length, however the system cuts the writes', () => {
    const { socket, channel } = setup()
    expect(channel.send(FRAME)).toBe(true)
    expect(channel.send(FRAME)).toBe(true)
    for (let i = 0; i < 40; i++) socket.drain(i % 5)
    expect(socket.frames).toHaveLength(1) // 80 of 150 bytes so far
    socket.drain()
    expect(socket.frames).toEqual([FRAME, FRAME])
  })

  test('frames of one turn are given to the system together, at its end or with the end of the stream', () => {
    const { socket, channel } = setup()
    const corked = () => socket.writableCorked
    channel.send(FRAME)
    channel.send(FRAME)
    expect([corked(), socket.writableLength]).toEqual([1, 150])
    vi.advanceTimersByTime(0)
    expect(corked()).toBe(0)
    channel.send(FRAME)
    channel.close()
    expect(corked()).toBe(0)
    vi.advanceTimersByTime(0)
    expect(corked()).toBe(0)
  })

  test('PROTOCOL §4: refused when more than 64 KiB are unsent, possible again when the peer has read', () => {
    const { socket, channel } = setup()
    socket.unsent = [new Uint8Array(MAX_UNSENT)]
    expect(channel.send(FRAME)).toBe(true) // not more than 64 KiB yet
    expect(channel.send(FRAME)).toBe(false)
    expect(socket.writableLength).toBe(MAX_UNSENT + 75)
    socket.drain(75)
    expect(channel.send(FRAME)).toBe(true)
  })

  test('refused on a connection known to be closed', () => {
    for (const spoil of [
      (s: SimulatedSocket) => s.destroy(),
      (s: SimulatedSocket) => s.end(),
      (s: SimulatedSocket) => s.break(new Error('reset')),
    ]) {
      const { socket, channel } = setup()
      spoil(socket)
      expect(channel.send(FRAME)).toBe(false)
      expect(socket.unsent).toEqual([])
    }
  })

  test('a socket that dies of the write itself did not take the frame', () => {
    const { socket, channel } = setup()
    socket.write = () => {
      socket.destroyed = true
      return false
    }
    expect(channel.send(FRAME)).toBe(false)
  })

  test('an error after a successful hand-over is a loss, told once', () => {
    const { socket, channel, log } = setup()
    expect(channel.send(FRAME)).toBe(true)
    socket.break(new Error('EPIPE'))
    expect(log).toEqual(['lost EPIPE, mute', 'closed'])
    vi.advanceTimersByTime(0) // the turn ends
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('reading', () => {
  test('a long chunk is worked on in slices, one a turn, in order, with the peer held back', () => {
    const { socket, received, log } = setup()
    socket.deliver(counting(2 * SLICE + 5))
    socket.deliver(counting(3))
    expect(log).toEqual([`received ${SLICE}`])
    expect(socket.paused).toBe(true)
    vi.advanceTimersToNextTimer()
    expect(log).toEqual([`received ${SLICE}`, `received ${SLICE}`])
    vi.advanceTimersToNextTimer()
    expect(log.slice(2)).toEqual(['received 5', 'received 3'])
    expect(received).toEqual([...counting(2 * SLICE + 5), ...counting(3)])
    expect(socket.paused).toBe(false)
  })

  test('as much as a system ever hands over at once is worked on to its last byte', () => {
    const { socket, received } = setup()
    const chunk = counting(2 ** 17 + 1)
    socket.deliver(chunk)
    vi.runAllTimers()
    expect(Buffer.compare(Uint8Array.from(received), chunk)).toBe(0)
  })

  test('two peers with long chunks take turns', () => {
    const [a, b] = [setup(), setup()]
    const order: string[] = []
    a.log.push = (text) => order.push(`a ${text}`)
    b.log.push = (text) => order.push(`b ${text}`)
    a.socket.deliver(counting(3 * SLICE))
    b.socket.deliver(counting(SLICE + 1))
    vi.runAllTimers()
    expect(order.map((o) => o.slice(0, 1)).join('')).toBe('ababa')
  })

  test('what is left of a chunk is dropped when the connection closes or breaks in between', () => {
    for (const stop of [
      (c: Channel, _: SimulatedSocket) => c.close(),
      (_: Channel, s: SimulatedSocket) => s.break(new Error('reset')),
      (c: Channel, _: SimulatedSocket) => c.destroy(),
    ]) {
      const { socket, channel, received } = setup()
      socket.deliver(counting(3 * SLICE))
      stop(channel, socket)
      vi.runAllTimers()
      expect(received).toHaveLength(SLICE)
    }
  })

  test('an end of stream is told when all that came before it was worked on', () => {
    const { socket, log } = setup()
    socket.deliver(counting(2 * SLICE + 5))
    socket.emit('end')
    vi.advanceTimersToNextTimer()
    expect(log).toEqual([`received ${SLICE}`, `received ${SLICE}`])
    vi.advanceTimersToNextTimer()
    expect(log.slice(2)).toEqual(['received 5', 'lost end, may send'])
  })

  test('a listener that closes on the first slice gets no second', () => {
    const socket = new SimulatedSocket()
    const sizes: number[] = []
    const channel: Channel = new Channel(socket, {
      received: (bytes) => {
        sizes.push(bytes.length)
        channel.close()
      },
      lost: () => {},
      closed: () => {},
    })
    socket.deliver(counting(2 * SLICE))
    vi.runAllTimers()
    expect(sizes).toEqual([SLICE])
  })
})

describe('PROTOCOL §6, closing', () => {
  test('what is queued is sent, then sending is shut down, input is discarded', () => {
    const { socket, channel, log } = setup()
    channel.send(FRAME)
    socket.drain(10)
    channel.close()
    expect([channel.closing, channel.send(FRAME), socket.shutDown]).toEqual([true, false, false])
    socket.deliver(counting(9))
    socket.drain(10)
    socket.deliver(counting(9))
    socket.drain()
    expect([socket.frames, socket.shutDown, log]).toEqual([[FRAME], true, []])
  })

  test('a peer that never closes, or never reads, is given 1 s', () => {
    const { socket, channel, log } = setup()
    channel.send(FRAME)
    channel.close()
    vi.advanceTimersByTime(999)
    expect(socket.destroyed).toBe(false)
    channel.close() // again: extends nothing
    vi.advanceTimersByTime(1)
    expect(socket.destroyed).toBe(true)
    return vi.waitFor(() => expect(log).toEqual(['closed']))
  })

  test('the closing time is a setting, and no timer outlives the socket', () => {
    const { socket, channel } = setup(20)
    channel.close()
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(20)
    expect(socket.destroyed).toBe(true)
    socket.emit('close')
    expect(vi.getTimerCount()).toBe(0)
  })

  test('closing while held back by a long chunk lets the rest of the input go', () => {
    const { socket, channel, received } = setup()
    socket.deliver(counting(SLICE + 1))
    socket.deliver(counting(4))
    channel.close()
    expect(socket.paused).toBe(false)
    expect(received).toHaveLength(SLICE)
  })

  test('an end of stream is a loss without an error, and our queue still goes out', () => {
    const { socket, channel, log } = setup()
    channel.send(FRAME)
    socket.emit('end')
    expect(log).toEqual(['lost end, may send'])
    socket.drain()
    expect(socket.frames).toEqual([FRAME, FRAME])
    expect(socket.shutDown).toBe(true)
  })

  test('a socket that is gone without an end or an error is a loss, told before it is closed', async () => {
    const { socket, log } = setup()
    socket.destroy()
    await vi.waitFor(() => expect(log).toEqual(['lost end, mute', 'closed']))
    expect(vi.getTimerCount()).toBe(0)
  })

  test('data, errors and ends after the end are nothing', () => {
    const { socket, log } = setup()
    socket.emit('end')
    socket.deliver(counting(5))
    socket.emit('end')
    socket.break(new Error('late'))
    expect(log).toEqual(['lost end, may send', 'closed'])
  })
})
