/**
 * The model in six words: initStates, actions, next, properties, withinBoundary, format. Plain values throughout, and
 * powers N and F of ADVERSARY §1; spec/checker searches the same in a fast form, with powers I and L, and a test
 * compares how many states and transitions the two find, and how deep.
 */
import { type Event, endName } from '../events.ts'
import { INVARIANTS } from '../invariants/index.ts'
import type { End, Powers } from '../language.ts'
import { isControl, OP } from '../opcodes.ts'
import type { Verdict } from './checks.ts'
import * as client from './client.ts'
import { altered } from './frames.ts'
import * as server from './server.ts'
import { type ClientRun, type Connection, DIRECTION, type Frame, type Symbols } from './state.ts'
import type { Step } from './step.ts'

/** How many of everything there are. */
export interface Bounds {
  readonly runs: number // of each client
  readonly connections: number // in all
  readonly rounds: number // in which a client submits
  readonly powers: Powers
  readonly concurrent: boolean // whether runs of a client overlap
  readonly faults: number // per path (power F): closes, failed sends, timers, restarts
}

/** The network is not in it: it is the set of all frames that the endpoints ever sent. */
export interface State {
  readonly clients: readonly ClientRun[]
  readonly conns: readonly Connection[]
  readonly faults: number // used up so far
}

/** What may happen. A client reacts at once (PROTOCOL §9 counts so): `reaction` is what its user does about a frame. */
export type Choice =
  | { readonly do: 'connect'; readonly id: number }
  | { readonly do: 'submit'; readonly run: number; readonly values: readonly number[] }
  | { readonly do: 'finish'; readonly run: number }
  | {
      readonly do: 'deliver'
      readonly frame: Frame
      readonly to: End
      readonly reaction?: Choice
      readonly failing?: true
    }
  | { readonly do: 'drop'; readonly at: End; readonly by: 'close' | 'timer' }
  | { readonly do: 'restart' }

/** Before anything happened. */
export const initStates = (): readonly State[] => [{ clients: [], conns: [], faults: 0 }]

/** Every choice of the users and of the adversary. Dropping a frame is never delivering it. */
export const actions = (symbols: Symbols, b: Bounds, s: State): readonly Choice[] => {
  const frames = [...s.clients, ...s.conns].flatMap((e) => e.sent)
  const nextConn = s.conns.length < b.connections ? [server.unheard(s.conns.length)] : []
  const receivers = [...s.clients, ...s.conns, ...nextConn]
  const live = receivers.filter((e) => e.phase !== 'TERMINATED')
  const ended = receivers.find((e) => e.phase === 'TERMINATED')
  const faulty = b.powers.includes('F') && s.faults < b.faults
  return [
    ...wishes(symbols, b, s),
    ...live.flatMap((e) => [...frames.flatMap((f) => arrivals(symbols, b, e, f)), ...junk(symbols, e)]),
    // One delivery to an endpoint that has ended: nothing happens, and that is to be seen.
    ...(ended === undefined ? [] : frames.slice(0, 1).map((f): Choice => ({ do: 'deliver', frame: f, to: ended.at }))),
    ...(faulty ? faults(symbols, live, frames) : []),
  ]
}

/** All states that a choice can lead to, with what happens; more than one only for the garbage event (checks.ts). */
export const next = (symbols: Symbols, s: State, c: Choice): readonly { after: State; events: readonly Event[] }[] => {
  const onClients = ({ after, events }: Step<ClientRun>) => ({ after: { ...s, clients: after }, events })
  const onServer = ({ after, events }: Step<Connection>) => ({ after: { ...s, conns: after }, events })
  const failed = { ...s, faults: s.faults + 1 }
  switch (c.do) {
    case 'connect':
      return [onClients(client.connect(symbols, s.clients, c.id))]
    case 'submit':
      return [onClients(client.submit(symbols, s.clients, c.run, c.values))]
    case 'finish':
      return [onClients(client.finish(symbols, s.clients, c.run))]
    case 'drop': {
      const step =
        c.at.side === 'client'
          ? onClients(client.drop(s.clients, c.at.n, c.by))
          : onServer(server.drop(symbols, s.conns, c.at.n, c.by))
      return [{ ...step, after: { ...step.after, faults: failed.faults } }]
    }
    case 'restart':
      return [{ ...onServer(server.restart(s.conns)), after: { ...failed, conns: server.restart(s.conns).after } }]
    case 'deliver': {
      const { to, frame, reaction, failing } = c
      if (to.side === 'client') {
        const heard = client.receive(symbols, s.clients, to.n, frame).map(onClients)
        return reaction === undefined ? heard : heard.flatMap((h) => after(h.events, next(symbols, h.after, reaction)))
      }
      if (to.n === s.conns.length) {
        const opened = onServer(server.open(symbols, s.conns))
        return after(opened.events, next(symbols, opened.after, c))
      }
      if (failing) {
        const { after: conns } = server.failNext(s.conns, to.n)
        return next(symbols, { ...failed, conns }, { do: 'deliver', frame, to })
      }
      return server.receive(symbols, s.conns, to.n, frame).map(onServer)
    }
  }
}

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
    .map((e) => `${endName(e.at)} ${e.phase} r${e.round}${'confirmed' in e && e.confirmed ? ' confirmed' : ''}`)
    .join(' · ') || 'nothing yet'

