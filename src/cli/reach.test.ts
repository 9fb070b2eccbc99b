/** Every option of the commands reaches its place, and its default is that of PROTOCOL §6–§8: shown by what happens over TCP. */
import { connect, createServer } from 'node:net'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { frame, nodeCrypto, nodeRng, Server } from '../index.ts'
import { cleanups, peer, raw, settle, stopTheClock, teller } from '../net/testkit.ts'
import { DEMO_KEYRING } from './keyring.ts'
import { piped, started } from './testkit.ts'

let pass = (_: number): void => {}
beforeEach(() => {
  pass = stopTheClock()
})

/** A server and its log. */
const serving = async (...args: string[]) => {
  const { screen, end, port } = await started('--port', '0', '--json', ...args)
  const entries = () =>
    screen.text
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  const ends = () => entries().flatMap((e) => (e.event === 'ended' ? [`${e.connection} ${e.by}`] : []))
  let connections = 0
  const next = () => screen.until(new RegExp(`"connected","connection":${++connections},`))
  const silent = async (stubborn = false) => {
    void raw(Number(port), () => {}, stubborn)
    await next()
  }
  const client = async (id: number, ...values: number[]) => {
    const one = await peer(Number(port), id, DEMO_KEYRING)
    await next()
    await one.confirm(...values)
    const submit = async (value: number) => {
      const from = one.outcomes.told.length
      one.session.submit([value], 0)
      return one.heard('aggregate', from)
    }
    return { ...one, submit }
  }
  return { screen, end, port, entries, ends, silent, client }
}

/** After how many ms connections 1 to 3 ended. */
const lifetimes = (text: () => string, most: number) => {
  const ended: (number | null)[] = [null, null, null]
  for (let ms = 50; ms <= most; ms += 50) {
    pass(50)
    for (const [i, before] of ended.entries())
      if (before === null && text().includes(`"by":"timeout","connection":${i + 1},`)) ended[i] = ms
  }
  return ended
}

describe('server', () => {
  test.each([
    [[], [5_000, 120_000, 600_000]],
    [
      ['--hello-ms', '1100', '--unconfirmed-ms', '3700', '--idle-ms', '2300'],
      [1_100, 3_700, 2_300],
    ],
  ])('%j: silent, unconfirmed and confirmed connections have so long', async (args, expected) => {
    const { screen, silent, client } = await serving(...args)
    await silent()
    await client(1)
    await client(2, 5)
    expect(lifetimes(() => screen.text, Math.max(...expected) + 100)).toEqual(expected)
  })

  test.each([
    [[], 1_000],
    [['--closing-ms', '430'], 430],
  ])('%j: it has stopped when its last socket is gone, after %d ms at the latest', async (args, ms) => {
    const { screen, end, silent } = await serving(...args)
    await silent(true)
    const code = end()
    await screen.until(/"stopping","why":"test"/)
    pass(ms - 1)
    await settle()
    expect(screen.text).not.toContain('"stopped"')
    pass(1)
    expect(await code).toBe(0)
    expect(screen.text).toMatch(/"closed","connection":1\}\n.*"stopped"\}\n$/)
  })

  test('--connections 2: the third displaces the first', async () => {
    const { ends, silent } = await serving('--connections', '2')
    for (const _ of [1, 2]) await silent()
    expect(ends()).toEqual([])
    await silent()
    expect(ends()).toEqual(['1 displaced'])
  })

  test.each([
    [[], 4],
    [['--unconfirmed-per-id', '2'], 2],
  ])('%j: %d sessions of a client that have not submitted, and no more', async (args, most) => {
    const { ends, client } = await serving(...args)
    for (let n = 1; n <= most; n++) await client(1)
    await client(2)
    expect(ends()).toEqual([])
    await client(1)
    expect(ends()).toEqual(['1 displaced'])
  })

  test.each([
    [[], 64],
    [['--retained-rounds', '2'], 2],
  ])('%j: the values of %d rounds count', async (args, most) => {
    const { client } = await serving(...args)
    const one = await client(1)
    for (let round = 1; round <= most + 1; round++) await one.submit(100)
    const two = await client(2)
    expect(await two.submit(1)).toMatchObject({ content: { round: 1, aggregate: { sum: 1, count: 1 } } })
    expect(await two.submit(1)).toMatchObject({ content: { round: 2, aggregate: { sum: 101, count: 2 } } })
  })

  test('--mode: a client of the other mode is rejected', async () => {
    for (const [mode, other] of [
      ['literal', 'bound'],
      ['bound', 'literal'],
    ] as const) {
      const { port, entries } = await serving('--mode', mode)
      expect(entries()[0]).toMatchObject({ mode })
      const right = piped('2\n', '1', '--port', port, '--mode', mode)
      await right.screen.until(/sum=2, count=1/)
      const wrong = piped('2\n', '2', '--port', port, '--mode', other)
      expect(await wrong.code).toBe(1)
    }
  })

  test('--host: that address alone', async () => {
    const refused = (host: string, port: string) =>
      new Promise((resolve) => {
        const socket = connect(Number(port), host)
        cleanups.push(() => socket.destroy())
        socket.on('connect', () => resolve('connected')).on('error', () => resolve('refused'))
      })
    const second = process.platform === 'linux' ? '127.0.0.2' : '::1'
    const byDefault = await serving()
    expect(await refused('127.0.0.1', byDefault.port)).toBe('connected')
    expect(await refused(second, byDefault.port)).toBe('refused')
    const elsewhere = await serving('--host', second)
    expect(await refused('127.0.0.1', elsewhere.port)).toBe('refused')
    const one = piped('2\n', '1', '--port', elsewhere.port, '--host', second)
    await one.screen.until(/sum=2, count=1/)
  })

  test('the log has the time of day', async () => {
    vi.setSystemTime(new Date('2026-01-02T03:04:05.678Z'))
    const { entries } = await serving()
    expect(entries()[0]!.time).toBe('2026-01-02T03:04:05.678Z')
    const plain = await started('--port', '0')
    expect(plain.screen.text).toContain('<dim>03:04:05</> <bold>listening on')
  })
})

