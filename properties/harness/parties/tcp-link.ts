/** One connection to a server elsewhere: what was written, what came back, what is still to come. */
import { connect, type Socket } from 'node:net'
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import { Reassembler } from '../../../spec/dialects/stream.ts'
import { isControl } from '../../../spec/opcodes.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

/** A frame; null: an illegal length prefix. */
type Piece = Uint8Array | null

const pieces = (stream: Reassembler, chunk: Uint8Array): Piece[] =>
  stream.push(chunk).map((p) => (p.kind === 'frame' ? p.frame : null))

export class TcpLink {
  /** What was written complete and has not been judged yet, in order. */
  readonly pending: Piece[] = []
  /** What has arrived and was not taken yet, in order. */
  readonly arrived: Piece[] = []
  /** Nothing more will arrive. */
  over = false
  /** Counts whatever happens here. */
  stirs = 0
  readonly #socket: Socket
  readonly #towards = new Reassembler(PROTOCOL.bound.framing)
  readonly #back = new Reassembler(PROTOCOL.bound.framing)
  #connected = false
  #farewell = false // the server has sent its last frame

  constructor(address: Address) {
    this.#socket = connect({ ...address, noDelay: true })
    this.#socket.on('connect', () => {
      this.#connected = true
      this.stirs++
    })
    this.#socket.on('data', (chunk: Uint8Array) => {
      const come = pieces(this.#back, chunk)
      this.arrived.push(...come)
      this.#farewell ||= come.some((p) => p === null || isControl(p[0]!))
      this.stirs++
    })
    const finish = (): void => {
      if (this.over) return
      this.over = true
      this.stirs++
    }
    this.#socket.on('end', finish)
    this.#socket.on('close', finish)
    this.#socket.on('error', () => {}) // refused or reset: `close` follows
  }

  /** Whether something has to follow: the connection, a verdict on a complete frame, the end after the last frame. */
  get expecting(): boolean {
    return !this.over && (!this.#connected || this.#farewell || this.pending.length > this.arrived.length)
  }

  write(bytes: Uint8Array): void {
    if (this.over) return
    this.pending.push(...pieces(this.#towards, bytes))
    this.#socket.write(bytes)
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
