/**
 * The model in six words: initStates, actions, next, properties, withinBoundary, format. Plain values throughout;
 * spec/checker searches the same in a fast form: a test compares how many states and transitions they find, how deep.
 */
import { type Event, endName } from '../events.ts'
import { INVARIANTS } from '../invariants/index.ts'
import * as may from './adversary.ts'
import { judge } from './checks.ts'
import * as client from './client.ts'
import { forgeries, thefts } from './forgeries.ts'
import * as server from './server.ts'
import type { ClientRun, Connection, Symbols } from './state.ts'
import { failNext, type Step, still } from './step.ts'

/** The network is not in it: it is the set of all frames that the endpoints ever sent. */
export interface State {
  readonly clients: readonly ClientRun[]
  readonly conns: readonly Connection[]
  readonly taken: may.Taken
}

/** Before anything happened. */
export const initStates = (): readonly State[] => [{ clients: [], conns: [], taken: may.NOTHING_TAKEN }]

/** Every choice of the users and of the adversary. Dropping a frame is never delivering it. */
export const actions = (symbols: Symbols, b: may.Bounds, { clients, conns, taken }: State): readonly may.Choice[] => {
  const ends = [...clients, ...conns]
  const receivers = conns.length < b.connections ? [...ends, server.unheard(conns.length)] : ends
  const live = receivers.filter((e) => e.phase !== 'TERMINATED')
  const ended = receivers.find((e) => e.phase === 'TERMINATED')
  const network = ends.flatMap((e) => e.sent)
  const arriving = live.flatMap((e) => network.map((f) => ({ e, f, v: judge(symbols, e, f)[0]! })))
  const faulty = b.powers.includes('F') && taken.faults < b.faults
  const thief = b.powers.includes('L') && taken.forgeries < b.forgeries
  const stolen = taken.leaked === null ? thefts(symbols, ends) : [taken.leaked]
  return [
    ...may.wishes(symbols, b, clients),
    ...arriving.flatMap(({ e, f, v }) => may.arrivals(symbols, b, e, f, v)),
    ...live.flatMap((e) => may.junk(symbols, e)),
    // One delivery to an endpoint that has ended: nothing happens, and that is to be seen.
    ...(ended === undefined ? [] : network.slice(0, 1).map((f) => may.delivery(f, ended))),
    ...(faulty ? [...arriving.flatMap(({ e, f, v }) => may.failing(e, f, v)), ...live.flatMap(may.drops)] : []),
    ...(faulty && conns.some((e) => e.phase === 'ACTIVE') ? [{ do: 'restart' } as const] : []),
    ...(b.powers.includes('I') ? live.flatMap((e) => forgeries(symbols, b, e, null, false)) : []),
    ...(thief ? stolen : []).flatMap((k) => live.flatMap((e) => forgeries(symbols, b, e, k, taken.leaked === null))),
  ]
}

interface Next {
  readonly after: State
  readonly events: readonly Event[]
}

/** All states that a choice can lead to, with what happens; more than one only for the garbage event (checks.ts). */
export const next = (symbols: Symbols, b: may.Bounds, s: State, c: may.Choice): readonly Next[] =>
  played(symbols, s, c).map((n) => ({ ...n, after: { ...n.after, taken: may.spend(b, s.taken, c) } }))

const played = (symbols: Symbols, s: State, c: may.Choice): readonly Next[] => {
  const { clients, conns } = s
  const onClients = ({ after, events }: Step<ClientRun>): Next => ({ after: { ...s, clients: after }, events })
  const onServer = ({ after, events }: Step<Connection>): Next => ({ after: { ...s, conns: after }, events })
  switch (c.do) {
    case 'connect':
      return [onClients(client.connect(symbols, clients, c.id))]
    case 'submit':
      return [onClients(client.submit(symbols, clients, c.run, c.values))]
    case 'finish':
      return [onClients(client.finish(symbols, clients, c.run))]
    case 'drop': {
      const by = c.timer === null ? 'close' : 'timer'
      const { side, n } = c.at
      return [side === 'client' ? onClients(client.drop(clients, n, by)) : onServer(server.drop(symbols, conns, n, by))]
    }
    case 'restart':
      return [onServer(server.restart(conns))]
    case 'deliver': {
      const { to, frame, reaction } = c
      if (to.side === 'client') {
        const heard = client.receive(symbols, clients, to.n, frame).map(onClients)
        return reaction === undefined ? heard : heard.flatMap((h) => chain(h, played(symbols, h.after, reaction)))
      }
      const opened = onServer(c.opens ? server.open(symbols, conns) : still(conns))
      const ready = c.failing ? failNext(opened.after.conns, to.n).after : opened.after.conns
      return chain(opened, server.receive(symbols, ready, to.n, frame).map(onServer))
    }
  }
}

/** Two steps as one. */
const chain = (first: Next, steps: readonly Next[]): readonly Next[] =>
  steps.map((n) => ({ ...n, events: [...first.events, ...n.events] }))

/** What must hold on every path, told by its events. */
export const properties = INVARIANTS

/**
 * Whether to go on from a state. Not from one with a connection that ended before it had a session: that changed
 * nothing else (PROTOCOL §6, §7), so whatever can follow can follow without it.
 */
export const withinBoundary = ({ conns }: Pick<State, 'conns'>): boolean => {
  const last = conns.at(-1)
  return last === undefined || last.hello !== null || last.phase !== 'TERMINATED'
}

/** One line: every endpoint with its phase and round. */
export const format = ({ clients, conns }: Pick<State, 'clients' | 'conns'>): string =>
  [...clients, ...conns]
    .map((e) => `${endName(e.at)} ${e.phase} r${e.round}${e.confirmed ? ' confirmed' : ''}`)
    .join(' · ') || 'nothing yet'
