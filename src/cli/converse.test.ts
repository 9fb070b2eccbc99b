/** The commands inside this process: a prompt played by hand, and what a person sees of the server. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { cleanups } from '../net/testkit.ts'
import { converse } from './converse.ts'
import { makeKeys } from './keyring.ts'
import { serve } from './serve.ts'
import { prompt, Screen, started } from './testkit.ts'

test('a prompt: submitting, a mistake, the history, goodbye', async () => {
  const { port, screen: log } = await started('--port', '0')
  const { screen, input, code } = prompt('1', '--port', port)
  await screen.until(/client 1, round 1> /)
  input.write('10.5, 20.3, 30.1\r')
  await screen.until(/<green>Aggregated sum=60\.9, count=3, avg=20\.30<\/>.*client 1, round 2> /s)
  input.write('10.5; 3\r')
  await screen.until(/<yellow>Not sent: expected numbers separated by commas, got "10\.5; 3" as number 1 of 1<\/>/)
  input.write('\u001b[A\u001b[A') // twice up: the line before the mistake
  input.write(', 9.1\r')
  await screen.until(/<green>Aggregated sum=70, count=4, avg=17\.50<\/>.*client 1, round 3> /s)
  input.write('\u0004') // Ctrl-D
  expect(await code).toBe(0)
  await log.until(/client 1: the client said goodbye/)
  expect(log.text).toMatch(/<green>aggregate {2}<\/> client 1: round 2: 10\.5, 20\.3, 30\.1, 9\.1 -> <bold>sum=70,/)
})

test('TERMINATE is noticed while something is being typed, which stays', async () => {
  const first = await started('--port', '0')
  const { screen, input, code } = prompt('2', '--port', first.port)
  await screen.until(/client 2, round 1> /)
  input.write('12')
  await first.end()
  await screen.until(/The server ended the session \(TERMINATE\).*client 2, round 1> .*12/s)
  const second = await started('--port', first.port)
  await screen.until(/a new session is established, at round 1/)
  input.write(',3\r')
  await screen.until(/Aggregated sum=15, count=2, avg=7\.50/)
  input.write('\u0003') // Ctrl-C
  expect(await code).toBe(0)
  await second.screen.until(/client 2: the client said goodbye/)
})

test('help and usage errors of each command', async () => {
  const screen = new Screen()
  const never = new Promise<never>(() => {})
  const streams = { input: new PassThrough(), output: new PassThrough() }
  const { terminal } = screen
  const results = [
    await serve(['--help'], terminal, never),
    await converse(['--help'], terminal, streams, never),
    await makeKeys(['--help'], terminal),
    await serve(['--port', 'x'], terminal, never),
    await serve(['x'], terminal, never),
    await converse([], terminal, streams, never),
    await converse(['1', '2'], terminal, streams, never),
    await converse(['6'], terminal, streams, never),
    await converse(['1', '--port', '0'], terminal, streams, never),
    await makeKeys(['--help', '--ids', '1', '--out', '/'], terminal),
    await makeKeys([], terminal),
    await makeKeys(['--ids', '1'], terminal),
    await makeKeys(['x'], terminal),
  ]
  expect(results).toEqual([0, 0, 0, 2, 2, 2, 2, 2, 2, 0, 2, 2, 2])
  expect(screen.text.split('\n').filter((line) => line.length > 80)).toEqual([])
  expect(screen.text.split('\n').filter((line) => line.startsWith('<red>error:</>'))).toEqual([
    '<red>error:</> --port: expected an integer 0..65535, got x',
    '<red>error:</> arguments: expected options only, got x',
    '<red>error:</> client id: expected one, as in npm run client -- 1, got none',
    '<red>error:</> arguments: expected one client id, got also 2',
    '<red>error:</> client id: expected one with a key (1-5), got 6',
    '<red>error:</> --port: expected an integer 1..65535, got 0',
    '<red>error:</> --ids: expected client ids such as 1-5, got none',
    '<red>error:</> --out: expected a file to write, got none; keys are never printed',
    '<red>error:</> arguments: expected options only, got x',
  ])
})

test('the same with keys of one’s own, from a pipe', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'talking-'))
  cleanups.push(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'keys.json')
  const screen = new Screen()
  expect(await makeKeys(['--ids', '7', '--out', file], screen.terminal)).toBe(0)
  const { port } = await started('--port', '0', '--keys', file)
  const input = new PassThrough()
  input.end('1,2\nx\n3')
  const never = new Promise<never>(() => {})
  const args = ['7', '--port', port, '--keys', file]
  expect(await converse(args, screen.terminal, { input, output: new PassThrough() }, never)).toBe(0)
  expect(screen.text.split('\n')).toEqual([
    `Wrote fresh keys of client 7 to ${file} (mode 600).`,
    `<yellow>Connected to 127.0.0.1:${port} as client 7</>`,
    'Aggregated sum=3, count=2, avg=1.50',
    '<yellow>Not sent (line 2): expected numbers separated by commas, got "x" as number 1 of 1</>',
    'Aggregated sum=3, count=1, avg=3.00',
    '',
  ])
  expect(await serve(['--port', port, '--keys', file], screen.terminal, never)).toBe(2)
  expect(screen.text).toContain(`--port: expected a free port of 127.0.0.1, got ${port}, which is in use`)
  chmodSync(file, 0o640)
  const open = `WARNING: others may use ${file} (mode 640)`
  const lax = await started('--port', '0', '--keys', file)
  await lax.screen.until(/listening/)
  const client = new Screen()
  const nothing = new PassThrough()
  nothing.end()
  await converse(['7', '--port', lax.port, '--keys', file], client.terminal, { input: nothing, output: nothing }, never)
  expect([lax.screen.text.includes(open), client.text.includes(open)]).toEqual([true, true])
})

test('mode literal is warned about', async () => {
  const { screen } = await started('--port', '0', '--mode', 'literal')
  await screen.until(/WARNING: mode literal/)
})
