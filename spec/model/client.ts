/** PROTOCOL §4–§6 for a client run: what it sends, what it makes of what it receives. */

import type { Context, Frame, Keys } from '../checker/context.ts'
import { type Client, type ClientState, type Clients, type Endpoints, replace } from '../checker/endpoints.ts'
import type { EndedBy, Event } from '../events.ts'
import { MAX_ROUND, OP } from '../opcodes.ts'
import { judge, type Verdict } from './checks.ts'
import { seal } from './frames.ts'
import { bindStep, evolve, helloStep, initialKeys } from './keys.ts'
import { arrival, committed, type Step, sent, terminated, unsent } from './step.ts'

export class ClientRules {
  readonly #c: Context
  readonly #ends: Endpoints

  constructor(c: Context, ends: Endpoints) {
    this.#c = c
    this.#ends = ends
  }

  /** A run starts and sends its HELLO; `failing`: the transport refuses it. */
  connect(side: Clients, id: number, failing = false): Step<Clients> {
    const at = { side: 'client', n: side.ends.length } as const
    const k0 = initialKeys(this.#c, id)
    const nobody = { at, id, hello: null, challenge: null, sent: [] }
    const hello = seal(this.#c, nobody, OP.HELLO, 0, k0, k0, { kind: 'hello', text: `Hello from client ${id}` }, null)
    const run = this.#ends.client({
      at,
      id,
      phase: 'INIT',
      round: 0,
      keys: helloStep(this.#c, k0, hello), // PROTOCOL §4: when the HELLO is built
      hello,
      challenge: null,
      outstanding: null,
      exchanges: [],
      sent: [hello],
      failing: false,
    })
    const opened: Event = { on: 'opened', at, id }
    const after = this.#ends.clients([...side.ends, run])
    if (failing) return this.#end(after, run, { ...run, sent: [] }, 'fault', [opened, unsent(run)])
    return { after, events: [opened, sent(run, hello), committed(null, run)] }
  }

  /** The application submits values; refused locally by the rules of PROTOCOL §5. */
  submit(side: Clients, n: number, values: readonly number[]): Step<Clients> {
    const run = side.ends[n]!
    const free = run.outstanding === null || !this.#c.on('one-outstanding')
    const sendable = values.length >= 1 && values.length <= 511 && values.every((v) => Math.abs(v) <= 1e300)
    const refused = run.phase !== 'ACTIVE' || !free || !sendable
    const submitted: Event = { on: 'submitted', at: run.at, values, refused }
    if (refused) return this.#step(side, run, run, [submitted])
    if (run.failing) return this.#end(side, run, run, 'fault', [submitted, unsent(run)])
    const data = this.#seal(run, OP.DATA, { kind: 'data', values })
    // PROTOCOL §4: sending moves nothing on the client
    const keys = this.#c.on('client-commits-late')
      ? run.keys!
      : evolve(this.#c, run.keys!, data, this.#c.terms.make('plain'))
    const next = this.#ends.client({ ...run, keys, outstanding: data, sent: [...run.sent, data] })
    return this.#step(side, run, next, [submitted, sent(next, data), committed(run, next)])
  }

  /** The user ends the run: with TERMINATE when no request is outstanding, else by closing (PROTOCOL §6). */
  finish(side: Clients, n: number): Step<Clients> {
    const run = side.ends[n]!
    if (run.phase === 'TERMINATED') return this.#step(side, run, run, [])
    if (run.phase !== 'ACTIVE' || run.outstanding !== null) return this.#end(side, run, run, 'finish', [])
    if (run.failing) return this.#end(side, run, run, 'finish', [unsent(run)])
    const bye = this.#seal(run, OP.TERMINATE, { kind: 'control' })
    return this.#end(side, run, { ...run, sent: [...run.sent, bye] }, 'finish', [sent(run, bye)])
  }

  /** It ends without a word: closed by the network, or given up by a timer. */
  drop(side: Clients, n: number, by: 'close' | 'timer'): Step<Clients> {
    const run = side.ends[n]!
    return run.phase === 'TERMINATED' ? this.#step(side, run, run, []) : this.#end(side, run, run, by, [])
  }

  failNext(side: Clients, n: number): Step<Clients> {
    const run = side.ends[n]!
    const next = run.phase === 'TERMINATED' ? run : this.#ends.client({ ...run, failing: true })
    return this.#step(side, run, next, [])
  }

  /** A complete frame arrives. Several outcomes only for the garbage event. */
  receive(side: Clients, n: number, f: Frame): readonly Step<Clients>[] {
    const run = side.ends[n]!
    if (run.phase === 'TERMINATED') return [this.#step(side, run, run, [])] // PROTOCOL §1: TERMINATED is final
    return this.judge(run, f).map((v) => this.#received(side, run, f, v))
  }

  judge(run: Client, f: Frame): readonly Verdict[] {
    if (run.phase === 'TERMINATED') return []
    const { phase, id, round, keys } = run
    return judge(this.#c, { side: 'client', phase, id, round, keys, outstanding: run.outstanding !== null }, f)
  }

  #received(side: Clients, run: Client, f: Frame, v: Verdict): Step<Clients> {
    const events = arrival(run, f, v)
    if (v.kind === 'rejected') {
      if (!this.#c.on('rejection-ends')) return this.#step(side, run, run, events)
      // PROTOCOL §6: client: TERMINATED, close, nothing sent
      if (this.#c.on('client-silent') || run.phase === 'INIT') return this.#end(side, run, run, 'rejection', events)
      const desync = this.#seal(run, OP.DESYNC, { kind: 'control' })
      return this.#end(side, run, { ...run, sent: [...run.sent, desync] }, 'rejection', [...events, sent(run, desync)])
    }
    if (run.phase === 'INIT') {
      const keys = bindStep(this.#c, evolve(this.#c, run.keys!, run.hello!, v.plain), run.hello!, f)
      const next = this.#ends.client({ ...run, phase: 'ACTIVE', round: this.#c.setup.startRound, keys, challenge: f })
      return this.#step(side, run, next, [...events, committed(run, next)])
    }
    if (f.header.opcode === OP.DESYNC || f.header.opcode === OP.TERMINATE)
      return this.#c.on('control-obeyed')
        ? this.#end(side, run, run, 'peer', events)
        : this.#step(side, run, run, events)
    const mine = run.outstanding ?? run.hello! // the second only when the rule of phases is off
    const keys = evolve(this.#c, run.keys!, mine, v.plain)
    const next = this.#ends.client({
      ...run,
      keys,
      round: run.round === MAX_ROUND ? run.round : run.round + 1,
      outstanding: null,
      exchanges: [...run.exchanges, mine, f],
    })
    return this.#step(side, run, next, [...events, committed(run, next)])
  }

  #seal(run: Client, opcode: number, body: { kind: 'control' } | { kind: 'data'; values: readonly number[] }): Frame {
    return seal(
      this.#c,
      run,
      opcode,
      run.round,
      run.keys as Keys,
      run.expected!,
      body,
      run.exchanges.at(-1) ?? run.challenge,
    )
  }

  #step(side: Clients, run: Client, next: Client, events: readonly Event[]): Step<Clients> {
    const after = next === run ? side : this.#ends.clients(replace(side.ends, run.at.n, next))
    return { after, events }
  }

  #end(side: Clients, run: Client, last: ClientState, by: EndedBy, events: readonly Event[]): Step<Clients> {
    const next = this.#ends.client({ ...last, phase: 'TERMINATED', keys: null, outstanding: null, failing: false })
    return this.#step(side, run, next, [...events, ...terminated(run, next, by)])
  }
}
