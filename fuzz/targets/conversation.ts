/** One genuine conversation, the same in every run: what frames look like, and the keys of the round after it. */
import { PROTOCOL } from '../../spec/dialects/dialect.ts'
import { type Follower, Followers } from '../../spec/dialects/follower.ts'
import { OP } from '../../spec/opcodes.ts'
import { concat, toUtf8, viewOf } from '../../spec/reference/bytes.ts'
import { f64 } from '../engine/dictionary.ts'
import { u16, u32 } from '../engine/input.ts'

export const DIALECT = PROTOCOL.bound
export const CLIENT = 1
const MASTER = Uint8Array.from({ length: 32 }, (_, i) => 7 * i + 1)

export const dataOf = (values: readonly number[]): Uint8Array => concat(u16(values.length), ...values.map(f64))
export const aggregateOf = (sum: number, count: number): Uint8Array =>
  concat(Uint8Array.of(0), f64(sum), u32(count), f64(sum / count))
export const CONTROL = Uint8Array.of(0)

const iv = (n: number): Uint8Array => Uint8Array.from({ length: 16 }, (_, i) => 16 * n + i)
let frames = 0
const seal = (at: Follower, opcode: number, direction: 'c2s' | 's2c', plaintext: Uint8Array): Uint8Array =>
  at.seal(
    direction,
    { opcode, id: CLIENT, round: at.round, direction: DIALECT.directions[direction] },
    plaintext,
    iv(frames++),
  )

const start = new Followers(DIALECT).start(CLIENT, MASTER)
const hello = seal(start, OP.HELLO, 'c2s', toUtf8(`Hello from client ${CLIENT}`))
const greeted = start.after(hello)
const challenge = seal(greeted, OP.CHALLENGE, 's2c', toUtf8('Challenge from server 000102030405060708090a0b0c0d0e0f'))

/** ACTIVE, round 1: the next frame is judged here. */
export const POSITION = greeted.after(challenge)

/** One frame of each opcode; the last four are legal at POSITION on one side or the other. */
export const FRAMES: readonly Uint8Array[] = [
  hello,
  challenge,
  seal(POSITION, OP.DATA, 'c2s', dataOf([10, 20])),
  seal(POSITION, OP.RESPONSE, 's2c', aggregateOf(30, 2)),
  seal(POSITION, OP.DESYNC, 's2c', CONTROL),
  seal(POSITION, OP.TERMINATE, 'c2s', CONTROL),
]

/** Where each frame's prefix begins, as far as the prefixes make sense; of so many frames at most. */
export const boundaries = (stream: Uint8Array, most: number): number[] => {
  const view = viewOf(stream)
  const starts: number[] = []
  for (let at = 0; at + 4 <= stream.length && starts.length < most; at += 4 + view.getUint32(at)) starts.push(at)
  return starts
}