const after = <T extends { readonly events: readonly Event[] }>(events: readonly Event[], steps: readonly T[]) =>
  steps.map((step) => ({ ...step, events: [...events, ...step.events] }))

/** What a run submits in a round: a power of two of its own, so that a sum tells what it is made of. */
export const valuesOf = ({ rounds }: Pick<Bounds, 'rounds'>, run: number, round: number): readonly number[] => [
  2 ** (run * rounds + round - 1),
]

/** A client starts its next run; an idle one ends; a second request is asked for while one is outstanding. */
const wishes = (symbols: Symbols, b: Bounds, { clients }: State): readonly Choice[] => {
  const free = symbols.setup.keyring.filter((id) => {
    const runs = clients.filter((e) => e.id === id)
    return runs.length < b.runs && (b.concurrent || runs.every((e) => e.phase === 'TERMINATED'))
  })
  const active = clients.filter((e) => e.phase === 'ACTIVE')
  return [
    ...free.map((id): Choice => ({ do: 'connect', id })),
    ...active.map(
      ({ at, round, outstanding }): Choice =>
        outstanding === null
          ? { do: 'finish', run: at.n }
          : { do: 'submit', run: at.n, values: valuesOf(b, at.n, round) },
    ),
  ]
}

const verdicts = (symbols: Symbols, e: ClientRun | Connection, f: Frame): readonly Verdict[] =>
  'order' in e ? server.verdicts(symbols, e, f) : client.verdicts(symbols, e, f)

/** A frame reaches an endpoint; the user of a client that goes on submits, or ends the run. */
const arrivals = (symbols: Symbols, b: Bounds, e: ClientRun | Connection, frame: Frame): readonly Choice[] => {
  const { at } = e
  const delivery = { do: 'deliver', frame, to: at } as const
  const round = e.phase === 'INIT' ? symbols.setup.startRound : e.round + 1
  const goesOn = verdicts(symbols, e, frame)[0]!.kind === 'accepted' && !isControl(frame.header.opcode)
  if (at.side === 'server' || !goesOn || round > b.rounds) return [delivery]
  return [
    { ...delivery, reaction: { do: 'submit', run: at.n, values: valuesOf(b, at.n, round) } },
    { ...delivery, reaction: { do: 'finish', run: at.n } },
  ]
}

/** An altered frame passes every check up to the tag; at an ACTIVE server also one of the kind never answered. */
const junk = (symbols: Symbols, e: ClientRun | Connection): readonly Choice[] => {
  const [id, { round }] = [e.id ?? symbols.setup.keyring[0]!, e]
  const direction = e.at.side === 'server' ? DIRECTION.C2S : DIRECTION.S2C
  const server = e.phase === 'INIT' ? [OP.HELLO] : [OP.DATA, OP.TERMINATE]
  const opcodes = e.at.side === 'server' ? server : [e.phase === 'INIT' ? OP.CHALLENGE : OP.DESYNC]
  return opcodes.map((opcode) => ({
    do: 'deliver',
    frame: altered(symbols, { opcode, id, round, direction }),
    to: e.at,
  }))
}

/** A connection dies; a timer of the server fires; an answer cannot be handed over; the server restarts. */
const faults = (
  symbols: Symbols,
  live: readonly (ClientRun | Connection)[],
  frames: readonly Frame[],
): readonly Choice[] => {
  const conns = live.filter((e) => 'order' in e)
  const active = conns.filter((e) => e.phase === 'ACTIVE')
  const answered = (e: Connection) =>
    frames.filter((f) => !isControl(f.header.opcode) && verdicts(symbols, e, f)[0]!.kind === 'accepted')
  return [
    ...live.filter((e) => e.at.side === 'client').map((e): Choice => ({ do: 'drop', at: e.at, by: 'close' })),
    ...active.flatMap((e): Choice[] => [
      { do: 'drop', at: e.at, by: 'close' },
      { do: 'drop', at: e.at, by: 'timer' },
    ]),
    ...conns.flatMap((e) => answered(e).map((frame): Choice => ({ do: 'deliver', frame, to: e.at, failing: true }))),
    ...(active.length > 0 ? [{ do: 'restart' } as const] : []),
  ]
}
