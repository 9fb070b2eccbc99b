/** What may happen next (ADVERSARY §1): the adversary's choices and the users'. Dropping is never delivering. */

import { endName, REASONS } from '../events.ts'
import type { Side } from '../language.ts'
import type { Verdict } from '../model/checks.ts'
import { altered, forge } from '../model/frames.ts'
import { initialKeys, pair } from '../model/keys.ts'
import { valuesOf } from '../model/model.ts'
import type { Frame, Keys } from '../model/state.ts'
import { isControl, OP } from '../opcodes.ts'
import type { Context } from './context.ts'
import { Interned } from './context.ts'
import type { Client, Clients, Conn, State, Taken } from './endpoints.ts'
import { contents, knows, simple } from './knowledge.ts'
import type { Move, Moves } from './moves.ts'
import type { ClientRules, ServerRules } from './rules.ts'
import type { Scope } from './scope.ts'
import { PairTable } from './tables.ts'

type Endpoint = Client | Conn

/** A delivery. `refused`: which class of refused frames it stands for, as a bit; 0: it is not refused. */
interface Option {
  readonly move: Move
  readonly refused: number
}

/** Lists of moves that depend on a pair of numbers, worked out once. */
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
  readonly clientRules: ClientRules
  readonly serverRules: ServerRules
}

export class Adversary {
  readonly #m: Parts
  readonly #taken = new Interned<Taken>()
  readonly nothingTaken: Taken
  readonly #stolen = new Interned<number>()
  readonly #after = new Map<number, Taken>()
  readonly #verdicts: Readonly<Record<Side, Map<string, readonly Verdict[]>>> = { client: new Map(), server: new Map() }
  readonly #lists = { client: tables(), server: tables() }
  readonly #wishes = new Lists<Move>()

  constructor(m: Parts) {
    this.#m = m
    this.nothingTaken = this.#take(0, 0, null, '')
  }

