/** For the tests beside: a talk whose sessions are played by the test. */
import type { EndReason, Outcome } from '../index.ts'
import { type Dial, Talk } from './talk.ts'

const FRAME = new Uint8Array(71)

/** `log` is everything said, asked and sent. */
export const setup = (numbered = false) => {
  const log: string[] = []
  const runs: { report: (o: Outcome) => void; error: Error | null }[] = []
  const dial: Dial = (report) => {
    const run = { report, error: null as Error | null }
    runs.push(run)
    log.push('dial')
    return {
      get error() {
        return run.error
      },
      submit: (values) => {
        log.push(`submit ${values.join()}`)
        return { kind: 'sent' }
      },
      finish: () => {
        log.push('finish')
        report({ kind: 'ended', by: 'finished' })
      },
    }
  }
  const talk = new Talk({ id: 1, server: 'here:1', numbered }, dial, {
    result: (text) => log.push(text),
    note: (text) => log.push(text),
    ask: (round) => log.push(`ask ${round}`),
    over: (code) => log.push(`over ${code}`),
  })
  const last = () => runs.at(-1)!
  const accept = (content: Extract<Outcome, { kind: 'accepted' }>['content']) =>
    last().report({ kind: 'accepted', frame: FRAME, content })
  const challenge = () => accept({ kind: 'challenge', text: '' })
  const answer = (round: number, sum: number) =>
    accept({ kind: 'aggregate', round, aggregate: { sum, count: 1, average: sum } })
  const end = (by: EndReason, code?: string) => {
    if (code !== undefined) last().error = Object.assign(new Error(code), { code })
    last().report({ kind: 'ended', by })
  }
  const told = (kind: 'desync' | 'terminate') => {
    accept({ kind })
    end('peer')
  }
  const rejected = () => {
    last().report({ kind: 'rejected', frame: FRAME, reason: 'bad-tag' })
    end('rejected-frame')
  }
  const joined = () => {
    talk.start()
    challenge()
    log.length = 0
  }
  return { talk, log, challenge, answer, end, told, rejected, joined }
}
