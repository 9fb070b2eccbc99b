/** The choices of spec/model/adversary.ts in a fast form: what depends on a receiver and a sender is worked out once. */
import { REASONS } from '../events.ts'
import * as choices from '../model/adversary.ts'
import { judge, type Verdict } from '../model/checks.ts'
import { forgeries, thefts } from '../model/forgeries.ts'
import type { Frame, Keys } from '../model/state.ts'
import { isControl } from '../opcodes.ts'
import { type Context, Interned } from './context.ts'
import type { Client, Conn, State, Taken } from './endpoints.ts'
import type { Move, Moves } from './moves.ts'
import { Pairs } from './pairs.ts'
import type { Play, Reading } from './plays.ts'
import type { ServerRules } from './rules.ts'
import type { Scope } from './scope.ts'

type Endpoint = Client | Conn

/**
 * A move of one receiver, or of the client runs. `refused`: which class of refused frames it stands for, as a bit; 0: it
 * is not refused. `readings`: where its plays are looked for, by length of its side, once they were; `play`: the one that
 * it has wherever it is possible, once that is known.
 */
export interface Option {
  readonly move: Move
  readonly refused: number
  readonly readings: Reading[]
  play: Play | null
}

type Lists = Pairs<readonly Option[]>

/** Per side: what depends on a receiver and a sender, on a receiver and stolen keys, on a receiver alone. */
const tables = (): Record<'arrivals' | 'ended' | 'failing' | 'forged' | 'own', Lists> => ({
  arrivals: new Pairs(),
  ended: new Pairs(),
  failing: new Pairs(),
  forged: new Pairs(),
  own: new Pairs(),
})

/** What of the model the choices are made from. */
interface Parts {
  readonly scope: Scope
  readonly context: Context
  readonly moves: Moves
  readonly serverRules: ServerRules
}

const hasSent = (e: Endpoint): boolean => e.sent.length > 0

export class Adversary {
  readonly #m: Parts
  readonly #taken = new Interned<Taken>()
  readonly nothingTaken: Taken
  readonly #stolen = new Interned<number>()
  readonly #stolenBy = new Map<Keys, number>() // by object, of which equal keys have several
  readonly #after = new Pairs<Taken>()
  readonly #verdicts = new Map<Endpoint, Map<Frame, readonly Verdict[]>>()
  readonly #lists = { client: tables(), server: tables() }
  readonly #wishes: Lists = new Pairs()
  readonly #restart: Option
  readonly #out: Option[] = []

  constructor(m: Parts) {
    this.#m = m
    this.nothingTaken = this.#take(choices.NOTHING_TAKEN)
    this.#restart = this.#option({ do: 'restart' })
  }

