/**
 * The numbers of the answers (PROTOCOL §8). Connections are captured side by side, so an answer may be seen before one
 * that was given earlier, or before the end of a session whose values it no longer counts: what fits no order yet waits.
 */
import type { Body, Ledger, Submission } from '../../../spec/events.ts'
import { INVARIANTS, isViolated } from '../../../spec/invariants/index.ts'
import { LIMITS } from '../../../spec/language.ts'
import { OP } from '../../../spec/opcodes.ts'
import { type Endpoint, frameName, whatOf } from './ledger.ts'
import { exactSum, type Part, partOf, type Session, toldOf } from './submissions.ts'

type Aggregate = Extract<Body, { kind: 'aggregate' }>

export const JUDGED_HERE: ReadonlySet<string> = new Set(['G1', 'G3', 'G4', 'G7'])
const G = INVARIANTS.filter((i) => JUDGED_HERE.has(i.id))

const GRACE_MS = 250 // for what was captured late
const PATIENCE_MS = 15_000 // for an answer that another one may have waited for
const MOST_LEAVING = 8 // sessions whose ends may or may not have come before an answer; more are not tried
const MOST_HELD = 4_096
const MOST_ROUNDS = 4_096 // of which only the ended sessions are known any more
const MOST_DEAD = 64 // of a round, that a finding may name

/** An answer, and what was submitted for it. */
export interface Answer {
  readonly n: number // of its frame in the capture
  readonly conn: number
  readonly packet: number
  readonly at: number // ms since 1970
  readonly id: number
  readonly round: number
  readonly values: readonly number[]
  readonly body: Aggregate
}

export const namedAnswer = ({ n, packet, conn, id, round }: Answer) => ({
  ...{ n, packet, conn },
  what: whatOf({ opcode: OP.RESPONSE, round, id, direction: 2 }),
})

interface Held extends Answer {
  readonly part: Part
  done: boolean
}

interface Round {
  readonly live: Map<Session, Part>
  /** Of those: how many values, their sum where all are plain, how many are not, and how many may have ended. */
  count: number
  sum: number
  odd: number
  leaving: number
  readonly dead: Submission[]
  readonly held: Held[]
  readonly asked: Set<Session>
}

const NOBODY: readonly Session[] = []
const isIdle = (r: Round): boolean => r.live.size === 0 && r.held.length === 0 && r.asked.size === 0

/** Who of them may have ended: first so many as one after the other, then any of a few. */
function* waysToLeave(may: readonly Part[]): Generator<readonly Part[]> {
  for (let n = 0; n <= may.length; n++) yield may.slice(0, n)
  const few = may.slice(0, MOST_LEAVING)
  for (let subset = 1; subset < 2 ** few.length; subset++) yield few.filter((_, i) => ((subset >> i) & 1) === 1)
}

/** `broke`: by invariant, why, and the answer. `open`: an answer that could not be judged. */
export interface SumsTold {
  broke(id: string, why: string, answer: Answer): void
  open(answer: Answer, why: string): void
}

/** Who hears of the numbers. */
export interface Counts {
  readonly hits: Readonly<Record<string, number>>
  readonly waiting: boolean
  asked(at: Endpoint, id: number, round: number): void
  answered(at: Endpoint, answer: Answer): void
  leaving(at: Endpoint): void
  left(at: Endpoint, now: number): void
  /** A session, of this connection, is not followed from here on: what it submits is not known. */
  unfollowed(at: Endpoint): void
  look(now: number): void
  end(): void
}

/** Of one server. */
export class Sums {
  /** Witness hits of what is judged here, by id. */
  readonly #hits: Record<string, number>
  readonly #told: SumsTold
  /** Whatever fits no order may count values of a session that is not followed, which is told elsewhere. */
  #partial = false
  readonly #sessions = new Map<Endpoint, Session>()
  readonly #byId = new Map<number, Session>() // the confirmed one
  readonly #rounds = new Map<number, Round>()
  readonly #held: Held[] = [] // in the order in which they came
  readonly #late: { readonly s: Session; readonly since: number }[] = [] // that have ended

  constructor(told: SumsTold, hits: Record<string, number>) {
    this.#told = told
    this.#hits = hits
  }

  /** A DATA that PROTOCOL lets pass is on its way to the server. */
  asked(at: Endpoint, id: number, round: number): void {
    const s = this.#session(at, id)
    s.asked.add(round)
    this.#round(round).asked.add(s)
  }

