/** Many connections that each have one request outstanding until all of theirs are answered. */
import { connect, type Socket } from 'node:net'
import { frame } from '../../../src/index.ts'
import { clock } from './plan.ts'

export interface Lane {
  readonly wire: Wire
  readonly requests: readonly Uint8Array[]
}

/** What became of the requests of a lane, in order; there may be fewer than requests. Times as `clock` has them. */
export interface Answers {
  readonly frames: Uint8Array[]
  readonly sentAt: number[]
  readonly gotAt: number[]
  wrong: string | null // why there are fewer, apart from a stop
}

export interface Burst {
  readonly ms: number
  readonly answers: readonly Answers[]
}

export interface BurstOptions {
  readonly patienceMs: number // for one answer
  readonly sent: () => void
  readonly answered: (ms: number) => void
  /** Asked before each request but the first: whether there is to be none. */
  readonly stopped: () => boolean
}

const CHECK_MS = 250

/** Every lane has at least one request. */
export const burst = (lanes: readonly Lane[], options: BurstOptions): Promise<Burst> => {
  if (lanes.length === 0) return Promise.resolve({ ms: 0, answers: [] })
  return new Promise((resolve) => {
    const { patienceMs, sent, answered, stopped } = options
    const begun = clock()
    const all = lanes.map((): Answers => ({ frames: [], sentAt: [], gotAt: [], wrong: null }))
    const open = new Set(lanes.keys())

    const finish = (n: number): void => {
      lanes[n]!.wire.received = () => {}
      lanes[n]!.wire.lost = () => {}
      open.delete(n)
      if (open.size > 0) return
      clearInterval(checking)
      resolve({ ms: clock() - begun, answers: all })
    }
    const lose = (n: number, why: string): void => {
      all[n]!.wrong = why
      finish(n)
    }
    const checking = setInterval(() => {
      const now = clock()
      for (const n of open)
        if (now - all[n]!.sentAt.at(-1)! > patienceMs) lose(n, `no answer within ${patienceMs / 1_000} s`)
    }, CHECK_MS)

    for (const [n, { wire, requests }] of lanes.entries()) {
      const mine = all[n]!
      const send = (): void => {
        mine.sentAt.push(clock())
        sent()
        wire.send(requests[mine.frames.length]!)
      }
      wire.lost = (why) => lose(n, why)
      wire.received = (whole) => {
        const now = clock()
        mine.gotAt.push(now)
        mine.frames.push(whole)
        answered(now - mine.sentAt.at(-1)!)
        if (mine.frames.length < requests.length && !stopped()) send()
        else finish(n)
      }
      send()
      if (wire.gone !== null) lose(n, wire.gone)
    }
  })
}

const buffer = new Uint8Array(64 * 1024) // filled and emptied within one callback

/** A socket to the server that costs the client little: one read buffer for all, and nothing but frames. */
export class Wire {
  readonly #socket: Socket
  readonly #stream = new frame.Reassembler()
  #gone: string | null = null
  /** A copy of each frame. */
  received: (whole: Uint8Array) => void = () => {}
  /** Once: no frame will follow. */
  lost: (why: string) => void = () => {}

  constructor(host: string, port: number) {
    this.#socket = connect({ host, port, noDelay: true, onread: { buffer, callback: (n) => this.#read(n) } })
    this.#socket.on('error', (e) => this.#lose(e.message))
    this.#socket.on('end', () => this.#lose('the server closed the connection'))
    this.#socket.on('close', () => this.#lose('the connection closed'))
  }

  /** Why no frame will follow; null: one may. */
  get gone(): string | null {
    return this.#gone
  }

  /** Of the client; 0 before the connection stands. */
  get port(): number {
    return this.#socket.localPort ?? 0
  }

  /** Bytes as they go onto TCP. */
  send(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  close(): void {
    this.#socket.end()
  }

  #read(n: number): boolean {
    this.#stream.push(buffer.subarray(0, n), (whole) => {
      if (whole === null) this.#lose('the server sent an illegal length')
      else this.received(whole.slice())
      return whole !== null
    })
    return true
  }

  #lose(why: string): void {
    if (this.#gone !== null) return
    this.#gone = why
    this.lost(why)
  }
}
