/**
 * Makes a capture as large as one likes, of honest clients of PROTOCOL, and in it, if asked for, one session that is
 * replayed: `node --import tsx properties/strangers/judge/generate.ts FILE --megabytes 1024`.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { type Follower, Followers } from '../../../spec/dialects/follower.ts'
import type { Mode } from '../../../spec/language.ts'
import { LIMITS } from '../../../spec/language.ts'
import { OP } from '../../../spec/opcodes.ts'
import { concat, EMPTY, toUtf8, u32 } from '../../../spec/reference/bytes.ts'
import { withPrimitives } from '../../../spec/reference/primitives.ts'
import { pcapngPacket, pcapngStart } from '../../harness/capture/packet-file.ts'
import { packetOf, type Segment } from '../../harness/capture/packets.ts'
import { command, main } from '../../harness/terminal/command.ts'
import { flag, integer, modeOption, seedOption, UsageError } from '../../harness/terminal/options.ts'
import { plural } from '../../harness/terminal/text.ts'
import { masterKey, Rng } from '../../harness/world/rng.ts'
import { framed } from '../../harness/world/wire.ts'
import { FAST } from './source.ts'

const SERVER = { ip: '10.0.0.1', port: 9_999 }
const CONTROL = Uint8Array.of(0)
const ROUND_MS = 0.05 // between two packets
const LIFE = [20, 400] as const // rounds of a session

interface Line {
  readonly id: number
  readonly ends: Readonly<Record<'client' | 'server', Segment['from']>>
  readonly sent: Record<'client' | 'server', number>
  readonly frames: Uint8Array[] // of the client, while it may still be replayed
  node: Follower
  left: number // rounds until it leaves
  readonly rounds: Map<number, readonly [sum: number, count: number]>
}

/** `write` gets the file piece by piece. */
export class Generated {
  frames = 0
  bytes = 0
  readonly #rng: Rng
  readonly #followers: Followers
  readonly #write: (bytes: Uint8Array) => void
  readonly #rounds = new Map<number, [sum: number, count: number]>()
  #now = 1_700_000_000_000
  #ports = 0

  constructor(mode: Mode, seed: number, write: (bytes: Uint8Array) => void) {
    this.#rng = new Rng(seed)
    this.#followers = new Followers(PROTOCOL[mode])
    this.#write = write
    this.#out(pcapngStart('generated'))
  }

  connect(id: number): Line {
    const n = this.#ports++
    const client = { ip: `10.1.${(n >> 14) & 255}.${id}`, port: 10_000 + (n % 50_000) }
    const first = { client: this.#rng.u32(), server: this.#rng.u32() }
    const node = this.#followers.start(id, masterKey(id))
    const line = { id, ends: { client, server: SERVER }, sent: first, frames: [], node, left: 0, rounds: new Map() }
    this.#segment(line, 'client', { syn: true })
    line.sent.client++
    this.#segment(line, 'server', { syn: true, ack: true })
    line.sent.server++
    return line
  }

  /** The handshake of a client, or, of what was `recorded`, of somebody who only has its frames. */
  join(line: Line, recorded?: readonly Uint8Array[]): void {
    line.left = this.#rng.between(...LIFE)
    this.#from(line, OP.HELLO, toUtf8(`Hello from client ${line.id}`), recorded?.[0])
    this.#answer(line, OP.CHALLENGE, toUtf8(`Challenge from server ${this.#rng.u32()}`))
  }

  round(line: Line, recorded?: Uint8Array): void {
    const { round } = line.node
    const values =
      recorded === undefined ? Array.from({ length: this.#rng.between(1, 3) }, () => this.#rng.below(1_000)) : []
    const body = new Uint8Array(2 + 8 * values.length)
    const view = new DataView(body.buffer)
    view.setUint16(0, values.length)
    for (const [i, v] of values.entries()) view.setFloat64(2 + 8 * i, v)
    const sent = this.#from(line, OP.DATA, body, recorded)
    const opened = sent.before.opens(sent.frame, 'c2s').body
    const told = opened.kind === 'data' ? opened.values : []
    const mine = [told.reduce((m, v) => m + v, 0), told.length] as const
    line.rounds.set(round, mine)
    if (line.rounds.size > LIMITS.retainedRounds) this.#withdraw(line, line.rounds.keys().next().value!)
    const all = this.#rounds.get(round) ?? [0, 0]
    all[0] += mine[0]
    all[1] += mine[1]
    this.#rounds.set(round, all)
    const answer = new DataView(new ArrayBuffer(21))
    answer.setFloat64(1, all[0])
    answer.setUint32(9, all[1])
    answer.setFloat64(13, all[0] / all[1])
    this.#answer(line, OP.RESPONSE, new Uint8Array(answer.buffer))
    line.left--
  }

  leave(line: Line): void {
    this.#from(line, OP.TERMINATE, CONTROL)
    for (const side of ['client', 'server'] as const) {
      this.#segment(line, side, { fin: true, ack: true })
      line.sent[side]++
    }
    for (const round of [...line.rounds.keys()]) this.#withdraw(line, round)
  }

  #withdraw(line: Line, round: number): void {
    const [mine, all] = [line.rounds.get(round)!, this.#rounds.get(round)!]
    line.rounds.delete(round)
    all[0] -= mine[0]
    all[1] -= mine[1]
    if (all[1] === 0) this.#rounds.delete(round)
  }

  #from(line: Line, opcode: number, body: Uint8Array, recorded?: Uint8Array) {
    const before = line.node
    const frame = recorded ?? this.#sealed(line, 'c2s', opcode, body)
    line.node = before.after(frame)
    if (line.frames.length < 4) line.frames.push(frame)
    this.#send(line, 'client', frame)
    return { before, frame }
  }

  #answer(line: Line, opcode: number, body: Uint8Array): void {
    const frame = this.#sealed(line, 's2c', opcode, body)
    line.node = line.node.after(frame)
    this.#send(line, 'server', frame)
  }

  #sealed({ node }: Line, direction: 'c2s' | 's2c', opcode: number, body: Uint8Array): Uint8Array {
    return node.sealNext(direction, opcode, body, () =>
      concat(...Array.from({ length: 4 }, () => u32(this.#rng.u32()))),
    )
  }

  #send(line: Line, from: 'client' | 'server', frame: Uint8Array): void {
    this.frames++
    const payload = framed(frame)
    this.#segment(line, from, { psh: true, ack: true }, payload)
    line.sent[from] = (line.sent[from] + payload.length) >>> 0
  }

  #segment(
    { ends, sent }: Line,
    from: 'client' | 'server',
    flags: Segment['flags'],
    payload: Uint8Array = EMPTY,
  ): void {
    const to = from === 'client' ? 'server' : 'client'
    this.#now += ROUND_MS
    const packet = packetOf({ from: ends[from], to: ends[to], seq: sent[from], ack: sent[to], flags, payload })
    this.#out(pcapngPacket(this.#now, packet, null))
  }

  #out(bytes: Uint8Array): void {
    this.bytes += bytes.length
    this.#write(bytes)
  }
}

