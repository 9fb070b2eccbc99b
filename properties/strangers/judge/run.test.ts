/** Captures as they are in the world: damaged, of others, large, without keys, and as they pass. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { NOBLE } from '../../../spec/reference/primitives.ts'
import { ClientSession, frame, nodeCrypto, nodeRng } from '../../../src/index.ts'
import { dial, listen } from '../../../src/net/index.ts'
import { pcapngPacket, pcapngStart } from '../../harness/capture/packet-file.ts'
import { type Address, packetOf, segmentOf } from '../../harness/capture/packets.ts'
import { Recording } from '../../harness/capture/recording.ts'
import { perform } from '../../harness/terminal/command.ts'
import { recordedScreen } from '../../harness/terminal/testkit.ts'
import { masterKey } from '../../harness/world/rng.ts'
import { relay } from '../relay.ts'
import { benchOf, Thread } from './brief.ts'
import { judged, made, packetsOf } from './captured.testkit.ts'
import type { Trouble } from './judge.ts'
import { judgeCommand, paced, told } from './run.ts'
import { FAST, readCapture } from './source.ts'
import type { Finding } from './telling.ts'
import { Threads } from './threads.ts'

const IDS = Array.from({ length: 60 }, (_, i) => i + 1)
const KEYRING = new Map(IDS.map((id) => [id, masterKey(id)]))
const HOST = '127.0.0.1'

const captureOf = (packets: readonly Uint8Array[]): Buffer =>
  Buffer.concat([pcapngStart('x'), ...packets.map((p, i) => pcapngPacket(1_700_000_000_000 + i * 0.05, p, null))])
const carries = (p: Uint8Array): boolean => (segmentOf({ link: 1, bytes: p })?.payload.length ?? 0) > 0

let honest: Buffer
let packets: readonly Uint8Array[]
let middle: number // of a packet that carries a frame of a session under way
const dir = mkdtempSync(join(tmpdir(), 'judge-'))
afterAll(() => rmSync(dir, { recursive: true }))
const keys = join(dir, 'keys.json')

beforeAll(() => {
  honest = made(1_500, 'bound', false)
  packets = packetsOf(honest)
  middle = packets.findIndex((p, i) => i > packets.length / 2 && carries(p))
  writeFileSync(
    keys,
    JSON.stringify(Object.fromEntries([...KEYRING].map(([id, k]) => [id, Buffer.from(k).toString('hex')]))),
  )
})

describe('a capture', () => {
  it('that is large says how much of it was read, also where that is interrupted', async () => {
    const file = join(dir, 'large')
    writeFileSync(file, Buffer.alloc(5 << 20))
    const stop = new AbortController()
    const told: string[] = []
    const progress = (done: number, total: number, what: string): void => {
      told.push(`${done} of ${total} ${what}`)
      if (done > 1) stop.abort()
    }
    const pieces = paced(file, { below: async () => {} }, progress, stop.signal)
    const all = async (): Promise<void> => {
      for await (const _ of pieces);
    }
    await expect(all()).rejects.toThrow(/^interrupted at [234] of 5 MiB$/)
    expect(told.at(-1)).toMatch(/^[234] of 5 MiB$/)
  })

  it('of honest clients raises no alarm, and all of it is followed and put to the test', async () => {
    const { judge, found, troubles } = await judged(honest, 'bound', KEYRING)
    expect([found, troubles]).toEqual([[], []])
    const { frames, followed, hits } = judge.tally()
    expect(frames).toBeGreaterThan(1_499)
    expect(followed).toBeGreaterThan(4)
    const of = new Map(hits)
    for (const id of ['A1', 'A9', 'C4', 'G1', 'G4', 'G7']) expect(of.get(id), id).toBeGreaterThan(4)
  })

  it('with one replayed session in it: it is found, with the frames of both', async () => {
    const { found, troubles } = await judged(made(4_000, 'literal', true, 8), 'literal', KEYRING)
    expect(troubles).toEqual([])
    expect(new Set(found.map((f) => f.invariant))).toEqual(new Set(['A1s', 'A2']))
    for (const f of found) {
      const [first, again, answer] = f.frames
      expect(again!.what).toBe(`${first!.what}, again`)
      expect(first!.n).toBeLessThan(again!.n)
      expect(first!.conn).not.toBe(again!.conn)
      expect(answer!.what).toContain('SERVER_AGGR_RESPONSE')
    }
  })

  it('is judged by several threads as by one', async () => {
    const capture = made(3_000, 'literal', true, 6)
    const found: Finding[] = []
    const heard = { found: (f: Finding) => found.push(f), trouble: (t: Trouble) => expect(t).toBeNull() }
    const brief = { mode: 'literal', block: null, keys: KEYRING, beside: false, threads: 2 } as const
    const threads = new Threads(brief, PROTOCOL.literal, heard)
    await readCapture('x', [capture], threads)
    const tally = await threads.tally()
    const one = await judged(capture, 'literal', KEYRING)
    expect(found).toEqual(one.found)
    expect(found.length).toBeGreaterThan(0)
    expect({ ...tally, hits: new Map(tally.hits) }).toEqual({
      ...one.judge.tally(),
      hits: new Map(one.judge.tally().hits),
    })
  })

  it('in another order, with packets twice, is the same', async () => {
    const shuffled = packets.flatMap((p, i) => (i % 7 === 3 ? [p, p] : [p]))
    for (let i = 40; i + 1 < shuffled.length; i += 11) {
      const [a, b] = [shuffled[i]!, shuffled[i + 1]!].map((bytes) => segmentOf({ link: 1, bytes }))
      if (a!.from.port === b!.from.port) [shuffled[i], shuffled[i + 1]] = [shuffled[i + 1]!, shuffled[i]!]
    }
    const { judge, found, troubles } = await judged(captureOf(shuffled), 'bound', KEYRING)
    expect([found, troubles]).toEqual([[], []])
    expect(judge.frames).toBe((await judged(honest, 'bound', KEYRING)).judge.frames)
  })

  it('of two servers is followed at both: neither has to count what the other was sent', async () => {
    const second = packetsOf(made(1_500, 'bound', false, 3, 6)).map((bytes) => {
      const s = segmentOf({ link: 1, bytes })!
      const moved = (a: Address): Address => (a.port === 9_999 ? { ...a, ip: '10.0.0.2' } : { ...a, ip: `11${a.ip}` })
      return packetOf({ ...s, from: moved(s.from), to: moved(s.to) })
    })
    const both = captureOf(packets.flatMap((p, i) => [p, ...second.slice(i, i + 1)]))
    const { judge, found, troubles } = await judged(both, 'bound', KEYRING)
    expect([found, troubles]).toEqual([[], []])
    expect(new Map(judge.tally().hits).get('G1')).toBeGreaterThan(100)
    const brief = { mode: 'bound', block: null, keys: KEYRING, beside: false, threads: 2 } as const
    const heard = { found: (f: Finding) => expect(f).toBeNull(), trouble: (t: Trouble) => expect(t).toBeNull() }
    const threads = new Threads(brief, PROTOCOL.bound, heard)
    await readCapture('x', [both], threads)
    expect(new Map((await threads.tally()).hits)).toEqual(new Map(judge.tally().hits))
  })

  it('is read with the hashes of Node, which give what those of the reference do', () => {
    for (let n = 0; n < 200; n += 7) {
      const [key, data] = [new Uint8Array(n % 80).fill(n), new Uint8Array(n).fill(n ^ 0x55)]
      expect(FAST.sha256(data)).toEqual(NOBLE.sha256(data))
      expect(FAST.hmac(key, data)).toEqual(NOBLE.hmac(key, data))
      for (const length of [16, 32] as const)
        expect(FAST.hkdf(key, data, length)).toEqual(NOBLE.hkdf(key, data, length))
    }
  })

  it('that lost a packet is followed up to there, and says where that is', async () => {
    const { judge, found, troubles } = await judged(captureOf(packets.filter((_, i) => i !== middle)), 'bound', KEYRING)
    expect(found).toEqual([])
    expect(troubles).toHaveLength(1)
    expect(troubles[0]!.why).toMatch(/^it answers nothing that was (sent and )?captured|^packets are missing/)
    expect(judge.followed).toBeGreaterThan(4) // the others are
  })

  it('of packets that were cut off says so', async () => {
    const cut = packets.map((p, i) => (i === middle ? p.subarray(0, 96) : p))
    const { troubles } = await judged(captureOf(cut), 'bound', KEYRING)
    expect(troubles.some((t) => t.why.startsWith('a packet was cut off when it was captured'))).toBe(true)
  })

  it('that begins in the middle names the first frame that it cannot follow', async () => {
    const { judge, found, troubles } = await judged(captureOf(packets.slice(middle)), 'bound', KEYRING)
    expect(found).toEqual([])
    expect(troubles.length).toBeGreaterThan(0)
    expect(troubles[0]!.why).toBe('the capture begins in the middle of it')
    expect(troubles[0]!.frame!.what).toMatch(/of round \d+, client \d+$/)
    expect(judge.followed).toBeGreaterThan(0) // those that begin later
  })

  it('read with wrong keys, or none of a client, is not followed', async () => {
    const wrong = new Map(IDS.map((id) => [id, masterKey(id + 100)]))
    const a = await judged(honest, 'bound', wrong)
    expect(a.troubles[0]!.why).toBe('it opens under no key that follows from what was sent')
    expect(a.judge.followed).toBe(0)
    const b = await judged(honest, 'bound', new Map([...KEYRING].filter(([id]) => id !== 2)))
    expect(b.troubles.every((t) => t.why === 'there is no key of client 2')).toBe(true)
    expect(b.judge.followed).toBeGreaterThan(0)
    expect(b.found).toEqual([]) // its values are in everybody's sums
  })

  it('without keys: what is answered twice is found, and honest clients raise no alarm', async () => {
    const look = async (capture: Uint8Array) => {
      const found: string[] = []
      const heard = { found: (f: { invariant: string }) => found.push(f.invariant), trouble: () => found.push('lost') }
      const bench = benchOf({ dialect: PROTOCOL.literal, own: true }, null, heard)
      await readCapture('x', [capture], bench)
      return { found, frames: bench.tally().frames }
    }
    expect((await look(honest)).found).toEqual([])
    expect(new Set((await look(made(1_500, 'literal', true))).found)).toEqual(new Set(['repeats']))
  })

  it('of 100 clients at once, on a server of this machine, raises no alarm', async () => {
    const ids = Array.from({ length: 100 }, (_, i) => i + 1)
    const keyring = new Map(ids.map((id) => [id, masterKey(id)]))
    const limits = { helloMs: 60_000, challengeMs: 60_000, responseMs: 60_000 } // however busy the machine is
    const listening = await listen(
      { host: HOST, port: 0, mode: 'bound', keyring, crypto: nodeCrypto, limits },
      () => {},
    )
    if (listening.kind === 'failed') throw listening.error
    const capture: Uint8Array[] = []
    const recording = new Recording(Date.now, PROTOCOL.bound, (bytes) => capture.push(bytes))
    const between = await relay(
      { port: 0, upstream: { host: HOST, port: listening.port } },
      {
        opened: (conn, client, server) => recording.opened(conn, client, server),
        bytes: (conn, from, bytes) => recording.passed(conn, from, bytes, ''),
        ended: (conn, from) => recording.ended(conn, from),
        trouble: (text) => expect(text).toBe(''),
      },
    )
    const converse = (id: number): Promise<void> =>
      new Promise((resolve) => {
        let left = 4
        const common = { masterKey: masterKey(id), mode: 'bound', crypto: nodeCrypto, host: HOST, limits } as const
        const client = dial(
          { ...common, id, port: between.port },
          (o) => {
            if (o.kind !== 'accepted') return
            if (left-- > 0) client.submit([id, left])
            else client.finish()
          },
          resolve,
        )
      })
    await Promise.all(ids.map(converse))
    between.stop()
    await listening.stop()
    const { judge, found, troubles } = await judged(Buffer.concat(capture), 'bound', keyring)
    expect([found, troubles]).toEqual([[], []])
    expect(judge.tally()).toMatchObject({ followed: 100, frames: 1_100 })
  })
})

describe('npm run judge', () => {
  const said = async (...args: readonly string[]) => {
    const { screen, out, err } = recordedScreen()
    return { code: await perform(judgeCommand, args, screen), text: out() + err() }
  }

  it('has an exit code for each outcome', async () => {
    const file = join(dir, 'b.pcapng')
    writeFileSync(file, honest)
    const good = await said(file, '--keys', keys)
    expect(good.code).toBe(0)
    expect(good.text).toMatch(/not observable: A10: .*\n[\s\S]*nothing is violated: 1,5\d\d frames on \d+ connections/)
    expect((await said(file)).text).toContain('without keys')
    expect((await said(file, '--keys', 'demo')).code).toBe(3)
    writeFileSync(file, made(1_500, 'literal', true))
    expect((await said(file, '--keys', keys, '--mode', 'literal')).code).toBe(1)
  })

  it('does not call a file fine of which a part was not read', async () => {
    const file = join(dir, 'damaged.pcapng')
    let at = 0
    while (at < honest.length / 2) at += honest.readUInt32LE(at + 4)
    const damaged = Buffer.from(honest)
    damaged.writeUInt32LE(3, at + 4)
    for (const [bytes, why] of [
      [
        damaged,
        `byte ${at + 4}: expected a block length of 12..16777216, a multiple of 4, got 3; nothing after that is read`,
      ],
      [honest.subarray(0, -5), 'ends within a packet: its last'],
    ] as const) {
      writeFileSync(file, bytes)
      const { code, text } = await said(file, '--keys', keys)
      expect(code).toBe(3)
      expect(text).toContain(why)
      expect(text).toMatch(/nothing is violated.*, not all of the recording was read: /)
    }
  })

  it('reads the recordings of other implementations', async () => {
    const { code, text } = await said('corpus/transcripts/impl-b-3clients-5rounds.json')
    expect(code).toBe(0)
    expect(text).toContain('39 frames on 3 connections, 3 sessions followed')
  })

  it.each([
    [[], 'FILE or --relay PORT --upstream HOST:PORT: expected one of them'],
    [['README.md'], 'README.md: byte 0: expected a capture: pcapng (0a0d0d0a) or pcap (a1b2c3d4), got 23204761'],
    [['nowhere.pcap'], 'file: expected a readable file, got nowhere.pcap (ENOENT)'],
    [['--relay', '0'], '--relay and --upstream: expected both'],
  ])('refuses %j in one line', async (args, why) => {
    const { code, text } = await said(...args)
    expect([code, text.trim()]).toEqual([2, expect.stringContaining(why)])
  })
})

describe('a canary', () => {
  it('says that a server takes a replay, at once, and its clients notice nothing of it', async () => {
    const keyring = new Map([[1, masterKey(1)]])
    const listening = await listen({ host: HOST, port: 0, mode: 'literal', keyring, crypto: nodeCrypto }, () => {})
    if (listening.kind === 'failed') throw listening.error
    const found: string[] = []
    const heard = { found: (f: Finding) => found.push(f.invariant), trouble: (t: Trouble) => found.push(t.why) }
    const thread = new Thread({ mode: 'literal', block: null, keys: keyring, beside: true, threads: 1 }, heard)
    const canary = await relay({ port: 0, upstream: { host: HOST, port: listening.port } }, told(thread.feed))
    const sent: Uint8Array[] = []
    let accepted = 0
    const socket = connect(canary.port, HOST)
    const session: ClientSession = new ClientSession(
      { id: 1, masterKey: masterKey(1), mode: 'literal', crypto: nodeCrypto, rng: nodeRng },
      {
        send(f) {
          sent.push(frame.withPrefix(f))
          socket.write(sent.at(-1)!)
          return true
        },
        report(o) {
          if (o.kind !== 'accepted') return
          if (++accepted < 3) setImmediate(() => session.submit([1, 2], 0))
          else socket.end()
        },
      },
    )
    socket.on('connect', () => session.start(0)).on('data', (bytes) => session.receive(bytes))
    await once(socket, 'close')
    const again = connect(canary.port, HOST)
    for (const bytes of sent.slice(0, 2)) {
      again.write(bytes)
      await once(again, 'data')
    }
    for (let ms = 0; found.length < 2 && ms < 5_000; ms += 10) await sleep(10)
    expect(found).toEqual(['A1s', 'A2'])
    again.destroy()
    canary.stop()
    await listening.stop()
    thread.feed.end()
    expect(await thread.tally).toMatchObject({ followed: 2 })
    expect(accepted).toBe(3)
  })
})
