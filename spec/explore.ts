/**
 * Breadth-first search through the model: states deduplicated by fingerprint (model state and monitor states together),
 * parent links only, shortest paths rebuilt by executing them again.
 */

import { CARRIED, type Finds, Judge, type Numbered } from './explore/judge.ts'
import { fingerprint, PairTable, Rows, Seen } from './explore/tables.ts'
import type { Invariant } from './invariants/index.ts'
import type { Clients } from './model/client.ts'
import { ModelLedger } from './model/ledger.ts'
import type { Move } from './model/moves.ts'
import type { Scope } from './model/scope.ts'
import type { Conns } from './model/server.ts'
import type { Taken } from './model/taken.ts'
import { Model, type State } from './model.ts'

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
  readonly move: Move
  readonly why: string
}

export interface Judged {
  readonly invariant: Invariant
  readonly verdict: 'holds' | 'violated'
  readonly why: string
  readonly counterexample: readonly Move[] | null // shortest
  readonly witness: readonly Move[] | null // shortest; null: never reached
}

export interface Explored {
  readonly scope: Scope
  readonly model: Model
  readonly states: number
  readonly transitions: number
  readonly depth: number // moves of the longest shortest path
  readonly stopped: null | 'states' | 'memory' // null: the scope is exhausted
  readonly judged: readonly Judged[]
}

export interface Options {
  readonly limits?: Limits
  readonly monitors?: readonly Invariant[]
  progress?(p: Progress): void
}

export const explore = (scope: Scope, options: Options = {}): Explored => new Search(scope, options).run()

/** A row of numbers is a state: clients, connections, what the adversary took, then one number for each group. */
const FIXED = 3

class Search {
  readonly #model: Model
  readonly #options: Options
  readonly #limits: Limits
  readonly #monitors: readonly Invariant[]
  readonly #judge: Judge
  readonly #ledger: ModelLedger
  readonly #width: number
  readonly #seen = new Seen()
  readonly #print = new Int32Array(2)
  /** (side, move) -> position of its outcomes. */
  readonly #played = { client: new PairTable(), server: new PairTable() }
  readonly #outcomes: (readonly Numbered[])[] = []
  #numbered = 0
  readonly #clients: Clients[] = []
  readonly #conns: Conns[] = []
  readonly #taken: Taken[] = []
  readonly #violations = new Map<string, Mark>()
  readonly #witnesses = new Map<string, Mark>()
  #transitions = 0
  #depth = 0

  constructor(scope: Scope, options: Options) {
    this.#model = new Model(scope)
    this.#options = options
    this.#limits = options.limits ?? LIMITS
    this.#monitors = options.monitors ?? CARRIED
    this.#judge = new Judge(this.#monitors)
    this.#ledger = new ModelLedger(this.#model.context, scope.powers)
    this.#width = FIXED + this.#judge.groups.length
  }

