/** Time over TCP: the sockets are real, the clock is the test's, so that ten minutes take none. */
import { createServer } from 'node:net'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { cleanups, join, peer, raw, settle, stopTheClock, teller, up } from './testkit.ts'

const TICK_MS = 50 // by which a deadline may be overrun
let pass = (_: number): void => {}
beforeEach(() => {
  pass = stopTheClock()
})

/** Nothing ends before `ms` have passed, and by the next tick exactly `expected` did. */
const endsAfter = (ms: number, ends: () => string[], expected: string) => {
  const before = ends()
  pass(ms - 1)
  expect(ends()).toEqual(before)
  pass(TICK_MS)
  expect(ends()).toEqual([...before, expected])
}

describe.each([0, 7, 49, 1_234, 3_037, 300_001])('%d ms after the server began', (age) => {
  test('a silent connection has 5 s, a HELLO begins 120 s, a DATA 600 s', async () => {
    const { port, ends, connected } = await up()
    pass(age)
    void raw(port)
    await connected(1)
    endsAfter(5_000, ends, '1 timeout')
    const unconfirmed = await peer(port, 1)
    await connected(2)
    pass(4_321) // of the time for the HELLO, which ends with it
    await unconfirmed.confirm()
    endsAfter(120_000, ends, '2 timeout')
    const confirmed = await peer(port, 2)
    await confirmed.confirm()
    pass(98_765)
    confirmed.session.submit([1], 0)
    await confirmed.heard('aggregate')
    endsAfter(600_000, ends, '3 timeout')
    await confirmed.heard('terminate')
  })

  test('a client gives a server 5 s for the CHALLENGE and 10 s for an answer', async () => {
    const deaf = createServer({ allowHalfOpen: true })
    cleanups.push(() => deaf.close())
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve))
    const { port } = deaf.address() as { port: number }
    pass(age)
    const told = teller<string>()
    void join(port, 1).then(async ({ ended }) => {
      const { by } = (await ended()) as { by: string }
      told.tell(by)
    })
    pass(4_999)
    await settle()
    expect(told.told).toEqual([])
    pass(TICK_MS)
    await told.until((by) => by === 'timeout')
  })
})

test('a client that is never quiet for as long as 600 s stays, however long it is there', async () => {
  const { port, ends } = await up()
  const busy = await join(port, 1)
  for (let round = 1; round <= 12; round++) {
    expect(await busy.submit(round)).toEqual({ sum: round, count: 1, average: round })
    pass(round % 2 === 0 ? 599_999 : 77_777)
    expect(ends()).toEqual([])
  }
  pass(600_000)
  expect(ends()).toEqual(['1 timeout'])
  expect(await busy.ended()).toEqual({ kind: 'ended', by: 'peer' })
})

test('a client waits 10 s for each answer, since it asked; in between it waits for ever', async () => {
  const { port, events } = await up({ limits: { idleMs: 1e9, unconfirmedMs: 1e9 } })
  const one = await join(port, 1)
  for (let round = 1; round <= 3; round++) {
    pass(999_999)
    const answer = one.submit(round)
    pass(9_999) // while it is under way
    expect(await answer).toMatchObject({ sum: round })
  }
  expect(events.told.filter((e) => e.kind === 'outcome' && e.outcome.kind === 'ended')).toEqual([])
})

test('setting the time of day moves no timer', async () => {
  const { port, ends, connected } = await up()
  void raw(port)
  await connected(1)
  for (const time of [4e12, 1, 2e12]) {
    vi.setSystemTime(time)
    pass(100)
    expect(ends()).toEqual([])
  }
  pass(4_700)
  expect(ends()).toEqual(['1 timeout'])
})

describe('stop', () => {
  test('resolves when the last socket is gone, one that never closes after 1 s, and not before', async () => {
    const { port, stop, connected, events } = await up()
    const one = await join(port, 1)
    void raw(port, () => {}, true)
    await connected(2)
    const log: string[] = []
    const done = stop().then(() => log.push('stopped'))
    expect(await one.ended()).toEqual({ kind: 'ended', by: 'peer' })
    await one.gone()
    await settle()
    pass(999)
    await settle()
    expect(log).toEqual([])
    pass(1)
    await done
    expect(events.told.filter((e) => e.kind === 'closed').map((e) => e.connection)).toEqual([1, 2])
  })

  test('takes no newcomer, and leaves no timer', async () => {
    const { port, stop, events } = await up()
    const one = await join(port, 1)
    await Promise.all([stop(), one.gone()])
    await raw(port)
    expect(events.told.filter((e) => e.kind === 'connected')).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })
})
