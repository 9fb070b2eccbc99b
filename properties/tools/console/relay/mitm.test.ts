import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readTranscript, reproduce } from '../../../../spec/dialects/transcript.ts'
import { client, folder, Program, serve } from '../../../../src/cli/programs.ts'
import { perform } from '../../../harness/terminal/command.ts'
import { decode } from '../../decode.ts'
import { HOST, joined, listening, refusedMitm, relay, relayAt, server, stops } from '../testkit.ts'

describe('a relay', () => {
  it('passes everything, tells it decoded, and writes it twice', async () => {
    const upstream = await server()
    const [json, pcapng] = ['x.json', 'x.pcapng'].map((f) => join(folder(), f)) as [string, string]
    const it = await relay(upstream, '--keys', 'demo', '--transcript', json, '--pcapng', pcapng)
    for (const id of [1, 2]) {
      const { run, outcome } = joined(it.port, id)
      await outcome('challenge')
      for (const values of [[10, 20], [0.5]]) {
        run.submit(values)
        await outcome('aggregate')
      }
      run.finish()
      await it.until(new RegExp(`connection ${id - 1}: closed`))
    }
    expect(await it.finish()).toBe(0)
    expect(it.text()).toMatch(/^c0 ─▶ s0 {2}f0 +CLIENT_HELLO r0 +client 1 +87 bytes .* {2}"Hello from client 1"$/m)
    expect(it.text()).toMatch(/^c1 ◀─ s1 {2}f\d+ +SERVER_AGGR_RESPONSE r1 .* {2}sum 30, count 2, average 15$/m)
    expect(it.text()).toContain(`stopped: 14 frames passed; written: ${json}, ${pcapng}`)

    const transcript = readTranscript(json)
    if (transcript.kind === 'bad') throw new Error(transcript.problem)
    const counts = { frames: 14, tags: 14, resealed: 14, moved: 12 } // a TERMINATE moves nothing
    expect(reproduce(transcript.transcript)).toEqual({ ...counts, differences: [] })
    expect(transcript.transcript.ends.map((e) => e.conn).sort()).toEqual([0, 0, 1, 1])
    expect([statSync(json).mode & 0o777, statSync(pcapng).mode & 0o777]).toEqual([0o600, 0o600])

    const heard = [listening(), listening()]
    expect(await perform(decode, [json], heard[0]!.screen)).toBe(0)
    expect(await perform(decode, [pcapng, '--keys', 'demo'], heard[1]!.screen)).toBe(0)
    expect(heard[0]!.text()).toBe(heard[1]!.text())
    expect(heard[0]!.said.filter((l) => /^c\d/.test(l))).toEqual(it.said.filter((l) => /^c\d/.test(l)))
    expect(heard[0]!.said.at(-1)).toBe('14 frames on 2 connections')
    const blind = listening()
    expect(await perform(decode, [pcapng], blind.screen)).toBe(0)
    expect(blind.text()).not.toContain('Hello')
    expect(blind.said[0]).toMatch(/CLIENT_HELLO r0 .* {2}no key$/)
  })

  it('without keys reads nothing and keeps none', async () => {
    const json = join(folder(), 'x.json')
    const it = await relay(await server(), '--transcript', json)
    await joined(it.port).outcome('challenge')
    await it.finish()
    expect(it.text()).toContain('Without --keys what is in the frames stays secret.')
    expect(it.text() + readFileSync(json, 'utf8')).not.toMatch(/Hello from|"enc_key"/)
  })

  it('passes on what is no frame, and the end of the server', async () => {
    const it = await relay(await server(), '--keys', 'demo')
    const socket = connect(it.port, HOST)
    const over = new Promise<void>((resolve) => socket.on('close', () => resolve()))
    socket.resume().write('GET / HTTP/1.0\r\n\r\n')
    await over
    await it.until(/^c0 ─▶ s0 {2}18 bytes that are no frame: 47455420/m)
    await it.until(/connection 0: closed/)
    await it.finish()
    expect(it.text()).toContain('stopped: 0 frames passed, and 18 bytes that were none')
  })

  it('keeps nobody waiting for a client that reads nothing', async () => {
    let connections = 0
    const upstream = createServer((socket) => {
      socket.on('error', () => {})
      if (connections++ > 0) socket.pipe(socket)
      else {
        const pump = (): void => {
          while (socket.write(new Uint8Array(65_536)));
        }
        socket.on('drain', pump)
        pump()
      }
    }).listen(0, HOST)
    await new Promise((resolve) => upstream.once('listening', resolve))
    stops.push(async () => upstream.close())
    const it = await relay((upstream.address() as { port: number }).port)
    const deaf = connect(it.port, HOST).pause()
    await it.until(/c0 ◀─ s0 {2}\d+ bytes that are no frame/)
    const other = connect(it.port, HOST)
    for (let n = 0; n < 200; n++) {
      other.write('hello')
      await new Promise((resolve) => other.once('data', resolve))
    }
    deaf.destroy()
    other.destroy()
    expect(await it.finish()).toBe(0)
    expect(it.said.filter((l) => l.startsWith('c0 ◀─')).length).toBeLessThan(2_000) // of 64 KiB at most: it was held back
  })

  it('says so where nobody listens upstream, and hangs up', async () => {
    const gone = createServer().listen(0, HOST)
    await new Promise((resolve) => gone.once('listening', resolve))
    const { port } = gone.address() as { port: number }
    await new Promise((resolve) => gone.close(resolve))
    const it = await relay(port)
    const { outcome } = joined(it.port)
    await outcome('ended')
    expect(it.text()).toContain(`s0: no server at 127.0.0.1:${port} (ECONNREFUSED)`)
  })
})

