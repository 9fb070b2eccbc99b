/**
 * Stream reassembly: however a stream is cut, the same frames come out as from one chunk, and as from the reference;
 * and no more is held back than one incomplete frame.
 */
import { Reassembler } from '../../spec/dialects/stream.ts'
import { LENGTH_WORDS } from '../engine/dictionary.ts'
import { bucket, expectSame, hex, type Implementation, Mismatch, type Note, type Target } from '../engine/target.ts'
import { DIALECT } from './conversation.ts'
import { type Cut, decode } from './stream-input.ts'
import { STREAM_MUTATORS, STREAM_SEEDS } from './stream-mutators.ts'

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
      if (!push(to, held, pieces, cut.stop)) throw new Mismatch('held back a whole frame', hex(held).slice(0, 80))
    }
  }
  compare('chunks matter', pieces, expected)
  note(TAG.rest, bucket(cut.stream.length - consumed))
}

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
      `stream ${hex(cut.stream.subarray(0, 256))}`,
    ]
  },
}
