import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { DialectClient } from '../../../spec/dialects/client.ts'
import { dialectBlock } from '../../../spec/dialects/file.ts'
import { Followers } from '../../../spec/dialects/follower.ts'
import { DEMO_KEYRING } from '../../../src/cli/keyring.ts'
import { spokenIn } from '../../harness/target/dialects.ts'
import { serveDialect, serveOwn } from '../../harness/target/servers.testkit.ts'
import { perform } from '../../harness/terminal/command.ts'
import { recordedScreen } from '../../harness/terminal/testkit.ts'
import { conform } from '../conform/run.ts'
import { converse } from './dialects.testkit.ts'
import { captureOf } from './recording.ts'
import { inferCommand } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'gauntlet-infer-run-'))
const keyOf = (id: number): Uint8Array => DEMO_KEYRING.get(id)!

/** One client over TCP: three rounds, and goodbye. */
const client = async (followers: Followers, id: number, port: number): Promise<void> => {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  await once(socket, 'connect')
  let draws = 0
  const party = new DialectClient(followers, id, keyOf(id), {
    send: (frame) => socket.write(new Uint8Array([0, 0, 0, frame.length, ...frame])) || true,
    random: (bytes) => new Uint8Array(bytes).map((_, i) => (i * 29 + ++draws * 31 + id) & 255),
    accepted() {},
    rejected() {},
    ended() {},
  })
  socket.on('data', (bytes: Buffer) => party.receive(bytes))
  for (const values of [[10 * id, 0.5], [id + 0.25], [-7.5, 3, 1000.5]]) {
    while (!party.submit(values)) await setTimeout(5)
  }
  while (party.answers.length < 3) await setTimeout(5)
  socket.end()
  await once(socket, 'close')
}

it('records and infers in one go, and says what is settled on the way', async () => {
  const { dialect } = spokenIn('a', 'bound')
  const server = await serveDialect(dialect)
  const { screen, out, err } = recordedScreen()
  const args = [
    '--relay',
    '0',
    '--upstream',
    `127.0.0.1:${server.port}`,
    '--keys',
    'demo',
    '--pcapng',
    join(folder, 'tap.pcapng'),
  ]
  const done = perform(inferCommand, args, screen)
  while (!out().includes('clients connect to')) await setTimeout(5)
  const port = Number(/connect to 127\.0\.0\.1:(\d+)/.exec(out())![1])
  const followers = new Followers(dialect)
  await Promise.all([1, 2].map((id) => client(followers, id, port)))
  while (!out().includes('settled: S2C keys evolve')) await setTimeout(20)
  process.emit('SIGINT')
  expect(await done, out()).toBe(0)
  await server.stop()
  expect(err()).toBe('')
  expect(out()).toMatch(/settled: C2S keys evolve: after HELLO, DATA: enc ct, mac iv \(tags of \d+ frames\)/)
  expect(out()).toContain('"mac": "lit:OK"')
  expect(await perform(inferCommand, [join(folder, 'tap.pcapng'), '--keys', 'demo'], recordedScreen().screen)).toBe(0)
})

it('puts a dialect in front of a card', async () => {
  const file = join(folder, 'x.pcapng')
  writeFileSync(file, captureOf(converse(dialectBlock('literal'), 3, { keyOf }).chunks))
  const server = await serveOwn('literal', [])
  const card = async (...args: readonly string[]) => {
    const { screen, out, err } = recordedScreen()
    const only = ['--only', 'replay/session,payload/nan', '--out', folder, '--keys', 'demo', ...args]
    return { code: await perform(conform, ['--connect', `127.0.0.1:${server.port}`, ...only], screen), out, err }
  }
  const judged = await card('--infer', file)
  expect(judged.code, judged.out() + judged.err()).toBe(0)
  expect(judged.out()).toMatch(/^inferred: the dialect re-opens all \d+ frames/m)
  expect(judged.out()).toMatch(/^✓ +payload\/nan/m)
  const other = await card('--infer', 'corpus/transcripts/impl-a-errors.json')
  expect(other.code).toBe(2)
  expect(other.err()).toContain(
    '--infer corpus/transcripts/impl-a-errors.json: expected a recording that a dialect explains',
  )
  await server.stop()
})
