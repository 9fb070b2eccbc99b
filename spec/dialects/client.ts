/** A client of any dialect: hello, challenge, then one submission and its answer after the other. */
import type { Body } from '../events.ts'
import { OP } from '../opcodes.ts'
import { frameOf } from '../reference/frame.ts'
import { areSubmittable } from '../reference/payload.ts'
import type { Environment } from '../reference/position.ts'
import type { Follower, Followers } from './follower.ts'
import { writeData, writeGoodbye, writeHello } from './payload.ts'
import { judge } from './reactions.ts'
import { Reassembler } from './stream.ts'

export class DialectClient {
  /** What the server answered, in order. */
  readonly answers: Body[] = []
  readonly #env: Environment
  readonly #stream: Reassembler
  #position: Follower
  #ended = false

  /** Sends the HELLO at once. */
  constructor(followers: Followers, id: number, master: Uint8Array, env: Environment) {
    this.#env = env
    this.#stream = new Reassembler(followers.dialect.framing, followers.dialect.banners.s2c)
    this.#position = followers.start(id, master)
    this.#send(OP.HELLO, writeHello(followers.dialect, id))
  }

  get position(): Follower {
    return this.#position
  }

  receive(chunk: Uint8Array): void {
    for (const piece of this.#stream.push(chunk)) {
      if (this.#ended) return
      this.#frame(frameOf(piece))
    }
  }

  #frame(bytes: Uint8Array | null): void {
    const judgement = judge(bytes, 'client', this.#position, this.#position.dialect)
    if (judgement.kind === 'bad') {
      this.#env.rejected(bytes, judgement.reason)
      this.#end('rejection')
      return
    }
    const { frame, body } = judgement
    const { opcode } = judgement.header
    this.#position = this.#position.after(frame)
    this.#env.accepted(frame)
    if (opcode === OP.RESPONSE) this.answers.push(body)
    else if (opcode !== OP.CHALLENGE) this.#end('peer') // errors and TERMINATE
  }

  /** False: not now (no CHALLENGE yet, an answer outstanding, ended), or nothing to submit. */
  submit(values: readonly number[]): boolean {
    const ready = !this.#ended && this.#position.phase === 'ACTIVE' && this.#position.outstanding === null
    const { dialect } = this.#position
    const fit = dialect.data === 'counted-f64' ? areSubmittable(values) : values.length > 0
    if (!ready || !fit) return false
    this.#send(OP.DATA, writeData(dialect, values))
    return true
  }

  finish(): void {
    if (this.#ended) return
    const { dialect, phase, outstanding } = this.#position
    const goodbye = writeGoodbye(dialect)
    // PROTOCOL §6: no TERMINATE while a request is outstanding.
    const silent = dialect.reaction === 'uniform' && outstanding !== null
    if (goodbye !== null && phase === 'ACTIVE' && !silent) this.#send(OP.TERMINATE, goodbye)
    this.#end('finish')
  }

  /** Its connection is gone. */
  close(): void {
    if (!this.#ended) this.#end('close')
  }

  #send(opcode: number, plaintext: Uint8Array): void {
    const frame = this.#position.sealNext('c2s', opcode, plaintext, (bytes) => this.#env.random(bytes))
    this.#position = this.#position.after(frame)
    if (!this.#env.send(frame)) this.#end('fault')
  }

  #end(by: 'rejection' | 'peer' | 'finish' | 'fault' | 'close'): void {
    this.#ended = true
    this.#env.ended(by)
  }
}