  run(): Explored {
    const width = this.#width
    let level = new Rows(width)
    for (const s of this.#model.initStates()) {
      const row = new Int32Array(width)
      this.#write(row, s)
      fingerprint(row, this.#print)
      if (this.#seen.add(this.#print[0]!, this.#print[1]!, -1)) level.push(row)
    }
    let first = 0 // number of the first state of the level
    let stopped: Explored['stopped'] = null
    for (; level.length > 0 && stopped === null; this.#depth++) {
      const next = new Rows(width)
      const begins = this.#seen.size
      for (let i = 0; i < level.length && stopped === null; i++) {
        const parent = first + i
        this.#expand(level.row(i), parent, next)
        if (parent % 1024 === 0) stopped = this.#overLimit()
      }
      first = begins
      level = next
    }
    return this.#result(stopped)
  }

  #expand(from: Int32Array, parent: number, next: Rows): void {
    const s = this.#read(from)
    const row = new Int32Array(this.#width)
    for (const move of this.#model.actions(s)) {
      const finds = this.#finds(parent, move)
      for (const o of this.#outcomesOf(s, move)) {
        this.#transitions++
        this.#follow(from, s, move, o, finds, row)
        if (!this.#model.continues(o.after)) continue
        fingerprint(row, this.#print)
        if (this.#seen.add(this.#print[0]!, this.#print[1]!, parent)) next.push(row)
      }
    }
  }

  /** Writes the row that an outcome leads to. */
  #follow(from: Int32Array, s: State, move: Move, o: Numbered, finds: Finds, row: Int32Array): void {
    const atClient = o.side === 'client'
    const taken = this.#model.adversary.after(s.taken, move)
    if (atClient) this.#clients[o.after.n] = o.after as Clients
    else this.#conns[o.after.n] = o.after as Conns
    this.#taken[taken.n] = taken
    row.fill(0)
    row[0] = atClient ? o.after.n : s.clients.n
    row[1] = atClient ? s.conns.n : o.after.n
    row[2] = taken.n
    const other = atClient ? s.conns : s.clients
    for (const g of this.#judge.carried(taken.powers))
      row[FIXED + g.index] = g.step(from[FIXED + g.index]!, o, other, this.#ledger, finds)
  }

  #overLimit(): Explored['stopped'] {
    this.#options.progress?.({ states: this.#seen.size, transitions: this.#transitions, depth: this.#depth })
    if (this.#seen.size >= this.#limits.states) return 'states'
    return process.memoryUsage.rss() > this.#limits.bytes ? 'memory' : null
  }

  #finds(parent: number, move: Move): Finds {
    return {
      violated: (i, why) => {
        if (!this.#violations.has(i.id)) this.#violations.set(i.id, { parent, move, why })
      },
      witnessed: (i) => {
        if (!this.#witnesses.has(i.id)) this.#witnesses.set(i.id, { parent, move, why: '' })
      },
    }
  }

  #write(row: Int32Array, s: State): void {
    this.#clients[s.clients.n] = s.clients
    this.#conns[s.conns.n] = s.conns
    this.#taken[s.taken.n] = s.taken
    row[0] = s.clients.n
    row[1] = s.conns.n
    row[2] = s.taken.n
  }

  #read(row: Int32Array): State {
    return { clients: this.#clients[row[0]!]!, conns: this.#conns[row[1]!]!, taken: this.#taken[row[2]!]! }
  }

  /** The outcomes of a move depend on one side only, and are remembered. */
  #outcomesOf(s: State, move: Move): readonly Numbered[] {
    const side = move.side === 'client' ? s.clients : s.conns
    const table = this.#played[move.side]
    const known = table.get(side.n, move.n)
    if (known !== undefined) return this.#outcomes[known]!
    const made = this.#model.play(side, move).map((o) => ({ ...o, side: move.side, n: this.#numbered++ }))
    table.add(side.n, move.n, this.#outcomes.length)
    this.#outcomes.push(made)
    return made
  }

  #result(stopped: Explored['stopped']): Explored {
    return {
      scope: this.#model.scope,
      model: this.#model,
      states: this.#seen.size,
      transitions: this.#transitions,
      depth: this.#depth,
      stopped,
      judged: this.#monitors.map((invariant) => {
        const v = this.#violations.get(invariant.id)
        const w = this.#witnesses.get(invariant.id)
        return {
          invariant,
          verdict: v === undefined ? 'holds' : 'violated',
          why: v?.why ?? '',
          counterexample: v === undefined ? null : this.#pathTo(v),
          witness: w === undefined ? null : this.#pathTo(w),
        }
      }),
    }
  }

  /** The moves that lead to a mark: its chain of parents, executed again from the start. */
  #pathTo(mark: Mark): readonly Move[] {
    const chain: number[] = []
    for (let n = mark.parent; n !== -1; n = this.#seen.parentOf(n)) chain.unshift(n)
    const moves: Move[] = []
    let row = new Int32Array(this.#width)
    this.#write(row, this.#model.initStates()[0]!)
    for (const n of chain.slice(1)) {
      const found = this.#stepTo(row, n)
      moves.push(found.move)
      row = found.row
    }
    return [...moves, mark.move]
  }

  #stepTo(from: Int32Array, n: number): { move: Move; row: Int32Array<ArrayBuffer> } {
    const s = this.#read(from)
    for (const move of this.#model.actions(s))
      for (const o of this.#outcomesOf(s, move)) {
        const row = new Int32Array(this.#width)
        this.#follow(from, s, move, o, { violated: () => {}, witnessed: () => {} }, row)
        fingerprint(row, this.#print)
        if (this.#seen.has(n, this.#print[0]!, this.#print[1]!)) return { move, row }
      }
    throw new Error(`state ${n} does not follow from its parent`)
  }
}
