import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MUTANTS } from '../../harness/mutants/catalogue.ts'
import { srcSystem } from '../../harness/parties/party-file.ts'
import { replay } from '../../harness/schedules/replay.ts'
import { spokenIn } from '../../harness/target/dialects.ts'
import { ANSWERS_ALL, serve, serveDialect, serveOwn } from '../../harness/target/servers.testkit.ts'
import { perform } from '../../harness/terminal/command.ts'
import { recordedScreen } from '../../harness/terminal/testkit.ts'
import { unpainted } from '../../harness/terminal/text.ts'
import { conform } from '../conform/run.ts'
import { cardSchema } from './card.ts'
import { learn } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'gauntlet-learn-'))
const REPLAYS = 'a.hello,a.data,b.hello-of-other,b.data-of-other'

const run = async (...args: readonly string[]) => {
  const { screen, out, err } = recordedScreen()
  const code = await perform(learn, [...args, '--out', folder], { ...screen, columns: 100 })
  return { code, out: out(), err: err() }
}

describe('npm run learn', { timeout: 60_000 }, () => {
  it('learns src, and draws it', async () => {
    const r = await run()
    expect(r).toMatchObject({ code: 0, err: '' })
    expect(r.out).toMatch(/^src: 4 states, 14 symbols, [\d,]+ words: equal to our model \(bound\)$/m)
    const card = cardSchema.parse(JSON.parse(readFileSync(join(folder, 'src.json'), 'utf8')))
    expect(card).toMatchObject({ open: [], unsteady: [], differences: { edges: [], states: [] } })
    for (const end of ['svg', 'mmd']) expect(existsSync(join(folder, `src.${end}`))).toBe(true)
    expect(r.out).toMatch(/^page: .*index\.html$/m)
    expect(readFileSync(join(folder, 'index.html'), 'utf8')).toContain('"title":"Gauntlet: the state machine of src"')
  })

  it('names the replay of literal, with a schedule that breaks the claim', async () => {
    const asked = ['--mode', 'literal', '--connections', '2', '--alphabet', REPLAYS, '--against', 'bound']
    const r = await run(...asked, '--name', 'literal')
    expect(r.code).toBe(1)
    expect(r.out).toContain('extra edge: a.hello a.data b.hello-of-other b.data-of-other: 40; bound: 50, closes')
    const [, file] = /replay: npm run prop -- --replay (\S+)/.exec(r.out)!
    const { lines } = replay(file!, srcSystem, unpainted)
    expect(lines.join('\n')).toMatch(/violated: A2 /)
  })

  it('compares two implementations by the card of one, over the same symbols only', async () => {
    await run('--name', 'one', '--alphabet', 'hello,data')
    const card = join(folder, 'one.json')
    expect((await run('--party', 'reference', '--alphabet', 'hello,data', '--against', card)).code).toBe(0)
    const other = await run('--party', 'reference', '--against', card)
    expect(other).toMatchObject({ code: 2 })
    expect(other.err).toContain('expected a card of the same symbols (--connections, --alphabet), got hello,data')
  })

  it('survives a party that ends its process, and says so', async () => {
    const file = join(folder, 'ends.ts')
    const harness = resolve('properties/harness/parties')
    writeFileSync(
      file,
      `import { changed } from '${harness}/party.ts'
import { referenceParty } from '${harness}/reference.ts'
export const server = (host, setup) => changed(referenceParty(host, setup), { receive() { process.exit(0) } })
`,
    )
    const r = await run('--party', file)
    expect(r).toMatchObject({ code: 4, out: '' })
    expect(r.err).toMatch(/^not learned: .*ends\.ts: its process ended with code 0/)
  })

  it('refuses what makes no sense', async () => {
    for (const [args, said] of [
      [['--alphabet', 'helo'], '--alphabet: expected symbols, got helo; the nearest: hello'],
      [['--keys', 'demo'], '--keys: expected --connect or --start with it'],
      [['--connect', '127.0.0.1:1'], '--keys: expected a keyring file or demo, got none'],
      [['--connect', '127.0.0.1:1', '--party', 'src'], '--connect, --start or a party: expected one of them'],
      [['--against', '/dev/null/x.json'], '--against /dev/null/x.json: expected a card of npm run learn, got ENOTDIR'],
    ] as const)
      expect(await run(...args)).toMatchObject({ code: 2, err: expect.stringContaining(said) })
  })
})

describe('over TCP', { timeout: 60_000 }, () => {
  const at = (port: number, ...more: readonly string[]) => ['--connect', `127.0.0.1:${port}`, '--keys', 'demo', ...more]

  it('learns the same machine of our own server', async () => {
    const server = await serveOwn('bound', [])
    expect(await run(...at(server.port))).toMatchObject({ code: 0, err: '' })
    await server.stop()
  })

  it('shows a bug as an edge, which conform plays alone', async () => {
    const server = await serveOwn('bound', MUTANTS.find((m) => m.id === 'tag-half')!.replacements)
    const r = await run(...at(server.port))
    expect(r.code).toBe(1)
    expect(r.out).toContain('extra edge: hello data-bad-tag: 40; our model (bound): 50, closes (in 2 states)')
    const [, args] = /replay: npm run conform -- (.*hello\+data-bad-tag)/.exec(r.out)!
    const { screen, out } = recordedScreen()
    expect(await perform(conform, [...args!.split(' '), '--out', folder], screen)).toBe(1)
    expect(out()).toContain('data-bad-tag: 40; our model: 50, closes')
    const refused = recordedScreen()
    for (const [word, said] of [
      ['word/helo', '--only word/helo: expected a symbol, got helo'],
      ['word/', 'expected a symbol, got '],
    ] as const) {
      expect(
        await perform(
          conform,
          ['--connect', `127.0.0.1:${server.port}`, '--keys', 'demo', '--only', word],
          refused.screen,
        ),
      ).toBe(2)
      expect(refused.err()).toContain(said)
    }
    await server.stop()
  })

  it('knows what servers of a dialect answer, and sees one that takes what it must refuse', async () => {
    const { dialect } = spokenIn('b', 'bound')
    const honest = await serveDialect(dialect)
    expect(await run(...at(honest.port, '--dialect', 'b'))).toMatchObject({ code: 0, err: '' })
    await honest.stop()
    const broken = await serveDialect(dialect, [ANSWERS_ALL])
    const r = await run(...at(broken.port, '--dialect', 'b'))
    expect(r.out).toContain('extra edge: hello data-bad-tag: 40; our model (b): ')
    await broken.stop()
  })

  it('says when a server remembers what one connection was told', async () => {
    const seen = new Set<string>()
    const own = await serveOwn('bound', [])
    const { connect } = await import('node:net')
    const server = await serve((socket) => {
      socket.once('data', (bytes) => {
        const id = String(bytes[5])
        if (seen.has(id)) return void socket.end()
        seen.add(id)
        const behind = connect(own.port, '127.0.0.1')
        behind.write(bytes)
        socket.pipe(behind).pipe(socket)
        behind.on('error', () => {})
      })
    })
    const r = await run(...at(server.port, '--alphabet', 'hello,data'))
    expect(r.out).toContain('nondeterministic: hello: 20 and closes: the reset does not reset')
    expect(r.code).toBe(1)
    await Promise.all([server.stop(), own.stop()])
  })

  it('says of what is no server of this protocol that nothing is learned', async () => {
    const server = await serve((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const r = await run(...at(server.port))
    expect(r).toMatchObject({ code: 4, out: '' })
    expect(r.err).toContain('not learned: an honest HELLO is answered with')
    await server.stop()
  })
})
