/**
 * Stream reassembly: however a stream is cut, the same frames come out as from one chunk, and as from the reference;
 * and no more is held back than one incomplete frame.
 */
import type { Rng } from '../../properties/harness/world/rng.ts'
import { framed } from '../../properties/harness/world/wire.ts'
import { Reassembler } from '../../spec/dialects/stream.ts'
import { concat, toHex } from '../../spec/reference/bytes.ts'
import { LENGTH_WORDS } from '../engine/dictionary.ts'
import { type Input, type Mutator, u32 } from '../engine/input.ts'
import { bucket, expectSame, type Implementation, Mismatch, type Note, type Target } from '../engine/target.ts'
import { boundaries, DIALECT, FRAMES } from './conversation.ts'

const TAG = { frames: 1, end: 2, chunks: 3, heldPrefix: 4, heldFrame: 5, rest: 6 } as const
const MAX_HELD = 4 + 4_167 // PROTOCOL §2: a length prefix and the longest frame

/** A frame, or null for an illegal length prefix. */
type Piece = Uint8Array | null

/** What the reference takes out of the stream up to the end of the session: an illegal prefix, or the frame `stop`. */
const expectedPieces = ({ stream, stop }: Cut): { readonly pieces: readonly Piece[]; readonly ended: boolean } => {
  const all = new Reassembler(DIALECT.framing).push(stream).map((p): Piece => (p.kind === 'frame' ? p.frame : null))
  const pieces = all.slice(0, stop + 1)
  return { pieces, ended: pieces.at(-1) === null || pieces.length === stop + 1 }
}

type Assembler = InstanceType<Implementation['frame']['Reassembler']>

/** Pushes one chunk as a transport that uses its buffer again would; returns false once the session has ended. */
const push = (to: Assembler, chunk: Uint8Array, pieces: Piece[], stop: number): boolean => {
  const buffer = chunk.slice()
  let open = true
  to.push(buffer, (frame) => {
    if (!open) throw new Mismatch('frame after the end', `${pieces.length} frames, then another`)
    pieces.push(frame === null ? null : frame.slice())
    open = frame !== null && pieces.length <= stop
    return open
  })
  buffer.fill(0xee)
  return open
}

const compare = (reason: string, got: readonly Piece[], expected: readonly Piece[]): void => {
  if (got.length !== expected.length)
    throw new Mismatch(reason, `expected ${expected.length} pieces, got ${got.length}`)
  for (const [i, piece] of got.entries()) expectSame(reason, piece, expected[i]!)
}

/** In the given cuts, looking at what is held back after each chunk. */
const inChunks = (src: Implementation, cut: Cut, expected: readonly Piece[], note: Note): void => {
  const bounds = [...cut.cuts, cut.stream.length]
  let to = new src.frame.Reassembler()
  const pieces: Piece[] = []
  let at = 0
  let consumed = 0 // stream bytes that came out in frames
  for (const [i, end] of bounds.entries()) {
    if (!push(to, cut.stream.subarray(at, end), pieces, cut.stop)) break
    at = end
    consumed = pieces.reduce((n, p) => n + 4 + (p?.length ?? 0), 0)
    const held = to.buffered()
    if (held.length > MAX_HELD) throw new Mismatch('too much held back', `${held.length} bytes`)
    expectSame('held back differs', held, cut.stream.subarray(consumed, at))
    note(held.length < 4 ? TAG.heldPrefix : TAG.heldFrame, held.length < 4 ? held.length : bucket(held.length))
    // Half of the way through, go on with another one that was given what this one held back.
    if (i === bounds.length >> 1) {
      to = new src.frame.Reassembler()
      if (!push(to, held, pieces, cut.stop)) throw new Mismatch('held back a whole frame', toHex(held).slice(0, 80))
    }
  }
  compare('chunks matter', pieces, expected)
  note(TAG.rest, bucket(cut.stream.length - consumed))
}

/**
 * A stream and its cuts as one file: stop u8 ‖ count u8 ‖ count × u16 cut ‖ stream. Every byte string is one: the count
 * is taken modulo 8, a cut modulo the length of the stream plus one.
 */
interface Cut {
  /** The session ends with the frame of this index. */
  readonly stop: number
  /** Ascending; equal ones make an empty chunk. */
  readonly cuts: readonly number[]
  readonly stream: Uint8Array
}

const MAX_CUTS = 7
const FIXED = 2 // stop, count

const streamAt = (data: Uint8Array): number => Math.min(data.length, FIXED + 2 * ((data[1] ?? 0) % (MAX_CUTS + 1)))

const decode = (data: Uint8Array): Cut => {
  const at = streamAt(data)
  const stream = data.subarray(at)
  const cuts: number[] = []
  for (let i = FIXED; i + 1 < at; i += 2) cuts.push(((data[i]! << 8) | data[i + 1]!) % (stream.length + 1))
  return { stop: data[0] ?? 0, cuts: cuts.sort((a, b) => a - b), stream }
}

