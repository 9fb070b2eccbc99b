/** What passed a relay, as it passed: frame by frame into the memory of a transcript and the packets of a capture. */
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { encIndex, macIndex } from '../../../spec/dialects/keys.ts'
import { aesKey } from '../../../spec/dialects/sealing.ts'
import { type Followed, follow, type Recorded, type StreamEnd } from '../../../spec/dialects/transcript.ts'
import { OPCODE_NAMES } from '../../../spec/opcodes.ts'
import { EMPTY } from '../../../spec/reference/bytes.ts'
import { parseFrame } from '../../../spec/reference/frame.ts'
import { OTHER } from '../attack/frames.ts'
import type { Spoken } from '../target/dialects.ts'
import { keysHex, toHex } from '../world/wire.ts'
import { pcapngPacket, pcapngStart } from './packet-file.ts'
import { type Address, packetOf } from './packets.ts'
import { type Cut, Cutter } from './reader.ts'

const MOST_PAYLOAD = 32_768 // an IPv4 packet has room for 65,495

type From = Recorded['from']

interface PassedFrame extends Recorded {
  readonly t: number // ms since the recording began
}

/** One connection as an observer between both ends would see it. `sent`: the next sequence number of each side. */
interface Line {
  readonly ends: Readonly<Record<From, Address>>
  readonly cutters: Readonly<Record<From, Cutter>>
  readonly sent: Record<From, number>
  readonly ended: Set<From>
}

export class Recording {
  readonly frames: PassedFrame[] = []
  readonly ends: StreamEnd[] = []
  /** Bytes that passed and are no frames: they are in the capture only. */
  rawBytes = 0
  readonly #clock: () => number
  readonly #dialect: Dialect
  readonly #write: ((bytes: Uint8Array) => void) | null
  readonly #start: number
  readonly #lines = new Map<number, Line>()

  /** `clock`: ms since 1970. `capture` takes the bytes of a pcapng file as they come, if there is one. */
  constructor(clock: () => number, dialect: Dialect, capture: ((bytes: Uint8Array) => void) | null) {
    this.#clock = clock
    this.#dialect = dialect
    this.#write = capture
    this.#start = clock()
    capture?.(pcapngStart('relay'))
  }

  /** `client` null: nobody; a port of its own stands for it. */
  opened(conn: number, client: Address | null, server: Address): void {
    // initial sequence numbers that show the connection, so that its packets are easily found
    const first = (conn + 1) * 1_000_000
    const line: Line = {
      ends: { client: client ?? { ip: server.ip, port: conn + 1 }, server },
      cutters: { client: new Cutter(this.#dialect, 'client'), server: new Cutter(this.#dialect, 'server') },
      sent: { client: first, server: first + 500_000 },
      ended: new Set(),
    }
    this.#lines.set(conn, line)
    this.#segment(line, 'client', { syn: true })
    line.sent.client++
    this.#segment(line, 'server', { syn: true, ack: true })
    line.sent.server++
    this.#segment(line, 'client', { ack: true })
  }

  /** Stream bytes of one side have reached the other. `comment` is kept beside their packet. */
  passed(conn: number, from: From, bytes: Uint8Array, comment: string): void {
    const line = this.#lines.get(conn)
    if (line === undefined) return
    this.#keep(conn, from, line.cutters[from].push(bytes))
    for (let at = 0; at < bytes.length; at += MOST_PAYLOAD) {
      const payload = bytes.subarray(at, at + MOST_PAYLOAD)
      this.#segment(line, from, { psh: true, ack: true }, payload, comment)
      line.sent[from] = (line.sent[from] + payload.length) >>> 0
    }
  }

  /** That side will send nothing more on that connection. */
  ended(conn: number, from: From): void {
    const line = this.#lines.get(conn)
    if (line === undefined || line.ended.has(from)) return
    line.ended.add(from)
    this.#keep(conn, from, line.cutters[from].rest())
    this.ends.push({ conn, afterFrame: Math.max(0, this.frames.length - 1) })
    this.#segment(line, from, { fin: true, ack: true })
    line.sent[from]++
    this.#segment(line, OTHER[from], { ack: true })
  }

  #keep(conn: number, from: From, cuts: readonly Cut[]): void {
    for (const { kind, bytes } of cuts)
      if (kind === 'raw') this.rawBytes += bytes.length
      else if (kind === 'frame') this.frames.push({ conn, from, bytes, t: Math.round(this.#clock() - this.#start) })
  }

  #segment(
    line: Line,
    from: From,
    flags: Parameters<typeof packetOf>[0]['flags'],
    payload: Uint8Array = EMPTY,
    comment = '',
  ): void {
    if (this.#write === null) return
    const to = OTHER[from]
    const [seq, ack] = [line.sent[from], line.sent[to]]
    const packet = packetOf({ from: line.ends[from], to: line.ends[to], seq, ack, flags, payload })
    this.#write(pcapngPacket(this.#clock(), packet, comment === '' ? null : comment))
  }
}

const whyNot = ({ bytes, opened }: Followed): string | null =>
  parseFrame(bytes) === null ? 'short' : !opened.tagOk ? 'mac' : opened.padOk ? null : 'pad'

/** What follows from the master keys alone; in the fields of the recordings that exist. */
const expectation = (f: Followed) => ({
  n: f.n,
  conn: f.conn,
  client_id: f.header?.id ?? null,
  opcode: f.header?.opcode ?? 0,
  opcode_name: OPCODE_NAMES[f.header?.opcode ?? 0] ?? null,
  round: f.header?.round ?? null,
  round_expected: f.before.round,
  direction: f.header?.direction ?? null,
  mac_ok: f.opened.tagOk,
  ok: f.opened.padOk,
  why: whyNot(f),
  mac_key: toHex(f.before.key(macIndex(f.direction))),
  enc_key: toHex(aesKey(f.before.key(encIndex(f.direction)))),
  plaintext_hex: f.opened.plaintext === null ? null : toHex(f.opened.plaintext),
  keys_before: keysHex(f.before.keys),
  keys_after: keysHex(f.after.keys),
  round_after: f.after.round,
})

/** Transcripts as they lie in corpus/transcripts, of conversations in one dialect. */
export interface Conversations extends Spoken {
  readonly frames: readonly PassedFrame[]
  readonly ends: readonly StreamEnd[]
}

/**
 * The text of the file. With a keyring it holds the master keys of the clients that took part and says of every frame
 * what it must open to; without one it holds no key and says nothing of the kind.
 */
export const transcriptText = (c: Conversations, keyring: ReadonlyMap<number, Uint8Array> | null): string => {
  const present = new Set(c.frames.map((f) => f.bytes[1]!))
  const masters = new Map([...(keyring ?? [])].filter(([id]) => present.has(id)))
  const whole = {
    implementation: `gauntlet, dialect ${c.dialect.name}`,
    title: 'what passed a relay',
    dialect: c.block,
    master_keys_hex: Object.fromEntries([...masters].map(([id, key]) => [id, toHex(key)])),
    frames: c.frames.map(({ t, conn, from, bytes }, n) => ({ t, conn, from, hex: toHex(bytes), n })),
    stream_ends: c.ends.map(({ conn, afterFrame }) => ({ conn, after_frame: afterFrame })),
    ...(keyring === null ? {} : { expected: [...follow(c.dialect, masters, c.frames)].map(expectation) }),
  }
  return `${JSON.stringify(whole, null, 1)}\n`
}
