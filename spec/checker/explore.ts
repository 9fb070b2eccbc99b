/**
 * Breadth-first search through the model: states deduplicated by fingerprint (model state and monitor states together),
 * parent links only, shortest paths rebuilt by executing them again.
 */

import type { Invariant } from '../invariants/index.ts'
import type { Clients, Conns, State, Taken } from './endpoints.ts'
import { CARRIED, type Finds, Judge } from './judge.ts'
import { ModelLedger } from './ledger.ts'
import { Model, type Segment } from './model.ts'
import type { Move } from './moves.ts'
import type { Play } from './plays.ts'
import type { Scope } from './scope.ts'
import { leaksStayLocal, type Secret, valuesStaySecret } from './secrecy.ts'
import { fingerprint, Rows, Seen } from './tables.ts'

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
  readonly stopped: null | 'states' | 'memory' // null: the scope is exhausted, or `until` came true
  readonly judged: readonly Judged[]
  /** What the moves of `from` have violated already, which is therefore not judged. */
  readonly before: readonly string[]
  readonly observed: readonly (Difference & { readonly path: readonly Move[] })[]
}

/** What an observer says of a state or a transition; of each `what` the first is kept, with the shortest path to it. */
export interface Difference {
  readonly what: string
  readonly why: string
}
/** Sees every state and every transition. */
export interface Observer {
  state(s: State): readonly Difference[]
  step(s: State, after: Clients | Conns, segments: () => readonly Segment[]): readonly Difference[]
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

/** A state is a row of numbers: clients, connections, what the adversary took, all monitors together. */
const WIDTH = 4

class Search implements Finds {
  readonly #model: Model
  readonly #options: Options
  readonly #limits: Limits
  readonly #monitors: readonly Invariant[]
  readonly #judge: Judge
  readonly #ledger: ModelLedger
  readonly #seen = new Seen()
  readonly #print = new Int32Array(2)
  readonly #row = new Int32Array(WIDTH)
  /** Of the latest play that was judged, what happened in it. */
  #latest: { readonly side: Clients | Conns; readonly play: Play; readonly segments: readonly Segment[] } | null = null
  readonly #clients: Clients[] = []
  readonly #conns: Conns[] = []
  readonly #taken: Taken[] = []
  readonly #secrets: readonly Secret[]
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
    this.#limits = options.limits ?? LIMITS
    this.#monitors = [...(options.monitors ?? CARRIED), ...(options.also ?? [])]
    this.#judge = new Judge(this.#monitors)
    const secrets = [
      valuesStaySecret(this.#model),
      ...(scope.powers.includes('L') ? [leaksStayLocal(this.#model)] : []),
    ]
    this.#secrets = options.monitors === undefined ? secrets : []
    this.#from = options.from?.(this.#model) ?? []
    this.#observer = options.observer?.(this.#model) ?? null
    this.#ledger = new ModelLedger(this.#model.context, scope.powers)
  }

  run(): Explored {
    let level = new Rows(WIDTH)
    level.push(this.#start())
    fingerprint(level.row(0), this.#print)
    this.#seen.add(this.#print[0]!, this.#print[1]!, -1)
    let first = 0 // number of the first state of the level
    let stopped: Explored['stopped'] = null
    for (;;) {
      const next = new Rows(WIDTH)
      const begins = this.#seen.size
      for (let i = 0; i < level.length && stopped === null && !this.#found; i++) {
        this.#expand(level.row(i), first + i, next)
        if (i % 1024 === 0) stopped = this.#overLimit()
      }
      if (next.length === 0 || stopped !== null || this.#found) break
      first = begins
      level = next
      this.#depth++
    }
    this.#at = -1
    return this.#result(stopped)
  }

  #expand(from: Int32Array, parent: number, next: Rows): void {
    const s = this.#read(from)
    this.#at = parent
    this.#move = null
    for (const secret of this.#secrets) this.#keeps(secret, s)
    if (this.#observer !== null) this.#observe(this.#observer.state(s))
    const row = this.#row
    const { plays } = this.#model
    for (const option of this.#model.adversary.options(s)) {
      const { move, readings } = option
      const side = move.side === 'client' ? s.clients : s.conns
      const { length } = side.ends
      readings[length] ??= plays.readingOf(side, move)
      this.#move = move
      for (const play of plays.at(readings[length], side, move)) {
        this.#transitions++
        const after = this.#follow(from, s, side, move, play, row)
        if (this.#observer !== null) this.#observe(this.#observer.step(s, after, () => this.segments(side, play)))
        if (!move.leads || !this.#model.continues(after)) continue
        fingerprint(row, this.#print)
        if (this.#seen.add(this.#print[0]!, this.#print[1]!, parent)) next.push(row)
      }
    }
  }

  #observe(found: readonly Difference[]): void {
    for (const { what, why } of found)
      if (!this.#observed.has(what)) this.#observed.set(what, { parent: this.#at, move: this.#move, why })
  }

  #keeps(secret: Secret, s: State): void {
    const { violated, witnessed } = secret.check(s)
    if (violated !== null) this.violated(secret.invariant, violated)
    if (witnessed) this.witnessed(secret.invariant)
  }

  /** Writes the row that a play leads to. */
  #follow(from: Int32Array, s: State, side: Clients | Conns, move: Move, play: Play, row: Int32Array): Clients | Conns {
    const after = this.#model.ends.with(side, play.after)
    const taken = this.#model.adversary.after(s.taken, move)
    const { powers } = taken
    this.#taken[taken.n] = taken
    let other: Clients | Conns
    if (after.kind === 'client') {
      this.#clients[after.n] = after
      other = s.conns
      row[0] = after.n
      row[1] = other.n
    } else {
      this.#conns[after.n] = after
      other = s.clients
      row[0] = other.n
      row[1] = after.n
    }
    row[2] = taken.n
    row[3] = this.#judge.step(from[3]!, play, powers, side, other, this.#ledger, this)
    if (play.parts.length > 1)
      for (const part of play.parts)
        this.#judge.settle(this.#model.ends.with(side, part.after), other, powers, this.#ledger, this)
    else this.#judge.settle(after, other, powers, this.#ledger, this)
    return after
  }

  get #found(): boolean {
    return this.#options.until !== undefined && this.#violations.has(this.#options.until)
  }

  #overLimit(): Explored['stopped'] {
    this.#options.progress?.({ states: this.#seen.size, transitions: this.#transitions, depth: this.#depth })
    if (this.#seen.size >= this.#limits.states) return 'states'
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

  #start(): Int32Array<ArrayBuffer> {
    const s = this.#model.initStates()[0]!
    this.#clients[s.clients.n] = s.clients
    this.#conns[s.conns.n] = s.conns
    this.#taken[s.taken.n] = s.taken
    let row = new Int32Array(WIDTH)
    row.set([s.clients.n, s.conns.n, s.taken.n])
    this.#starting = true
    for (const move of this.#from) {
      const at = this.#read(row)
      const next = new Int32Array(WIDTH)
      const side = move.side === 'client' ? at.clients : at.conns
      this.#follow(row, at, side, move, this.#model.plays.of(side, move)[0]!, next)
      row = next
    }
    this.#starting = false
    return row
  }

  #read(row: Int32Array): State {
    return { clients: this.#clients[row[0]!]!, conns: this.#conns[row[1]!]!, taken: this.#taken[row[2]!]! }
  }

  #result(stopped: Explored['stopped']): Explored {
    return {
      scope: this.#model.scope,
      model: this.#model,
      states: this.#seen.size,
      transitions: this.#transitions,
      depth: this.#depth,
      stopped,
      before: [...this.#before],
      observed: [...this.#observed].map(([what, m]) => ({ what, why: m.why, path: this.#pathTo(m) })),
      judged: [
        ...this.#monitors.map((invariant) => ({ invariant, says: invariant.witness.says })),
        ...this.#secrets.map(({ invariant, witness }) => ({ invariant, says: witness })),
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

  #stepTo(from: Int32Array, n: number): { move: Move; row: Int32Array<ArrayBuffer> } {
    const s = this.#read(from)
    for (const move of this.#model.actions(s)) {
      const side = move.side === 'client' ? s.clients : s.conns
      for (const play of this.#model.plays.of(side, move)) {
        const row = new Int32Array(WIDTH)
        this.#follow(from, s, side, move, play, row)
        fingerprint(row, this.#print)
        if (this.#seen.has(n, this.#print[0]!, this.#print[1]!)) return { move, row }
      }
    }
    throw new Error(`state ${n} does not follow from its parent`)
  }
}