/** Honest clients until `enough`; a session of one that has left is replayed once, when `replayed` says so. */
export const generate = (g: Generated, clients: number, enough: () => boolean, replayed: () => boolean): void =>
  withPrimitives(FAST, () => {
    let waits = true
    const open = Array.from({ length: clients }, (_, i) => g.connect(i + 1))
    for (const line of open) g.join(line)
    for (let turn = 0; !enough(); turn++) {
      const at = turn % clients
      const line = open[at]!
      if (line.left > 0) g.round(line)
      else {
        g.leave(line)
        if (waits && replayed()) {
          waits = false
          const again = g.connect(line.id)
          const [hello, ...data] = line.frames
          g.join(again, [hello!])
          for (const frame of data) if (frame[0] === OP.DATA) g.round(again, frame)
          g.leave(again)
        }
        open[at] = g.connect(line.id)
        g.join(open[at]!)
      }
    }
    for (const line of open) g.leave(line)
  })

const AT_ONCE = 1 << 20

export const generator = command({
  name: 'generate',
  options: z.strictObject({
    megabytes: integer({ says: 'how large', min: 1, max: 65_536, default: 16 }),
    frames: integer({ says: 'so many frames instead', min: 1, default: null }),
    clients: integer({ says: 'at a time', min: 1, max: 250, default: 50 }),
    mode: modeOption(),
    seed: seedOption(1),
    replay: flag('replay one session in the middle; a server in mode literal takes it'),
  }),
  rest: { value: 'FILE', says: 'where it goes', needed: true },
  notes: 'Exit codes: 0 written, 2 usage.',
  run(o, screen, rest) {
    if (o.replay && o.mode !== 'literal')
      throw new UsageError('--replay: expected --mode literal, where servers take it')
    const file = rest[0]!
    const fd = openSync(file, 'w')
    const parts: Uint8Array[] = []
    let held = 0
    const flush = (): void => {
      writeSync(fd, Buffer.concat(parts.splice(0)))
      held = 0
    }
    const g = new Generated(o.mode, o.seed, (bytes) => {
      parts.push(bytes)
      held += bytes.length
      if (held > AT_ONCE) flush()
    })
    const done = (part: number): boolean =>
      o.frames === null ? g.bytes >= part * o.megabytes * 2 ** 20 : g.frames >= part * o.frames
    generate(
      g,
      o.clients,
      () => done(1),
      () => o.replay && done(0.5),
    )
    flush()
    closeSync(fd)
    screen.say(`${file}: ${plural(g.frames, 'frame')}, ${(g.bytes / 2 ** 20).toFixed(1)} MiB`)
    return 0
  },
})

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(generator)
