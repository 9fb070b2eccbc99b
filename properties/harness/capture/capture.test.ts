import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { Followers } from '../../../spec/dialects/follower.ts'
import { parseTranscript, reproduce } from '../../../spec/dialects/transcript.ts'
import { folder } from '../../../src/cli/programs.ts'
import { needs } from '../process/needs.ts'
import { spokenIn } from '../target/dialects.ts'
import { masterKey, stream } from '../world/rng.ts'
import { framed } from '../world/wire.ts'
import { type Packet, PacketFile, parseCapture, pcapngPacket, pcapngStart } from './packet-file.ts'
import { checksum, checksumsHold, packetOf, type Segment, segmentOf } from './packets.ts'
import { Recording, transcriptText } from './recording.ts'
import { type Chunk, chunksOf, Streams } from './streams.ts'

const A = { ip: '127.0.0.1', port: 40_000 }
const B = { ip: '10.1.2.3', port: 9_998 }
const bytes = (...all: number[]): Uint8Array => Uint8Array.from(all)

const segment = (part: Partial<Segment>): Segment => ({
  from: A,
  to: B,
  seq: 100,
  ack: 7,
  flags: { ack: true },
  payload: bytes(),
  ...part,
})

/** A conversation of one round, sealed by the reference, as the stream bytes that pass a relay. */
const conversation = (mode: 'bound' | 'literal') => {
  const random = stream(1, `capture ${mode}`)
  let at = new Followers(PROTOCOL[mode]).start(1, masterKey(1))
  const frame = (opcode: number, direction: number, body: string): Uint8Array => {
    const header = { opcode, id: 1, round: at.round, direction }
    const sealed = at.seal(direction === 1 ? 'c2s' : 's2c', header, Buffer.from(body, 'hex'), random(16))
    at = at.after(sealed)
    return sealed
  }
  return [
    { from: 'client', frame: frame(10, 1, '68') },
    { from: 'server', frame: frame(20, 2, '68') },
    { from: 'client', frame: frame(30, 1, '00013ff0000000000000') },
    { from: 'server', frame: frame(40, 2, `00${'3ff0000000000000'}00000001${'3ff0000000000000'}`) },
  ] as const
}

const record = (mode: 'bound' | 'literal' = 'bound') => {
  const file: Uint8Array[] = []
  let now = 1_700_000_000_000
  const recording = new Recording(
    () => now,
    PROTOCOL[mode],
    (b) => void file.push(b),
  )
  recording.opened(0, A, B)
  recording.opened(1, null, B)
  for (const { from, frame } of conversation(mode)) {
    now += 2.5
    const whole = framed(frame)
    recording.passed(0, from, whole.subarray(0, 5), 'the beginning of a frame')
    recording.passed(0, from, whole.subarray(5), '')
  }
  recording.passed(1, 'client', bytes(1, 2, 3), 'no frame')
  recording.passed(1, 'client', new Uint8Array(70_000), 'much')
  for (const conn of [0, 1]) for (const from of ['client', 'server'] as const) recording.ended(conn, from)
  recording.ended(0, 'client') // twice is once
  return { recording, file: Buffer.concat(file) }
}

