/**
 * Bytes for a live endpoint as one file: opening u8 ‖ setting u8 ‖ cut u16 ‖ stream. Every byte string is one: opening and
 * setting count modulo what there is; 0 cuts nothing, another cut is taken modulo the length of the stream.
 */
import { srcSystem } from '../../../properties/harness/parties/party-file.ts'
import { Player } from '../../../properties/harness/play.ts'
import type { World } from '../../../properties/harness/world.ts'
import type { Direction } from '../../../spec/dialects/dialect.ts'
import type { Follower } from '../../../spec/dialects/follower.ts'
import type { Side } from '../../../spec/language.ts'
import { concat } from '../../../spec/reference/bytes.ts'
import { OPENINGS, SETTINGS, scheduleOf } from '../state/openings.ts'

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

/** The endpoint that bytes go to; null: a new connection. */
const receiverIn = (world: World, side: Side) => world.find({ side, n: -1 })

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
  const node = receiverIn(world, side)?.node ?? world.ledger.start(SETTINGS[setting]!.setup.clients[0]!)
  const direction = side === 'server' ? 'c2s' : 's2c'
  const made: Place = { node, direction, frames: world.wire.frames.map((f) => f.bytes) }
  places.set(name, made)
  return made
}
