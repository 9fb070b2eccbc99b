/**
 * Random bytes over several lives of the programs, in which neither Math.random nor the time of day is random: the IVs
 * of 10,000 frames are looked at, and the keys of a whole keyring. A true generator fails with a probability below 1e-7.
 */
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { oddities, Source } from '../csprng.testkit.ts'
import { frame } from '../index.ts'
import { cleanups } from '../net/testkit.ts'
import { unhex } from '../testkit.ts'
import { makeKeys } from './keyring.ts'
import { folder, Program } from './programs.ts'
import { Screen } from './testkit.ts'

vi.mock('node:crypto', async () => (await import('../csprng.testkit.ts')).watched)

const FROZEN = { NODE_OPTIONS: '--import=data:text/javascript,Math.random=()=>0.5;Date.now=()=>1.7e12' }
const ROUNDS = 2_500

/** A relay to `port` that keeps what passes: its own port, and the frames of either direction so far. */
const tap = async (port: number) => {
  const passed: Buffer[][] = [[], []]
  const listener = createServer({ noDelay: true }, (near) => {
    const far = connect({ port, host: '127.0.0.1', noDelay: true })
    for (const [from, to, kept] of [[near, far, passed[0]!] as const, [far, near, passed[1]!] as const]) {
      from.on('data', (bytes) => kept.push(bytes as Buffer)).on('error', () => to.destroy())
      from.pipe(to)
      cleanups.push(() => from.destroy())
    }
  })
  cleanups.push(() => listener.close())
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const ivs = () =>
    passed.map((chunks) => {
      const all: Uint8Array[] = []
      new frame.Reassembler().push(Buffer.concat(chunks), (f) => all.push(frame.ivOf(f!)) > 0)
      return all
    })
  return { port: (listener.address() as { port: number }).port, ivs }
}

/** The IVs of one life of a client, and of the server that answers it. */
const life = async (id: number): Promise<Uint8Array[][]> => {
  const server = new Program('server', ['--port', '0'], FROZEN)
  const [, port] = await server.until(/listening on 127\.0\.0\.1:(\d+)/)
  const { port: tapped, ivs } = await tap(Number(port))
  const client = new Program('client', [String(id), '--port', String(tapped)], FROZEN)
  expect(await client.end('1\n'.repeat(ROUNDS))).toBe(0)
  return ivs()
}

test('255 keys of a new keyring: 32 bytes each, from the generator of the system, none of them twice', async () => {
  const file = join(folder(), 'keys.json')
  expect(await makeKeys(['--ids', '1-255', '--out', file], new Screen().terminal)).toBe(0)
  const keys = Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>).map(unhex)
  const source = new Source()
  expect([keys.length, keys.filter((key) => key.length !== 32 || !source.take(key))]).toEqual([255, []])
  expect(oddities(keys)).toEqual([])
})

test('10,000 frames of two servers and their clients: no IV was there before, bits and bytes are even', async () => {
  const lives = (await Promise.all([life(1), life(2)])).flat()
  expect(lives.map((ivs) => ivs.length)).toEqual([ROUNDS + 2, ROUNDS + 1, ROUNDS + 2, ROUNDS + 1])
  expect(lives.map(oddities)).toEqual(lives.map(() => []))
  expect(oddities(lives.flat())).toEqual([])
}, 120_000)
