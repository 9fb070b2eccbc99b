/** The choices of spec/model/adversary.ts in a fast form: what depends on a receiver and a sender is worked out once. */
import { REASONS } from '../events.ts'
import * as choices from '../model/adversary.ts'
import type { Verdict } from '../model/checks.ts'
import { forgeries, thefts } from '../model/forgeries.ts'
import { NOTHING_TAKEN } from '../model/model.ts'
import type { Frame, Keys } from '../model/state.ts'
import { isControl } from '../opcodes.ts'
import { type Context, Interned } from './context.ts'
import type { Client, Conn, State, Taken } from './endpoints.ts'
import type { Move, Moves } from './moves.ts'
import type { ServerRules } from './rules.ts'
import type { Scope } from './scope.ts'
import { PairTable } from './tables.ts'

type Endpoint = Client | Conn

/** A delivery. `refused`: which class of refused frames it stands for, as a bit; 0: it is not refused. */
interface Option {
  readonly move: Move
  readonly refused: number
}

/** Lists that depend on a pair of numbers, worked out once. */
class Lists<T> {
  readonly #table = new PairTable()
  readonly #lists: (readonly T[])[] = []

  of(a: number, b: number, make: () => readonly T[]): readonly T[] {
    const known = this.#table.get(a, b)
    if (known !== undefined) return this.#lists[known]!
    const list = make()
    this.#table.add(a, b, this.#lists.length)
    this.#lists.push(list)
    return list
  }
}

/** Per side: what depends on a receiver and a sender, on a receiver and stolen keys, on a receiver alone. */
const tables = () => ({
  arrivals: new Lists<Option>(),
  failing: new Lists<Move>(),
  forged: new Lists<Move>(),
  own: new Lists<Move>(),
})

/** What of the model the choices are made from. */
interface Parts {
  readonly scope: Scope
  readonly context: Context
  readonly moves: Moves
  readonly serverRules: ServerRules
}

export class Adversary {
  readonly #m: Parts
  readonly #taken = new Interned<Taken>()
  readonly nothingTaken: Taken
  readonly #stolen = new Interned<number>()
  readonly #stolenBy = new Map<Keys, number>() // by object, of which equal keys have several
  readonly #after = new Lists<Taken>() // one each
  readonly #verdicts = new Map<Endpoint, Map<Frame, readonly Verdict[]>>()
  readonly #lists = { client: tables(), server: tables() }
  readonly #wishes = new Lists<Move>()

  constructor(m: Parts) {
    this.#m = m
    this.nothingTaken = this.#take(NOTHING_TAKEN)
  }

  #take(t: choices.Taken): Taken {
    return this.#taken.of(`${t.faults} ${t.forgeries} ${t.leaked} ${t.powers}`, (n) => ({ ...t, n }))
  }

  after(t: Taken, m: Move): Taken {
    if (!m.costs) return t
    return this.#after.of(t.n, m.n, () => [this.#take(choices.spend(this.#m.scope, t, m.choice))])[0]!
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
      verdict = choices.verdicts(this.#m.context, e, f)
      known.set(f, verdict)
    }
    return verdict
  }

  /** Every move the scope allows. */
  moves(s: State): readonly Move[] {
    const { scope, context, moves } = this.#m
    const of = (list: readonly choices.Choice[]): readonly Move[] => list.map((c) => moves.of(c))
    const out = [...this.#wishes.of(s.clients.n, 0, () => of(choices.wishes(context, scope, s.clients.ends)))]
    const senders: readonly Endpoint[] = [...s.clients.ends, ...s.conns.ends]
    const heard = s.conns.ends.length
    const receivers = heard < scope.connections ? [...senders, this.#m.serverRules.next(heard)] : senders
    const faulty = scope.powers.includes('F') && s.taken.faults < scope.faults
    let dead = false
    for (const e of receivers) {
      const lists = this.#lists[e.at.side]
      if (e.phase === 'TERMINATED') {
        // One delivery to an endpoint that has ended: nothing happens, and that is to be seen.
        const first = dead ? undefined : senders.find((x) => x.sent.length > 0)?.sent[0]
        if (first !== undefined) out.push(moves.of(choices.delivery(first, e)))
        dead = true
        continue
      }
      let refused = 0
      for (const from of senders) {
        for (const option of lists.arrivals.of(e.n, from.shows, () => from.sent.flatMap((f) => this.#arrivals(e, f)))) {
          if (!scope.everyFrame && (refused & option.refused) !== 0) continue
          refused |= option.refused
          out.push(option.move)
        }
        if (faulty && e.at.side === 'server') {
          const failing = () => from.sent.flatMap((f) => of(choices.failing(e, f, this.verdicts(e, f)[0]!)))
          out.push(...lists.failing.of(e.n, from.shows, failing))
        }
      }
      const own = () => of([...choices.junk(context, e), ...(faulty ? choices.drops(e) : [])])
      out.push(...lists.own.of(e.n, faulty ? 1 : 0, own))
    }
    if (faulty && s.conns.ends.some((e) => e.phase === 'ACTIVE')) out.push(moves.of({ do: 'restart' }))
    const forged = (stolen: Keys | null, now: boolean): void => {
      const about = stolen === null ? 0 : 2 * this.#numberOf(stolen) + (now ? 1 : 2)
      for (const e of receivers) {
        if (e.phase === 'TERMINATED') continue
        const made = () => of(forgeries(context, scope, e, stolen, now))
        out.push(...this.#lists[e.at.side].forged.of(e.n, about, made))
      }
    }
    if (scope.powers.includes('I')) forged(null, false)
    if (scope.powers.includes('L') && s.taken.forgeries < scope.forgeries) {
      const keys = s.taken.leaked === null ? thefts(context, senders) : [s.taken.leaked]
      for (const stolen of keys) forged(stolen, s.taken.leaked === null)
    }
    return out
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
    const { context, scope, moves } = this.#m
    return choices.arrivals(context, scope, e, f, first).map((c) => ({ move: moves.of(c), refused }))
  }
}
