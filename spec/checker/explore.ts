/**
 * Breadth-first search through the model: states deduplicated by fingerprint (model state and monitor states together),
 * parent links only, shortest paths rebuilt by executing them again.
 */
import type { Invariant } from '../invariants/index.ts'
import type { Option } from './adversary.ts'
import type { Clients, Conns, State, Taken } from './endpoints.ts'
import { freshRunCompletes } from './fresh-run.ts'
import { CARRIED, type Finds, Judge } from './judge.ts'
import { ModelLedger } from './ledger.ts'
import { Model, type Segment } from './model.ts'
import type { Move } from './moves.ts'
import type { Difference, Observer } from './observer.ts'
import type { Play } from './plays.ts'
import type { Scope } from './scope.ts'
import { leaksStayLocal, type StateProperty, valuesStaySecret } from './secrecy.ts'
import { fingerprint, MOST_STATES, Rows, Seen } from './tables.ts'

export interface Limits {
  readonly states: number
  readonly bytes: number
}
export const LIMITS: Limits = { states: 5_000_000, bytes: 2 ** 31 }

export interface Progress {
  readonly states: number
  readonly transitions: number
  readonly depth: number
}

/** A move that breaks or witnesses an invariant, after the shortest path to where it is possible. */
interface Mark {
  readonly parent: number
  readonly move: Move | null // null: the state itself shows it
  readonly why: string
}

export interface Judged {
  readonly invariant: Invariant
  readonly verdict: 'holds' | 'violated'
  readonly why: string
  readonly counterexample: readonly Move[] | null // shortest
  readonly witness: readonly Move[] | null // shortest; null: never reached
  readonly witnessSays: string
}

export interface Explored {
  readonly scope: Scope
  readonly model: Model
  readonly states: number
  readonly transitions: number
  readonly depth: number // moves of the longest shortest path
  readonly bytes: number // of the table of the states seen, and of those not gone on from when they were most
  readonly stopped: null | 'states' | 'memory' // null: the scope is exhausted, or `until` came true
  readonly judged: readonly Judged[]
  /** What the moves of `from` have violated already, which is therefore not judged. */
  readonly before: readonly string[]
  readonly observed: readonly (Difference & { readonly path: readonly Move[] })[]
}

export interface Options {
  readonly observer?: (m: Model) => Observer
  readonly limits?: Limits
  /** Instead of all that can be carried. */
  readonly monitors?: readonly Invariant[]
  /** Beside them. */
  readonly also?: readonly Invariant[]
  /** Begins after these moves, of each the first outcome; paths begin behind them. */
  readonly from?: (m: Model) => readonly Move[]
  /** Ends as soon as the invariant of this id is violated: of the others only what was found by then is told. */
  readonly until?: string
  progress?(p: Progress): void
}

export const explore = (scope: Scope, options: Options = {}): Explored => new Search(scope, options).run()

/** A state is four numbers: clients, connections, what the adversary took, all monitors together. */
interface Row {
  clients: number
  conns: number
  taken: number
  judged: number
}

class Search implements Finds {
  readonly #model: Model
  readonly #options: Options
  readonly #limits: Limits
  readonly #monitors: readonly Invariant[]
  readonly #judge: Judge
  readonly #ledger: ModelLedger
  readonly #seen = new Seen()
  readonly #rows = new Rows() // those not gone on from yet
  readonly #print = new Int32Array(2)
  readonly #row: Row = { clients: 0, conns: 0, taken: 0, judged: 0 }
  readonly #last: Row = { clients: -1, conns: -1, taken: -1, judged: -1 }
  #asked = 0 // for limits
  /** Of the transitions of the state being expanded, which is being judged. */
  #nth = 0
  /** Of the latest play that was judged, what happened in it. */
  #latest: { readonly side: Clients | Conns; readonly play: Play; readonly segments: readonly Segment[] } | null = null
  readonly #taken: Taken[] = []
  readonly #stateProperties: readonly StateProperty[]
  readonly #from: readonly Move[]
  readonly #before = new Set<string>()
  #starting = false
  readonly #observer: Observer | null
  readonly #observed = new Map<string, Mark>()
  readonly #violations = new Map<string, Mark>()
  readonly #witnesses = new Map<string, Mark>()
  /** The state being expanded, -1 while a path is rebuilt; and the move being judged, if any. */
  #at = -1
  #move: Move | null = null
  #transitions = 0
  #depth = 0

