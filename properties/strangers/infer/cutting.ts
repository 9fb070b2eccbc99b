/** How the streams of a conversation are cut into frames, found from the bytes alone (DIALECTS, framing). */
import { type Direction, type Framing, PREFIXES, type PrefixCode } from '../../../spec/dialects/dialect.ts'
import type { Recorded } from '../../../spec/dialects/transcript.ts'
import { concat, EMPTY, same, viewOf } from '../../../spec/reference/bytes.ts'
import { HEADER_BYTES, MIN_FRAME, OVERHEAD } from '../../../spec/reference/frame.ts'
import type { Chunk } from '../../harness/capture/streams.ts'
import { plural, printable } from '../../harness/terminal/text.ts'
import { groupsBy } from '../groups.ts'

export interface Cut {
  readonly framing: Framing['kind']
  readonly framingSays: string
  /** Whether the recording shows it. */
  readonly framingSeen: boolean
  /** Of the frames, the least and the most. */
  readonly lengths: readonly [number, number]
  readonly banners: Readonly<Record<Direction, Uint8Array>>
  readonly frames: readonly Recorded[]
  readonly notes: readonly string[]
}

/** No framing cuts these bytes; the message says what there is. */
export class NoFrames extends Error {}

const MOST_BANNER = 256
const MOST_LENGTH = 1 << 20

/** Whether these may be header, IV, ciphertext and tag. */
const isFrame = (bytes: Uint8Array): boolean => bytes.length >= OVERHEAD && (bytes.length - OVERHEAD) % 16 === 0

/** How long a frame is and where it begins, by the bytes before it; null: more are needed, or none can be. */
interface Prefix {
  readonly bytes: number
  read(view: DataView): number
}
const READ = Object.entries(PREFIXES).map(([code, { bytes, little, more }]) => {
  const read = (v: DataView): number => (bytes === 2 ? v.getUint16(0, little) : v.getUint32(0, little)) - more
  return [code as PrefixCode, { bytes, read }] as const
})

interface Slicer {
  /** Not false: what came so far may be frames. */
  readonly ok?: boolean
  push(chunk: Uint8Array): readonly Uint8Array[]
  readonly left: Uint8Array
}

const prefixed = (prefix: Prefix, skip: number): Slicer => {
  let held: Uint8Array = EMPTY
  let skipping = skip
  let ok = true
  return {
    push(chunk) {
      held = concat(held, chunk.subarray(Math.min(skipping, chunk.length)))
      skipping -= Math.min(skipping, chunk.length)
      const frames: Uint8Array[] = []
      while (ok && held.length >= prefix.bytes) {
        const length = prefix.read(viewOf(held))
        if (length < HEADER_BYTES || length > MOST_LENGTH) ok = false
        if (!ok || held.length < prefix.bytes + length) break
        frames.push(held.slice(prefix.bytes, prefix.bytes + length))
        held = held.slice(prefix.bytes + length)
      }
      return frames
    },
    get left() {
      return held
    },
    get ok() {
      return ok
    },
  }
}

const chunked = (skip: number): Slicer => {
  let held: Uint8Array = EMPTY
  let skipping = skip
  return {
    push(chunk) {
      const rest = chunk.subarray(Math.min(skipping, chunk.length))
      skipping -= chunk.length - rest.length
      if (rest.length === 0) return []
      held = concat(held, rest)
      if (held.length < OVERHEAD) return [] // header and IV by themselves
      const frames = split(held)
      held = EMPTY
      return frames
    },
    get left() {
      return held
    },
  }
}

/** Frames that came as one chunk: each begins with the id and the direction of the first. */
const split = (bytes: Uint8Array): readonly Uint8Array[] => {
  for (let at = MIN_FRAME - 16; at + OVERHEAD <= bytes.length; at++)
    if (
      bytes[at + 1] === bytes[1] &&
      bytes[at + 6] === bytes[6] &&
      bytes[at + 2] === 0 &&
      bytes[at + 3] === 0 &&
      bytes[at]! % 10 === 0 &&
      isFrame(bytes.subarray(0, at)) &&
      isFrame(bytes.subarray(at)) &&
      !isFrame(bytes)
    )
      return [bytes.slice(0, at), ...split(bytes.slice(at))]
  return [bytes.slice()]
}

type Making = (skip: number) => Slicer

