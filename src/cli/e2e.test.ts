/** The programs as processes: what they print and how they exit. Waits for output, never for a time. */
import { readFileSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { client, folder, Program, serve } from './programs.ts'

test('the example of PROTOCOL §8, and a third client: a server and three clients', async () => {
  const { server, port } = await serve('--json')
  const [one, two, three] = [client(1, port), client(2, port), client(3, port)]
  one.say('10, 20\n')
  expect((await one.until(/Aggregated .*/))[0]).toBe('Aggregated sum=30, count=2, avg=15.00')
  two.say('30, 40\n')
  expect((await two.until(/Aggregated .*/))[0]).toBe('Aggregated sum=100, count=4, avg=25.00')
  three.say('0.5\n')
  expect((await three.until(/Aggregated .*/))[0]).toBe('Aggregated sum=100.5, count=5, avg=20.10')
  one.say('1\n')
  await one.until(/Aggregated sum=1, count=1, avg=1\.00/) // a round of its own
  expect(await Promise.all([one.end(), two.end(), three.end()])).toEqual([0, 0, 0])
  server.child.kill('SIGTERM')
  expect(await server.exit).toBe(0)
  const events = server.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(events[0]).toMatchObject({ event: 'listening', host: '127.0.0.1', mode: 'bound', demoKeys: true })
  expect(events.filter((e) => e.event === 'submission').slice(0, 3)).toMatchObject([
    { client: 1, round: 1, values: [10, 20], sum: 30, count: 2, average: 15 },
    { client: 2, round: 1, values: [30, 40], sum: 100, count: 4, average: 25 },
    { client: 3, round: 1, values: [0.5], sum: 100.5, count: 5, average: 20.1 },
  ])
  expect(events.filter((e) => e.event === 'ended').map((e) => e.by)).toEqual(['peer', 'peer', 'peer'])
  expect(events.at(-1)).toMatchObject({ event: 'stopped' })
}, 120_000)

describe('client', () => {
  test('from a pipe: one submission a line, aggregates alone on its output', async () => {
    const { port } = await serve()
    const piped = client(1, port)
    expect(await piped.end('10.5, 20.3, 30.1\nten\n\n1e301\n-4')).toBe(0) // the last line without an end
    expect(piped.out).toBe('Aggregated sum=60.9, count=3, avg=20.30\nAggregated sum=-4, count=1, avg=-4.00\n')
    expect(piped.err).toContain('Not sent (line 2): expected numbers separated by commas, got "ten"')
    expect(piped.err).toContain('Not sent (line 4): expected numbers from -1e300 to 1e300, got "1e301"')
  }, 60_000)

  test('a long pipe', async () => {
    const { port } = await serve()
    const piped = client(1, port)
    expect(await piped.end('1,2\n'.repeat(300))).toBe(0)
    expect(piped.out).toBe('Aggregated sum=3, count=2, avg=1.50\n'.repeat(300))
  }, 60_000)

  test('no server: a clear sentence, exit 1', async () => {
    const { server, port } = await serve()
    server.child.kill('SIGTERM')
    await server.exit
    const lonely = client(1, port)
    expect(await lonely.exit).toBe(1)
    expect(lonely.err).toContain(`Server gone: cannot reach 127.0.0.1:${port} (ECONNREFUSED)`)
  }, 60_000)

  test('a server that answers nothing: exit 1', async () => {
    const { server, port } = await serve()
    server.child.kill('SIGSTOP') // the system still accepts its connections
    const waiting = client(1, port, '--challenge-ms', '200', '--closing-ms', '50')
    expect(await waiting.exit).toBe(1)
    expect(waiting.err).toContain(`Timeout: no CHALLENGE from 127.0.0.1:${port}`)
  }, 60_000)

  test('another key or another mode: rejected, exit 1', async () => {
    const file = join(folder(), 'keys.json')
    const keys = new Program('keys', ['--ids', '1-3', '--out', file])
    expect(await keys.exit).toBe(0)
    const { server, port } = await serve('--keys', file)
    const stranger = client(1, port)
    const otherMode = client(1, port, '--keys', file, '--mode', 'literal')
    const right = client(1, port, '--keys', file)
    expect(await right.end('5')).toBe(0)
    expect([right.out, right.err.includes('DEMO')]).toEqual(['Aggregated sum=5, count=1, avg=5.00\n', false])
    expect([await stranger.exit, await otherMode.exit]).toEqual([1, 1])
    expect(stranger.err).toContain('closed the connection; most likely it does not know client 1 by this key')
    expect(otherMode.err).toContain('Rejected: the CHALLENGE failed the checks (bad-tag)')
    await server.until(/rejected .*bad-tag/)
    for (const key of Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>))
      for (const text of [server.out, server.err, right.err, keys.out]) expect(text).not.toContain(key)
  }, 120_000)

  test('SIGTERM and SIGINT end it with a goodbye, exit 0', async () => {
    const { server, port } = await serve()
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const stopped = client(2, port)
      await stopped.until(/Connected/)
      stopped.child.kill(signal)
      expect(await stopped.exit).toBe(0)
    }
    await server.until(/#2 .*TERMINATED .*client 2: the client said goodbye/)
  }, 120_000)

  test('a server that restarts on its port: noticed while nothing is outstanding, and re-established', async () => {
    const { server, port } = await serve()
    const lasting = client(1, port)
    lasting.say('1\n')
    await lasting.until(/Aggregated sum=1/)
    server.child.kill('SIGTERM')
    expect(await server.exit).toBe(0)
    expect(server.out).toContain('stopping (SIGTERM): TERMINATE to every session')
    await lasting.until(/The server ended the session \(TERMINATE\)/)
    const again = new Program('server', ['--port', port])
    await again.until(/listening/)
    await lasting.until(/a new session is established, at round 1/)
    lasting.say('7\n')
    await lasting.until(/Aggregated sum=7, count=1/)
    expect(await lasting.end()).toBe(0)
  }, 120_000)

  test('a server that hangs or dies with an answer outstanding: exit 1, and the round is called unknown', async () => {
    const { server, port } = await serve()
    const [waiting, cut] = [client(1, port, '--response-ms', '200', '--closing-ms', '50'), client(2, port)]
    await Promise.all([waiting.until(/Connected/), cut.until(/Connected/)])
    server.child.kill('SIGSTOP')
    cut.say('1\n2\n')
    waiting.say('1\n2\n')
    expect(await waiting.exit).toBe(1)
    expect(waiting.err).toContain('Timeout: the server did not answer; whether round 1 counted is unknown')
    server.child.kill('SIGKILL')
    expect(await cut.exit).toBe(1)
    expect(cut.err).toMatch(/Server gone: /)
  }, 60_000)
})

