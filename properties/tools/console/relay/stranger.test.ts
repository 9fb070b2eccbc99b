import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DialectClient } from '../../../../spec/dialects/client.ts'
import type { Dialect } from '../../../../spec/dialects/dialect.ts'
import { Followers } from '../../../../spec/dialects/follower.ts'
import { enframe } from '../../../../spec/dialects/stream.ts'
import { readTranscript, reproduce } from '../../../../spec/dialects/transcript.ts'
import type { Body } from '../../../../spec/events.ts'
import { DEMO_KEYRING } from '../../../../src/cli/keyring.ts'
import { folder } from '../../../../src/cli/programs.ts'
import { spokenIn } from '../../../harness/target/dialects.ts'
import { serveDialect } from '../../../harness/target/servers.testkit.ts'
import { perform } from '../../../harness/terminal/command.ts'
import { decode } from '../../decode.ts'
import { HOST, listening, relay, stops } from '../testkit.ts'

/** A client of a dialect that shakes hands, submits these values one after the other, and leaves; resolves with its answers. */
const stranger = (d: Dialect, port: number, id: number, values: readonly number[]): Promise<readonly Body[]> =>
  new Promise((resolve) => {
    const socket = connect(port, HOST)
    socket.write(d.banners.c2s)
    const left = [...values]
    const it = new DialectClient(new Followers(d), id, DEMO_KEYRING.get(id)!, {
      send: (frame) => socket.write(enframe(d.framing, frame)) || true,
      random: (bytes) => randomBytes(bytes),
      accepted: () => setImmediate(() => (left.length > 0 ? it.submit([left[0]!]) && left.shift() : it.finish())),
      rejected() {},
      ended: () => void socket.end(),
    })
    socket.on('data', (chunk) => it.receive(chunk))
    socket.on('close', () => resolve(it.answers))
  })

describe('a relay between strangers', () => {
  const written = (name: string, fields: object): string => {
    const file = join(folder(), 'dialect.json')
    writeFileSync(
      file,
      JSON.stringify({ ...JSON.parse(readFileSync(`corpus/dialects/${name}.json`, 'utf8')), ...fields }),
    )
    return file
  }
  const opcodes = { HELLO: 1, CHALLENGE: 2, DATA: 3, RESPONSE: 4 }

  it.each([
    ['b', {}, 'c0 ◀─ s0  f3   SERVER_AGGR_RESPONSE r1 client 1   71 bytes', 'sum 5'],
    ['c', { server_waits_for_others: 'no' }, 'c0 ─▶ s0  f2   CLIENT_DATA r1          client 1   71 bytes', 'values 5'],
    ['a', { opcodes, server_banner: 'lit:A 2\r\n', client_banner: 'hex:0102' }, 'f2   CLIENT_DATA r1', 'values 5'],
    ['a', { aggr_response_payload: 'any', data_payload: 'any:35' }, 'f2   CLIENT_DATA r1', 'values that are not read'],
  ])('tells what they say in dialect %s with %j, and so does decode', async (name, fields, line, payload) => {
    const dialect = written(name, fields)
    const d = spokenIn(dialect, 'bound').dialect
    const upstream = await serveDialect(d)
    stops.push(() => upstream.stop())
    const [json, pcapng] = ['x.json', 'x.pcapng'].map((f) => join(folder(), f)) as [string, string]
    const given = ['--keys', 'demo', '--dialect', dialect]
    const it = await relay(upstream.port, ...given, '--transcript', json, '--pcapng', pcapng)
    expect(await stranger(d, it.port, 1, [5, 7])).toHaveLength(2)
    await it.until(/connection 0: closed/)
    expect(await it.finish()).toBe(0)
    const told = it.said.find((l) => l.includes(line))
    expect(told?.endsWith(`  ${payload}`), it.text()).toBe(true)
    expect(it.text()).not.toMatch(/that are no frame|does not verify|no valid padding/)
    expect(it.text().includes('5 bytes before the first frame: 4120320d0a')).toBe('server_banner' in fields)

    const transcript = readTranscript(json)
    if (transcript.kind === 'bad') throw new Error(transcript.problem)
    const { frames, differences, tags } = reproduce(transcript.transcript)
    expect({ tags, differences }).toEqual({ tags: frames, differences: [] })
    const lines = it.said.filter((l) => /^c\d.* f\d/.test(l))
    expect(lines).toHaveLength(frames)
    for (const argv of [[json], [json, ...given], [pcapng, ...given]]) {
      const heard = listening()
      expect(await perform(decode, argv, heard.screen)).toBe(0)
      expect(heard.said.slice(0, -1)).toEqual(lines)
    }
    const other = listening()
    await perform(decode, [pcapng, '--keys', 'demo'], other.screen)
    expect(other.text()).toMatch(/does not verify here|that are no frame/)
  })

  it('changes their frames by hand, and refuses what they do not have', async () => {
    const dialect = written('b', { direction_c2s: 7, direction_s2c: 9 })
    const d = spokenIn(dialect, 'bound').dialect
    const json = join(folder(), 'x.json')
    const upstream = await serveDialect(d)
    stops.push(() => upstream.stop())
    const it = await relay(upstream.port, '--keys', 'demo', '--dialect', dialect, '--ask', '--transcript', json)
    it.input.write('flip length 0\nset opcode 60\n')
    expect(await stranger(d, it.port, 1, [5])).toEqual([])
    it.input.write('set direction 2\nrest\n')
    expect(await stranger(d, it.port, 1, [5])).toEqual([])
    expect(await it.finish()).toBe(0)
    const { frames } = JSON.parse(readFileSync(json, 'utf8'))
    expect(frames.map((f: { hex: string }) => f.hex.slice(12, 14))).toEqual(['07', '09'])
    expect(it.text()).toContain('flip: expected a part of the frame, got length, which is no u32be in this dialect')
    expect(it.text()).toContain('to s0: edited: opcode := 60')
  })
})
