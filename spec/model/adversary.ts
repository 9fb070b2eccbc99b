/** What may happen next (VERIFICATION §1): the adversary's choices and the users'. Dropping is never delivering. */
import { type Body, endName, type Reason } from '../events.ts'
import type { Side } from '../language.ts'
import type { Model } from '../model.ts'
import { isControl, OP } from '../opcodes.ts'
import type { Verdict } from './checks.ts'
import { type Frame, Interned, type Keys } from './context.ts'
import type { Client, Clients, Conn, Conns, Shown } from './endpoint.ts'
import { altered, forge, pair } from './frames.ts'
import { initialKeys } from './keys.ts'
import { Knowledge } from './knowledge.ts'
import type { Move } from './moves.ts'
import type { Taken } from './taken.ts'

const REASONS: readonly Reason[] = [
  'malformed',
  'unknown-opcode',
  'wrong-client',
  'wrong-direction',
  'stale-round',
  'future-round',
  'out-of-phase',
  'bad-tag',
  'bad-padding',
  'bad-payload',
  'superseded',
]

export class Adversary {
  readonly #m: Model
  readonly #taken = new Interned<Taken>()
  readonly nothingTaken: Taken
  readonly #after = new Map<number, Taken>()
  /** Of the endpoint at hand, for each reason: what was refused already; 1: a frame, 2: a control frame. */
  readonly #refused = new Uint8Array(REASONS.length)
  readonly #verdicts: Readonly<Record<Side, Map<number, readonly Verdict[]>>> = { client: new Map(), server: new Map() }

  constructor(m: Model) {
    this.#m = m
    this.nothingTaken = this.#take(0, 0, null, '')
  }

  #take(faults: number, forgeries: number, leaked: Keys | null, powers: Taken['powers']): Taken {
    const name = `${faults} ${forgeries} ${leaked?.n} ${powers}`
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

  /** Everything that can happen on one side, given what the other side sent and what the adversary took. */
  moves(side: Clients | Conns, others: Shown, taken: Taken): readonly Move[] {
    const { scope, moves, serverRules } = this.#m
    const out: Move[] = []
    const network = [...side.shows.frames, ...others.frames]
    if (isServer(side)) {
      const opens = side.ends.length < scope.connections
      const ends = opens ? serverRules.open(side).after.ends : side.ends
      for (const e of ends) this.#deliveries(e, network, e.at.n === side.ends.length, out)
    } else {
      this.#users(side, out)
      for (const e of side.ends) this.#deliveries(e, network, false, out)
    }
    // One delivery to an endpoint that has ended: nothing happens, and that is to be seen.
    const dead = side.ends.find((e) => e.phase === 'TERMINATED')
    if (dead !== undefined && network[0] !== undefined) out.push(moves.deliver(network[0], dead.at, false))
    if (scope.powers.includes('F') && taken.faults < scope.faults) this.#faults(side, network, out)
    if (/[IL]/.test(scope.powers)) this.#forgeries(side, others, network, taken, out)
    return out
  }

