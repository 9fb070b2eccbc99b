/** Plays the cases against a target: what it is like first, then one case after the other, honest clients in between. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { isHex } from '../../../spec/reference/bytes.ts'
import { type Peer, patienceFor, Unreachable } from '../../harness/target/peer.ts'
import type { Target } from '../../harness/target/target.ts'
import { printable } from '../../harness/terminal/text.ts'
import { stream } from '../../harness/world/rng.ts'
import { type Manners, narrowing } from './arithmetic.ts'
import { type Common, inTime, type Played, playAll, type Row, type Rows, repeated } from './repeat.ts'
import { type Heard, secondRound } from './second.ts'
import { gone, leaveFor, twoInSession } from './strike.ts'
import { Prerequisite, type Session, Trial } from './trial.ts'
import type { Case, Verdict } from './verdicts.ts'

export interface Setting extends Common {
  readonly target: Target
}

/** Nothing can be judged: an honest conversation does not come about. */
export class NotJudged extends Error {}

const FIRST_PATIENCE_MS = 3_000
const LEAST_PATIENCE_MS = 300
const LONE_MS = 5_000 // that a barrier may hold a client alone
const LATE_CLOSE_MS = 2_500
const UNASKED_MS = 100 // a second small frame is held back for as much as 40 ms
const LATE_MS = 500 // of an answer: a load makes some late, and they are then asked one after the other as well
const BREATH_MS = 1_000
const FORGETTING_MS = 100 // some notice late that a client has left
const FINE: readonly Verdict[] = ['ok', 'non-strict', 'informational']

/** Two ids of the keyring, others in every attempt as far as there are any. */
const idsOf = (keyring: ReadonlyMap<number, unknown>, attempt: number): readonly [number, number] => {
  const ids = [...keyring.keys()]
  return [ids[(2 * attempt) % ids.length]!, ids[(2 * attempt + 1) % ids.length]!]
}

const trialOf = (s: Setting, manners: Manners, name: string, attempt = 0): Trial =>
  new Trial(s.target, s, manners, idsOf(s.keyring, attempt), stream(s.seed, `${name}/${attempt}`))

