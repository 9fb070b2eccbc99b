/** Plays the cases against a client, a fresh process for each run: what it is like first, then one case after the other. */
import { stream } from '../../../harness/world/rng.ts'
import { NotJudged } from '../judge.ts'
import { type Common, inTime, type Played, playAll, type Rows, repeated } from '../repeat.ts'
import { Prerequisite } from '../trial.ts'
import { type Habits, Host, type Stage, Unread } from './host.ts'
import type { ClientCase } from './strike.ts'

type ClientSetting = Stage & Common

export interface ClientJudgement extends Rows {
  readonly habits: Habits
}

const FIRST_PATIENCE_MS = 5_000
const LEAST_PATIENCE_MS = 500

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
  try {
    const judged = await inTime(c.play(h))
    const how = await h.endedBySignal()
    const observed = `${judged.observed}; the client is ended by ${how}`
    const seen = { exchange: h.exchange, difference: null, closing: null }
    return how === null ? { ...judged, ...seen } : { verdict: 'failed', class: 'A', observed, ...seen }
  } catch (e) {
    if (!(e instanceof Prerequisite)) throw e
    return { verdict: 'inconclusive', observed: e.message, exchange: h.exchange, difference: null, closing: null }
  } finally {
    h.end()
  }
}

/** Throws NotJudged. */
export const judgeClient = async (cases: readonly ClientCase[], s: ClientSetting): Promise<ClientJudgement> => {
  const habits = await habitsOf(s)
  const played = await playAll(cases, s, {
    stopped: () => null,
    play: (c) => repeated(c, (attempt) => playOnce(c, s, habits, attempt)),
    beside: (c) => playOnce(c, s, habits, 0),
  })
  return { habits, ...played }
}
