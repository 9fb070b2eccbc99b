/** Mutations that know where they are: genuine frames, the header that is expected next, and the keys to seal with. */
import type { Rng } from '../../../properties/harness/rng.ts'
import { framed } from '../../../properties/harness/wire.ts'
import { macIndex } from '../../../spec/dialects/keys.ts'
import type { Side } from '../../../spec/language.ts'
import { OP } from '../../../spec/opcodes.ts'
import { concat, toUtf8 } from '../../../spec/reference/bytes.ts'
import { hmac } from '../../../spec/reference/primitives.ts'
import { PAYLOAD_LENGTHS } from '../../engine/dictionary.ts'
import type { Input } from '../../engine/input.ts'
import { type Mutator, u32 } from '../../engine/mutators.ts'
import { aggregateOf, boundaries, CONTROL, dataOf } from '../conversation.ts'
import { CHOICES, decode, encode, HEAD, type LiveInput, openingAt, type Place, placeOf, settingAt } from './input.ts'

const FRAME_AT = HEAD + 4 // of the first frame: behind its prefix
const TAG = 32
const OPCODES = Object.values(OP)

const MOST = 16 // frames looked at
const bytesOf = (n: number, rng: Rng): Uint8Array => Uint8Array.from({ length: n }, () => rng.below(256))

const change = (input: Input, edit: (it: LiveInput) => LiveInput): void =>
  input.set(encode(edit(decode(input.bytes.slice()))))

const bodyFor = (opcode: number, rng: Rng): Uint8Array => {
  if (rng.oneIn(4)) return bytesOf(rng.oneIn(2) ? rng.below(40) : rng.pick(PAYLOAD_LENGTHS), rng)
  switch (opcode) {
    case OP.HELLO:
    case OP.CHALLENGE:
      return toUtf8('x'.repeat(rng.below(3) * 17))
    case OP.DATA:
      return dataOf(rng.pick([[1, 2], [0], [Number.NaN], [1e301], [-1e300, 1e300]]))
    case OP.RESPONSE:
      return rng.oneIn(2) ? aggregateOf(3, 2) : aggregateOf(rng.pick([Number.NaN, -0, 1e300]), rng.below(3))
    default:
      return rng.oneIn(2) ? CONTROL : bytesOf(rng.below(3), rng)
  }
}

export const liveMutators = (side: Side): readonly Mutator[] => {
  const here = (input: Input): Place => placeOf(side, settingAt(input.at(1)), openingAt(side, input.at(0)))
  const opcodes = side === 'server' ? [OP.HELLO, OP.DATA, OP.TERMINATE] : [OP.CHALLENGE, OP.RESPONSE, OP.DESYNC]

  const setOpening: Mutator = (input, rng) => input.put(0, rng.below(CHOICES.openings))
  const setSetting: Mutator = (input, rng) => input.put(1, rng.below(CHOICES.settings))
  const setCut: Mutator = (input, rng) => input.write(2, Uint8Array.of(0, rng.oneIn(2) ? 0 : rng.below(256)))

  /** A frame that was sent before: replayed, reflected, or the one that is waited for. */
  const insertGenuine: Mutator = (input, rng) => {
    const { frames } = here(input)
    if (frames.length === 0) return
    const frame = rng.oneIn(2) ? frames.at(-1)! : rng.pick(frames)
    change(input, (it) => {
      const at = rng.oneIn(2) ? 0 : rng.pick([...boundaries(it.stream, MOST), it.stream.length])
      return { ...it, stream: concat(it.stream.subarray(0, at), framed(frame), it.stream.subarray(at)) }
    })
  }

  const onlyGenuine: Mutator = (input, rng) => {
    const frame = here(input).frames.at(-1 - rng.below(2))
    if (frame !== undefined) change(input, (it) => ({ ...it, stream: framed(frame) }))
  }

  /** The first frame anew, under the keys that it is judged by. */
  const forge: Mutator = (input, rng) => {
    const { node, direction } = here(input)
    const opcode = rng.oneIn(4) ? rng.pick(OPCODES) : rng.pick(opcodes)
    const header = {
      opcode,
      id: rng.oneIn(8) ? rng.below(6) : node.id,
      round: rng.oneIn(8) ? rng.below(4) : node.round,
      direction: rng.oneIn(8) ? rng.below(4) : direction === 'c2s' ? 1 : 2,
    }
    const pad = rng.oneIn(3) ? bytesOf(rng.below(18), rng).fill(rng.below(18)) : undefined
    const frame = node.seal(direction, header, bodyFor(opcode, rng), bytesOf(16, rng), pad)
    change(input, (it) => ({ ...it, stream: concat(framed(frame), rng.oneIn(2) ? it.stream : new Uint8Array(0)) }))
  }

  /** The right tag over whatever the first frame is. */
  const reseal: Mutator = (input) => {
    const { node, direction } = here(input)
    const end = FRAME_AT + lengthAt(input)
    if (end > input.length || end - FRAME_AT < 71) return
    input.write(end - TAG, hmac(node.key(macIndex(direction)), input.copyOf(FRAME_AT, end - TAG - FRAME_AT)))
  }

  const expectedHeader: Mutator = (input, rng) => {
    const { node, direction } = here(input)
    input.put(FRAME_AT, rng.pick(opcodes))
    input.put(FRAME_AT + 1, node.id)
    input.write(FRAME_AT + 2, u32(node.round))
    input.put(FRAME_AT + 6, direction === 'c2s' ? 1 : 2)
  }

  return [
    setOpening,
    setSetting,
    setCut,
    insertGenuine,
    onlyGenuine,
    forge,
    reseal,
    expectedHeader,
    setHeader,
    repairPrefix,
    changeLength,
  ]
}

const lengthAt = (input: Input): number =>
  ((input.at(HEAD) << 24) | (input.at(HEAD + 1) << 16) | (input.at(HEAD + 2) << 8) | input.at(HEAD + 3)) >>> 0

/** One field of the first header. */
const setHeader: Mutator = (input, rng) => {
  switch (rng.below(4)) {
    case 0:
      return input.put(FRAME_AT, rng.pick(OPCODES))
    case 1:
      return input.put(FRAME_AT + 1, rng.below(8))
    case 2:
      return input.write(FRAME_AT + 2, u32(rng.pick([0, 1, 2, 3, 0xffff_fffe, 0xffff_ffff])))
    case 3:
      return input.put(FRAME_AT + 6, rng.below(4))
  }
}

/** The prefix tells the truth about what follows, or a limit. */
const repairPrefix: Mutator = (input, rng) =>
  input.write(HEAD, u32(rng.oneIn(3) ? rng.pick([70, 71, 4_167, 4_168]) : input.length - FRAME_AT))

/** To a frame's length, or beside it. */
const changeLength: Mutator = (input, rng) => {
  const length = rng.oneIn(4) ? rng.pick([70, 72, 4_167]) : 71 + 16 * rng.below(4)
  input.resize(FRAME_AT + length)
  input.write(HEAD, u32(length))
}