describe('server', () => {
  test('junk, silence and resets leave it serving; what they did is in the log', async () => {
    const { server, port } = await serve('--json', '--hello-ms', '1000', '--closing-ms', '100')
    const raw = (bytes: Buffer) =>
      new Promise<void>((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes))
        socket.on('error', () => {}).on('close', () => resolve())
        socket.resume()
      })
    await Promise.all([raw(Buffer.alloc(100_000, 7)), raw(Buffer.alloc(0)), raw(Buffer.of(0, 0, 0, 71, 10))])
    await server.until(/"by":"rejected-frame"/)
    await server.until(/"by":"timeout".*\n(.*\n)*.*"by":"timeout"/)
    const one = client(1, port)
    expect(await one.end('4')).toBe(0)
    expect(one.out).toBe('Aggregated sum=4, count=1, avg=4.00\n')
  }, 60_000)

  test('SIGINT twice is still one orderly end', async () => {
    const { server } = await serve()
    server.child.kill('SIGINT')
    server.child.kill('SIGINT')
    expect(await server.exit).toBe(0)
    expect(server.out).toMatch(/stopped\n$/)
  }, 60_000)

  test('one clear line and exit 2: port in use, bad keyring, unreadable file, bad option', async () => {
    const { port } = await serve()
    const lines: [readonly string[], string][] = [
      [['--port', port], `error: --port: expected a free port of 127.0.0.1, got ${port}, which is in use\n`],
      [['--keys', 'tsconfig.json'], 'error: --keys tsconfig.json: id of 15 characters: expected 1..255\n'],
      [['--keys', 'no-such-file'], 'error: --keys: expected a readable file, got no-such-file (ENOENT)\n'],
      [['--mode', 'secure'], 'error: --mode: expected bound or literal, got secure\n'],
      [['--host', '192.0.2.1'], 'error: --host: expected an address of this machine, got 192.0.2.1 (EADDRNOTAVAIL)\n'],
      [['now'], 'error: arguments: expected options only, got now\n'],
    ]
    const programs = lines.map(([args]) => new Program('server', args))
    expect(await Promise.all(programs.map((p) => p.exit))).toEqual(lines.map(() => 2))
    expect(programs.map((p) => [p.out, p.err])).toEqual(lines.map(([, line]) => ['', line]))
  }, 120_000)
})

test('keys: a file for its owner alone, never over another; usage errors exit 2', async () => {
  const file = join(folder(), 'keys.json')
  const made = new Program('keys', ['--ids', '1-5', '--out', file])
  expect([await made.exit, made.out]).toEqual([0, `Wrote fresh keys of clients 1-5 to ${file} (mode 600).\n`])
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const keys = Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>)
  expect([keys.length, new Set(keys).size, keys.every((key) => /^[0-9a-f]{64}$/.test(key))]).toEqual([5, 5, true])
  const wrong = [['--ids', '1', '--out', file], ['--ids', '0', '--out', 'x'], ['--ids', '1'], ['--out', 'x'], ['1']]
  const programs = wrong.map((args) => new Program('keys', args))
  expect(await Promise.all(programs.map((p) => p.exit))).toEqual(wrong.map(() => 2))
  for (const p of programs) expect([p.out, p.err.split('\n').length]).toEqual(['', 2])
}, 120_000)

test('help is on the output, exit 0, and names every option', async () => {
  const programs = (['server', 'client', 'keys'] as const).map((name) => new Program(name, ['--help']))
  expect(await Promise.all(programs.map((p) => p.exit))).toEqual([0, 0, 0])
  for (const option of [
    '--host',
    '--port',
    '--keys',
    '--mode',
    '--json',
    '--unconfirmed-per-id',
    '--connections',
    '--retained-rounds',
    '--hello-ms',
    '--unconfirmed-ms',
    '--idle-ms',
    '--closing-ms',
  ])
    expect(programs[0]!.out).toContain(option)
  for (const option of ['--challenge-ms', '--response-ms']) expect(programs[1]!.out).toContain(option)
  expect(programs[2]!.out).toContain('--ids')
}, 60_000)