  constructor(scope: Scope, options: Options) {
    this.#model = new Model(scope)
    this.#options = options
    const { states, bytes } = options.limits ?? LIMITS
    // Limits are asked once in 1,024 states, which lead to fewer than half a million more.
    this.#limits = { states: Math.min(states, MOST_STATES - 2 ** 19), bytes }
    this.#monitors = [...(options.monitors ?? CARRIED), ...(options.also ?? [])]
    this.#judge = new Judge(this.#monitors)
    const asked = [
      valuesStaySecret(this.#model),
      freshRunCompletes(this.#model),
      ...(scope.powers.includes('L') ? [leaksStayLocal(this.#model)] : []),
    ]
    this.#stateProperties = options.monitors === undefined ? asked : []
    this.#from = options.from?.(this.#model) ?? []
    this.#observer = options.observer?.(this.#model) ?? null
    this.#ledger = new ModelLedger(this.#model.context, scope.powers)
  }

  run(): Explored {
    this.#add(this.#start())
    let next = 1 // number of the first state of the next level
    let stopped: Explored['stopped'] = null
    for (let n = 0; n < this.#rows.length && stopped === null && !this.#found; n++) {
      if (n === next) {
        next = this.#rows.length
        this.#depth++
      }
      this.#expand(n)
      if (n % 1024 === 0) stopped = this.#overLimit()
    }
    this.#at = -1
    return this.#result(stopped)
  }

  /** Most often a state is led to by several moves in a row. */
  #add({ clients, conns, taken, judged }: Row): void {
    const last = this.#last
    if (last.clients === clients && last.conns === conns && last.taken === taken && last.judged === judged) return
    last.clients = clients
    last.conns = conns
    last.taken = taken
    last.judged = judged
    fingerprint(clients, conns, taken, judged, this.#print)
    if (this.#seen.add(this.#print[0]!, this.#print[1]!, this.#nth)) this.#rows.push(clients, conns, taken, judged)
  }

  #expand(n: number): void {
    const rows = this.#rows
    const s = this.#stateOf({ clients: rows.at(n, 0), conns: rows.at(n, 1), taken: rows.at(n, 2) })
    const judged = rows.at(n, 3)
    rows.forget(n)
    this.#at = n
    this.#move = null
    this.#nth = -1
    this.#seen.expand()
    for (const p of this.#stateProperties) this.#ask(p, s)
    if (this.#observer !== null) this.#observe(this.#observer.state(s))
    for (const option of this.#model.adversary.options(s)) {
      if (option.play !== null) this.#transit(judged, s, option.play)
      else for (const play of this.#playsOf(option, s)) this.#transit(judged, s, play)
    }
    this.#transitions += this.#nth + 1
  }

  #playsOf(option: Option, s: State): readonly Play[] {
    const { move, readings } = option
    const side = move.side === 'client' ? s.clients : s.conns
    const { length } = side.ends
    readings[length] ??= this.#model.plays.readingOf(side, move)
    const reading = readings[length]
    const plays = this.#model.plays.at(reading, side, move)
    if (reading.alone && plays.length === 1) option.play = plays[0]!
    return plays
  }

  #transit(judged: number, s: State, play: Play): void {
    this.#nth++
    this.#move = play.move
    const after = this.#follow(judged, s, play, this.#row)
    if (this.#observer !== null) this.#observe(this.#seenBy(this.#observer, s, play, after))
    if (play.leads && this.#model.continues(after)) this.#add(this.#row)
  }

  #seenBy(observer: Observer, s: State, play: Play, after: Clients | Conns): readonly Difference[] {
    return observer.step(s, after, () => this.segments(play.client ? s.clients : s.conns, play))
  }

  #observe(found: readonly Difference[]): void {
    for (const { what, why } of found)
      if (!this.#observed.has(what)) this.#observed.set(what, { parent: this.#at, move: this.#move, why })
  }

  #ask(p: StateProperty, s: State): void {
    const { violated, witnessed } = p.check(s)
    if (violated !== null) this.violated(p.invariant, violated)
    if (witnessed) this.witnessed(p.invariant)
  }

  /** Writes the row that a play leads to. */
  #follow(judged: number, s: State, play: Play, row: Row): Clients | Conns {
    const { client } = play
    const side = client ? s.clients : s.conns
    const other = client ? s.conns : s.clients
    const after = this.#model.plays.after(side, play)
    let { taken } = s
    if (play.costs) {
      taken = this.#model.adversary.after(taken, play.move)
      this.#taken[taken.n] = taken
    }
    const { powers } = taken
    row.clients = client ? after.n : other.n
    row.conns = client ? other.n : after.n
    row.taken = taken.n
    row.judged = this.#judge.step(judged, play, powers, side, other, this.#ledger, this)
    if (play.whole) this.#judge.settle(after, other, powers, this.#ledger, this)
    else
      for (const part of play.parts)
        this.#judge.settle(this.#model.ends.with(side, part.after), other, powers, this.#ledger, this)
    return after
  }

  get #found(): boolean {
    return this.#options.until !== undefined && this.#violations.has(this.#options.until)
  }

  #overLimit(): Explored['stopped'] {
    this.#options.progress?.({ states: this.#seen.size, transitions: this.#transitions, depth: this.#depth })
    if (this.#seen.size >= this.#limits.states) return 'states'
    if (this.#asked++ % 16 !== 0) return null
    return process.memoryUsage.rss() > this.#limits.bytes ? 'memory' : null
  }

  // Finds, for the judge; the first of each is the shortest, since states come in order of depth

  violated(i: Invariant, why: string): void {
    if (this.#starting) this.#before.add(i.id)
    this.#mark(this.#violations, i, why)
  }

  segments(side: Clients | Conns, play: Play): readonly Segment[] {
    if (this.#latest?.side !== side || this.#latest.play !== play)
      this.#latest = { side, play, segments: this.#model.plays.segments(side, play) }
    return this.#latest.segments
  }

  witnessed(i: Invariant): void {
    this.#mark(this.#witnesses, i, '')
  }

  #mark(marks: Map<string, Mark>, i: Invariant, why: string): void {
    if (this.#at >= 0 && !marks.has(i.id)) marks.set(i.id, { parent: this.#at, move: this.#move, why })
  }

  #start(): Row {
    const s = this.#model.initStates()[0]!
    this.#taken[s.taken.n] = s.taken
    let row: Row = { clients: s.clients.n, conns: s.conns.n, taken: s.taken.n, judged: this.#judge.start }
    this.#starting = true
    for (const move of this.#from) {
      const at = this.#stateOf(row)
      const next = { ...row }
      const side = move.side === 'client' ? at.clients : at.conns
      this.#follow(row.judged, at, this.#model.plays.of(side, move)[0]!, next)
      row = next
    }
    this.#starting = false
    return row
  }

  #stateOf({ clients, conns, taken }: Omit<Row, 'judged'>): State {
    const { clientSides, connSides } = this.#model.ends
    return { clients: clientSides[clients]!, conns: connSides[conns]!, taken: this.#taken[taken]! }
  }

  #result(stopped: Explored['stopped']): Explored {
    return {
      scope: this.#model.scope,
      model: this.#model,
      states: this.#seen.size,
      transitions: this.#transitions,
      depth: this.#depth,
      bytes: this.#seen.bytes + this.#rows.mostBytes,
      stopped,
      before: [...this.#before],
      observed: [...this.#observed].map(([what, m]) => ({ what, why: m.why, path: this.#pathTo(m) })),
      judged: [
        ...this.#monitors.map((invariant) => ({ invariant, says: invariant.witness.says })),
        ...this.#stateProperties.map(({ invariant, witness }) => ({ invariant, says: witness })),
      ].flatMap(({ invariant, says }) => {
        if (this.#before.has(invariant.id)) return []
        const v = this.#violations.get(invariant.id)
        const w = this.#witnesses.get(invariant.id)
        return {
          invariant,
          verdict: v === undefined ? 'holds' : 'violated',
          why: v?.why ?? '',
          counterexample: v === undefined ? null : this.#pathTo(v),
          witness: w === undefined ? null : this.#pathTo(w),
          witnessSays: says,
        }
      }),
    }
  }

  /** The moves that lead to a mark: its chain of parents, executed again from the start. */
  #pathTo(mark: Mark): readonly Move[] {
    const chain: number[] = []
    for (let n = mark.parent; n !== -1; n = this.#seen.parentOf(n)) chain.unshift(n)
    const moves: Move[] = []
    let row = this.#start()
    for (const n of chain.slice(1)) {
      const found = this.#stepTo(row, n)
      moves.push(found.move)
      row = found.row
    }
    return mark.move === null ? moves : [...moves, mark.move]
  }

  #stepTo(from: Row, n: number): { move: Move; row: Row } {
    const s = this.#stateOf(from)
    let left = this.#seen.nthOf(n)
    for (const move of this.#model.actions(s)) {
      const side = move.side === 'client' ? s.clients : s.conns
      for (const play of this.#model.plays.of(side, move)) {
        if (left-- > 0) continue
        const row = { ...from }
        this.#follow(from.judged, s, play, row)
        return { move, row }
      }
    }
    throw new Error(`state ${n} does not follow from its parent`)
  }
}
