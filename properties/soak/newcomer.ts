/** An honest client that comes anew again and again: what a server does for newcomers while others keep it busy. */
import { connect } from 'node:net'
import { type Mode, nodeCrypto, type Outcome } from '../../src/index.ts'
import { Run } from '../../src/net/index.ts'
import type { Answer } from './oracle.ts'
import { KEYRING, valuesOf } from './values.ts'

const PAUSE_MS = 200

export interface NewcomerOptions {
  readonly id: number
  readonly seed: number
  readonly mode: Mode
  readonly host: string
  readonly port: number
}

export class Newcomer {
  readonly #options: NewcomerOptions
  #answers: Answer[] = []
  #since: number | null = null // when it first knocked; kept when it has to knock again
  #longest = 0
  #stopped = false
  #pause: NodeJS.Timeout | null = null
  #over: () => void = () => {}
  /** Visits from the connection to the answer of its first round. */
  served = 0
  /** Turned away before it had submitted anything. */
  turnedAway = 0
  /** Submitted, and never answered. */
  lost = 0

  constructor(options: NewcomerOptions) {
    this.#options = options
    this.#knock()
  }

  /** The longest that it waited, or is waiting, from the first knock to the answer to its DATA; ms. */
  get longestMs(): number {
    return Math.max(this.#longest, this.#since === null ? 0 : performance.now() - this.#since)
  }

  /** The answers since the last call. */
  drain(): Answer[] {
    return this.#answers.splice(0)
  }

  /** Comes no more; resolves when the visit that is under way is over. */
  stop(): Promise<void> {
    this.#stopped = true
    if (this.#pause !== null) {
      clearTimeout(this.#pause)
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      this.#over = resolve
    })
  }

  #knock(): void {
    const { id, seed, mode, host, port } = this.#options
    this.#since ??= performance.now()
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true })
    let sentAt: number | null = null // of the DATA
    const hear = (outcome: Outcome): void => {
      if (outcome.kind !== 'accepted') return
      const { content } = outcome
      if (content.kind === 'challenge') {
        sentAt = performance.now()
        run.submit(valuesOf(seed, id, 1))
      }
      if (content.kind !== 'aggregate') return
      const gotAt = performance.now()
      const { round, aggregate } = content
      this.#answers.push({ port: socket.localPort!, id, round, aggregate, sentAt: sentAt!, gotAt })
      this.#longest = Math.max(this.#longest, gotAt - this.#since!)
      this.#since = null
      this.served++
      run.finish()
    }
    const gone = (): void => {
      const unserved = this.#since !== null
      if (unserved && sentAt !== null) this.lost++
      if (unserved && sentAt === null) this.turnedAway++
      if (this.#stopped) {
        this.#over()
        return
      }
      this.#pause = setTimeout(
        () => {
          this.#pause = null
          this.#knock()
        },
        unserved ? 0 : PAUSE_MS,
      )
    }
    const run = new Run({ id, masterKey: KEYRING.get(id)!, mode, crypto: nodeCrypto }, () => socket, hear, gone)
  }
}
