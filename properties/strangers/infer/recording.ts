/** A recording cut into frames, as it lies in a file, a transcript or a capture, or as it passes a relay. */
import { z } from 'zod'
import { FRAMINGS, PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { check, list, openObject, text } from '../../../spec/dialects/fields.ts'
import { recorded } from '../../../spec/dialects/transcript.ts'
import { EMPTY, fromHex, isHex } from '../../../spec/reference/bytes.ts'
import { BadCapture, type Packet, PacketFile } from '../../harness/capture/packet-file.ts'
import { readsLink, segmentOf } from '../../harness/capture/packets.ts'
import { Recording as Capture } from '../../harness/capture/recording.ts'
import { type Chunk, chunksOf } from '../../harness/capture/streams.ts'
import { readBytes } from '../../harness/process/files.ts'
import { UsageError } from '../../harness/terminal/options.ts'
import { wordsOf } from '../../harness/terminal/text.ts'
import { type Relaying, relay, type Where } from '../relay.ts'
import { type Cut, cut, NoFrames } from './cutting.ts'

export interface Recording extends Cut {
  /** Master keys that the file itself holds. */
  readonly masters: ReadonlyMap<number, Uint8Array>
}

const hex = text.refine(isHex, 'hex')
const transcript = openObject({
  dialect: z
    .object({ framing_code: z.enum(FRAMINGS).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  master_keys_hex: z.record(z.string(), hex, 'an object').default({}),
  frames: list(recorded),
})

const ofTranscript = (json: unknown, name: string): Recording => {
  const read = check(transcript, json, name)
  if (read.kind === 'bad') throw new UsageError(read.problem)
  const { dialect, master_keys_hex, frames } = read.value
  return {
    framing: dialect?.framing_code ?? 'u32be',
    framingSays: `${dialect?.framing_code ?? 'u32be'}${dialect?.framing_code ? ', as the transcript says' : ''}: it holds frames, not what is around them`,
    framingSeen: false,
    lengths: [0, 0],
    banners: { c2s: EMPTY, s2c: EMPTY },
    frames,
    notes: [],
    masters: new Map(Object.entries(master_keys_hex).map(([id, key]) => [Number(id), fromHex(key)])),
  }
}

const ofCapture = (bytes: Uint8Array, name: string): Recording => {
  const packets: Packet[] = []
  const file = new PacketFile(name, (p) => packets.push(p))
  try {
    file.push(bytes)
  } catch (e) {
    throw e instanceof BadCapture ? new UsageError(e.message) : e
  }
  if (file.left === bytes.length)
    throw new UsageError(`${name}: expected a capture or a transcript, got ${file.left} bytes`)
  const foreign = packets.find((p) => !readsLink(p.link))
  if (foreign !== undefined)
    throw new UsageError(
      `${name}: expected packets of Ethernet, loopback, raw IP or Linux cooked, got link type ${foreign.link}`,
    )
  const notes = file.left > 0 ? [`${name} ends within a block: its last ${file.left} bytes are not read`] : []
  const segments = packets.flatMap((p) => segmentOf(p) ?? [])
  const carried = segments.reduce((n, s) => n + s.payload.length, 0)
  const read = ofChunks(chunksOf(segments), name)
  if (carried === 0) throw new UsageError(`${name}: expected TCP packets with bytes in them, got none`)
  return { ...read, notes: [...notes, ...read.notes] }
}

/** Throws a UsageError where no framing cuts the bytes. */
export const ofChunks = (chunks: readonly Chunk[], name: string): Recording => {
  try {
    return { ...cut(chunks.filter((c) => c.bytes.length > 0)), masters: new Map() }
  } catch (e) {
    throw e instanceof NoFrames ? new UsageError(`${name}: ${e.message}`) : e
  }
}

const MOST_BYTES = 2 ** 29 // of a capture that is taken whole

/** Throws a UsageError where the file cannot be read. */
export const readRecording = (file: string): Recording => {
  let bytes: Uint8Array
  try {
    bytes = readBytes(file, MOST_BYTES)
  } catch (e) {
    throw new UsageError(
      `file: expected a readable file, got ${file} (${(e as NodeJS.ErrnoException).code ?? wordsOf(e)})`,
    )
  }
  const said = Buffer.from(bytes.subarray(0, 16))
    .toString('utf8')
    .replace(/^\uFEFF/, '')
  if (!said.trimStart().startsWith('{')) return ofCapture(bytes, file)
  let json: unknown
  try {
    json = JSON.parse(
      Buffer.from(bytes)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
    )
  } catch (e) {
    throw new UsageError(`${file}: expected JSON, got ${(e as Error).message}`)
  }
  return ofTranscript(json, file)
}

export interface Tapped extends Chunk {
  readonly t: number // ms since 1970
}

/** A capture of it, as a sniffer leaves it. */
export const captureOf = (chunks: readonly Tapped[]): Uint8Array => {
  const parts: Uint8Array[] = []
  let now = chunks[0]?.t ?? 0
  const capture = new Capture(
    () => now,
    PROTOCOL.bound, // it cuts frames, which nobody asks for here
    (bytes) => void parts.push(bytes),
  )
  const known = new Set<number>()
  for (const { t, conn, from, bytes } of chunks) {
    now = t
    if (!known.has(conn)) capture.opened(conn, null, { ip: '127.0.0.1', port: 9999 })
    known.add(conn)
    if (bytes.length > 0) capture.passed(conn, from, bytes, '')
    else capture.ended(conn, from)
  }
  return Buffer.concat(parts)
}

interface Wiretap extends Relaying {
  readonly chunks: readonly Tapped[]
}

/** Keeps all that passes. `heard` is told after every chunk. Throws a UsageError where it cannot listen. */
export const wiretap = async (where: Where, heard: (trouble: string | null) => void): Promise<Wiretap> => {
  const chunks: Tapped[] = []
  const keep = (conn: number, from: Chunk['from'], bytes: Uint8Array): void => {
    chunks.push({ t: Date.now(), conn, from, bytes: Uint8Array.from(bytes) })
    heard(null)
  }
  const relaying = await relay(where, { bytes: keep, ended: (conn, from) => keep(conn, from, EMPTY), trouble: heard })
  return { ...relaying, chunks }
}
