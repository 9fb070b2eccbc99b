/** A socket to the server that costs the client little: one read buffer for all, and nothing but frames. */
import { connect, type Socket } from 'node:net'
import { frame } from '../../../src/index.ts'

const buffer = new Uint8Array(64 * 1024) // filled and emptied within one callback

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
