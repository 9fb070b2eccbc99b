/** G6: the aggregate does not depend on the order in which submissions arrive (PROTOCOL §8). */
import { type Event, endName } from '../events.ts'
import type { Action, End, Num, Schedule } from '../language.ts'
import { carriedOut, opened, type Probe } from './probe.ts'

/** Adding these up in another order gives another sum, unless it is exact: 0.301 is lost beside 1e16. */
const AWKWARD: readonly (readonly Num[])[] = [
  [1e16, 0.1],
  [0.3, 1e-3],
  [-1e16, 0.7],
]
const IDS = [3, 4, 5] // of the demo keyring (PROTOCOL §1)
const ORDERS = [
  [0, 1, 2],
  [2, 0, 1],
  [2, 1, 0],
] as const

const submittedIn = (events: readonly Event[]): readonly (readonly number[])[] =>
  events.flatMap((e) => (e.on === 'submitted' && !e.refused ? [e.values] : []))

/** After everything in `first`: three clients open new sessions and submit in the same round; arrival in this order. */
const arriving = (s: Schedule, first: readonly Event[], order: readonly number[]): Schedule => {
  const { runs, connections } = opened(first)
  const run = (k: number): End => ({ side: 'client', n: runs + k })
  const connection = (k: number): End => ({ side: 'server', n: connections + k })
  const pass = (by: End, nth: number, to: End): Action => ({ do: 'deliver', frame: { by, nth }, to })
  const values = submittedIn(first)
  const entering = IDS.flatMap((_, k): Action[] => [
    { do: 'connect', client: s.setup.clients.length + k },
    pass(run(k), 0, connection(k)),
    pass(connection(k), 0, run(k)),
    { do: 'submit', run: runs + k, values: [...AWKWARD[k]!, ...(values.at(-1 - k) ?? []).slice(0, 20)] },
  ])
  const arrivals = order.map((k) => pass(run(k), 1, connection(k)))
  const setup = { ...s.setup, clients: [...s.setup.clients, ...IDS] }
  return { ...s, setup, actions: [...carriedOut(first), ...entering, ...arrivals] }
}

interface Answers {
  readonly count: number
  readonly last: string // the plaintext of the last one, exactly
}

const answers = (events: readonly Event[], connections: number): Answers => {
  const all = events.flatMap((e) =>
    e.on === 'sent' && e.at.side === 'server' && e.at.n >= connections && e.body.kind === 'aggregate' ? [e] : [],
  )
  const last = all.at(-1)
  // JSON knows no -0, which PROTOCOL §8 forbids here and G7 looks for
  return { count: all.length, last: last ? `round ${last.header.round}, ${JSON.stringify(last.body)}` : 'none' }
}

export const G6: Probe = {
  id: 'G6',
  says: 'the result is the same to the last bit in whatever order the submissions of a round arrive',
  powers: 'NIL',
  needs: ['sent', 'accepted'],
  literal: 'holds',
  witness: { says: 'three submissions to one round were answered in another order', floor: 600 },
  check(s, first, play) {
    const { connections } = opened(first)
    const [forth, ...others] = ORDERS.map((order) => ({
      order,
      got: answers(play(arriving(s, first, order)), connections),
    }))
    const odd = others.find((o) => o.got.last !== forth!.got.last)
    const reached = others.filter((o) => o.got.count === IDS.length).length
    if (odd === undefined) return { reached, violated: null }
    const name = (order: readonly number[]): string =>
      order.map((k) => endName({ side: 'server', n: connections + k })).join(', ')
    const why = `arrival at ${name(forth!.order)} ends with ${forth!.got.last}; at ${name(odd.order)} with ${odd.got.last}`
    return { reached, violated: { step: s.actions.length - 1, why } }
  },
}
