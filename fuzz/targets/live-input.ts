/**
 * Bytes for a live endpoint as one file: opening u8 ‖ setting u8 ‖ cut u16 ‖ stream. Every byte string is one: opening and
 * setting count modulo what there is; 0 cuts nothing, another cut is taken modulo the length of the stream. And mutations
 * that know where they are: genuine frames, the header that is expected next, and the keys to seal with.
 */
import { srcSystem } from '../../properties/harness/parties/party-file.ts'
import { Player } from '../../properties/harness/world/play.ts'
import type { Rng } from '../../properties/harness/world/rng.ts'
import { framed } from '../../properties/harness/world/wire.ts'
import type { Direction } from '../../spec/dialects/dialect.ts'
import type { Follower } from '../../spec/dialects/follower.ts'
import { macIndex } from '../../spec/dialects/keys.ts'
import type { Side } from '../../spec/language.ts'
import { OP } from '../../spec/opcodes.ts'
import { concat, toUtf8 } from '../../spec/reference/bytes.ts'
import { hmac } from '../../spec/reference/primitives.ts'
import { PAYLOAD_LENGTHS } from '../engine/dictionary.ts'
import { type Input, type Mutator, u32 } from '../engine/input.ts'
import { aggregateOf, boundaries, CONTROL, dataOf } from './conversation.ts'
import { OPENINGS, SETTINGS, scheduleOf } from './state/openings.ts'

export const HEAD = 4

export interface LiveInput {
  readonly opening: number
  readonly setting: number
  readonly cut: number
  readonly stream: Uint8Array
}

export const decode = (data: Uint8Array): LiveInput => ({
  opening: data[0] ?? 0,
  setting: data[1] ?? 0,
  cut: ((data[2] ?? 0) << 8) | (data[3] ?? 0),
  stream: data.subarray(Math.min(HEAD, data.length)),
})

export const encode = ({ opening, setting, cut, stream }: LiveInput): Uint8Array =>
  concat(Uint8Array.of(opening, setting, cut >> 8, cut), stream)

/** Of openings.ts: the network adversary, insiders, insiders near the last round, the network adversary in literal. */
const LIVE_SETTINGS = [0, 1, 5, 7] as const
/** A client is there in all but the first. */
const LIVE_OPENINGS: Readonly<Record<Side, readonly number[]>> = {
  server: OPENINGS.map((_, i) => i),
  client: OPENINGS.map((_, i) => i).slice(1),
}

export const settingAt = (n: number): number => LIVE_SETTINGS[n % LIVE_SETTINGS.length]!
export const openingAt = (side: Side, n: number): number => LIVE_OPENINGS[side][n % LIVE_OPENINGS[side].length]!
export const CHOICES = { settings: LIVE_SETTINGS.length, openings: OPENINGS.length } as const

/**
 * Where the bytes of an input arrive: an endpoint in a conversation that has come to its opening. Known to those who
 * make inputs; what is judged is another play of the same (state/checkpoints.ts).
 */
export interface Place {
  /** The keys and the round that the next frame is judged by. */
  readonly node: Follower
  readonly direction: Direction
  /** Every frame sent so far, by anybody. */
  readonly frames: readonly Uint8Array[]
}

const places = new Map<string, Place>()

export const placeOf = (side: Side, setting: number, opening: number): Place => {
  const name = `${side} ${setting} ${opening}`
  const known = places.get(name)
  if (known !== undefined) return known
  const player = new Player(scheduleOf(SETTINGS[setting]!, OPENINGS[opening]!.actions), srcSystem, () => {})
  for (const _ of player.play()); // in memory nothing needs waiting for
  const { world } = player
  // The endpoint that bytes go to, or a new connection.
  const node = world.find({ side, n: -1 })?.node ?? world.ledger.start(SETTINGS[setting]!.setup.clients[0]!)
  const direction = side === 'server' ? 'c2s' : 's2c'
  const made: Place = { node, direction, frames: world.wire.frames.map((f) => f.bytes) }
  places.set(name, made)
  return made
}

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
    ...[setOpening, setSetting, setCut, insertGenuine, onlyGenuine, forge, reseal, expectedHeader],
    ...[setHeader, repairPrefix, changeLength],
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
