import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { Followers } from '../../../spec/dialects/follower.ts'
import { DEMO_KEYRING } from '../../../src/cli/keyring.ts'
import { MUTANTS } from '../../harness/mutants/catalogue.ts'
import { type Running, serveOwn } from '../../harness/target/servers.testkit.ts'
import { perform } from '../../harness/terminal/command.ts'
import { recordedScreen } from '../../harness/terminal/testkit.ts'
import { cardSchema } from './card.ts'
import { playAll } from './repeat.ts'
import { conform } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'gauntlet-conform-'))

const run = async (columns: number, ...args: readonly string[]) => {
  const { screen, out, err } = recordedScreen()
  const code = await perform(conform, [...args, '--out', folder], { ...screen, columns })
  return { code, out: out(), err: err() }
}

describe('npm run conform', { timeout: 60_000 }, () => {
  let literal: Running
  let broken: Running
  const at = (s: Running, ...more: readonly string[]) => ['--connect', `127.0.0.1:${s.port}`, '--keys', 'demo', ...more]
  beforeAll(async () => {
    literal = await serveOwn('literal', [])
    broken = await serveOwn('bound', MUTANTS.find((m) => m.id === 'nan-accepted')!.replacements)
  })
  afterAll(() => Promise.all([literal.stop(), broken.stop()]))

  it('says a failure in words, with a line that plays it alone, at any width', async () => {
    for (const columns of [80, 200]) {
      const r = await run(columns, ...at(broken, '--only', 'payload/nan,payload/huge'))
      expect(r).toMatchObject({ code: 1, err: '' })
      const lines = r.out.split('\n')
      expect(lines.filter((l) => l.length > columns && !l.includes('replay: '))).toEqual([])
      expect(r.out).toMatch(/^✗ +payload\/nan +I +open +it is accepted: answers 40/m)
      expect(r.out).toMatch(/^✓ +payload\/huge/m)
      expect(r.out).toContain('so:    One client makes the aggregate of everybody NaN')
      expect(r.out).toMatch(/^ {2}c0 ── CLIENT_DATA r2 ─+▶ {8}client 1, 71 bytes: no valid payloa/m)
      expect(r.out).toMatch(/^ {2}c0 ◀─ SERVER_AGGR_RESPONSE r1 ─+ {8}client 1, 87 bytes: sum 5, count 1/m)
      const [, again] = /replay: npm run conform -- (.*)$/m.exec(r.out)!
      expect(again).toBe(`--connect 127.0.0.1:${broken.port} --keys demo --only payload/nan`)
      expect(r.out).toMatch(/^ {2}missing rule: perhaps PROTOCOL §5 data \(/m)
    }
    const silent = await run(100, ...at(broken, '--only', 'payload/nan', '--no-explain'))
    expect(silent.out).not.toContain('missing rule')
  })

  it('shows in the page where a frame differs from one that is accepted', async () => {
    await run(100, ...at(broken, '--name', 'broken'))
    const card = cardSchema.parse(JSON.parse(readFileSync(join(folder, 'broken.json'), 'utf8')))
    const failed = card.rows.filter((r) => r.verdict === 'failed')
    expect(failed.map((r) => r.id)).toEqual(['payload/nan'])
    const [at0, hex] = [/^byte 23 \(ciphertext\): …([0-9a-f]{8})\[/, failed[0]!.difference!]
    expect(hex).toMatch(at0)
    expect(hex).toContain(`; accepted: …${at0.exec(hex)![1]}[`) // the same IV
    expect(readFileSync(join(folder, 'broken.html'), 'utf8')).toContain(`<code>${hex}</code>`)
  })

  it('charges a flaw of the protocol to an owner that claims binding, and to nobody else', async () => {
    const asked = at(literal, '--mode', 'literal', '--only', 'replay/session')
    expect((await run(100, ...asked)).code).toBe(0)
    expect((await run(100, ...asked, '--profile', 'bound')).code).toBe(1)
  })

  it('takes what is expected, and is red when that has gone stale or names nothing', async () => {
    const file = join(folder, 'known.json')
    const asked = at(broken, '--only', 'payload/*')
    await run(100, ...asked, '--write-expect', file)
    expect(JSON.parse(readFileSync(file, 'utf8')).expect).toMatchObject([{ case: 'payload/nan', verdict: 'failed' }])
    expect((await run(100, ...asked, '--expect', file)).code).toBe(0)
    const mended = await run(100, ...at(literal, '--mode', 'literal', '--only', 'payload/*', '--expect', file))
    expect(mended.code).toBe(1)
    expect(mended.out).toContain('stale: payload/nan is ok')
    writeFileSync(
      file,
      JSON.stringify({ version: 1, expect: [{ case: 'payload/nam', verdict: 'failed', reason: 'x' }] }),
    )
    const odd = await run(100, ...asked, '--expect', file)
    expect(odd.code).toBe(2)
    expect(odd.err).toContain('expected a case, got payload/nam; the nearest: payload/nan')
  })

  it('lets what is listed as flaky or undecided stay so, and nothing else', async () => {
    const file = join(folder, 'undecided.json')
    const of = { id: 'payload/nan', class: 'I', invariant: 'G5', clause: '', says: '', advice: '', replay: '' }
    const row = { ...of, verdict: 'inconclusive', observed: 'x', exchange: [], difference: null }
    const found = { side: 'server', sums: 'shared', waits: false }
    const card = { version: 1, name: 'x', dialect: 'bound', seed: 1, found, stopped: null, rows: [row] }
    writeFileSync(file, JSON.stringify(card))
    const told = async (expected: object) => {
      const known = join(folder, 'undecided-known.json')
      const expectation = { case: 'payload/*', verdict: 'failed', reason: 'x', ...expected }
      writeFileSync(known, JSON.stringify({ version: 1, expect: [expectation] }))
      return (await run(100, '--card', file, '--expect', known)).code
    }
    expect((await run(100, '--card', file)).code).toBe(3)
    expect(await told({ flaky: true })).toBe(0)
    expect(await told({ verdict: 'inconclusive' })).toBe(0)
    expect(await told({ case: 'payload/huge', verdict: 'inconclusive' })).toBe(3)
  })

  it('prints the schema of cards', async () => {
    const schema = JSON.parse((await run(100, '--card-schema')).out)
    expect(schema.properties.rows.items.required).toContain('closing')
  })

  it('writes the card as JSON, JUnit and a page, and says what changed', async () => {
    const whole = await run(100, ...at(literal, '--mode', 'literal', '--name', 'mine'))
    expect(whole).toMatchObject({ code: 0, err: '' })
    const card = cardSchema.parse(JSON.parse(readFileSync(join(folder, 'mine.json'), 'utf8')))
    expect(card.rows.length).toBeGreaterThan(85)
    expect(card.rows.find((r) => r.id === 'altered/tag-last')).toMatchObject({ closing: 'clean' })
    expect(readFileSync(join(folder, 'mine.xml'), 'utf8')).toContain('failures="0"')
    expect(readFileSync(join(folder, 'index.html'), 'utf8')).toContain('"title":"Gauntlet: conformance of mine"')
    const html = readFileSync(join(folder, 'mine.html'), 'utf8')
    expect(html).toContain('<code>replay/session</code>')
    expect(html).not.toMatch(/<script|https?:/)
    const told = await run(100, '--card', join(folder, 'mine.json'), '--profile', 'bound')
    expect([told.code, told.out.includes('✗ replay/session: ')]).toEqual([1, true]) // charged now, and nothing is played
    const odd = await run(100, '--card', join(folder, 'mine.xml'))
    expect([odd.code, odd.err]).toEqual([2, expect.stringContaining('--card: expected a card of conform (JSON), got ')])
    const [first, ...rest] = card.rows
    writeFileSync(
      join(folder, 'mine.json'),
      JSON.stringify({ ...card, rows: [{ ...first, verdict: 'failed' }, ...rest] }),
    )
    const again = await run(100, ...at(literal, '--mode', 'literal', '--name', 'mine'))
    expect(again.out).toContain(`changed: ${first!.id}: was failed, is ok`)
  })

  it.each([
    [['--keys', 'demo'], '--connect HOST:PORT, --start COMMAND or --client COMMAND: expected one of them'],
    [
      ['--client', './mine {port}', '--keys', 'demo'],
      '--client: expected a command with {id} in it, got ./mine {port}',
    ],
    [['--connect', '127.0.0.1:1'], '--keys: expected a keyring file or demo, got none'],
    [['--connect', '192.0.2.1:1', '--keys', 'demo'], '--connect: expected this machine, got 192.0.2.1'],
    [['--start', './server', '--keys', 'demo'], '--start: expected a command with {port} in it, got ./server'],
    [['--start', 'exit 3 # {port}', '--keys', 'demo'], '--start: expected a server, got exit code 3'],
    [
      ['--connect', '127.0.0.1:1', '--keys', 'demo', '--only', 'replay/sesion'],
      'got replay/sesion; the nearest: replay/session',
    ],
    [['--connect', '127.0.0.1:1', '--keys', 'demo', '--dialect', 'package.json'], '--dialect package.json: '],
  ])('exits 2 with one line for %j', async (args, why) => {
    const r = await run(100, ...args)
    expect(r).toMatchObject({ code: 2, out: '' })
    expect(r.err).toContain(why)
    expect(r.err).not.toContain('\n')
  })

  it('exits 4 where nothing can be judged, and leaves no card', async () => {
    const r = await run(100, '--connect', '127.0.0.1:1', '--keys', 'demo', '--name', 'none')
    expect(r).toMatchObject({ code: 4, out: '' })
    expect(r.err).toContain('not judged: no connection: connect ECONNREFUSED')
    expect(existsSync(join(folder, 'none.json'))).toBe(false)
    expect(r.err).not.toContain('comes about')
    const other = await run(100, ...at(literal))
    expect(other).toMatchObject({ code: 4, out: '' })
    expect(other.err).toContain('With --mode literal an honest conversation comes about.')
  })

  it('judges a client, and keeps what it printed', async () => {
    const own = `node --import tsx ${new URL('../../../src/cli/client.ts', import.meta.url).pathname} {id} --port {port}`
    const given = ['--client', `${own} --mode literal`, '--mode', 'literal', '--keys', 'demo']
    const r = await run(100, ...given, '--only', 'replay/server,control/forged-terminate')
    expect(r.code).toBe(0)
    expect(r.out).toContain('both are accepted')
    expect(r.out).toContain('client, dialect literal: 2 cases: 1 ok, 1 failed (1 flaw of the protocol among them)')
    expect(r.out).toContain(`--client '${own} --mode literal'`)
    const bad = await run(100, '--client', 'exit 3 # {port} {id}', '--keys', 'demo')
    expect(bad).toMatchObject({ code: 4, out: '' })
    expect(bad.err).toContain('not judged: it ended before it connected (exit code 3); it printed nothing')
    const other = await run(100, ...given.slice(0, 2), '--keys', 'demo')
    expect(other.err).toContain('With --mode literal an honest conversation comes about.')
  })

  it('ends a server that it has started and that does not listen in time', async () => {
    const file = join(folder, 'pid')
    let past = 0 // no time passes until it runs, and then too much
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      past += existsSync(file) ? 1e6 : 0
      return past
    })
    const start = `echo $$ > ${file}.new; mv ${file}.new ${file}; exec sleep 50 # {port}`
    const r = await run(100, '--start', start, '--keys', 'demo', '--only', 'payload/nan')
    clock.mockRestore()
    expect(r).toMatchObject({ code: 2, err: expect.stringContaining('--start: expected a server on port ') })
    const isGone = () => expect(() => process.kill(Number(readFileSync(file, 'utf8')), 0)).toThrow('ESRCH')
    isGone()
    const left = await run(100, '--start', `sleep 50 & echo $! > ${file} # {port}`, '--keys', 'demo')
    expect(left).toMatchObject({ code: 2, err: expect.stringContaining('--start: expected a server, got exit code 0') })
    await vi.waitFor(isGone, { timeout: 5_000 }) // whoever reaps it may take a moment
  })

  it('starts a server, and starts it anew when a case has ended it', async () => {
    const [server, log] = [join(folder, 'mortal.mts'), join(folder, 'log')]
    const lethal = (what: string): string => new URL(`../../../${what}`, import.meta.url).href
    writeFileSync(
      server,
      `import { appendFileSync } from 'node:fs'
import { DEMO_KEYRING } from '${lethal('src/cli/keyring.ts')}'
import { nodeCrypto } from '${lethal('src/index.ts')}'
import { listen } from '${lethal('src/net/index.ts')}'
appendFileSync(${JSON.stringify(log)}, 'started ')
const dies = (e) => {
  if (!/bad-tag|wrong-client/.test(JSON.stringify(e))) return
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000) // it still accepts connections, as a process does that ends
  process.exit(7)
}
await listen({ host: '127.0.0.1', port: Number(process.argv[2]), mode: 'bound', keyring: DEMO_KEYRING, crypto: nodeCrypto, limits: {} }, dies)
`,
    )
    const start = `node --import tsx ${server} {port}`
    const lethalCases = ['altered/tag-last', 'keys/previous', 'elsewhere/data-on-the-connection-of-y']
    const only = [...lethalCases, 'numbers/shared'].join()
    const r = await run(200, '--start', start, '--keys', 'demo', '--only', only)
    expect(r.code).toBe(1)
    expect(r.out).toMatch(/^✓ +numbers\/shared/m)
    for (const id of lethalCases)
      expect(r.out).toMatch(new RegExp(`^✗ +${id} +A +died +.*the server is gone \\(exit code 7\\)`, 'm'))
    expect(readFileSync(log, 'utf8')).toBe('started '.repeat(1 + lethalCases.length))
  })

  it('keeps a connection open beside a server that ends with its last client', async () => {
    const file = (path: string): string => new URL(`../../../${path}`, import.meta.url).href
    const server = join(folder, 'lonely.mjs')
    writeFileSync(
      server,
      `import { Server } from 'node:net'
import { DEMO_KEYRING } from '${file('src/cli/keyring.ts')}'
import { nodeCrypto } from '${file('src/index.ts')}'
import { listen } from '${file('src/net/index.ts')}'
const { emit } = Server.prototype
let open = 0
Server.prototype.emit = function (what, socket) {
  if (what === 'connection' && ++open) socket.once('close', () => --open || process.exit(0))
  return emit.apply(this, arguments)
}
await listen({ host: '127.0.0.1', port: Number(process.argv[2]), mode: 'bound', keyring: DEMO_KEYRING, crypto: nodeCrypto, limits: {} }, () => {})
`,
    )
    const start = `node --import tsx ${server} {port}`
    const r = await run(200, '--start', start, '--keys', 'demo', '--only', 'departure/withdrawn,keys/zero')
    expect(r).toMatchObject({ code: 0, out: expect.stringContaining('it ends with its last client, so a connection') })
  })
})