describe('a capture', () => {
  it('is read back: the streams of both sides, in order, with their ends', () => {
    const { file } = record()
    const parsed = parseCapture('x', file)
    if (parsed.kind === 'bad') throw new Error(parsed.why)
    const packets = parsed.value
    expect(packets.every((p) => checksumsHold(p.bytes))).toBe(true)
    const chunks = chunksOf(packets.map((p) => segmentOf(p)!))
    const sent = (conn: number, from: string) =>
      Buffer.concat(chunks.filter((c) => c.conn === conn && c.from === from).map((c) => c.bytes))
    for (const from of ['client', 'server'] as const) {
      const want = conversation('bound').filter((f) => f.from === from)
      expect(sent(0, from)).toEqual(Buffer.concat(want.map((f) => framed(f.frame))))
    }
    expect(sent(1, 'client')).toHaveLength(70_003)
    expect(chunks.filter((c) => c.bytes.length === 0).map((c) => `${c.conn} ${c.from}`)).toEqual([
      '0 client',
      '0 server',
      '1 client',
      '1 server',
    ])
  })

  it(
    'is right for Wireshark: checksums, sequence numbers, comments',
    needs('tshark', async () => {
      const path = join(folder(), 'x.pcapng')
      writeFileSync(path, record().file)
      const checks = ['-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE']
      const fields = ['ip.checksum.status', 'tcp.checksum.status', 'tcp.analysis.flags', 'tcp.len', 'frame.comment']
      const { stdout } = await promisify(execFile)('tshark', [
        ...['-r', path, ...checks, '-T', 'fields'],
        ...fields.flatMap((f) => ['-e', f]),
      ])
      const rows = stdout
        .trimEnd()
        .split('\n')
        .map((l) => l.split('\t'))
      expect(rows).toHaveLength(3 * 2 + 8 + 1 + 3 + 4 * 2)
      expect(rows.map((r) => r.slice(0, 3))).toEqual(rows.map(() => ['1', '1', ''])) // good, good, nothing odd
      expect(rows.filter((r) => r[4] === 'the beginning of a frame')).toHaveLength(4)
      expect(rows.reduce((n, r) => n + Number(r[3]), 0)).toBe(
        conversation('bound').reduce((n, f) => n + f.frame.length + 4, 70_003),
      )
    }),
  )

  it('that is cut off or damaged is refused with the place, or read as far as it makes sense; it never throws', () => {
    const { file } = record()
    const whole = file.subarray(0, 2_000)
    for (let n = 0; n < 400; n++) {
      const parsed = parseCapture('x', whole.subarray(0, n))
      if (parsed.kind === 'bad') expect(parsed.why).toMatch(/^x: byte \d+: expected /)
    }
    const random = stream(7, 'damage')
    for (let n = 0; n < 400; n++) {
      const damaged = Uint8Array.from(whole)
      for (const [i, b] of random(8).entries()) damaged[(b * 131 + i * 977 + n * 37) % damaged.length] = random(1)[0]!
      const parsed = parseCapture('x', damaged)
      if (parsed.kind === 'ok') chunksOf(parsed.value.flatMap((p) => segmentOf(p) ?? []))
    }
  })

  it.each([
    [bytes(), 'x: byte 0: expected a capture, got an empty file'],
    [bytes(1, 2), 'x: byte 0: expected a whole block, got 2 bytes'],
    [Buffer.from('d4c3b2a1020004000000000000000000', 'hex'), 'x: byte 0: expected a whole block, got 16 bytes'],
    [Buffer.from('0a0d0d0a1c0000001111111100000000', 'hex'), 'x: byte 8: expected a byte-order magic, got 11111111'],
    [
      pcapngPacket(0, bytes(), null),
      'x: byte 0: expected a capture: pcapng (0a0d0d0a) or pcap (a1b2c3d4), got 06000000',
    ],
    [
      Buffer.concat([pcapngStart('x').subarray(0, 44), pcapngPacket(0, bytes(), null)]),
      'x: byte 52: expected a packet of a described interface, got another',
    ],
  ])('%# is refused in one line', (file, why) => {
    const parsed = parseCapture('x', file)
    expect(parsed.kind === 'bad' && parsed.why).toContain(why)
  })

  it('in the other byte order is read, and so is a simple packet block', () => {
    const big = (...words: number[]): Buffer => {
      const b = Buffer.alloc(4 * words.length)
      for (const [i, w] of words.entries()) b.writeUInt32BE(w, 4 * i)
      return b
    }
    const file = Buffer.concat([
      big(0x0a0d0d0a, 28, 0x1a2b3c4d, 0x00010000, 0xffffffff, 0xffffffff, 28),
      big(1, 20, 0x00650000, 0, 20), // raw IP
      big(3, 20, 3, 0x01020300, 20),
      big(6, 36, 0, 0, 0, 2, 2, 0x09080000, 36),
    ])
    expect(parseCapture('x', file)).toEqual({
      kind: 'ok',
      value: [
        { link: 101, at: 0, bytes: Buffer.of(1, 2, 3) },
        { link: 101, at: 0, bytes: Buffer.of(9, 8) },
      ],
    })
  })
})