  /** A DATA was accepted. */
  answered(at: Endpoint, answer: Answer): void {
    const { round } = answer
    const s = this.#session(at, answer.id)
    const held = { ...answer, part: partOf(s, answer.values), done: false }
    s.asked.delete(round)
    const r = this.#round(round)
    r.asked.delete(s)
    r.held.push(held)
    this.#held.push(held)
    this.#settle(round)
    if (this.#held.length > MOST_HELD) this.#decide(this.#held[0]!, 'too many answers wait for others')
  }

  /** A sign was seen that the session at a connection ends; it may have ended before, or not yet. */
  leaving(at: Endpoint): void {
    const s = this.#sessions.get(at)
    if (s === undefined || s.leaving) return
    s.leaving = true
    for (const round of s.asked) this.#round(round).asked.delete(s)
    for (const round of s.rounds.keys()) this.#round(round).leaving++
    for (const round of [...s.rounds.keys(), ...s.asked]) this.#settle(round)
  }

  /** It has ended; an answer that was given before may still be seen. */
  left(at: Endpoint, now: number): void {
    this.leaving(at)
    const s = this.#sessions.get(at)
    if (s === undefined) return
    this.#sessions.delete(at)
    this.#late.push({ s, since: now })
  }

  /** A session is not followed from here on: what it submits is not known. */
  unfollowed(): void {
    this.#partial = true
  }

  /** Whether time alone may decide something. */
  get waiting(): boolean {
    return this.#held.length > 0 || this.#late.length > 0
  }

  /** Time has passed. */
  look(now: number): void {
    while (this.#held.length > 0) {
      const [first] = this.#held
      const waits = now - first!.at
      if (!first!.done) {
        const open = this.#blocking(first!)
        if (waits < (open ? PATIENCE_MS : GRACE_MS)) return
        this.#decide(first!, open ? 'an answer that may have come before it was never seen' : null)
      }
      this.#held.shift()
    }
    while (this.#late.length > 0 && now - this.#late[0]!.since > GRACE_MS) this.#withdraw(this.#late.shift()!.s)
  }

  end(): void {
    for (const h of this.#held.splice(0))
      if (!h.done)
        this.#decide(h, this.#blocking(h) ? 'the capture ends before an answer that may have come before it' : null)
  }

  #session(at: Endpoint, id: number): Session {
    const known = this.#sessions.get(at)
    if (known !== undefined) return known
    const s: Session = { at, id, confirmed: false, leaving: false, gone: false, rounds: new Map(), asked: new Set() }
    this.#sessions.set(at, s)
    return s
  }

  #round(round: number): Round {
    const known = this.#rounds.get(round)
    if (known !== undefined) return known
    const r: Round = {
      live: new Map(),
      count: 0,
      sum: 0,
      odd: 0,
      leaving: 0,
      dead: [],
      held: [],
      asked: new Set(),
    }
    this.#rounds.set(round, r)
    if (this.#rounds.size > MOST_ROUNDS)
      for (const [n, old] of this.#rounds) if (n !== round && isIdle(old)) return this.#drop(n, r)
    return r
  }

  #drop(round: number, other: Round): Round {
    this.#rounds.delete(round)
    return other
  }

  /** Whether something that was not seen, or not tried, may explain an answer. */
  #blocking(h: Held): boolean {
    const r = this.#round(h.round)
    return r.asked.size > 0 || r.leaving > MOST_LEAVING
  }

  #settle(round: number): void {
    const r = this.#round(round)
    for (let again = true; again && r.held.length > 0; ) {
      again = false
      for (const h of r.held) {
        const gone = this.#fits(r, h)
        if (gone === null) continue
        for (const s of gone) this.#withdraw(s)
        this.#commit(r, h)
        again = true
        break
      }
    }
  }

