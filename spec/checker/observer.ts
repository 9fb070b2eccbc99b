import type { Clients, Conns, Segment, State } from './endpoints.ts'

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