describe('a capture file', () => {
  const whole = record().file
  const read = (...pieces: readonly Uint8Array[]) => {
    const packets: Packet[] = []
    const file = new PacketFile('x', (p) => packets.push({ ...p, bytes: Uint8Array.from(p.bytes) }))
    for (const piece of pieces) file.push(piece)
    return { packets, left: file.left }
  }

  it('is read in whatever pieces it comes, and says when', () => {
    const { packets, left } = read(whole)
    expect([packets.length > 20, left]).toEqual([true, 0])
    expect(packets.at(-1)!.at).toBe(1_700_000_000_010)
    const pieces = Array.from({ length: Math.ceil(whole.length / 97) }, (_, i) => whole.subarray(97 * i, 97 * i + 97))
    expect(read(...pieces)).toEqual({ packets, left })
    expect(read(whole.subarray(0, whole.length - 5)).left).toBeGreaterThan(0)
  })

  it.each([
    ['a1b2c3d4', false, 1_000],
    ['d4c3b2a1', true, 1_000],
    ['a1b23c4d', false, 1_000_000],
    ['4d3cb2a1', true, 1_000_000],
  ])('of tcpdump (%s) is read too', (magic, little, perMs) => {
    const words = (...all: readonly number[]): Buffer => {
      const b = Buffer.alloc(4 * all.length)
      for (const [i, w] of all.entries()) little ? b.writeUInt32LE(w, 4 * i) : b.writeUInt32BE(w, 4 * i)
      return b
    }
    const head = Buffer.concat([Buffer.from(magic, 'hex'), words(0, 0, 0, 65_535, 101)])
    const one = Buffer.concat([words(7, 5 * perMs, 3, 9), bytes(1, 2, 3)])
    const { packets, left } = read(head, one.subarray(0, 10), one.subarray(10), one)
    expect(packets).toEqual([1, 2].map(() => ({ link: 101, at: 7_005, bytes: bytes(1, 2, 3) })))
    expect(left).toBe(0)
  })
})

describe('packets', () => {
  it('have the checksum of RFC 1071', () => {
    expect(checksum(bytes(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7))).toBe(0x220d) // its §3
    expect(checksum(bytes(0xff))).toBe(0x00ff)
  })

  it('are taken apart into what they were made of', () => {
    const s = segment({ flags: { syn: true, fin: true, rst: false, psh: true, ack: true }, payload: bytes(5, 6, 7) })
    const packet = packetOf(s)
    expect(segmentOf({ link: 1, bytes: packet })).toEqual(s)
    expect(segmentOf({ link: 101, bytes: packet.subarray(14) })).toEqual(s)
    expect(segmentOf({ link: 1, bytes: Uint8Array.from([...packet, 0, 0]) })).toEqual(s) // padded by the network
    const tagged = Uint8Array.from([...packet.subarray(0, 12), 0x81, 0, 0, 9, ...packet.subarray(12)])
    expect(segmentOf({ link: 1, bytes: tagged })).toEqual(s)
    expect(checksumsHold(packet)).toBe(true)
    packet[50]! ^= 1
    expect(checksumsHold(packet)).toBe(false)
  })

  it('of IPv6 are read; what is no TCP segment is none', () => {
    const tcp = packetOf(segment({ payload: bytes(9) })).subarray(34)
    const ip = new Uint8Array(40)
    ip[0] = 0x60
    ip[5] = tcp.length
    ip[6] = 6
    ip[23] = 1
    ip[39] = 1
    const six = segmentOf({ link: 101, bytes: Buffer.concat([ip, tcp]) })
    expect(six).toMatchObject({ from: { ip: '0:0:0:0:0:0:0:1', port: 40_000 }, payload: Buffer.of(9) })
    ip[6] = 17
    expect(segmentOf({ link: 101, bytes: Buffer.concat([ip, tcp]) })).toBeNull()
    expect(segmentOf({ link: 147, bytes: packetOf(segment({})) })).toBeNull()
    const fragment = packetOf(segment({}))
    fragment[20] = 0x20
    expect(segmentOf({ link: 1, bytes: fragment })).toBeNull()
  })
})