describe('a schedule at a relay', () => {
  const schedule = (actions: readonly object[]): string => {
    const file = join(folder(), 'x.json')
    const setup = { clients: [1], insiders: [], challenge: 'fresh', startRound: 1, limits: {} }
    writeFileSync(file, JSON.stringify({ version: 1, seed: 1, mode: 'bound', powers: 'N', setup, actions }))
    return file
  }
  const frame = (side: string, nth: number, n = 0) => ({ by: { side, n }, nth })
  const to = (side: string, n = 0) => ({ side, n })

  it('changes what it says it changes; then everything passes', async () => {
    const it = await relay(await server(), '--keys', 'demo', '--schedule', 'properties/examples/relay-flip.json')
    const first = joined(it.port)
    await first.outcome('challenge')
    first.run.submit([1])
    await first.outcome('desync')
    expect(it.text()).toMatch(/CLIENT_DATA r1 .*\n {2}to s0: the adversary edits the frame: ciphertext\[0\]/)
    expect(it.text()).toContain('the schedule is through: everything passes now')
    const second = joined(it.port, 2)
    await second.outcome('challenge')
    second.run.submit([1])
    await second.outcome('aggregate')
  })

  it('holds, drops, delays, replays on a connection of its own, injects and breaks', async () => {
    const file = schedule([
      { do: 'deliver', frame: frame('client', 0), to: to('server') },
      { do: 'deliver', frame: frame('client', 0), to: to('server', 1) },
      { do: 'advance', ms: 20 },
      { do: 'deliver', frame: frame('server', 0), to: to('client'), cuts: [3, 90] },
      { do: 'deliver', frame: frame('client', 1), to: to('server', 1) },
      { do: 'inject', to: to('server'), hex: '00000000' },
      { do: 'close', at: to('client') },
    ])
    const it = await relay(await server(), '--keys', 'demo', '--schedule', file)
    const { run, outcome } = joined(it.port)
    await outcome('challenge')
    run.submit([1])
    await outcome('ended')
    await it.until(/everything passes now/)
    expect(it.text()).toContain('connection 1: opened by the relay')
    expect(it.text()).toContain('to s1: f0 delivered to s1')
    expect(it.text()).toContain('waits 20 ms')
    expect(it.text()).toMatch(/SERVER_CHALLENGE r0 .*\n {2}(held|to c0)/)
    await it.until(/c1 ◀─ s1 .*SERVER_CHALLENGE/)
    await it.until(/c1 ◀─ s1 .*KEY_DESYNC_ERROR/) // bound: the DATA belongs to the other session
  })

  it('drops what it does not name as long as it is not through', async () => {
    const file = schedule([
      { do: 'deliver', frame: frame('client', 0), to: to('server') },
      { do: 'deliver', frame: frame('client', 7), to: to('server') },
    ])
    const it = await relay(await server(), '--schedule', file)
    joined(it.port)
    await it.until(/SERVER_CHALLENGE r0 .*\n {2}dropped: the schedule does not name it/)
  })

  it.each([
    [
      { do: 'converse', client: 0, rounds: 1 },
      'actions[0]: expected one that a relay can do (deliver, inject, close, advance), got converse',
    ],
    [{ do: 'restart' }, 'actions[0]: expected one that a relay can do (deliver, inject, close, advance), got restart'],
    [{ do: 'deliver', frame: 3, to: to('server') }, 'actions[0]: expected frames named by origin, got 3'],
    [{ do: 'inject', to: to('server', -1), hex: '00' }, 'actions[0]: expected an end counted from 0, got -1'],
  ])('with %j is refused', async (action, why) => {
    const file = schedule([action])
    const { code, text } = await refusedMitm('--schedule', file)
    expect([code, text]).toEqual([2, `--schedule ${file}: ${why}`])
  })
})

