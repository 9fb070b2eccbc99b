/** Plays the cases against a client, a fresh process for each run: what it is like first, then one case after the other. */
import { setTimeout as pause } from 'node:timers/promises'
import { stream } from '../../../harness/rng.ts'
import { NotJudged } from '../judge.ts'
import { notPlayed, type Played, type Row, repeated, rowOf } from '../repeat.ts'
import { Prerequisite } from '../trial.ts'
import type { Judged } from '../verdicts.ts'
import { type Habits, Host, type Stage, Unread } from './host.ts'
import type { ClientCase } from './strike.ts'

interface ClientSetting extends Stage {
  readonly seed: number
  readonly signal: AbortSignal
  progress(done: number, total: number): void
}

export interface ClientJudgement {
  readonly habits: Habits
  readonly rows: readonly Row[]
  /** Why it ended before its end; null: it did not. */
  readonly stopped: string | null
}

const FIRST_PATIENCE_MS = 5_000
const LEAST_PATIENCE_MS = 500
const CASE_MS = 90_000

const hostFor = async (s: ClientSetting, habits: Habits, name: string, attempt = 0): Promise<Host> => {
  const ids = [...s.keyring.keys()]
  const host = new Host(s, habits, ids[attempt % ids.length]!, stream(s.seed, `client ${name}/${attempt}`))
  await host.open()
  return host
}

/** The honest conversation that everything stands on, to its end. Throws NotJudged. */
const habitsOf = async (s: ClientSetting): Promise<Habits> => {
  const h = await hostFor(s, { patienceMs: FIRST_PATIENCE_MS, rounds: 1 }, 'baseline')
  let slowest = 0
  let rounds = 0
  try {
    const g = await h.welcome()
    for (let next = h.challengeFor(g); rounds < s.lines.length; next = h.answerFor(g)) {
      const began = performance.now()
      try {
        await h.exchangeWith(g, next)
      } catch (e) {
        if (rounds === 0 || e instanceof Unread || !(e instanceof Prerequisite)) throw e
        break // it submits less often than it was told to
      }
      slowest = Math.max(slowest, performance.now() - began)
      rounds++
    }
    g.peer.send(h.answerFor(g))
    await g.peer.hear(FIRST_PATIENCE_MS)
  } catch (e) {
    if (!(e instanceof Prerequisite)) throw e
    throw new NotJudged(e.message)
  } finally {
    h.end()
  }
  const patienceMs = Math.min(FIRST_PATIENCE_MS, Math.max(LEAST_PATIENCE_MS, Math.ceil(10 * slowest)))
  return { patienceMs, rounds }
}

const playOnce = async (c: ClientCase, s: ClientSetting, habits: Habits, attempt: number): Promise<Played> => {
  const h = await hostFor(s, habits, c.id, attempt)
  const tooLong = new AbortController()
  try {
    const late = pause<Judged>(CASE_MS, { verdict: 'inconclusive', observed: 'the case does not end' }, tooLong)
    const judged = await Promise.race([c.play(h), late])
    const how = await h.endedBySignal()
    const observed = `${judged.observed}; the client is ended by ${how}`
    const seen = { exchange: h.exchange, difference: null, closing: null }
    return how === null ? { ...judged, ...seen } : { verdict: 'failed', class: 'A', observed, ...seen }
  } catch (e) {
    if (!(e instanceof Prerequisite)) throw e
    return { verdict: 'inconclusive', observed: e.message, exchange: h.exchange, difference: null, closing: null }
  } finally {
    tooLong.abort()
    h.end()
  }
}

/** Throws NotJudged. */
export const judgeClient = async (cases: readonly ClientCase[], s: ClientSetting): Promise<ClientJudgement> => {
  const habits = await habitsOf(s)
  const rows = new Map<string, Row>()
  const put = (row: Row): void => {
    rows.set(row.id, row)
    s.progress(rows.size, cases.length)
  }
  const overdue = cases.filter((c) => c.slow)
  const beside = overdue.map((c) => playOnce(c, s, habits, 0))
  for (const c of cases.filter((d) => !d.slow)) {
    if (s.signal.aborted) break
    const why = c.unsupported?.(s.followers.dialect) ?? null
    put(
      why === null ? await repeated(c, (attempt) => playOnce(c, s, habits, attempt)) : notPlayed(c, 'unsupported', why),
    )
  }
  const played = await Promise.all(beside)
  for (const [i, c] of overdue.entries()) put(rowOf(c, played[i]!))
  const stopped = s.signal.aborted ? 'interrupted' : null
  return {
    habits,
    rows: cases.map((c) => rows.get(c.id) ?? notPlayed(c, 'inconclusive', `not played: ${stopped}`)),
    stopped,
  }
}