/** What a server is that answers an honest HELLO with something else. */
const strangeness = (first: Uint8Array, hello: Uint8Array, said: string): string => {
  const text = Buffer.from(first).toString('latin1')
  if (/^HTTP\//.test(text)) return `it is an HTTP server: ${printable(text.split('\r')[0]!)}`
  if (Buffer.from(first).indexOf(hello.subarray(0, 16)) >= 0) return 'it echoes what it gets'
  if (first.length === 0 && said === 'silence')
    return `it accepts connections and says nothing within ${FIRST_PATIENCE_MS / 1_000} s`
  if (first.length === 0) return `it ${said} on an honest HELLO: other keys, another dialect, or not this protocol`
  const head = Buffer.from(first.subarray(0, 24)).toString('hex')
  const where = isHex(head) ? `; its first bytes: ${head}` : ''
  return `its answer to an honest HELLO is no CHALLENGE under these keys and this dialect (${said})${where}`
}

/** How late its file says that an answer may come, in milliseconds. */
const late = ({ waits }: Dialect): number => (waits.kind === 'no' ? 0 : 1_000 * (waits.seconds ?? 0))

/** How long answers are waited for at first: a barrier that holds a lone client longer than that counts as one for ever. */
const firstPatience = (d: Dialect): number =>
  d.waits.kind === 'barrier' && late(d) > LONE_MS ? FIRST_PATIENCE_MS : Math.max(FIRST_PATIENCE_MS, late(d) + BREATH_MS)

/** The honest conversation that everything stands on. Throws NotJudged. */
export const baseline = async (s: Setting): Promise<Manners> => {
  const { dialect } = s.followers
  const t = trialOf(s, { patienceMs: firstPatience(dialect), sums: 'unknown', waits: false }, 'baseline')
  try {
    const [x, slowX] = await timed(async () => {
      const peer = await t.open()
      const hello = t.helloOf(t.x)
      const session = await t.greet(t.start(t.x), hello, peer)
      if (typeof session === 'string') throw new NotJudged(strangeness(peer.first, hello, session))
      return session
    })
    const beside = await t.open()
    const [y, slowY] = await timed(() => t.login(t.y, beside).catch((e: unknown) => oneAtATime(t, x, beside, e)))
    const narrow = narrowing(dialect)
    const heard: Heard = (of, round, { body }) => {
      if (body !== null) narrow.by((sums) => t.fits(sums, of, round, body) === true)
    }
    const first = x.position.round
    t.submit(x, [5])
    const [alone, slowAlone] = await timed(() => t.answer(x))
    const waits = alone.text === 'silence'
    if (!alone.answered && !waits) throw new NotJudged(`the first DATA of an honest client: ${alone.text}`)
    const again = (): void => void (waits && x.values.set(first, [5]))
    again()
    if (!waits) heard(x, first, alone)
    t.submit(y, [7])
    if (waits) t.manners = { ...t.manners, waits, clients: await gathered(t, s, [x, y], again) }
    const [second, slowSecond] = await timed(() => t.answer(y))
    if (!second.answered) throw new NotJudged(`the DATA of an honest client: ${second.text}`)
    heard(y, first, second)
    const slowest = Math.max(slowX, slowY, slowSecond, waits ? 0 : slowAlone)
    const isLate = !waits && slowAlone > LATE_MS && slowAlone > 4 * Math.min(slowX, slowY)
    const least = waits ? 2 * LEAST_PATIENCE_MS : LEAST_PATIENCE_MS // what is taken is answered when others are, too
    const patienceMs = await lateClose(t, patienceFor(slowest, least, isLate))
    t.manners = { ...t.manners, patienceMs }
    if ((await x.peer.hear(UNASKED_MS)).kind === 'frame' || y.peer.hasCome)
      throw new NotJudged('an honest client gets more frames than it has asked for')
    await secondRound(t, x, y, heard)
    t.manners = { ...t.manners, sums: narrow.sums }
    if (waits) t.manners = { ...t.manners, inStep: await isInStep(t, x, y) }
    if (isLate && (await isAtOnce(t, x, y, heard)) && narrow.sums !== 'unknown')
      t.manners = { ...t.manners, atOnce: true, sums: narrow.sums }
    return t.manners
  } catch (e) {
    if (e instanceof Prerequisite) throw new NotJudged(e.message)
    if (e instanceof Unreachable) throw new NotJudged(`no connection: ${e.message}`)
    throw e
  } finally {
    await t.end()
  }
}

/** Why a second client is not served beside the first. Throws NotJudged. */
const oneAtATime = async (t: Trial, x: Session, beside: Peer, e: unknown): Promise<never> => {
  if (!(e instanceof Prerequisite)) throw e
  await leaveFor(t, x)
  const { kind } = await beside.hear(t.manners.patienceMs)
  const says = kind === 'frame' ? ', until that one has left: it serves one connection at a time' : ''
  throw new NotJudged(`a second client, while the first is connected: ${e.message}${says}`)
}

/**
 * X is answered when so many have submitted: as many as the dialect says, else one more client after the other. Throws
 * NotJudged. `again`: what X has submitted still counts.
 */
const gathered = async (
  t: Trial,
  s: Setting,
  [x, y]: readonly [Session, Session],
  again: () => void,
): Promise<number> => {
  const { waits } = s.followers.dialect
  const said = waits.kind === 'barrier' && waits.clients !== 'all' ? waits.clients : 2
  const free = [...s.keyring.keys()].filter((id) => id !== x.id && id !== y.id)
  let count = 2
  const joined = async (): Promise<void> => {
    const next = await t.login(free.shift()!)
    t.submit(next, [4])
    count++
  }
  while (count < said && free.length > 0) await joined()
  for (;;) {
    const r = await t.answer(x)
    again()
    if (r.answered) return count
    const what = `the DATA of ${count} honest clients, one after the other: ${r.text}`
    if (r.text !== 'silence') throw new NotJudged(what)
    if (free.length === 0) throw new NotJudged(`${what}; if it waits for more of them, --keys needs theirs`)
    await joined()
  }
}

/** Whether a client that comes now, whose first round is the third of X, cannot complete it. */
const isInStep = async (t: Trial, x: Session, y: Session): Promise<boolean> => {
  await leaveFor(t, y)
  const newcomer = await t.login(t.y)
  const [a, b] = await t.together([x, newcomer], [3], [3])
  return !a!.answered || !b!.answered
}

/** Whether two who submit at once are answered. */
const isAtOnce = async (t: Trial, x: Session, y: Session, heard: Heard): Promise<boolean> => {
  const asked = [x.position.round, y.position.round] as const
  t.manners = { ...t.manners, atOnce: true }
  const [a, b] = await t.together([x, y], [17], [19])
  t.manners = { ...t.manners, atOnce: false }
  heard(x, asked[0], a!)
  heard(y, asked[1], b!)
  return a!.answered && b!.answered
}

/** Some servers close late on what is no frame: silence must not be taken for what it is not. */
const lateClose = async (t: Trial, patienceMs: number): Promise<number> => {
  const peer = await t.open()
  peer.send(t.bytes(71))
  const [heard, ms] = await timed(() => peer.hear(LATE_CLOSE_MS))
  return heard.kind === 'silence' ? patienceMs : Math.max(patienceMs, Math.ceil(1.5 * ms))
}

const timed = async <T>(act: () => Promise<T>): Promise<readonly [T, number]> => {
  const began = performance.now()
  const value = await act()
  return [value, performance.now() - began]
}

type Health = 'well' | 'other numbers' | 'ill'

/** Whether two honest clients are served, and told what they should be. */
const health = async (s: Setting, manners: Manners): Promise<Health> => {
  await s.target.accompany().catch(() => {})
  const t = trialOf(s, manners, 'health')
  try {
    await twoInSession(t)
    return t.judgesNumbers ? 'well' : 'other numbers'
  } catch (e) {
    if (e instanceof Prerequisite || e instanceof Unreachable) return 'ill'
    throw e
  } finally {
    await t.end()
  }
}

const playOnce = async (c: Case, s: Setting, manners: Manners, attempt: number): Promise<Played> => {
  await s.target.accompany().catch(() => {}) // the case finds out
  const t = trialOf(s, manners, c.id, attempt)
  const shown = () => ({ exchange: t.exchange, difference: t.difference, closing: t.closing })
  try {
    const judged = await inTime(c.play(t))
    return { ...judged, ...shown(), ...(judged.fatal && { closing: 'died' }) }
  } catch (e) {
    if (e instanceof Prerequisite) return { verdict: 'inconclusive', observed: e.message, ...shown() }
    if (!(e instanceof Unreachable)) throw e
    await s.target.settled()
    if (s.target.exit === null) return { verdict: 'inconclusive', observed: 'no connection could be made', ...shown() }
    return { ...gone(t, ''), ...shown(), closing: 'died' }
  } finally {
    await t.end()
  }
}

export interface Judgement extends Rows {
  readonly manners: Manners
}

/** Throws NotJudged. Starts the target, where it is a program, and ends it. */
export const judge = async (cases: readonly Case[], s: Setting): Promise<Judgement> => {
  await s.target.start()
  try {
    let manners = await baseline(s).catch(async (e: unknown) => {
      if (!(e instanceof NotJudged) || !(await s.target.endedAlone())) throw e
      return baseline(s)
    })
    await pause(FORGETTING_MS)
    await s.target.endedAlone()
    const began = s.target.restarts
    let stopped: string | null = null
    /** What became of its server is a part of what a case shows: whether X and Y are served after it. */
    const play = async (c: Case): Promise<Row> => {
      let ill = false // after this case once: it will be again, and to ask takes patience
      let polluted = false
      let alone = false // it ended, perhaps since nobody was left: to be asked again, in company
      /** Whether X and Y are not served any more after it, when asked twice. `fine`: nothing else showed that. */
      const heal = async (fine: boolean): Promise<boolean> => {
        let now: Health = ill && !fine ? 'ill' : await health(s, manners)
        if (now === 'well') return false
        alone = await s.target.endedAlone()
        if (alone) return false
        // Else not asked again after a restart: to ask leaves values behind in a server that forgets none.
        ill = true
        const { restartable } = s.target
        if (!restartable || (fine && now === 'ill')) {
          await pause(BREATH_MS)
          now = await health(s, { ...manners, patienceMs: Math.max(FIRST_PATIENCE_MS, manners.patienceMs) })
        }
        if (restartable) await s.target.start()
        else if (now === 'other numbers') polluted = true
        else if (now === 'ill') stopped ??= `honest clients are not served any more since ${c.id}`
        return now === 'ill'
      }
      const attempted = async (attempt: number): Promise<Played> => {
        const played = await playOnce(c, s, manners, attempt)
        const fine = FINE.includes(played.verdict)
        const harmed = await heal(fine)
        if (alone) {
          alone = false
          return attempted(attempt)
        }
        if (!harmed || played.fatal || (!fine && s.target.restartable)) return played
        // Nobody can ask it again: what it showed counts once.
        const observed = `${played.observed}; after it X and Y are not served any more`
        return { ...played, ...(fine && { verdict: 'failed', class: 'A' }), observed, fatal: true }
      }
      const row = await repeated(c, attempted)
      if (polluted) manners = { ...manners, sums: 'unknown' }
      return row
    }
    const played = await playAll(cases, s, {
      stopped: () => stopped,
      play,
      beside: (c) => playOnce(c, s, manners, 0),
      // A restart closes every connection.
      disturbed: () => s.target.restarts !== began,
    })
    return { manners, ...played }
  } finally {
    await s.target.stop()
  }
}
