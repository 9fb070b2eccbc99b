/**
 * Actions that belong together: an attack needs the frame it attacks to be under way, and an endpoint that waits for
 * it. Single random actions meet that rarely; a scenario leads up to it over an honest network and then attacks.
 */
import fc, { type Arbitrary } from 'fast-check'
import type { Action, End } from '../../../../spec/language.ts'
import { int, NEW, one } from '../arbitraries.ts'

export type Scenario = Arbitrary<readonly Action[]>
export type Kind = 'hello' | 'challenge' | 'data' | 'response'
export const KINDS: readonly Kind[] = ['hello', 'challenge', 'data', 'response']

/** Who waits for such a frame at the end of `converse … until` it. */
export const receiver = (kind: Kind): End => {
  switch (kind) {
    case 'hello':
      return { side: 'server', n: NEW }
    case 'data':
      return { side: 'server', n: -1 }
    case 'challenge':
    case 'response':
      return { side: 'client', n: -1 }
  }
}

/** A faithful conversation up to a frame of each kind, which is under way. */
export const upTo = (kind: Kind, rounds: number): Arbitrary<Action> =>
  fc.record({ do: one('converse'), client: int(0, 2), rounds: int(0, rounds), until: one(kind) })

export const each = (make: (kind: Kind) => Scenario): Scenario => fc.oneof(...KINDS.map(make), make('data')) // most of what matters
