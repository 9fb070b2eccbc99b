/** Mutations that know a stream: whole frames come, go and move; prefixes are repaired; cuts fall near boundaries. */

import type { Rng } from '../../properties/harness/rng.ts'
import { concat } from '../../spec/reference/bytes.ts'
import type { Input } from '../engine/input.ts'
import { type Mutator, u32 } from '../engine/mutators.ts'
import { FRAMES } from './conversation.ts'
import { type Cut, decode, encode, MAX_CUTS, streamAt } from './stream-input.ts'

const NEVER = 255
const LENGTHS = [71, 87, 119, 263, 4_167] // PROTOCOL §2: the shortest frame, some others, the longest

const prefixed = (frame: Uint8Array): Uint8Array => concat(u32(frame.length), frame)

/** Where each frame's prefix begins, as far as the prefixes make sense. */
const boundaries = (stream: Uint8Array): number[] => {
  const starts: number[] = []
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length)
  let at = 0
  while (at + 4 <= stream.length && starts.length < 64) {
    starts.push(at)
    at += 4 + view.getUint32(at)
  }
  return starts
}

const change = (input: Input, edit: (cut: Cut) => Cut): void => input.set(encode(edit(decode(input.bytes.slice()))))

const newFrame = (rng: Rng): Uint8Array =>
  prefixed(rng.oneIn(2) ? rng.pick(FRAMES) : new Uint8Array(rng.pick(LENGTHS)).fill(rng.below(256)))

const join: Mutator = (input, rng) =>
  change(input, (cut) => {
    const at = rng.pick([...boundaries(cut.stream), cut.stream.length])
    return { ...cut, stream: concat(cut.stream.subarray(0, at), newFrame(rng), cut.stream.subarray(at)) }
  })

/** One frame less, or one frame becomes two. */
const removeOrSplit: Mutator = (input, rng) =>
  change(input, (cut) => {
    const starts = boundaries(cut.stream)
    if (starts.length === 0) return cut
    const i = rng.below(starts.length)
    const [from, to] = [starts[i]!, starts[i + 1] ?? cut.stream.length]
    const body = cut.stream.subarray(Math.min(from + 4, to), to)
    const half = rng.below(body.length + 1)
    const middle = rng.oneIn(2) ? [] : [prefixed(body.subarray(0, half)), prefixed(body.subarray(half))]
    return { ...cut, stream: concat(cut.stream.subarray(0, from), ...middle, cut.stream.subarray(to)) }
  })

/** Makes the last prefix tell the truth about what follows, or a limit. */
const repairPrefix: Mutator = (input, rng) => {
  const at = streamAt(input.bytes)
  const start = boundaries(input.bytes.subarray(at)).at(-1)
  if (start === undefined) return
  input.write(at + start, u32(rng.oneIn(3) ? rng.pick([70, 71, 4_167, 4_168]) : input.length - at - start - 4))
}

/** Cuts within four bytes of a frame boundary, where a prefix is split. */
const cutAtBoundaries: Mutator = (input, rng) =>
  change(input, (cut) => {
    const starts = [...boundaries(cut.stream), cut.stream.length]
    const near = (): number => Math.min(cut.stream.length, Math.max(0, rng.pick(starts) + rng.between(-4, 8)))
    const kept = cut.cuts.filter(() => rng.oneIn(2))
    return { ...cut, cuts: [...kept, ...Array.from({ length: rng.between(1, 3) }, near)].slice(-MAX_CUTS) }
  })

const setStop: Mutator = (input, rng) => input.put(0, rng.oneIn(2) ? NEVER : rng.below(4))

export const STREAM_MUTATORS: readonly Mutator[] = [join, removeOrSplit, repairPrefix, cutAtBoundaries, setStop]

export const STREAM_SEEDS: readonly Uint8Array[] = [
  { stop: NEVER, cuts: [], stream: prefixed(FRAMES[0]!) },
  { stop: NEVER, cuts: [40], stream: concat(prefixed(FRAMES[0]!), prefixed(FRAMES[2]!)) },
  { stop: 0, cuts: [], stream: u32(70) },
].map(encode)
