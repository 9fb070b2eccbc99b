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

export const burst = async (lanes: readonly Lane[], options: BurstOptions): Promise<Burst> => {
  const begun = clock()
  const answers = await Promise.all(lanes.map((lane) => played(lane, options)))
  return { ms: lanes.length === 0 ? 0 : clock() - begun, answers }
}

const played = async ({ wire, requests }: Lane, o: BurstOptions): Promise<Answers> => {
  const mine: Answers = { frames: [], sentAt: [], gotAt: [], wrong: null }
  for (const request of requests) {
    if (mine.frames.length > 0 && o.stopped()) break
    const sentAt = clock()
    mine.sentAt.push(sentAt)
    o.sent()
    const heard = await wire.ask(request, o.patienceMs)
    if (typeof heard === 'string') {
      mine.wrong = heard
      break
    }
    const gotAt = clock()
    mine.gotAt.push(gotAt)
    mine.frames.push(heard)
    o.answered(gotAt - sentAt)
  }
  return mine
}

const buffer = new Uint8Array(64 * 1024) // filled and emptied within one callback

/** A socket to the server that costs the client little: one read buffer for all, and nothing but frames. */
export class Wire {
  readonly #socket: Socket
  readonly #stream = new frame.Reassembler()
  #gone: string | null = null
  /** Of the question that is not answered yet; what comes without one is dropped. */
  #hear: (heard: Uint8Array | string) => void = () => {}

  constructor(host: string, port: number) {
    this.#socket = connect({ host, port, noDelay: true, onread: { buffer, callback: (n) => this.#read(n) } })
    this.#socket.on('error', (e) => this.#lose(e.message))
    this.#socket.on('end', () => this.#lose('the server closed the connection'))
    this.#socket.on('close', () => this.#lose('the connection closed'))
  }

  /** Of the client; 0 before the connection stands. */
  get port(): number {
    return this.#socket.localPort ?? 0
  }

  /** Bytes as they go onto TCP. */
  send(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** Sends them and resolves with the next frame, or with why there is none. One question at a time. */
  ask(bytes: Uint8Array, patienceMs: number): Promise<Uint8Array | string> {
    return new Promise((resolve) => {
      if (this.#gone !== null) return resolve(this.#gone)
      const overdue = setTimeout(() => this.#hear(`no answer within ${patienceMs / 1_000} s`), patienceMs)
      this.#hear = (heard) => {
        clearTimeout(overdue)
        this.#hear = () => {}
        resolve(heard)
      }
      this.send(bytes)
    })
  }

  close(): void {
    this.#socket.end()
  }

  #read(n: number): boolean {
    this.#stream.push(buffer.subarray(0, n), (whole) => {
      if (whole === null) this.#lose('the server sent an illegal length')
      else this.#hear(whole.slice())
      return whole !== null
    })
    return true
  }

  #lose(why: string): void {
    this.#gone ??= why
    this.#hear(why)
  }
}
