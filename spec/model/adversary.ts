/** What may happen next (VERIFICATION §1): the adversary's choices and the users'. Dropping is never delivering. */
import { type Body, endName, type Reason } from '../events.ts'
import type { Side } from '../language.ts'
import type { Model, State } from '../model.ts'
import { OP } from '../opcodes.ts'
import type { Verdict } from './checks.ts'
import { type Frame, Interned, type Keys } from './context.ts'
import type { Client, Conn } from './endpoint.ts'
import { altered, forge, pair } from './frames.ts'
import { initialKeys } from './keys.ts'
import { Knowledge } from './knowledge.ts'
import type { Move } from './moves.ts'
import type { Taken } from './taken.ts'

const OPCODES: readonly number[] = Object.values(OP)
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
  /** Of the endpoint at hand: the opcodes already refused, as a bit set for each reason. */
  readonly #refused = new Uint8Array(REASONS.length)
  readonly #verdicts: Readonly<Record<Side, Map<number, readonly Verdict[]>>> = { client: new Map(), server: new Map() }

  constructor(m: Model) {
    this.#m = m
    this.nothingTaken = this.#take(0, null, '')
  }

  #take(faults: number, leaked: Keys | null, powers: Taken['powers']): Taken {
    return this.#taken.of(`${faults} ${leaked?.n} ${powers}`, (n) => ({ n, faults, leaked, powers }))
  }

  after(t: Taken, m: Move): Taken {
    if (m.faults === 0 && m.uses === '') return t
    const powers = m.uses === '' || t.powers.includes(m.uses) ? t.powers : t.powers === '' ? m.uses : 'IL'
    return this.#take(t.faults + m.faults, m.leaks ?? t.leaked, powers)
  }

  /** Every frame that crosses the network: all that was ever sent. */
  network(s: State): readonly Frame[] {
    return [...s.clients.ends, ...s.conns.ends].flatMap((e) => e.sent)
  }

  moves(s: State): readonly Move[] {
    const { scope, moves } = this.#m
    const out: Move[] = []
    const network = this.network(s)
    this.#users(s, out)
    const opens = s.conns.ends.length < scope.connections
    const conns: readonly Conn[] = opens ? this.#m.serverRules.open(s.conns).after.ends : s.conns.ends
    for (const e of s.clients.ends) if (e.phase !== 'TERMINATED') this.#deliveries(e, network, false, out)
    for (const e of conns)
      if (e.phase !== 'TERMINATED') this.#deliveries(e, network, e.at.n === s.conns.ends.length, out)
    // One delivery to an endpoint that has ended: nothing happens, and that is to be seen.
    const dead =
      s.conns.ends.find((e) => e.phase === 'TERMINATED') ?? s.clients.ends.find((e) => e.phase === 'TERMINATED')
    if (dead !== undefined && network[0] !== undefined) out.push(moves.deliver(network[0], dead.at, false))
    if (scope.powers.includes('F') && s.taken.faults < scope.faults) this.#faults(s, network, conns, out)
    if (scope.powers.includes('L') && s.taken.leaked === null) this.#leaks(s, out)
    if (s.taken.leaked !== null || scope.powers.includes('I')) this.#forgeries(s, network, conns, out)
    return out
  }

  /** A client starts its next run; an idle one ends; a second request is asked for while one is outstanding. */
  #users(s: State, out: Move[]): void {
    const { scope, moves, context } = this.#m
    for (const [index, id] of context.setup.keyring.entries()) {
      if (context.setup.insiders.includes(id)) continue
      const runs = s.clients.ends.filter((e) => e.id === id)
      if (runs.length < scope.runs && (scope.concurrent || runs.every((e) => e.phase === 'TERMINATED')))
        out.push(moves.connect(index, id))
    }
    for (const e of s.clients.ends) {
      if (e.phase !== 'ACTIVE') continue
      out.push(e.outstanding === null ? moves.finish(e.at.n) : moves.submit(e.at.n, this.#values(e.at.n, e.round)))
    }
  }

  /** What a run submits in a round: powers of two, so that a sum tells what it is made of. */
  #values(run: number, round: number): readonly number[] {
    return [2 ** (run * this.#m.scope.rounds + round - 1)]
  }

  #verdict(e: Client | Conn, f: Frame): readonly Verdict[] {
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
    const { moves, scope } = this.#m
    this.#refused.fill(0)
    for (const f of network) {
      const verdict = this.#verdict(e, f)
      const first = verdict[0]!
      if (first.kind === 'rejected' && verdict.length === 1) {
        // what a refused frame does depends on its reason and opcode alone
        const reason = REASONS.indexOf(first.reason)
        const bit = 1 << OPCODES.indexOf(f.header.opcode)
        if (!scope.everyFrame && (this.#refused[reason]! & bit) !== 0) continue
        this.#refused[reason]! |= bit
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

  #faults(s: State, network: readonly Frame[], conns: readonly Conn[], out: Move[]): void {
    const { moves } = this.#m
    for (const e of s.clients.ends) if (e.phase !== 'TERMINATED') out.push(moves.drop(e.at, 'close', false))
    for (const e of s.conns.ends) {
      if (e.phase !== 'ACTIVE') continue
      out.push(moves.drop(e.at, 'close', false), moves.drop(e.at, 'timer', e.confirmed))
    }
    for (const e of conns)
      for (const f of network)
        if (f.header.opcode !== OP.TERMINATE && this.#verdict(e, f)[0]?.kind === 'accepted')
          out.push(moves.deliverFailing(f, e.at, e.at.n === s.conns.ends.length))
    if (s.conns.ends.some((e) => e.phase === 'ACTIVE')) out.push(moves.restart())
  }

  /** The keys of one ACTIVE session, once. In INIT a client holds keys that all its sessions start from. */
  #leaks(s: State, out: Move[]): void {
    for (const e of [...s.clients.ends, ...s.conns.ends])
      if (e.phase === 'ACTIVE' && (e.id === null || !this.#m.context.setup.insiders.includes(e.id)))
        out.push(this.#m.moves.leak(e.at, e.keys!))
  }

  /** Frames under valid tags, wherever the adversary knows the keys by which an endpoint judges. */
  #forgeries(s: State, network: readonly Frame[], conns: readonly Conn[], out: Move[]): void {
    const { context, moves } = this.#m
    const { insiders } = context.setup
    const heard = [...s.clients.ends, ...s.conns.ends].flatMap((e) => e.exchanges)
    const knowledge = new Knowledge(context, s.taken.leaked, [...network, ...heard])
    for (const e of [...s.clients.ends.filter((c) => c.phase === 'ACTIVE'), ...conns]) {
      const id = e.id ?? insiders[0]
      if (e.phase === 'TERMINATED' || id === undefined) continue
      const direction = e.at.side === 'server' ? 1 : 2
      const opens = e.at.side === 'server' && e.at.n === s.conns.ends.length
      const power = insiders.includes(id) ? 'I' : 'L'
      const sealed = (keys: Keys, { opcode, round, body, padded }: Content): void => {
        const [enc, mac] = pair(keys, direction)
        const header = { opcode, id, round: e.round + round, direction }
        const name = `${endName(e.at)} ${e.exchanges.length}` // fresh as long as its receiver can tell
        const frame = forge(context, { name, header, enc, mac, body, padded, owner: id })
        out.push(moves.forged(frame, e.at, opens, power, round))
      }
      const keys = e.keys ?? initialKeys(context, id)
      if (pair(keys, direction).every((k) => knowledge.knows(k)))
        for (const content of contents(e)) sealed(keys, content)
      // the stolen keys as they were: of an earlier round, or of another session
      if (power === 'L' && s.taken.leaked !== keys && e.phase === 'ACTIVE') sealed(s.taken.leaked!, contents(e)[0]!)
    }
  }
}

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
