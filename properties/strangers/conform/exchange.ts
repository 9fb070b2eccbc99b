/** What crossed in one play of a case, drawn and decoded; and where a frame differs from one that is accepted. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { type Follower, type Followers, sealedUnder } from '../../../spec/dialects/follower.ts'
import { headerIn, opcodeIn } from '../../../spec/dialects/opcodes.ts'
import type { FrameId } from '../../../spec/events.ts'
import { OP, opcodeName } from '../../../spec/opcodes.ts'
import { opposite } from '../../harness/attack/frames.ts'
import { Reader } from '../../harness/capture/reader.ts'
import type { Crossing, Heard } from '../../harness/target/peer.ts'
import { hop } from '../../harness/trace/ladder.ts'
import { regionOf, toHex } from '../../harness/world/wire.ts'

/** What became of the connection that a case asked on, as far as one was. */
export const CLOSINGS = ['clean', 'reset', 'open', 'died'] as const
export type Closing = (typeof CLOSINGS)[number]

export const closingOf = (h: Heard): Closing => (h.kind === 'closed' ? h.how : 'open')

/** On connection `n`. */
type Crossed = Crossing & { readonly n: number }

/** What is spoken, and the master keys of the clients. */
export interface Keyed {
  readonly followers: Followers
  readonly keyring: ReadonlyMap<number, Uint8Array>
}

/** What a play has, against a server (trial.ts) or a client (clients/host.ts): fresh bytes, positions, and what crossed. */
export class Exchange {
  readonly dialect: Dialect
  readonly keyring: ReadonlyMap<number, Uint8Array>
  readonly #followers: Followers
  readonly #random: (bytes: number) => Uint8Array
  readonly #crossed: Crossed[] = []

  /** `random`: up to 32 bytes a call, from the seed of the run and the name of the case. */
  constructor({ followers, keyring }: Keyed, random: (bytes: number) => Uint8Array) {
    this.dialect = followers.dialect
    this.keyring = keyring
    this.#followers = followers
    this.#random = random
  }

  crosses(c: Crossed): void {
    this.#crossed.push(c)
  }
  /** What crossed, in order, drawn. */
  get exchange(): readonly string[] {
    return drawn(this.#crossed, this.dialect, this.keyring)
  }

  /** Random bytes, any number. */
  bytes(count: number): Uint8Array {
    const out = new Uint8Array(count)
    for (let at = 0; at < count; at += 32) out.set(this.#random(Math.min(32, count - at)), at)
    return out
  }

  /** The position of a client before its HELLO; of one that has no key, under a key that is made up. */
  start(id: number): Follower {
    return this.#followers.start(id, this.keyring.get(id) ?? new Uint8Array(32).fill(id))
  }

  /** The byte that stands for an opcode of PROTOCOL here. */
  byteOf(opcode: number): number {
    return this.dialect.opcodes.theirs[opcode]!
  }
  /** A frame under another opcode, and nothing else changed: `change` is of numbers of PROTOCOL. */
  withOpcode(frame: Uint8Array, change: (opcode: number) => number): Uint8Array {
    return frame.with(0, this.byteOf(change(opcodeIn(this.dialect, frame))))
  }
}

/** A line each; no random byte is in it. */
const drawn = (
  all: readonly Crossed[],
  dialect: Dialect,
  keyring: ReadonlyMap<number, Uint8Array>,
): readonly string[] => {
  const reader = new Reader(dialect, keyring)
  return all.map(({ n, inbound, what }) => {
    if (typeof what === 'string') return hop(n, inbound, what, '')
    const sender = { side: inbound ? 'server' : 'client', n } as const
    const f = reader.sent(sender, '' as FrameId, what)
    reader.given(opposite(sender), what)
    const said = f.name === opcodeName(OP.CHALLENGE) ? '' : `: ${f.says}` // which is random
    return hop(n, inbound, `${f.name} r${f.round}`, `client ${f.id}, ${f.bytes} bytes${said}`)
  })
}

const FIELDS = ['opcode', 'client id', ...Array(4).fill('round'), 'direction'] as const
const BEFORE = 4
const SHOWN = 12

const partOf = (at: number, length: number): string => {
  const region = (['header', 'iv', 'ciphertext', 'tag'] as const).find((r) => at < regionOf(r, length)[1]) ?? 'tag'
  return region === 'header' ? FIELDS[at]! : region
}

/** The first byte in which a frame differs from its twin, which is accepted, in hex; null: they are the same. */
export const differenceOf = (frame: Uint8Array, twin: Uint8Array): string | null => {
  const longest = Math.max(frame.length, twin.length)
  const at = Array.from({ length: longest }, (_, i) => i).find((i) => frame[i] !== twin[i])
  if (at === undefined) return null
  const from = Math.max(0, at - BEFORE)
  const hex = (b: Uint8Array): string => {
    const [before, here] = [toHex(b.subarray(from, at)), toHex(b.subarray(at, at + SHOWN))]
    return `${from > 0 ? '…' : ''}${before}[${here.slice(0, 2) || 'end'}]${here.slice(2)}${at + SHOWN < b.length ? '…' : ''}`
  }
  return `byte ${at} (${partOf(at, twin.length)}): ${hex(frame)} of ${frame.length} bytes; accepted: ${hex(twin)} of ${twin.length} bytes`
}

export const frameText = (frame: Uint8Array, at: Follower, start: Follower): string => {
  const under = sealedUnder(frame, at, start)
  const said = under === 'current' ? '' : ` under ${under === 'initial' ? 'the initial keys' : under}`
  return `${opcodeIn(at.dialect, frame)} of ${frame.length} bytes${said}`
}

/** Why a frame of the server that opens here does not fit here; empty: it does not open, or it fits. */
export const unfitText = (frame: Uint8Array, at: Follower): string => {
  const { padOk, body, plaintext } = at.opens(frame, 's2c')
  const header = headerIn(at.dialect, frame)
  if (!padOk || header === null) return ''
  const wanted = { ...header, id: at.id, round: at.round, direction: at.dialect.directions.s2c }
  const odd = (['id', 'round', 'direction'] as const).find((field) => header[field] !== wanted[field])
  if (odd !== undefined) return `, which opens and names ${odd} ${header[odd]} where ${wanted[odd]} belongs`
  return body.kind === 'opaque' ? `, which opens, and says what the dialect does not: ${toHex(plaintext!)}` : ''
}

export const unframedText = (h: Exclude<Heard, { kind: 'frame' }>): string => {
  switch (h.kind) {
    case 'closed':
      return h.how === 'clean' ? 'closes' : 'resets'
    case 'silence':
      return 'silence'
    case 'nonsense':
      return 'answers what no frame begins with'
  }
}