const encode = ({ stop, cuts, stream }: Cut): Uint8Array => {
  const head = cuts.slice(0, MAX_CUTS)
  const data = new Uint8Array(FIXED + 2 * head.length + stream.length)
  data[0] = stop
  data[1] = head.length
  for (const [i, cut] of head.entries()) {
    data[FIXED + 2 * i] = cut >>> 8
    data[FIXED + 2 * i + 1] = cut
  }
  data.set(stream, FIXED + 2 * head.length)
  return data
}

const NEVER = 255
const LENGTHS = [71, 87, 119, 263, 4_167] // PROTOCOL §2: the shortest frame, some others, the longest

const MOST = 64 // frames looked at

const change = (input: Input, edit: (cut: Cut) => Cut): void => input.set(encode(edit(decode(input.bytes.slice()))))

const newFrame = (rng: Rng): Uint8Array =>
  framed(rng.oneIn(2) ? rng.pick(FRAMES) : new Uint8Array(rng.pick(LENGTHS)).fill(rng.below(256)))

const join: Mutator = (input, rng) =>
  change(input, (cut) => {
    const at = rng.pick([...boundaries(cut.stream, MOST), cut.stream.length])
    return { ...cut, stream: concat(cut.stream.subarray(0, at), newFrame(rng), cut.stream.subarray(at)) }
  })

/** One frame less, or one frame becomes two. */
const removeOrSplit: Mutator = (input, rng) =>
  change(input, (cut) => {
    const starts = boundaries(cut.stream, MOST)
    if (starts.length === 0) return cut
    const i = rng.below(starts.length)
    const [from, to] = [starts[i]!, starts[i + 1] ?? cut.stream.length]
    const body = cut.stream.subarray(Math.min(from + 4, to), to)
    const half = rng.below(body.length + 1)
    const middle = rng.oneIn(2) ? [] : [framed(body.subarray(0, half)), framed(body.subarray(half))]
    return { ...cut, stream: concat(cut.stream.subarray(0, from), ...middle, cut.stream.subarray(to)) }
  })

/** Makes the last prefix tell the truth about what follows, or a limit. */
const repairPrefix: Mutator = (input, rng) => {
  const at = streamAt(input.bytes)
  const start = boundaries(input.bytes.subarray(at), MOST).at(-1)
  if (start === undefined) return
  input.write(at + start, u32(rng.oneIn(3) ? rng.pick([70, 71, 4_167, 4_168]) : input.length - at - start - 4))
}

/** Cuts within four bytes of a frame boundary, where a prefix is split. */
const cutAtBoundaries: Mutator = (input, rng) =>
  change(input, (cut) => {
    const starts = [...boundaries(cut.stream, MOST), cut.stream.length]
    const near = (): number => Math.min(cut.stream.length, Math.max(0, rng.pick(starts) + rng.between(-4, 8)))
    const kept = cut.cuts.filter(() => rng.oneIn(2))
    return { ...cut, cuts: [...kept, ...Array.from({ length: rng.between(1, 3) }, near)].slice(-MAX_CUTS) }
  })

const setStop: Mutator = (input, rng) => input.put(0, rng.oneIn(2) ? NEVER : rng.below(4))

const STREAM_MUTATORS: readonly Mutator[] = [join, removeOrSplit, repairPrefix, cutAtBoundaries, setStop]

const STREAM_SEEDS: readonly Uint8Array[] = [
  { stop: NEVER, cuts: [], stream: framed(FRAMES[0]!) },
  { stop: NEVER, cuts: [40], stream: concat(framed(FRAMES[0]!), framed(FRAMES[2]!)) },
  { stop: 0, cuts: [], stream: u32(70) },
].map(encode)

export const stream: Target = {
  name: 'stream',
  says: 'any chunking of a stream gives the same frames as one chunk, holding back one incomplete frame at most',
  modules: ['src/frame.ts'],
  maxBytes: 9_000, // two of the longest frames, and more
  seeds: () => STREAM_SEEDS,
  dictionary: LENGTH_WORDS,
  mutators: STREAM_MUTATORS,
  oracle: (src) => (data, note) => {
    const cut = decode(data)
    const { pieces, ended } = expectedPieces(cut)
    const whole: Piece[] = []
    push(new src.frame.Reassembler(), cut.stream, whole, cut.stop)
    compare('one chunk differs from the reference', whole, pieces)
    inChunks(src, cut, pieces, note)
    note(TAG.frames, Math.min(pieces.length, 32))
    note(TAG.end, pieces.at(-1) === null ? 0 : ended ? 1 : 2)
    note(TAG.chunks, cut.cuts.length)
  },
  render: (data) => {
    const cut = decode(data)
    const { pieces, ended } = expectedPieces(cut)
    return [
      `${cut.stream.length} bytes of stream, cut at ${cut.cuts.join(', ') || 'nowhere'}`,
      `the session ends with frame ${cut.stop + 1}`,
      ...pieces.map((p) => (p === null ? 'illegal length prefix' : `frame of ${p.length} bytes`)),
      ended ? 'ended' : 'open',
      `stream ${toHex(cut.stream.subarray(0, 256))}`,
    ]
  },
}