it('is interrupted where an abort left something out, and not where only slow cases were still running', async () => {
  const cases = [
    { id: 'a', class: 'A' },
    { id: 'b', class: 'A' },
    { id: 'slow', class: 'A', slow: true },
  ] as const
  const fine = { verdict: 'ok', class: 'A', observed: '', exchange: [], difference: null, closing: null } as const
  const stoppedBy = async (at: string, disturbed: boolean): Promise<string | null> => {
    const abort = new AbortController()
    const plays = async (id: string) => {
      if (id === 'slow') await new Promise(setImmediate) // until the others are through
      if (id === at) abort.abort()
      return fine
    }
    const followers = new Followers(PROTOCOL.bound)
    const common = { followers, keyring: DEMO_KEYRING, seed: 1, signal: abort.signal, progress() {} }
    const { rows, stopped } = await playAll(cases, common, {
      stopped: () => null,
      play: async ({ id }) => ({ id, ...(await plays(id)) }),
      beside: ({ id }) => plays(id),
      disturbed: () => disturbed,
    })
    expect(rows.filter((r) => r.verdict !== 'ok').map((r) => r.observed)).toEqual(
      at === 'a' ? ['not played: interrupted'] : [],
    )
    return stopped
  }
  expect(await stoppedBy('a', false)).toBe('interrupted')
  expect(await stoppedBy('b', false)).toBeNull()
  expect(await stoppedBy('slow', false)).toBeNull()
  expect(await stoppedBy('slow', true)).toBe('interrupted') // it was to be played again
})