  /** The sessions that must have ended for an answer to be right now; null: it is not right, whichever had. */
  #fits(r: Round, h: Held): readonly Session[] | null {
    const older = this.#superseded(h)
    if (older === null && r.leaving === 0 && r.odd === 0 && h.part.plain && !r.live.has(h.part.at)) {
      const [count, sum] = [r.count + h.part.values.length, r.sum + h.part.sum + 0]
      const right = count === h.body.count && Object.is(sum, h.body.sum) && Object.is(h.body.average, sum / count + 0)
      return right ? NOBODY : null
    }
    const others = [...r.live].filter(([s]) => s !== h.part.at && s !== older).map(([, p]) => p)
    const may = others.filter((p) => p.at.leaving)
    for (const without of waysToLeave(may)) {
      const counted = without.length === 0 ? others : others.filter((p) => !without.includes(p))
      if (counted.reduce((n, p) => n + p.values.length, h.part.values.length) !== h.body.count) continue
      const sum = exactSum([...counted, h.part])
      if (Object.is(h.body.sum, sum) && Object.is(h.body.average, sum / h.body.count + 0))
        return without.map((p) => p.at)
    }
    return null
  }

  /** PROTOCOL §7: a first accepted DATA supersedes the confirmed session of the same id. */
  #superseded({ part: { at } }: Held): Session | null {
    const known = this.#byId.get(at.id)
    return at.confirmed || known === undefined || known === at ? null : known
  }

  #commit(r: Round, h: Held, judged = true): void {
    const { at } = h.part
    const older = this.#superseded(h)
    if (older !== null) this.#withdraw(older)
    at.confirmed = true
    if (!at.gone) this.#byId.set(at.id, at)
    if (judged) this.#witness(r, h)
    r.held.splice(r.held.indexOf(h), 1)
    h.done = true
    if (at.gone) return
    this.#remove(r, at)
    r.live.set(at, h.part)
    r.count += h.part.values.length
    r.sum += h.part.plain ? h.part.sum : 0
    r.odd += h.part.plain ? 0 : 1
    r.leaving += at.leaving ? 1 : 0
    at.rounds.set(h.round, h.part)
    if (at.rounds.size > LIMITS.retainedRounds) this.#forget(at, at.rounds.keys().next().value!)
  }

  #witness(r: Round, { part, body }: Held): void {
    if (r.live.size > 1 || (r.live.size === 1 && !r.live.has(part.at))) this.#hits.G1!++
    if (r.dead.length > 0) this.#hits.G3!++
    if (part.at.rounds.size > 0) this.#hits.G4!++
    if (body.count >= 3) this.#hits.G7!++
  }

  #forget(s: Session, round: number): void {
    s.rounds.delete(round)
    const r = this.#rounds.get(round)
    if (r === undefined) return
    this.#remove(r, s)
    if (isIdle(r) && r.dead.length === 0) this.#rounds.delete(round)
  }

  #remove(r: Round, s: Session): void {
    const part = r.live.get(s)
    if (part === undefined) return
    r.live.delete(s)
    r.count -= part.values.length
    r.sum -= part.plain ? part.sum : 0
    r.odd -= part.plain ? 0 : 1
    r.leaving -= s.leaving ? 1 : 0
  }

  #withdraw(s: Session): void {
    if (s.gone) return
    s.gone = true
    if (this.#byId.get(s.id) === s) this.#byId.delete(s.id)
    for (const [round, part] of [...s.rounds]) {
      const r = this.#round(round)
      r.dead.push(toldOf(part, round, false))
      if (r.dead.length > MOST_DEAD) r.dead.shift()
      this.#forget(s, round)
    }
    for (const round of s.asked) this.#rounds.get(round)?.asked.delete(s)
  }

  /** It fits no order that could still be seen. `why`: it may be right all the same. */
  #decide(h: Held, why: string | null): void {
    const r = this.#round(h.round)
    const judged = !this.#partial
    if (judged && why === null) this.#judge(r, h)
    else if (judged && why !== null) this.#told.open(h, why)
    this.#commit(r, h, judged)
    this.#settle(h.round)
  }

  /** In the plain form, with the history that the invariants ask for. */
  #judge(r: Round, h: Held): void {
    const older = this.#superseded(h)
    const counted = [...new Set([...this.#sessions.values(), ...r.live.keys()])].filter((s) => s !== older && !s.gone)
    const live = counted.flatMap((s) => [...s.rounds].map(([round, p]) => toldOf(p, round, true)))
    const own = older?.rounds.get(h.round)
    const dead = own === undefined ? r.dead : [...r.dead, toldOf(own, h.round, false)]
    const submissions = [...live, ...dead, toldOf(h.part, h.round, true)]
    const header = { opcode: OP.RESPONSE, id: h.id, round: h.round, direction: 2 }
    const event = { on: 'sent', at: h.part.at.at.at, frame: frameName(h.n), header, body: h.body, bytes: 0 } as const
    const ledger = { limits: LIMITS, submissions: () => submissions } as unknown as Ledger
    for (const i of G) {
      const after = i.step(i.start, event, ledger)
      if (isViolated(after)) this.#told.broke(i.id, after.violated, h)
    }
  }
}
