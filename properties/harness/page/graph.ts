/** A small scope of the model as a graph: its states by depth, its moves, and the shortest ways to what breaks in it. */
import type { State } from '../../../spec/checker/endpoints.ts'
import { explore } from '../../../spec/checker/explore.ts'
import { CARRIED } from '../../../spec/checker/judge.ts'
import type { Model } from '../../../spec/checker/model.ts'
import type { Move } from '../../../spec/checker/moves.ts'
import { brief } from '../../../spec/checker/paths.ts'
import { type Scope, scope, sizeOf } from '../../../spec/checker/scope.ts'
import { endName } from '../../../spec/events.ts'
import type { StateGraph } from './parts.ts'

/** The smallest in which `literal` is replayed: one client with one run, two connections, one round. */
const DRAWN: Scope = scope('1x1x2x1', { mode: 'literal' })

const nameOf = (s: State): string => `${s.clients.n} ${s.conns.n} ${s.taken.n}`

const saysOf = (s: State): string => {
  const ends = [...s.clients.ends, ...s.conns.ends].map((e) => {
    const confirmed = 'confirmed' in e && e.confirmed ? ', confirmed' : ''
    return `${endName(e.at)} ${e.phase === 'TERMINATED' ? 'ended' : `${e.phase} round ${e.round}`}${confirmed}`
  })
  return ends.join('; ') || 'nobody is there yet'
}

class Graph {
  readonly #model: Model
  readonly #numbers = new Map<string, number>()
  readonly #edges = new Map<string, number>()
  readonly states: State[] = []
  readonly depths: number[] = []
  readonly actions: string[] = []
  readonly edges: (readonly [number, number, number])[] = []

  constructor(model: Model) {
    this.#model = model
    this.#number(model.initStates()[0]!, 0)
    for (let n = 0; n < this.states.length; n++) this.#expand(n) // states come in order of depth
  }

  #number(s: State, depth: number): number {
    const known = this.#numbers.get(nameOf(s))
    if (known !== undefined) return known
    this.#numbers.set(nameOf(s), this.states.length)
    this.depths.push(depth)
    return this.states.push(s) - 1
  }

  #expand(n: number): void {
    const s = this.states[n]!
    for (const move of this.#model.actions(s))
      for (const outcome of this.#model.play(move.side === 'client' ? s.clients : s.conns, move))
        if (move.leads && this.#model.continues(outcome.after)) this.#edge(n, move, this.#model.apply(s, move, outcome))
  }

  #edge(from: number, move: Move, after: State): number {
    const to = this.#number(after, this.depths[from]! + 1)
    const text = brief([move])
    const name = `${from} ${to} ${text}`
    const known = this.#edges.get(name)
    if (known !== undefined) return known
    const action = this.actions.indexOf(text)
    this.#edges.set(name, this.edges.length)
    return this.edges.push([from, to, action >= 0 ? action : this.actions.push(text) - 1]) - 1
  }

  /** The edges of a path; of several outcomes the first, as drawings have it. */
  path(moves: readonly Move[]): readonly number[] {
    let n = 0
    return moves.map((move) => {
      const s = this.states[n]!
      const outcome = this.#model.play(move.side === 'client' ? s.clients : s.conns, move)[0]!
      const edge = this.#edge(n, move, this.#model.apply(s, move, outcome))
      n = this.edges[edge]![1]
      return edge
    })
  }
}

/** Deterministic; takes about a second. `only`: ways to break this invariant alone. */
export const stateGraph = (s: Scope = DRAWN, only?: string): StateGraph => {
  const { model, judged } = explore(s, only === undefined ? {} : { monitors: CARRIED.filter((i) => i.id === only) })
  const graph = new Graph(model)
  const paths = judged.flatMap(({ invariant, counterexample, why }) =>
    counterexample === null ? [] : [{ id: invariant.id, why, edges: graph.path(counterexample) }],
  )
  return {
    scope: `${s.mode}, ${sizeOf(s)} (clients × runs × connections × rounds), powers ${s.powers.split('').join(',')}`,
    depths: graph.depths,
    says: graph.states.map(saysOf),
    actions: graph.actions,
    edges: graph.edges,
    paths,
  }
}