  /** A client starts its next run; an idle one ends; a second request is asked for while one is outstanding. */
  #users(side: Clients, out: Move[]): void {
    const { scope, moves, context } = this.#m
    for (const [index, id] of context.setup.keyring.entries()) {
      if (context.setup.insiders.includes(id)) continue
      const runs = side.ends.filter((e) => e.id === id)
      if (runs.length < scope.runs && (scope.concurrent || runs.every((e) => e.phase === 'TERMINATED')))
        out.push(moves.connect(index, id))
    }
    for (const e of side.ends) {
      if (e.phase !== 'ACTIVE') continue
      out.push(e.outstanding === null ? moves.finish(e.at.n) : moves.submit(e.at.n, this.#values(e.at.n, e.round)))
    }
  }

  /** What a run submits in a round: powers of two, so that a sum tells what it is made of. */
  #values(run: number, round: number): readonly number[] {
    return [2 ** (run * this.#m.scope.rounds + round - 1)]
  }

  /** The verdicts of PROTOCOL §6, remembered. */
  verdicts(e: Client | Conn, f: Frame): readonly Verdict[] {
    const known = this.#verdicts[e.at.side]
    const key = e.n * 0x100000 + f.n
    let verdict = known.get(key)
    if (verdict === undefined) {
      verdict = 'order' in e ? this.#m.serverRules.judge(e, f) : this.#m.clientRules.judge(e, f)
      known.set(key, verdict)
    }
    return verdict
  }

  /** Every frame of the network to one endpoint, and one that nobody sent. */
  #deliveries(e: Client | Conn, network: readonly Frame[], opens: boolean, out: Move[]): void {
    if (e.phase === 'TERMINATED') return
    const { moves, scope } = this.#m
    this.#refused.fill(0)
    for (const f of network) {
      const verdict = this.verdicts(e, f)
      const first = verdict[0]!
      if (first.kind === 'rejected' && verdict.length === 1) {
        // PROTOCOL §6: what a refused frame does depends on its reason and on whether it is of those never answered
        const reason = REASONS.indexOf(first.reason)
        const kind = isControl(f.header.opcode) ? 2 : 1
        if (!scope.everyFrame && (this.#refused[reason]! & kind) !== 0) continue
        this.#refused[reason]! |= kind
      }
      if (first.kind === 'rejected' || 'order' in e) out.push(moves.deliver(f, e.at, opens))
      else this.#reactions(e, f, out)
    }
    this.#junk(e, opens, out)
  }

  #reactions(e: Client, f: Frame, out: Move[]): void {
    const { moves, scope, context } = this.#m
    const round = e.phase === 'INIT' ? context.setup.startRound : e.round + 1
    if (f.header.opcode === OP.DESYNC || f.header.opcode === OP.TERMINATE || round > scope.rounds) {
      out.push(moves.deliver(f, e.at, false))
      return
    }
    out.push(moves.deliverThenSubmit(f, e.at.n, this.#values(e.at.n, round)))
    out.push(moves.deliverThenFinish(f, e.at.n))
  }

  /** An altered frame passes every check up to the tag; one with opcode 60 is the kind that is never answered. */
  #junk(e: Client | Conn, opens: boolean, out: Move[]): void {
    const { moves, context } = this.#m
    const direction = e.at.side === 'server' ? 1 : 2
    const id = e.id ?? context.setup.keyring[0]!
    const opcode =
      e.at.side === 'server' ? (e.phase === 'INIT' ? OP.HELLO : OP.DATA) : e.phase === 'INIT' ? OP.CHALLENGE : OP.DESYNC
    out.push(moves.deliver(altered(context, { opcode, id, round: e.round, direction }), e.at, opens))
    if (e.phase === 'ACTIVE' && e.at.side === 'server')
      out.push(moves.deliver(altered(context, { opcode: OP.TERMINATE, id, round: e.round, direction }), e.at, opens))
  }

  #faults(side: Clients | Conns, network: readonly Frame[], out: Move[]): void {
    const { moves, scope, serverRules } = this.#m
    if (!isServer(side)) {
      for (const e of side.ends) if (e.phase !== 'TERMINATED') out.push(moves.drop(e.at, 'close', false))
      return
    }
    for (const e of side.ends)
      if (e.phase === 'ACTIVE') out.push(moves.drop(e.at, 'close', false), moves.drop(e.at, 'timer', e.confirmed))
    const opens = side.ends.length < scope.connections
    for (const e of opens ? serverRules.open(side).after.ends : side.ends)
      for (const f of network)
        if (f.header.opcode !== OP.TERMINATE && this.verdicts(e, f)[0]?.kind === 'accepted')
          out.push(moves.deliverFailing(f, e.at, e.at.n === side.ends.length))
    if (side.ends.some((e) => e.phase === 'ACTIVE')) out.push(moves.restart())
  }

  /** Frames under valid tags, wherever the adversary knows, or can come by, the keys by which an endpoint judges. */
  #forgeries(side: Clients | Conns, others: Shown, network: readonly Frame[], taken: Taken, out: Move[]): void {
    const { context, scope, serverRules } = this.#m
    const opens = isServer(side) && side.ends.length < scope.connections
    const ends: readonly (Client | Conn)[] = opens ? serverRules.open(side).after.ends : side.ends
    for (const e of ends) {
      const id = e.id ?? context.setup.insiders[0]
      if (id === undefined || e.phase === 'TERMINATED' || (e.phase === 'INIT' && !isServer(side))) continue
      const known = new Knowledge(context, taken.leaked, network)
      const insider = context.setup.insiders.includes(id)
      if (!insider && taken.forgeries >= scope.forgeries) continue
      if (insider || taken.leaked !== null) {
        this.#seals(side, e, id, known, null, out)
        continue
      }
      for (const stolen of this.#thefts(side, others, network))
        this.#seals(side, e, id, new Knowledge(context, stolen, network), stolen, out)
    }
  }

  /**
   * The keys worth stealing now: what is stolen earlier and not used yet can as well be stolen later, as long as the
   * session that is further behind gives it away; so a theft and its first use are one move.
   */
  #thefts(side: Clients | Conns, others: Shown, network: readonly Frame[]): readonly Keys[] {
    const held = [...new Set([...side.shows.held, ...others.held])]
    const derives = (a: Keys, b: Keys) => {
      const known = new Knowledge(this.#m.context, a, network)
      return b.terms.every((t) => known.knows(t))
    }
    return held.filter((k) => !held.some((other) => other !== k && derives(other, k) && !derives(k, other)))
  }

  #seals(
    side: Clients | Conns,
    e: Client | Conn,
    id: number,
    known: Knowledge,
    stolen: Keys | null,
    out: Move[],
  ): void {
    const { context, moves } = this.#m
    const direction = isServer(side) ? 1 : 2
    const power = context.setup.insiders.includes(id) ? 'I' : 'L'
    const keys = e.keys ?? initialKeys(context, id)
    const opens = isServer(side) && e.at.n === side.ends.length
    const right = pair(keys, direction).every((k) => known.knows(k))
    // beside the right keys, the stolen ones as they were: of an earlier round, or of another session
    const stale = known.leaked !== null && known.leaked !== keys && e.phase === 'ACTIVE'
    const choices = [
      ...(right ? contents(e).map((content) => ({ content, under: keys })) : []),
      ...(stale ? [{ content: contents(e)[0]!, under: known.leaked! }] : []),
    ]
    for (const { content, under } of choices) {
      const { opcode, round, body, padded } = content
      const [enc, mac] = pair(under, direction)
      const header = { opcode, id, round: e.round + round, direction }
      const name = `${endName(e.at)} ${e.exchanges.length}` // fresh as far as its receiver can tell
      const frame = forge(context, { name, header, enc, mac, body, padded, owner: id })
      const accepted = this.verdicts(e, frame)[0]!.kind === 'accepted'
      // A forged frame that is refused does what junk does; a forged ending under stolen keys does what a close does.
      const leads = accepted && (power === 'I' || !isControl(opcode))
      out.push(moves.forged(frame, e.at, { opens, round, stolen, power, leads }))
    }
  }
}

const isServer = (side: Clients | Conns): side is Conns => side.kind === 'server'

interface Content {
  readonly opcode: number
  readonly round: number // relative to the right one
  readonly body: Body
  readonly padded: boolean
}

const control: Body = { kind: 'control' }
const LIE = 2 ** 20

/** What is worth sealing for an endpoint: the legal frame, and one for each check that only a valid tag can reach. */
const contents = (e: Client | Conn): readonly Content[] => {
  const legal: readonly Content[] =
    e.at.side === 'client'
      ? [
          {
            opcode: OP.RESPONSE,
            round: 0,
            body: { kind: 'aggregate', sum: LIE, count: 1, average: LIE },
            padded: true,
          },
          { opcode: OP.DESYNC, round: 0, body: control, padded: true },
        ]
      : e.phase === 'INIT'
        ? [{ opcode: OP.HELLO, round: 0, body: { kind: 'hello', text: '' }, padded: true }]
        : [
            { opcode: OP.DATA, round: 0, body: { kind: 'data', values: [LIE] }, padded: true },
            { opcode: OP.TERMINATE, round: 0, body: control, padded: true },
          ]
  const first = legal[0]!
  return [
    ...legal,
    { ...first, padded: false },
    { ...first, body: { kind: 'opaque', hex: 'ff' } },
    { ...first, round: 1 },
    { ...first, opcode: e.at.side === 'server' ? OP.CHALLENGE : OP.HELLO },
  ]
}
