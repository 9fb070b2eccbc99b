/** What hostile peers without a key do on a connection of theirs, in an order that a seed gives. */
import type { Socket } from 'node:net'
import { frame } from '../../../../src/index.ts'
import type { Rng } from '../../../harness/rng.ts'

/** Begins once the connection stands, and ends when the socket is closed. */
export type Behaviour = (socket: Socket, rng: Rng) => void

export interface Kind {
  readonly name: string
  readonly behave: Behaviour
  /** ms from the end of one connection to the next; `lying`: from its beginning, whatever becomes of it. */
  readonly pauseMs: readonly [from: number, to: number]
  readonly lying?: number // connections at a time
}

const DRIP_MS = 200
const HELLO_BYTES = 103 // the prefix and as much as a HELLO has

const bytes = (rng: Rng, n: number): Uint8Array => Uint8Array.from({ length: n }, () => rng.below(256))

const prefix = (length: number): Uint8Array => {
  const four = new Uint8Array(4)
  new DataView(four.buffer).setUint32(0, length)
  return four
}

/** The beginning of something that looks like a HELLO. */
const half = (rng: Rng): Uint8Array => {
  const whole = bytes(rng, HELLO_BYTES)
  whole.set([frame.OPCODE.hello, rng.between(1, 255), 0, 0, 0, 0, frame.TO_SERVER])
  return frame.withPrefix(whole).subarray(0, rng.between(1, HELLO_BYTES))
}

const SHORT = [500, 1_500] as const
const ATTEMPT = [250, 750] as const

export const KINDS: readonly Kind[] = [
  /** Says half of a frame and nothing more. */
  { name: 'half frame', behave: (socket, rng) => void socket.write(half(rng)), pauseMs: SHORT },
  { name: 'garbage', behave: (socket, rng) => void socket.write(bytes(rng, rng.between(1, 8_192))), pauseMs: SHORT },
  {
    name: 'giant prefix',
    behave: (socket, rng) => {
      socket.write(prefix(rng.oneIn(2) ? frame.MAX_FRAME + 1 : rng.between(frame.MAX_FRAME + 1, 0xffff_ffff)))
      socket.write(new Uint8Array(16_384))
    },
    pauseMs: SHORT,
  },
  {
    name: 'zero prefix',
    behave: (socket, rng) => void socket.write(prefix(rng.oneIn(2) ? 0 : rng.below(71))),
    pauseMs: SHORT,
  },
  /** Opens connection after connection and says nothing. */
  { name: 'connection flood', behave: () => {}, pauseMs: ATTEMPT, lying: 10 },
  {
    name: 'slowloris',
    behave: (socket, rng) => {
      const whole = frame.withPrefix(bytes(rng, HELLO_BYTES))
      let at = 0
      const drip = setInterval(() => socket.write(whole.subarray(at, ++at)), DRIP_MS)
      socket.on('close', () => clearInterval(drip))
    },
    pauseMs: SHORT,
  },
  {
    name: 'reset',
    behave: (socket, rng) => {
      socket.write(half(rng), () => socket.resetAndDestroy())
    },
    pauseMs: SHORT,
  },
]