describe('streams', () => {
  const text = (chunks: readonly Chunk[]) =>
    chunks.map((c) => `${c.conn}${c.from[0]}:${c.bytes.length === 0 ? 'end' : [...c.bytes].join('')}`)
  const data = (seq: number, ...payload: number[]) => segment({ seq, payload: bytes(...payload) })
  const syn = (seq: number) => segment({ seq, flags: { syn: true } })

  it('come in order, whatever was lost, sent twice or late', () => {
    expect(text(chunksOf([syn(0), data(3, 3, 4), data(1, 1), data(1, 1, 2), data(1, 1, 2, 3), data(5, 5)]))).toEqual([
      '0c:1',
      '0c:2',
      '0c:34',
      '0c:5',
    ])
  })

  it('go on over the end of the sequence numbers', () => {
    expect(text(chunksOf([syn(0xfffffffe), data(0xffffffff, 1, 2), data(1, 3)]))).toEqual(['0c:12', '0c:3'])
  })

  it('end when all before the end has come, and with a reset', () => {
    const fin = segment({ seq: 2, flags: { fin: true, ack: true } })
    expect(text(chunksOf([syn(0), fin, data(1, 7), fin]))).toEqual(['0c:7', '0c:end'])
    expect(text(chunksOf([syn(0), segment({ seq: 1, flags: { rst: true } })]))).toEqual(['0c:end'])
  })

  it('are told apart by ports and by their SYN; the side that sent it is the client', () => {
    const back = segment({ from: B, to: A, seq: 50, flags: { syn: true, ack: true } })
    const answer = segment({ from: B, to: A, seq: 51, payload: bytes(8) })
    expect(text(chunksOf([syn(0), syn(0), back, answer, data(1, 1), syn(70), data(71, 2)]))).toEqual([
      '0s:8',
      '0c:1',
      '1c:2',
    ])
    expect(text(chunksOf([back, answer, data(1, 1)]))).toEqual(['0s:8', '0c:1'])
  })

  it('say that something is missing when its receiver has it and the capture does not', () => {
    const told: string[] = []
    const streams = new Streams({
      bytes: (_, from, b) => told.push(`${from} ${[...b].join('')}`),
      ended: (_, from) => told.push(`${from} ended`),
      missing: (_, from, why) => told.push(`${from}: ${why}`),
    })
    const ack = (n: number) => segment({ from: B, to: A, seq: 50, ack: n })
    for (const s of [syn(0), segment({ from: B, to: A, seq: 49, flags: { syn: true, ack: true } }), data(1, 1)])
      streams.take(s)
    streams.take(segment({ seq: 2, payload: bytes(2, 2), missing: 3 }))
    for (let n = 0; n < 20; n++) streams.take(ack(7))
    streams.take(data(7, 8))
    streams.end()
    expect(told).toEqual(['client 1', 'client 22', 'client: a packet was cut off when it was captured'])
  })

  it('say which one was given up when too many are open', () => {
    const told: string[] = []
    const streams = new Streams({
      bytes: (conn) => told.push(`${conn} bytes`),
      ended: (conn) => told.push(`${conn} ended`),
      missing: (conn, from, why) => told.push(`${conn} ${from}: ${why}`),
    })
    const from = (n: number) => ({ ip: `10.0.0.${n >> 16}`, port: n & 0xffff })
    for (let n = 0; n <= 65_536; n++) streams.take(segment({ from: from(n), seq: 0, flags: { syn: true } }))
    streams.take(segment({ from: from(0), seq: 1, payload: bytes(1) }))
    expect(told).toEqual(['0 client: no more was read, beside 65536 other connections'])
  })

  it('without their beginning are taken from where they are seen', () => {
    expect(text(chunksOf([segment({}), data(100, 4), segment({ from: B, to: A, payload: bytes(5) })]))).toEqual([
      '0c:4',
      '0s:5',
    ])
  })
})

describe('a transcript', () => {
  it.each(['bound', 'literal'] as const)('with keys is reproduced by the reference, in %s', (mode) => {
    const { recording } = record(mode)
    const text = transcriptText(
      { ...spokenIn(null, mode), ...recording },
      new Map([1, 2].map((id) => [id, masterKey(id)])),
    )
    const parsed = parseTranscript(JSON.parse(text), 'x')
    if (parsed.kind === 'bad') throw new Error(parsed.problem)
    expect([...parsed.transcript.masters.keys()]).toEqual([1]) // who took part, and nobody else
    expect(reproduce(parsed.transcript)).toEqual({ frames: 4, tags: 4, resealed: 4, moved: 4, differences: [] })
    expect(recording.rawBytes).toBe(70_003)
  })

  it('without keys holds none and says nothing of plaintexts', () => {
    const text = transcriptText({ ...spokenIn(null, 'bound'), ...record().recording }, null)
    expect(JSON.parse(text)).toMatchObject({ master_keys_hex: {} })
    expect(text).not.toMatch(/expected|plaintext|_key"/)
    expect(parseTranscript(JSON.parse(text), 'x')).toMatchObject({ kind: 'ok', transcript: { expected: [] } })
  })
})
