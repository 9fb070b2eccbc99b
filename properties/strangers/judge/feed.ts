/** What is told of connections, in batches of bytes, so that whoever judges them runs in a thread of its own. */
import type { Address } from '../../harness/capture/packets.ts'
import type { Chunk } from '../../harness/capture/streams.ts'
import type { Bench, Reader } from './source.ts'

const KIND = { opened: 0, middle: 1, bytes: 2, ended: 3, missing: 4, closed: 5, time: 6, end: 7 } as const
const HEAD = 26 // kind, side, connection u32, packet u32, time f64, length u32, number of the next frame u32
const BATCH = 1 << 18

/** Writes batches. */
export class Feed implements Reader {
  packet = 0
  now = 0
  /** Number of the next frame, where somebody counts them; else whoever judges does. */
  frames: number | null = null
  readonly #post: (batch: ArrayBuffer, bytes: number) => void
  readonly #full: () => void
  #batch: Buffer<ArrayBuffer> = Buffer.allocUnsafeSlow(BATCH)
  readonly #spare: Buffer<ArrayBuffer>[] = []
  #used = 0

  /** `post` takes the memory over; `full` is told before, when there is no room for more. */
  constructor(post: (batch: ArrayBuffer, bytes: number) => void, full?: () => void) {
    this.#post = post
    this.#full = full ?? (() => this.flush())
  }

  opened(conn: number, client: Address, server: Address, whole: boolean): void {
    this.#text(
      whole ? KIND.opened : KIND.middle,
      conn,
      'client',
      `${client.ip} ${client.port} ${server.ip} ${server.port}`,
    )
  }

  bytes(conn: number, from: Chunk['from'], bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += BATCH - HEAD)
      this.#write(KIND.bytes, conn, from, bytes.subarray(at, at + BATCH - HEAD))
  }

  ended(conn: number, from: Chunk['from']): void {
    this.#write(KIND.ended, conn, from, NONE)
  }

  missing(conn: number, from: Chunk['from'], why: string): void {
    this.#text(KIND.missing, conn, from, why)
  }

  closed(conn: number): void {
    this.#write(KIND.closed, conn, 'client', NONE)
  }

  /** Time has passed. */
  tick(): void {
    this.#write(KIND.time, 0, 'client', NONE)
    this.flush()
  }

  end(): void {
    this.#write(KIND.end, 0, 'client', NONE)
    this.flush()
  }

  /** The memory of a batch that was read. */
  spare(batch: ArrayBuffer): void {
    this.#spare.push(Buffer.from(batch))
  }

  flush(): void {
    const { buffer } = this.#batch
    const used = this.#used
    this.#batch = this.#spare.pop() ?? Buffer.allocUnsafeSlow(BATCH)
    this.#used = 0
    this.#post(buffer, used)
  }

  #text(kind: number, conn: number, from: Chunk['from'], text: string): void {
    this.#write(kind, conn, from, Buffer.from(text))
  }

  #write(kind: number, conn: number, from: Chunk['from'], bytes: Uint8Array): void {
    if (this.#used + HEAD + bytes.length > BATCH) this.#full()
    const b = this.#batch
    const at = this.#used
    b[at] = kind
    b[at + 1] = from === 'client' ? 0 : 1
    b.writeUInt32LE(conn, at + 2)
    b.writeUInt32LE(this.packet, at + 6)
    b.writeDoubleLE(this.now, at + 10)
    b.writeUInt32LE(bytes.length, at + 18)
    b.writeUInt32LE(this.frames ?? NOBODY_COUNTS, at + 22)
    b.set(bytes, at + HEAD)
    this.#used = at + HEAD + bytes.length
  }
}

const NONE = new Uint8Array(0)
const NOBODY_COUNTS = 0xffff_ffff

/** Tells a reader what a batch says. True: it was the last one. */
export const replay = (batch: ArrayBuffer, used: number, to: Bench): boolean => {
  const b = Buffer.from(batch, 0, used)
  for (let at = 0; at < used; ) {
    const from = b[at + 1] === 0 ? 'client' : 'server'
    const conn = b.readUInt32LE(at + 2)
    const length = b.readUInt32LE(at + 18)
    const bytes = b.subarray(at + HEAD, at + HEAD + length)
    to.packet = b.readUInt32LE(at + 6)
    to.now = b.readDoubleLE(at + 10)
    const next = b.readUInt32LE(at + 22)
    if (next !== NOBODY_COUNTS) to.frames = next
    switch (b[at]) {
      case KIND.bytes:
        to.bytes(conn, from, bytes)
        break
      case KIND.ended:
        to.ended(conn, from)
        break
      case KIND.closed:
        to.closed?.(conn)
        break
      case KIND.missing:
        to.missing?.(conn, from, bytes.toString())
        break
      case KIND.time:
        to.look()
        break
      case KIND.end:
        to.end()
        return true
      default: {
        const [ip = '', port = 0, serverIp = '', serverPort = 0] = bytes.toString().split(' ')
        const whole = b[at] === KIND.opened
        to.opened?.(conn, { ip, port: Number(port) }, { ip: serverIp, port: Number(serverPort) }, whole)
      }
    }
    at += HEAD + length
  }
  return false
}