describe('a person at a relay', () => {
  it('reads frames and help in 80 columns', async () => {
    const it = await relayAt(80, await server(), '--keys', 'demo', '--ask')
    it.input.write('help\ndance\u001b\u202e\nset round 9\n')
    await joined(it.port).outcome('ended')
    expect(it.text()).toContain('c0 ─▶ s0  f0   HELLO r0      client 1   87 bytes   "Hello from client 1"')
    expect(it.text()).toMatch(/^flip PART POS \[XOR\] {13}change a byte.*\n {32}or length\n {32}\(XOR in hex/m)
    expect(it.text()).toContain('got "dance\\u001b\\u202e"')
    const shown = it.said.filter((l) => !l.startsWith('> ')).flatMap((text) => text.split('\n'))
    expect(shown.filter((l) => l.length > 80 || /\p{C}/u.test(l))).toEqual([])
  })

  it('decides about every frame, in words; what is no decision is refused in one line', async () => {
    const it = await relay(await server(), '--keys', 'demo', '--ask')
    const { run, outcome } = joined(it.port)
    it.input.write('# the HELLO\nlet it go\nflip middle 0\ndelay soon\npass on\nhelp\npass\ndelay 5\n')
    await outcome('challenge')
    run.submit([4])
    it.input.write('duplicate\n')
    it.input.write('pass\n') // the answer to the first
    await outcome('aggregate')
    it.input.write('drop\n') // the KEY_DESYNC_ERROR to the second
    it.input.end()
    await outcome('ended')
    const text = it.text()
    expect(text).toContain('expected a command (help lists them), got "let"')
    expect(text).toContain('flip: expected one of header, iv, ciphertext, tag, length, got "middle"')
    expect(text).toContain('delay: milliseconds: expected a whole number from 0 to 60000, got "soon"')
    expect(text).toContain('expected nothing more, got "on"')
    expect(text).toContain('rest                            pass it, and all that follow')
    expect(text).toMatch(/> delay 5\n {2}held for 5 ms\n {2}to c0: f1, delayed/)
    expect(text).toMatch(/> duplicate\n {2}to s0: once more/)
    expect(text).toMatch(/KEY_DESYNC_ERROR r2 .*\n> drop\n {2}dropped/)
  })

  it('does the actions of a schedule beside it: delivers what arrived, injects, breaks', async () => {
    const it = await relay(await server(), '--keys', 'demo', '--ask')
    const { outcome } = joined(it.port)
    it.input.write('pass\ndeliver f9\ninject s7 00\ndeliver f0 flip tag 0 to new\nrest\n')
    await outcome('challenge')
    await it.until(/connection 1: closed/)
    expect(it.text()).toContain('expected a frame that has arrived, got "f9"')
    expect(it.text()).toContain('expected a connection that exists, got s7')
    expect(it.text()).toMatch(/connection 1: opened by the relay(.|\n)*to s1: the adversary edits the frame: tag\[0\]/)
    const other = await relay(await server(), '--keys', 'demo', '--ask')
    other.input.write('close c0\nrest\n')
    await joined(other.port).outcome('ended')
    expect(other.text()).toContain('the connection of c0 dies')
  })

  it('edits, passes the rest, stops the relay; without more decisions all passes', async () => {
    const it = await relay(await server(), '--keys', 'demo', '--ask')
    it.input.write('set round 9\n')
    const first = joined(it.port)
    await first.outcome('ended')
    expect(it.text()).toContain('to s0: edited: round := 9')
    it.input.end()
    const second = joined(it.port)
    await second.outcome('challenge')

    const other = await relay(await server(), '--ask')
    joined(other.port)
    other.input.write('quit\n')
    expect(await other.code).toBe(0)
  })
})

describe('npm run mitm', () => {
  const run = (...argv: string[]) => new Program(new URL('../run.ts', import.meta.url), ['mitm', ...argv])

  it('works between programs, ends with SIGINT and leaves files that decode reads', async () => {
    const { port } = await serve()
    const json = join(folder(), 'x.json')
    const it = run('--listen', '0', '--upstream', `${HOST}:${port}`, '--keys', 'demo', '--transcript', json)
    const [, at] = await it.until(/listening on 127\.0\.0\.1:(\d+)/)
    const piped = client(3, at!)
    expect(await piped.end('1,2\n')).toBe(0)
    expect(piped.out).toBe('Aggregated sum=3, count=2, avg=1.50\n')
    await it.until(/connection 0: closed/)
    it.child.kill('SIGINT')
    expect(await it.exit).toBe(0)
    const decoded = new Program(new URL('../../decode.ts', import.meta.url), [json])
    expect(await decoded.exit).toBe(0)
    expect(decoded.out).toContain('values 1, 2')
  })

  it('shows its options', async () => {
    const { code, text } = await refusedMitm('--help')
    expect(code).toBe(0)
    expect(text).toContain('--pcapng FILE')
  })

  it('says in one line what it cannot do, with exit code 2, and writes nothing', async () => {
    const taken = createServer().listen(0, HOST)
    await new Promise((resolve) => taken.once('listening', resolve))
    stops.push(async () => taken.close())
    const { port } = taken.address() as { port: number }
    const [file, fresh] = [join(folder(), 'taken'), join(folder(), 'fresh')]
    writeFileSync(file, 'x')
    const wrong: [readonly string[], string][] = [
      [
        ['--listen', String(port), '--pcapng', fresh],
        `--listen: expected a free port of 127.0.0.1, got ${port}, which is in use`,
      ],
      [['--listen', '192.0.2.1:0'], '--listen: expected an address of this machine, got 192.0.2.1:0 (EADDRNOTAVAIL)'],
      [['--listen', 'all:1'], '--listen: expected an IPv4 address or none, got all'],
      [['--listen', '70000'], '--listen: expected [HOST:]PORT, ports 0..65535, got 70000'],
      [['--upstream', '9999'], '--upstream: expected HOST:PORT, ports 1..65535, got 9999'],
      [['--dialect', 'd'], '--dialect d: expected a dialect file (JSON) or one of a, b, c, got ENOENT'],
      [['--dialect', 'package.json'], '--dialect package.json: '],
      [['--mode', 'safe'], '--mode: expected one of bound, literal, got safe'],
      [['--keys', 'none.json'], '--keys: expected a readable file, got none.json (ENOENT)'],
      [['--ask', '--schedule', 'x'], '--ask: expected without --schedule, got both'],
      [['--schedule', 'none.json'], '--schedule none.json: expected a readable file'],
      [
        ['--listen', '0', '--transcript', file, '--pcapng', fresh],
        `--transcript: expected a file that does not exist yet and can be written, got ${file} (EEXIST)`,
      ],
      [['9998'], "Unexpected argument '9998'"],
    ]
    for (const [argv, why] of wrong) {
      const { code, said, text } = await refusedMitm(...argv)
      expect([code, said.length], why).toEqual([2, 1])
      expect(text).toContain(why)
    }
    expect(existsSync(fresh)).toBe(false)
  })
})