  #take(t: choices.Taken): Taken {
    return this.#taken.of(`${t.faults} ${t.forgeries} ${t.leaked} ${t.powers}`, (n) => ({ ...t, n }))
  }

  after(t: Taken, m: Move): Taken {
    if (!m.costs) return t
    return this.#after.get(t.n, m.n) ?? this.#after.put(t.n, m.n, this.#take(choices.spend(this.#m.scope, t, m.choice)))
  }

  #numberOf(stolen: Keys): number {
    let n = this.#stolenBy.get(stolen)
    if (n === undefined) {
      n = this.#stolen.of(stolen.join(), (x) => x)
      this.#stolenBy.set(stolen, n)
    }
    return n
  }

  /** The verdicts of PROTOCOL §6, remembered. */
  verdicts(e: Endpoint, f: Frame): readonly Verdict[] {
    let known = this.#verdicts.get(e)
    if (known === undefined) {
      known = new Map()
      this.#verdicts.set(e, known)
    }
    let verdict = known.get(f)
    if (verdict === undefined) {
      verdict = judge(this.#m.context, e, f)
      known.set(f, verdict)
    }
    return verdict
  }

  /** Every move the scope allows. The list is used again for the next state. */
  options(s: State): readonly Option[] {
    const { scope, context } = this.#m
    const out = this.#out
    out.length = 0
    const { clients, conns } = s
    const wishes =
      this.#wishes.get(clients.n, 0) ??
      this.#wishes.put(clients.n, 0, this.#options(choices.wishes(context, scope, clients.ends)))
    for (const option of wishes) out.push(option)
    const heard = conns.ends.length
    const next = heard < scope.connections ? this.#m.serverRules.next(heard) : null
    const faulty = scope.powers.includes('F') && s.taken.faults < scope.faults
    let dead = this.#reach(clients.ends, s, faulty, false)
    dead = this.#reach(conns.ends, s, faulty, dead)
    if (next !== null) this.#arrive(next, s, faulty)
    if (faulty && conns.ends.some((e) => e.phase === 'ACTIVE')) out.push(this.#restart)
    if (scope.powers.includes('I')) this.#forge(s, next, null, false)
    if (scope.powers.includes('L') && s.taken.forgeries < scope.forgeries) {
      const keys = s.taken.leaked === null ? thefts(context, [...clients.ends, ...conns.ends]) : [s.taken.leaked]
      for (const stolen of keys) this.#forge(s, next, stolen, s.taken.leaked === null)
    }
    return out
  }

  #option(c: choices.Choice, refused = 0): Option {
    return { move: this.#m.moves.of(c), refused, readings: [], play: null }
  }

  #options(list: readonly choices.Choice[]): readonly Option[] {
    return list.map((c) => this.#option(c))
  }

  /** Whatever arrives at endpoints of one side; `dead`: one delivery to one that has ended is there already. */
  #reach(ends: readonly Endpoint[], s: State, faulty: boolean, dead: boolean): boolean {
    let so = dead
    for (const e of ends) {
      if (e.phase !== 'TERMINATED') {
        this.#arrive(e, s, faulty)
        continue
      }
      // One delivery to an endpoint that has ended: nothing happens, and that is to be seen.
      const from = so ? undefined : (s.clients.ends.find(hasSent) ?? s.conns.ends.find(hasSent))
      so = true
      if (from === undefined) continue
      const { ended } = this.#lists[e.at.side]
      const list =
        ended.get(e.n, from.shows) ?? ended.put(e.n, from.shows, this.#options([choices.delivery(from.sent[0]!, e)]))
      for (const option of list) this.#out.push(option)
    }
    return so
  }

  #arrive(e: Endpoint, s: State, faulty: boolean): void {
    const { context } = this.#m
    const failing = faulty && e.at.side === 'server'
    const refused = this.#from(e, s.clients.ends, failing, 0)
    this.#from(e, s.conns.ends, failing, refused)
    const { own } = this.#lists[e.at.side]
    const n = faulty ? 1 : 0
    const list =
      own.get(e.n, n) ??
      own.put(e.n, n, this.#options([...choices.junk(context, e), ...(faulty ? choices.drops(e) : [])]))
    for (const option of list) this.#out.push(option)
  }

  /** What senders sent arrives; of frames refused alike, which these bits tell, one is enough. */
  #from(e: Endpoint, senders: readonly Endpoint[], failing: boolean, seen: number): number {
    const { arrivals, failing: failed } = this.#lists[e.at.side]
    const every = this.#m.scope.everyFrame
    const out = this.#out
    let refused = seen
    for (const from of senders) {
      const list =
        arrivals.get(e.n, from.shows) ??
        arrivals.put(
          e.n,
          from.shows,
          from.sent.flatMap((f) => this.#arrivals(e, f)),
        )
      for (const option of list) {
        if (!every && (refused & option.refused) !== 0) continue
        refused |= option.refused
        out.push(option)
      }
      if (!failing) continue
      const fails =
        failed.get(e.n, from.shows) ??
        failed.put(
          e.n,
          from.shows,
          this.#options(from.sent.flatMap((f) => choices.failing(e, f, this.verdicts(e, f)[0]!))),
        )
      for (const option of fails) out.push(option)
    }
    return refused
  }

  #forge({ clients, conns }: State, next: Conn | null, stolen: Keys | null, now: boolean): void {
    const about = stolen === null ? 0 : 2 * this.#numberOf(stolen) + (now ? 1 : 2)
    for (const e of clients.ends) this.#forged(e, stolen, now, about)
    for (const e of conns.ends) this.#forged(e, stolen, now, about)
    if (next !== null) this.#forged(next, stolen, now, about)
  }

  #forged(e: Endpoint, stolen: Keys | null, now: boolean, about: number): void {
    if (e.phase === 'TERMINATED') return
    const { forged } = this.#lists[e.at.side]
    const { context, scope } = this.#m
    const list =
      forged.get(e.n, about) ?? forged.put(e.n, about, this.#options(forgeries(context, scope, e, stolen, now)))
    for (const option of list) this.#out.push(option)
  }

  /** A frame of a sender to a receiver, with the reactions of a client. */
  #arrivals(e: Endpoint, f: Frame): readonly Option[] {
    const verdict = this.verdicts(e, f)
    const first = verdict[0]!
    // PROTOCOL §6: what a refused frame does depends on its reason and on whether it is of those never answered;
    // the garbage event stands for itself
    const refused =
      first.kind === 'rejected' && verdict.length === 1
        ? 1 << (REASONS.indexOf(first.reason) * 2 + (isControl(f.header.opcode) ? 1 : 0))
        : 0
    const { context, scope } = this.#m
    return choices.arrivals(context, scope, e, f, first).map((c) => this.#option(c, refused))
  }
}
