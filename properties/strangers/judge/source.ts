/** Recordings read as they come, in memory that does not grow, and told to whoever follows connections. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { enframe } from '../../../spec/dialects/stream.ts'
import { parseTranscript, type Transcript } from '../../../spec/dialects/transcript.ts'
import { concat } from '../../../spec/reference/bytes.ts'
import { NOBLE, type Primitives, withPrimitives } from '../../../spec/reference/primitives.ts'
import { nodeCrypto } from '../../../src/index.ts'
import { BadCapture, PacketFile } from '../../harness/capture/packet-file.ts'
import { readsLink, segmentOf } from '../../harness/capture/packets.ts'
import { Streams, type Told } from '../../harness/capture/streams.ts'
import { readText } from '../../harness/process/files.ts'
import { expecting, UsageError } from '../../harness/terminal/options.ts'
import { groupsBy } from '../groups.ts'

const { hmac, sha256 } = nodeCrypto
const NO_SALT = new Uint8Array(32)
const COUNTER_ONE = Uint8Array.of(1)

/**
 * The cryptography of PROTOCOL §3 for long captures: Node's hash, since the follower does little else (ARCHITECTURE rule 10).
 * The same as NOBLE, which a test compares it with.
 */
export const FAST: Primitives = {
  ...NOBLE,
  sha256,
  hmac,
  hkdf: (ikm, info, length) => hmac(hmac(NO_SALT, ikm), concat(info, COUNTER_ONE)).slice(0, length),
}

const AT_ONCE = 1 << 20

/** Who follows connections, and is told where the reading is. */
export interface Reader extends Told {
  packet: number
  now: number
  /** Nothing more comes. */
  end(): void
}

export interface Tally {
  readonly frames: number
  /** Sessions from their HELLO on. */
  readonly followed: number
  /** Frames that had passed before. */
  readonly copies: number
  /** Frames that are not remembered any more: one of them that is sent again is taken for a new one. */
  readonly forgotten: number
  /** How often each that is judged was put to the test. */
  readonly hits: readonly (readonly [string, number])[]
}

/** Judges what it is told, and has something to say at the end. */
export interface Bench extends Reader {
  /** Number of the next frame. */
  frames: number
  /** What had to follow by now, and did not. */
  look(): void
  tally(): Tally
}

/** What was read, and what of it could not be. */
export interface Read {
  readonly packets: number
  readonly connections: number
  readonly notes: readonly string[]
}

/** A capture in pieces, pcapng or pcap. Throws a UsageError where it is none. */
export const readCapture = async (
  name: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  reader: Reader,
): Promise<Read> => {
  const streams = new Streams(reader)
  let unread = 0
  let link = 0
  const file = new PacketFile(name, (p) => {
    reader.packet++
    if (p.at > reader.now) reader.now = p.at
    const segment = segmentOf(p)
    if (segment !== null) streams.take(segment)
    else if (!readsLink(p.link)) {
      link = p.link
      unread++
    }
  })
  const notes: string[] = []
  try {
    for await (const piece of pieces) withPrimitives(FAST, () => file.push(piece))
  } catch (e) {
    if (!(e instanceof BadCapture)) throw e
    if (reader.packet === 0) throw new UsageError(e.message)
    notes.push(`${e.message}; nothing after that is read`)
  }
  const { packet } = reader
  if (packet === 0) throw new UsageError(`${name}: expected a capture or a transcript, got no packet`)
  if (unread === packet)
    throw new UsageError(
      `${name}: expected packets of Ethernet, loopback, raw IP or Linux cooked, got link type ${link}`,
    )
  if (unread > 0) notes.push(`${unread} packets of link type ${link} are not read`)
  if (file.left > 0) notes.push(`${name} ends within a packet: its last ${file.left} bytes are not read`)
  withPrimitives(FAST, () => {
    streams.end()
    reader.end()
  })
  return { packets: packet, connections: streams.count, notes }
}

/** The frames of a transcript, each a packet of its own. */
export const readFrames = (t: Transcript, d: Dialect, reader: Reader): Read => {
  const known = new Set<number>()
  const nowhere = { ip: t.file, port: 0 }
  const ends = groupsBy(t.ends, (e) => e.afterFrame)
  for (const [n, { conn, from, bytes }] of t.frames.entries()) {
    reader.packet = n + 1
    if (!known.has(conn)) {
      reader.opened?.(conn, nowhere, nowhere, true)
      reader.bytes(conn, 'client', d.banners.c2s)
      reader.bytes(conn, 'server', d.banners.s2c)
    }
    known.add(conn)
    reader.bytes(conn, from, enframe(d.framing, bytes))
    // It does not say which side ended first; of a server that ends after its client nothing is concluded.
    for (const end of ends.get(n) ?? []) for (const side of ['client', 'server'] as const) reader.ended(end.conn, side)
  }
  reader.end()
  return { packets: t.frames.length, connections: known.size, notes: [] }
}

/** The transcript that a file holds; null: it is none. Throws a UsageError where it is a bad one. `asked`: what is spoken, whatever it says. */
export const transcriptIn = (path: string, asked: Dialect | undefined): Transcript | null => {
  const [first] = piecesOf(path, 64)
  const begins = Buffer.from(first ?? [])
    .toString('utf8')
    .replace(/^\uFEFF/, '')
  if (!begins.trimStart().startsWith('{')) return null
  const json: unknown = expecting(`${path}: expected JSON`, () => JSON.parse(readText(path).replace(/^\uFEFF/, '')))
  const read = parseTranscript(json, path, asked)
  if (read.kind === 'bad') throw new UsageError(read.problem)
  return read.transcript
}

/** The bytes of a file, in memory that is used again. Throws a UsageError. */
export function* piecesOf(path: string, atOnce = AT_ONCE): Generator<Uint8Array> {
  let fd: number | null = null
  try {
    fd = openSync(path, 'r')
    const piece = new Uint8Array(atOnce)
    for (;;) {
      const n = readSync(fd, piece)
      if (n === 0) return
      yield piece.subarray(0, n)
    }
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException
    if (code === undefined) throw e
    throw new UsageError(`file: expected a readable file, got ${path} (${code})`)
  } finally {
    if (fd !== null) closeSync(fd)
  }
}