/** How many bytes a side sends before its first frame; null: this cuts less than half of its streams. */
const skipOf = (streams: readonly (readonly Chunk[])[], making: Making): number | null => {
  const begins = streams.map((s) => concat(...s.slice(0, MOST_BANNER).map((c) => c.bytes)))
  const cuts = (chunks: readonly Chunk[], skip: number): boolean => {
    const slicer = making(skip)
    const frames = chunks.flatMap((c) => slicer.push(c.bytes))
    return frames.length > 0 && isFrame(frames[0]!) && slicer.ok !== false
  }
  const longest = Math.max(...begins.map((b) => b.length))
  for (let skip = 0; skip <= Math.min(MOST_BANNER, longest); skip++) {
    const cut = streams.flatMap((s, i) => (cuts(s, skip) ? [begins[i]!.subarray(0, skip)] : []))
    if (2 * cut.length >= streams.length && cut.every((banner) => same(banner, cut[0]!))) return skip
  }
  return null
}

/** Throws NoFrames. Chunks are not empty. */
export const cut = (chunks: readonly Chunk[]): Cut => {
  const streams = groupsBy(chunks, (c) => `${c.conn} ${c.from}`)
  if (streams.size === 0) throw new NoFrames('expected a conversation, got no byte of one')
  const sides = { c2s: 'client', s2c: 'server' } as const
  const of = (side: 'client' | 'server') => [...streams.values()].filter((s) => s[0]!.from === side)
  const framings: readonly (readonly [PrefixCode | 'recv', Making])[] = [
    ...READ.map(([code, p]) => [code, (skip: number) => prefixed(p, skip)] as const),
    ['recv', chunked],
  ]
  let best: { readonly cut: Cut; readonly bytes: number } | undefined
  for (const [framing, making] of framings) {
    const skips = (['c2s', 's2c'] as const).map((d) => (of(sides[d]).length === 0 ? 0 : skipOf(of(sides[d]), making)))
    const [c2s, s2c] = skips
    if (c2s == null || s2c == null) continue
    const cut = cutBy(framing, making, { c2s, s2c }, chunks)
    const bytes = cut.frames.reduce((n, f) => n + (isFrame(f.bytes) ? f.bytes.length : 0), 0)
    // behind enough bytes that would be a banner, two of them are a length by chance: the first that fits need not be it
    if (best === undefined || bytes > best.bytes) best = { cut, bytes }
    if (c2s === 0 && s2c === 0 && cut.notes.length === 0 && cut.frames.every((f) => isFrame(f.bytes))) break
  }
  if (best !== undefined) return best.cut
  const [some] = chunks
  const shown = printable(Buffer.from(some!.bytes.subarray(0, 24)).toString('latin1'))
  throw new NoFrames(
    `expected frames of header, IV, ciphertext and tag, got another protocol: the ${some!.from} begins with ${JSON.stringify(shown)}`,
  )
}

const cutBy = (
  framing: PrefixCode | 'recv',
  making: Making,
  skips: Readonly<Record<Direction, number>>,
  chunks: readonly Chunk[],
): Cut => {
  const slicers = new Map<string, ReturnType<Making>>()
  const banners: Record<Direction, Uint8Array> = { c2s: EMPTY, s2c: EMPTY }
  const frames: Recorded[] = []
  for (const { conn, from, bytes } of chunks) {
    const direction = from === 'client' ? 'c2s' : 's2c'
    const slicer = slicers.get(`${conn} ${from}`) ?? making(skips[direction])
    slicers.set(`${conn} ${from}`, slicer)
    for (const frame of slicer.push(bytes)) frames.push({ conn, from, bytes: frame })
  }
  for (const d of ['c2s', 's2c'] as const) {
    const own = chunks.filter((c) => c.from === (d === 'c2s' ? 'client' : 'server'))
    const all = own.filter((c) => c.conn === own[0]!.conn) // another one may say nothing
    banners[d] = concat(...all.slice(0, 8).map((c) => c.bytes)).slice(0, skips[d])
  }
  const notes = [...slicers].flatMap(([stream, { left, ok }]) => {
    const [conn, from] = stream.split(' ')
    if (left.length === 0) return []
    const what = ok === false ? 'that are no frame' : 'of a frame that is not whole'
    return [`connection ${conn}, ${from}: ends with ${plural(left.length, 'byte')} ${what}`]
  })
  const lengths = frames.map((f) => f.bytes.length)
  return {
    framing,
    framingSays: `${framing}: ${framing === 'recv' ? 'a chunk is a frame' : 'a length before each frame'}`,
    framingSeen: true,
    lengths: [Math.min(...lengths), Math.max(...lengths)],
    banners,
    frames,
    notes,
  }
}
