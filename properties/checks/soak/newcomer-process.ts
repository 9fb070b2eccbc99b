/** The process of the newcomer, an honest client that reconnects again and again while others keep the server busy. */

import { connect } from 'node:net'
import { type Mode, nodeCrypto, type Outcome } from '../../../src/index.ts'
import { Run } from '../../../src/net/index.ts'
import type { Answer, NewcomerAsk, NewcomerReply } from './child.ts'
import { clock, Times } from './figures.ts'
import { KEYRING, valuesOf } from './plan.ts'

const HOST = '127.0.0.1'

let newcomer: Newcomer | null = null

process.on('message', async (ask: NewcomerAsk) => {
  switch (ask.ask) {
    case 'start':
      newcomer = new Newcomer({ ...ask, host: HOST })
      return
    case 'stop':
      await newcomer?.stop()
      break
    case 'visits':
  }
  process.send?.(newcomer?.report())
})
process.on('SIGINT', () => {}) // a terminal sends Ctrl-C to every process; the parent decides
process.on('disconnect', () => process.exit())

const PAUSE_MS = 200
const TIMER_MS = 10

interface NewcomerOptions {
  readonly id: number
  readonly seed: number
  readonly mode: Mode
  readonly host: string
  readonly port: number
}

class Newcomer {
  readonly #options: NewcomerOptions
  #answers: Answer[] = []
  #since: number | null = null // when it first knocked; kept when it has to knock again
  readonly #waits = new Times()
  #late = 0
  #stopped = false
  #pause: NodeJS.Timeout | null = null
  #over: () => void = () => {}
  #served = 0
  #turnedAway = 0
  #lost = 0

  constructor(options: NewcomerOptions) {
    this.#options = options
    this.#watchTimers()
    this.#knock()
  }

  /** What became of it; with the answers since the last call. */
  report(): NewcomerReply {
    return {
      kind: 'visits',
      served: this.#served,
      turnedAway: this.#turnedAway,
      lost: this.#lost,
      longestMs: Math.max(this.#waits.longest, this.#since === null ? 0 : clock() - this.#since),
      medianMs: this.#waits.percentile(50),
      lateMs: this.#late,
      answers: this.#answers.splice(0),
    }
  }

  /** Comes no more; resolves when the visit that is under way has ended. */
  stop(): Promise<void> {
    this.#stopped = true
    return new Promise((resolve) => {
      this.#over = () => {
        if (this.#since !== null) this.#waits.add(clock() - this.#since)
        this.#since = null
        resolve()
      }
      if (this.#pause === null) return
      clearTimeout(this.#pause)
      this.#over()
    })
  }

  #watchTimers(): void {
    let due = clock() + TIMER_MS
    setInterval(() => {
      this.#late = Math.max(this.#late, clock() - due)
      due = clock() + TIMER_MS
    }, TIMER_MS)
  }

  #knock(): void {
    const { id, seed, mode, host, port } = this.#options
    this.#since ??= clock()
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true })
    let sentAt: number | null = null // of the DATA
    const hear = (outcome: Outcome): void => {
      if (outcome.kind !== 'accepted') return
      const { content } = outcome
      if (content.kind === 'challenge') {
        sentAt = clock()
        run.submit(valuesOf(seed, id, 1))
      }
      if (content.kind !== 'aggregate') return
      const gotAt = clock()
      const { round, aggregate } = content
      this.#answers.push({ port: socket.localPort!, id, round, aggregate, sentAt: sentAt!, gotAt })
      this.#waits.add(gotAt - this.#since!)
      this.#since = null
      this.#served++
      run.finish()
    }
    const gone = (): void => {
      const unserved = this.#since !== null
      if (unserved && sentAt !== null) this.#lost++
      if (unserved && sentAt === null) this.#turnedAway++
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