  #take(faults: number, forgeries: number, leaked: Keys | null, powers: Taken['powers']): Taken {
    const name = `${faults} ${forgeries} ${leaked} ${powers}`
    return this.#taken.of(name, (n) => ({ n, faults, forgeries, leaked, powers }))
  }

  after(t: Taken, m: Move): Taken {
    if (m.faults === 0 && m.leaks === null && m.uses === '') return t
    const key = t.n * 0x100000 + m.n
    let after = this.#after.get(key)
    if (after === undefined) {
      const powers = m.uses === '' || t.powers.includes(m.uses) ? t.powers : t.powers === '' ? m.uses : 'IL'
      const forgeries = t.forgeries + (m.uses === 'L' && m.leads ? 1 : 0)
      const leaked = forgeries < this.#m.scope.forgeries ? (m.leaks ?? t.leaked) : null
      after = this.#take(t.faults + m.faults, forgeries, leaked, powers)
      this.#after.set(key, after)
    }
    return after
  }

  /** The verdicts of PROTOCOL §6, remembered. */
  verdicts(e: Endpoint, f: Frame): readonly Verdict[] {
    const known = this.#verdicts[e.at.side]
    const key = `${e.n} ${f.id}`
    let verdict = known.get(key)
    if (verdict === undefined) {
      verdict = isConn(e) ? this.#m.serverRules.judge(e, f) : this.#m.clientRules.judge(e, f)
      known.set(key, verdict)
    }
    return verdict
  }

  /** Every move the scope allows. */
  moves(s: State): readonly Move[] {
    const { scope } = this.#m
    const out: Move[] = [...this.#wishes.of(s.clients.n, 0, () => this.#wishesOf(s.clients))]
    const senders: readonly Endpoint[] = [...s.clients.ends, ...s.conns.ends]
    const heard = s.conns.ends.length
    const next = heard < scope.connections ? this.#m.serverRules.next(heard) : undefined
    const receivers = next === undefined ? senders : [...senders, next]
    const faulty = scope.powers.includes('F') && s.taken.faults < scope.faults
    let dead = false
    for (const e of receivers) {
      const lists = this.#lists[e.at.side]
      if (e.phase === 'TERMINATED') {
        // One delivery to an endpoint that has ended: nothing happens, and that is to be seen.
        const first = dead ? undefined : senders.find((x) => x.sent.length > 0)?.sent[0]
        if (first !== undefined) out.push(this.#m.moves.deliver(first, e.at, false))
        dead = true
        continue
      }
      let refused = 0
      for (const from of senders) {
        for (const option of lists.arrivals.of(e.n, from.shows, () => this.#arrivals(e, from.sent))) {
          if (!scope.everyFrame && (refused & option.refused) !== 0) continue
          refused |= option.refused
          out.push(option.move)
        }
        if (faulty && isConn(e)) out.push(...lists.failing.of(e.n, from.shows, () => this.#failing(e, from.sent)))
      }
      out.push(...lists.own.of(e.n, faulty ? 1 : 0, () => [...this.#junk(e), ...(faulty ? this.#drops(e) : [])]))
    }
    if (faulty && s.conns.ends.some((e) => e.phase === 'ACTIVE')) out.push(this.#m.moves.restart())
    if (scope.powers.includes('I')) for (const e of receivers) this.#sealed(e, null, out)
    if (scope.powers.includes('L') && s.taken.forgeries < scope.forgeries) {
      const keys = s.taken.leaked === null ? this.#thefts(senders) : [s.taken.leaked]
      for (const stolen of keys) for (const e of receivers) this.#sealed(e, stolen, out, s.taken.leaked === null)
    }
    return out
  }

  /** A client starts its next run; an idle one ends; a second request is asked for while one is outstanding. */
  #wishesOf(side: Clients): readonly Move[] {
    const { scope, moves, context } = this.#m
    const out: Move[] = []
    for (const [index, id] of context.setup.keyring.entries()) {
      const runs = side.ends.filter((e) => e.id === id)
      const free = runs.length < scope.runs && (scope.concurrent || runs.every((e) => e.phase === 'TERMINATED'))
      if (free && !context.setup.insiders.includes(id)) out.push(moves.connect(index, id))
    }
    for (const e of side.ends)
      if (e.phase === 'ACTIVE')
        out.push(e.outstanding === null ? moves.finish(e.at.n) : moves.submit(e.at.n, this.#values(e.at.n, e.round)))
    return out
  }

  #values(run: number, round: number): readonly number[] {
    return valuesOf(this.#m.scope, run, round)
  }

  #opens(e: Endpoint): boolean {
    return isConn(e) && e.phase === 'INIT'
  }

  /** All frames of one sender to one receiver, with the reactions of a client. */
  #arrivals(e: Endpoint, frames: readonly Frame[]): readonly Option[] {
    const { moves } = this.#m
    return frames.flatMap((f) => {
      const verdict = this.verdicts(e, f)
      const first = verdict[0]!
      if (first.kind === 'rejected') {
        // PROTOCOL §6: what a refused frame does depends on its reason and on whether it is of those never answered;
        // the garbage event stands for itself
        const kind = REASONS.indexOf(first.reason) * 2 + (isControl(f.header.opcode) ? 1 : 0)
        return [{ move: moves.deliver(f, e.at, this.#opens(e)), refused: verdict.length === 1 ? 1 << kind : 0 }]
      }
      const reactions = isConn(e) ? [moves.deliver(f, e.at, this.#opens(e))] : this.#reactions(e, f)
      return reactions.map((move) => ({ move, refused: 0 }))
    })
  }

  #reactions(e: Client, f: Frame): readonly Move[] {
    const { moves, scope, context } = this.#m
    const round = e.phase === 'INIT' ? context.setup.startRound : e.round + 1
    if (isControl(f.header.opcode) || round > scope.rounds) return [moves.deliver(f, e.at, false)]
    return [moves.deliverThenSubmit(f, e.at.n, this.#values(e.at.n, round)), moves.deliverThenFinish(f, e.at.n)]
  }

  /** An altered frame passes every check up to the tag; at an ACTIVE server also one of the kind never answered. */
  #junk(e: Endpoint): readonly Move[] {
    const { moves, context } = this.#m
    const server = isConn(e)
    const opcodes = server
      ? e.phase === 'INIT'
        ? [OP.HELLO]
        : [OP.DATA, OP.TERMINATE]
      : [e.phase === 'INIT' ? OP.CHALLENGE : OP.DESYNC]
    const rest = { id: e.id ?? context.setup.keyring[0]!, round: e.round, direction: server ? 1 : 2 }
    return opcodes.map((opcode) => moves.deliver(altered(context, { opcode, ...rest }), e.at, this.#opens(e)))
  }

  /** The connection dies; at the server also a timer fires. A client that gives up does what a dead connection does. */
  #drops(e: Endpoint): readonly Move[] {
    const { moves } = this.#m
    if (!isConn(e)) return [moves.drop(e.at, 'close', false)]
    return e.phase === 'ACTIVE' ? [moves.drop(e.at, 'close', false), moves.drop(e.at, 'timer', e.confirmed)] : []
  }

  /** Frames that would be accepted and answered, when the answer cannot be handed over. */
  #failing(e: Conn, frames: readonly Frame[]): readonly Move[] {
    const answered = frames.filter((f) => !isControl(f.header.opcode) && this.verdicts(e, f)[0]?.kind === 'accepted')
    return answered.map((f) => this.#m.moves.deliverFailing(f, e.at, this.#opens(e)))
  }

  /**
   * The keys worth stealing now. What is stolen earlier and not used can as well be stolen later, as long as the end of
   * the session that is further behind gives it away: so a theft and its first use are one move. Only ACTIVE sessions:
   * in INIT a client holds keys that all its sessions start from.
   */
  #thefts(ends: readonly Endpoint[]): readonly Keys[] {
    const { insiders } = this.#m.context.setup
    const active = ends.filter((e) => e.phase === 'ACTIVE' && !insiders.includes(e.id!))
    const held = [...new Map(active.map((e) => [e.keys!.join(), e.keys!])).values()]
    const gives = (a: Keys, b: Keys) => b.every((k) => knows(this.#m.context, a, k))
    return held.filter((k) => !held.some((other) => other !== k && gives(other, k) && !gives(k, other)))
  }

  #sealed(e: Endpoint, stolen: Keys | null, out: Move[], now = false): void {
    if (e.phase === 'TERMINATED' || (e.phase === 'INIT' && !isConn(e))) return
    const about = stolen === null ? 0 : 2 * this.#stolen.of(stolen.join(), (n) => n) + (now ? 1 : 2)
    out.push(...this.#lists[e.at.side].forged.of(e.n, about, () => this.#forgeries(e, stolen, now)))
  }

  /** Frames under valid tags, where the adversary knows the keys by which an endpoint judges. */
  #forgeries(e: Endpoint, stolen: Keys | null, now: boolean): readonly Move[] {
    const { context, moves, scope } = this.#m
    const insider = e.id ?? context.setup.insiders[0]
    const mine = stolen === null && insider !== undefined && context.setup.insiders.includes(insider)
    if (!mine && (stolen === null || e.id === null)) return []
    const id = insider!
    const direction = isConn(e) ? 1 : 2
    const keys = e.keys ?? initialKeys(context, id)
    if (isConn(e) && e.round > scope.rounds) return []
    const right = pair(keys, direction).every((k) => knows(context, stolen, k))
    // beside the right keys, the stolen ones as they were: of an earlier round, or of another session
    const choices = [
      ...(right ? contents(e).map((content) => ({ content, under: keys })) : []),
      ...(stolen !== null && stolen.join() !== keys.join() ? [{ content: simple(e), under: stolen }] : []),
    ]
    return choices.map(({ content, under }) => {
      const { opcode, round, wrong, body, padded } = content
      const [enc, mac] = pair(under, direction)
      const other = context.setup.keyring.find((k) => k !== id) ?? 255
      const header = {
        opcode,
        id: wrong === 'id' ? other : id,
        round: e.round + round,
        direction: wrong === 'direction' ? 3 - direction : direction,
      }
      const name = `${endName(e.at)} ${e.exchanges.length}` // fresh as far as its receiver can tell
      const frame = forge(context, { name, header, enc, mac, body, padded, owner: id })
      const accepted = this.verdicts(e, frame)[0]!.kind === 'accepted'
      // A forged frame that is refused does what junk does; a forged ending under stolen keys does what a close does.
      const leads = accepted && (mine || !isControl(opcode))
      const power = mine ? 'I' : 'L'
      return moves.forged(frame, e.at, { opens: this.#opens(e), round, stolen: now ? stolen : null, power, leads })
    })
  }
}

const isConn = (e: Endpoint): e is Conn => 'order' in e
