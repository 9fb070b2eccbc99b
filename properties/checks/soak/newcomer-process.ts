/** The process of the newcomer, an honest client that reconnects again and again while others keep the server busy. */
import { connect } from 'node:net'
import { nodeCrypto, type Outcome } from '../../../src/index.ts'
import { Run } from '../../../src/net/index.ts'
import { type Answer, type NewcomerAsk, type NewcomerReply, onAsk } from './child.ts'
import { clock, HOST, KEYRING, Times, valuesOf } from './plan.ts'

const PAUSE_MS = 200
const TIMER_MS = 10

const answers: Answer[] = []
const waits = new Times()
const counted = { served: 0, turnedAway: 0, lost: 0, lateMs: 0 }
let since: number | null = null // when it first knocked; kept when it has to knock again
let pause: NodeJS.Timeout | null = null
let stopped: (() => void) | null = null // to be called when the visit under way has ended

const report = (): NewcomerReply => ({
  kind: 'visits',
  figures: {
    ...counted,
    longestMs: Math.max(waits.longest, since === null ? 0 : clock() - since),
    medianMs: waits.percentile(50),
  },
  answers: answers.splice(0),
})

/** Comes no more; resolves when the visit that is under way has ended. */
const stop = async (): Promise<void> => {
  const ended = new Promise<void>((resolve) => {
    stopped = resolve
  })
  if (pause === null) await ended
  else clearTimeout(pause)
  if (since !== null) waits.add(clock() - since)
  since = null
}

type Start = Extract<NewcomerAsk, { ask: 'start' }>

const knock = (start: Start): void => {
  const { id, seed, mode, port } = start
  pause = null
  since ??= clock()
  const socket = connect({ host: HOST, port, allowHalfOpen: true, noDelay: true })
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
    answers.push({ port: socket.localPort!, id, round, aggregate, sentAt: sentAt!, gotAt })
    waits.add(gotAt - since!)
    since = null
    counted.served++
    run.finish()
  }
  const gone = (): void => {
    if (since !== null) counted[sentAt === null ? 'turnedAway' : 'lost']++
    if (stopped === null) pause = setTimeout(() => knock(start), since === null ? PAUSE_MS : 0)
    else stopped()
  }
  const run = new Run({ id, masterKey: KEYRING.get(id)!, mode, crypto: nodeCrypto }, () => socket, hear, gone)
}

const watchTimers = (): void => {
  let due = clock() + TIMER_MS
  setInterval(() => {
    counted.lateMs = Math.max(counted.lateMs, clock() - due)
    due = clock() + TIMER_MS
  }, TIMER_MS)
}

onAsk<NewcomerAsk>(async (ask) => {
  if (ask.ask === 'start') {
    watchTimers()
    knock(ask)
    return
  }
  if (ask.ask === 'stop') await stop()
  process.send?.(report())
})