/** A server that says nothing, or nothing but its CHALLENGE; `heard` tells what it accepted. */
const mute = async (challenges: boolean) => {
  const core = new Server({ mode: 'bound', keyring: DEMO_KEYRING, crypto: nodeCrypto })
  const heard = teller<string>()
  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    const port = {
      send: (f: Uint8Array) => {
        if (challenges && f[0] === frame.OPCODE.challenge) socket.write(frame.withPrefix(f))
        return true
      },
      report: (o: { kind: string }) => heard.tell('content' in o ? (o.content as { kind: string }).kind : o.kind),
    }
    const connection = core.open(port, nodeRng, 0)
    socket.on('data', (bytes) => core.receive(connection, bytes, 0)).on('error', () => {})
    cleanups.push(() => socket.destroy())
  })
  cleanups.push(() => listener.close())
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  return {
    port: String((listener.address() as { port: number }).port),
    heard: (kind: string) => heard.until((k) => k === kind),
  }
}

/** After how many ms it ended, and how long its socket is kept then. */
const patience = async (code: Promise<number>) => {
  let exit: number | null = null
  void code.then((c) => {
    exit = c
  })
  let ended = 0
  while (exit === null && ended < 20_000) {
    pass(50)
    ended += 50
    await new Promise(setImmediate)
  }
  let closing = 0
  for (; vi.getTimerCount() > 0 && closing < 20_000; closing += 10) pass(10)
  return { exit, ended, closing }
}

describe('client', () => {
  const GIVEN = ['--challenge-ms', '2100', '--response-ms', '3300', '--closing-ms', '710']

  test.each([
    [[], { exit: 1, ended: 5_000, closing: 1_000 }],
    [GIVEN, { exit: 1, ended: 2_100, closing: 710 }],
  ])('%j: patience with a server that says nothing', async (args, expected) => {
    const { port, heard } = await mute(false)
    const { screen, code } = piped('1\n', '1', '--port', port, ...args)
    await heard('hello')
    expect(await patience(code)).toEqual(expected)
    expect(screen.text).toContain(`Timeout: no CHALLENGE from 127.0.0.1:${port}`)
  })

  test.each([
    [[], { exit: 1, ended: 10_000, closing: 1_000 }],
    [GIVEN, { exit: 1, ended: 3_300, closing: 710 }],
  ])('%j: patience with a server that does not answer', async (args, expected) => {
    const { port, heard } = await mute(true)
    const { screen, code } = piped('1\n', '1', '--port', port, ...args)
    await heard('data')
    expect(await patience(code)).toEqual(expected)
    expect(screen.text).toContain('Timeout: the server did not answer')
  })
})
